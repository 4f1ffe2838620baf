/// The tokenizer of BERT and its descendants, equal token for token to Hugging Face `tokenizers`
/// (Documentation/tokenizer.md).
///
/// A value over immutable tables: copying is free, and every method may run on many threads at once.
public struct WordPieceTokenizer: TextTokenizer {
    /// The file or model that the tokenizer was read from, as messages name it.
    public let name: String
    public let vocabularySize: Int
    public let template: SequenceTemplate

    let normalizer: BertNormalizer
    private let vocabulary: WordPieceVocabulary
    private let alphabet: WordPieceAlphabet
    /// Searched in the text as it is.
    private let rawTokens: AddedTokenMatcher
    /// Searched in the normalised text.
    private let normalizedTokens: AddedTokenMatcher
    private let addedSpellings: [Int32: String]
    /// Whether ``WordPieceScanner`` may be tried.
    private let scans: Bool

    /// A longer word than this is not worth a buffer on the stack.
    private static let scannerCharacters = 1024

    init(_ definition: WordPieceDefinition, name: String) throws {
        self.name = name
        let vocabulary = try WordPieceVocabulary(
            definition.tokens, unknown: definition.unknownToken, prefix: definition.prefix,
            maximumCharacters: definition.maximumCharacters)
        let added = try definition.resolveAddedTokens(in: vocabulary)
        vocabularySize = max(vocabulary.count, (added.map { Int($0.id) + 1 }).max() ?? 0)
        addedSpellings = Dictionary(added.map { ($0.id, $0.content) }, uniquingKeysWith: { $1 })
        template = try definition.template(vocabularySize) { content in
            added.first { $0.content == content }?.id ?? vocabulary.id(content)
        }
        normalizer = definition.normalizer

        var seen: Set<[UInt8]> = []
        let normalizer = definition.normalizer
        func patterns(_ tokens: [AddedToken]) throws -> AddedTokenMatcher {
            AddedTokenMatcher(
                try tokens.map { token in
                    var bytes = Array(token.content.utf8)
                    if token.isNormalized {
                        let normalized = bytes.withUnsafeBufferPointer { normalizer.normalize($0, in: 0..<$0.count) }
                        bytes = Array(normalized.bytes.prefix(normalized.count))
                    }
                    guard !bytes.isEmpty, seen.insert(bytes + [token.isNormalized ? 1 : 0]).inserted else {
                        let what =
                            bytes.isEmpty ? "is empty after normalisation" : "equals another one after normalisation"
                        throw TokenizerError.malformed(
                            name, "the added token \"\(TokenizerError.quoted(token.content))\" \(what)")
                    }
                    return (bytes, token)
                })
        }
        rawTokens = try patterns(added.filter { !$0.isNormalized })
        normalizedTokens = try patterns(added.filter(\.isNormalized))
        scans =
            normalizedTokens.isEmpty && !rawTokens.looksAround
            && vocabulary.maximumCharacters <= Self.scannerCharacters
        self.vocabulary = vocabulary
        alphabet = WordPieceAlphabet(definition.normalizer, vocabulary)
    }

    public func token(for id: Int32) -> String? {
        addedSpellings[id] ?? vocabulary.spelling(Int(id))
    }

    /// The id of a token by its spelling in the vocabulary ("##ing"), added tokens included; nil when there is none.
    public func id(for token: String) -> Int32? {
        addedSpellings.first { $0.value == token }?.key ?? vocabulary.id(token)
    }

    public func appendTokenIDs(for utf8: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
        guard utf8.count > 0 else { return }
        if scans {
            let before = ids.count
            if scan(utf8, &ids) { return }
            ids.removeLast(ids.count - before)
        }
        if UTF8Decoding.firstInvalid(utf8) == nil {
            ids.append(contentsOf: encodeExactly(utf8).ids)
        } else {
            var repaired = String(decoding: utf8, as: UTF8.self)
            repaired.withUTF8 { ids.append(contentsOf: encodeExactly($0).ids) }
        }
    }

    public func encode(_ text: String) -> Encoding {
        var text = text
        return text.withUTF8(encodeExactly)
    }

    // MARK: Two ways that agree

    /// - Returns: false when the text needs ``encodeExactly(_:)``.
    private func scan(_ text: UnsafeBufferPointer<UInt8>, _ ids: inout [Int32]) -> Bool {
        guard let base = text.baseAddress else { return true }
        let room = vocabulary.maximumCharacters
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(room * 4, 16) + TokenHash.padding) { word in
            withUnsafeTemporaryAllocation(of: WordPiece.self, capacity: max(room, 16)) { pieces in
                guard let word = word.baseAddress, let pieces = pieces.baseAddress else { return false }
                var scanner = WordPieceScanner(vocabulary, alphabet, text: base, word: word, pieces: pieces)
                var place = 0
                while let match = rawTokens.next(in: text, from: place) {
                    guard scanner.append(place..<match.range.lowerBound, to: &ids) else { return false }
                    ids.append(match.token.id)
                    place = match.range.upperBound
                }
                return scanner.append(place..<text.count, to: &ids)
            }
        }
    }

    /// The steps one after the other, as Hugging Face has them: added tokens, normalisation, added tokens again, words,
    /// pieces.
    private func encodeExactly(_ text: UnsafeBufferPointer<UInt8>) -> Encoding {
        var encoding = Encoding()
        var pieces: [WordPiece] = []
        for part in rawTokens.split(text) {
            if let id = part.token {
                encoding.ids.append(id)
                encoding.offsets.append(part.range)
                continue
            }
            let normalized = normalizer.normalize(text, in: part.range)
            normalized.bytes.withUnsafeBufferPointer { padded in
                guard let base = padded.baseAddress else { return }
                for inner in normalizedTokens.split(UnsafeBufferPointer(rebasing: padded[..<normalized.count])) {
                    if let id = inner.token {
                        guard !inner.range.isEmpty else { continue }
                        encoding.ids.append(id)
                        encoding.offsets.append(
                            normalized.starts[inner.range.lowerBound]..<normalized.ends[inner.range.upperBound - 1])
                    } else {
                        appendWords(base, inner.range, normalized, &pieces, &encoding)
                    }
                }
            }
        }
        return encoding
    }

    /// Words of normalised text: between white space, and each punctuation scalar alone.
    private func appendWords(
        _ text: UnsafePointer<UInt8>, _ range: Range<Int>, _ normalized: NormalizedText, _ pieces: inout [WordPiece],
        _ encoding: inout Encoding
    ) {
        var (start, place, characters) = (range.lowerBound, range.lowerBound, 0)
        while place < range.upperBound {
            let scalar = UTF8Decoding.decode(text, place, range.upperBound)
            let property = UnicodeTables.shared.property(scalar.value)
            let isPunctuation = property.contains(.punctuation)
            let next = place + scalar.length
            if isPunctuation || property.contains(.whitespace) {
                appendWord(text, start..<place, characters, normalized, &pieces, &encoding)
                if isPunctuation { appendWord(text, place..<next, 1, normalized, &pieces, &encoding) }
                (start, characters) = (next, 0)
            } else {
                characters += 1
            }
            place = next
        }
        appendWord(text, start..<place, characters, normalized, &pieces, &encoding)
    }

    private func appendWord(
        _ text: UnsafePointer<UInt8>, _ range: Range<Int>, _ characters: Int, _ normalized: NormalizedText,
        _ pieces: inout [WordPiece], _ encoding: inout Encoding
    ) {
        guard !range.isEmpty else { return }
        var count = 0
        if characters <= vocabulary.maximumCharacters {
            if pieces.count < characters {
                pieces.append(contentsOf: repeatElement(WordPiece(id: 0, end: 0), count: characters - pieces.count))
            }
            count = pieces.withUnsafeMutableBufferPointer { pieces in
                pieces.baseAddress.map { vocabulary.split(text + range.lowerBound, range.count, into: $0) } ?? 0
            }
        }
        guard count > 0 else {
            encoding.ids.append(vocabulary.unknown)
            encoding.offsets.append(normalized.starts[range.lowerBound]..<normalized.ends[range.upperBound - 1])
            return
        }
        var start = range.lowerBound
        for piece in pieces[..<count] {
            let end = range.lowerBound + Int(piece.end)
            encoding.ids.append(piece.id)
            encoding.offsets.append(normalized.starts[start]..<normalized.ends[end - 1])
            start = end
        }
    }
}
