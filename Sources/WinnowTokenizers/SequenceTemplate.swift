/// What is cut when a text and its special tokens do not fit into the model's maximum length.
public enum Truncation: String, Sendable, Hashable, CaseIterable {
    /// The passage's tail. The query is never cut; one longer than half of the room is an error.
    case passage
    /// The rule of Hugging Face `tokenizers` and of sentence-transformers: the longer of the two is cut first, and a
    /// query longer than half of the room is cut too.
    case longestFirst = "longest-first"
    /// Nothing: what does not fit is an error.
    case error
}

/// One row of a model's input.
public struct ModelInput: Sendable, Hashable {
    /// Token ids with the template's special tokens; at most the maximum length.
    public var ids: [Int32]
    /// Segment (token type) ids, one for each of ``ids``.
    public var typeIDs: [Int32]
    /// Tokens of the passage (or of the single text) that were cut. 0: it is all there.
    public var passageTokensDropped: Int
    /// Tokens of the query that were cut. Always 0 unless truncation is ``Truncation/longestFirst``.
    public var queryTokensDropped: Int

    public init(ids: [Int32], typeIDs: [Int32], passageTokensDropped: Int = 0, queryTokensDropped: Int = 0) {
        self.ids = ids
        self.typeIDs = typeIDs
        self.passageTokensDropped = passageTokensDropped
        self.queryTokensDropped = queryTokensDropped
    }
}

/// The places of special tokens around one text and around a pair: `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]` in BERT.
public struct SequenceTemplate: Sendable, Hashable {
    /// A part of a template.
    public enum Piece: Sendable, Hashable {
        case special([Int32], typeID: Int32)
        /// The first text: the query of a pair, or the single text.
        case first(typeID: Int32)
        /// The second text: the passage of a pair.
        case second(typeID: Int32)
    }

    let singlePieces: [Piece]
    let pairPieces: [Piece]
    /// Special tokens around a single text.
    public let singleSpecialCount: Int
    /// Special tokens around a pair.
    public let pairSpecialCount: Int

    /// - Parameters:
    ///   - single: holds `.first` exactly once and no `.second`.
    ///   - pair: holds `.first` and `.second` exactly once each.
    /// - Throws: ``TokenizerError`` when they do not.
    public init(single: [Piece], pair: [Piece]) throws {
        func count(_ pieces: [Piece]) -> (first: Int, second: Int, special: Int) {
            pieces.reduce(into: (0, 0, 0)) { counts, piece in
                switch piece {
                case .first: counts.0 += 1
                case .second: counts.1 += 1
                case .special(let ids, _): counts.2 += ids.count
                }
            }
        }
        let (one, two) = (count(single), count(pair))
        guard one.first == 1, one.second == 0, two.first == 1, two.second == 1 else {
            throw TokenizerError(
                .unsupported, "the template does not hold each text exactly once",
                remedy: "Winnow has templates with A once in \"single\", A and B once in \"pair\"")
        }
        singlePieces = single
        pairPieces = pair
        singleSpecialCount = one.special
        pairSpecialCount = two.special
    }

    /// BERT's template.
    public static func bert(cls: Int32, sep: Int32) throws -> SequenceTemplate {
        let single: [Piece] = [.special([cls], typeID: 0), .first(typeID: 0), .special([sep], typeID: 0)]
        return try SequenceTemplate(
            single: single, pair: single + [.second(typeID: 1), .special([sep], typeID: 1)])
    }

    /// The input for one text.
    ///
    /// - Parameters:
    ///   - ids: without special tokens.
    ///   - maxLength: tokens that the model reads, special tokens included.
    ///   - truncation: ``Truncation/passage`` and ``Truncation/longestFirst`` both cut the tail.
    /// - Throws: ``TokenizerError`` when `maxLength` leaves no room for text, or when `truncation` is
    ///   ``Truncation/error`` and the text does not fit.
    public func single(_ ids: [Int32], maxLength: Int, truncation: Truncation) throws -> ModelInput {
        let room = try room(maxLength, specials: singleSpecialCount)
        let kept = min(ids.count, room)
        if truncation == .error, kept < ids.count {
            throw TokenizerError(
                .wouldTruncate, "the text has \(ids.count) tokens and the model reads \(room) of them",
                remedy: "Shorten it, or let it be cut with --truncation passage")
        }
        var input = fill(singlePieces, first: ids[..<kept], second: [], count: kept + singleSpecialCount)
        input.passageTokensDropped = ids.count - kept
        return input
    }

    /// The input for a query and a passage.
    ///
    /// - Parameters:
    ///   - query: ids without special tokens; `passage` likewise.
    ///   - maxLength: tokens that the model reads, special tokens included.
    /// - Throws: ``TokenizerError``: `maxLength` leaves no room; a query longer than half of the room with
    ///   ``Truncation/passage`` (whatever the passage, so that all candidates of a query fail alike); anything that
    ///   would be cut with ``Truncation/error``.
    public func pair(query: [Int32], passage: [Int32], maxLength: Int, truncation: Truncation) throws -> ModelInput {
        let room = try room(maxLength, specials: pairSpecialCount)
        var (queryKept, passageKept) = (query.count, passage.count)
        switch truncation {
        case .passage:
            guard query.count <= room / 2 else {
                throw TokenizerError(
                    .queryTooLong,
                    "the query has \(query.count) tokens; at most \(room / 2) are allowed, half of the \(room) that "
                        + "a query and a passage share",
                    remedy: "Shorten the query, or cut it as Hugging Face does with --truncation longest-first")
            }
            passageKept = min(passage.count, room - query.count)
        case .longestFirst:
            (queryKept, passageKept) = Self.longestFirst(query.count, passage.count, room: room)
        case .error:
            guard query.count + passage.count <= room else {
                throw TokenizerError(
                    .wouldTruncate,
                    "query and passage have \(query.count) + \(passage.count) tokens; the model reads \(room) of them",
                    remedy: "Shorten them, or let the passage be cut with --truncation passage")
            }
        }
        var input = fill(
            pairPieces, first: query[..<queryKept], second: passage[..<passageKept],
            count: queryKept + passageKept + pairSpecialCount)
        input.queryTokensDropped = query.count - queryKept
        input.passageTokensDropped = passage.count - passageKept
        return input
    }

    /// How much of two texts is kept, by the rule of Hugging Face `tokenizers` (src/utils/truncation.rs).
    static func longestFirst(_ first: Int, _ second: Int, room: Int) -> (first: Int, second: Int) {
        if first + second <= room { return (first, second) }
        var (short, long) = (min(first, second), max(first, second))
        long = short > room ? short : max(short, room - short)
        if short + long > room {
            short = room / 2
            long = short + room % 2
        }
        return first > second ? (long, short) : (short, long)
    }

    private func room(_ maxLength: Int, specials: Int) throws -> Int {
        guard maxLength > specials else {
            throw TokenizerError(
                .maximumLength, "a maximum length of \(maxLength) leaves no room beside \(specials) special tokens",
                remedy: "Give at least \(specials + 1)")
        }
        return maxLength - specials
    }

    private func fill(
        _ pieces: [Piece], first: ArraySlice<Int32>, second: ArraySlice<Int32>, count: Int
    ) -> ModelInput {
        var input = ModelInput(ids: [], typeIDs: [])
        input.ids.reserveCapacity(count)
        input.typeIDs.reserveCapacity(count)
        func append(_ ids: some RandomAccessCollection<Int32>, _ typeID: Int32) {
            input.ids.append(contentsOf: ids)
            input.typeIDs.append(contentsOf: repeatElement(typeID, count: ids.count))
        }
        for piece in pieces {
            switch piece {
            case .special(let ids, let typeID): append(ids, typeID)
            case .first(let typeID): append(first, typeID)
            case .second(let typeID): append(second, typeID)
            }
        }
        return input
    }
}
