import Winnow
import WinnowCore
import WinnowModels

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What a model's files say and loading does not tell.
struct ModelFiles {
    let source: ModelSource
    let description: ModelDescription
    let tokenizer: WordPieceTokenizer
    let weights: SafetensorsFile

    /// - Throws: what is wrong with the files.
    init(_ source: ModelSource, kind: ModelKind) throws {
        self.source = source
        description = try ModelDescription.read(source)
        try description.require(kind, at: source.location)
        tokenizer = try source.tokenizer()
        weights = try SafetensorsFile(source)
    }

    /// The value at a path of keys of a JSON file; nil where there is none.
    func value(_ file: String, _ keys: String...) -> MetadataValue? {
        guard let bytes = try? source.file(file) else { return nil }
        let content = withExtendedLifetime(bytes) { Array(bytes.buffer) }
        var value = try? JSONReader.value(content[...])
        for key in keys {
            guard case .object(let fields)? = value else { return nil }
            value = fields[key]
        }
        return value == .null ? nil : value
    }

    /// As ``value(_:_:)``, a whole number under what transformers writes for "no limit".
    func length(_ file: String, _ key: String) -> Int? {
        switch value(file, key) {
        case .integer(let number)? where number < 1 << 31: Int(number)
        case .number(let number)? where number < 1e9: Int(exactly: number)
        default: nil
        }
    }

    /// Every file of the built-in model is here, byte for byte; others beside them, such as a README's, change no result.
    func isSame(as builtIn: BuiltInModel) -> Bool {
        builtIn.files.allSatisfy { name, bytes in
            guard let own = try? source.file(name) else { return false }
            return withExtendedLifetime(own) {
                guard own.buffer.count == bytes.count else { return false }
                guard let first = own.buffer.baseAddress, let second = bytes.baseAddress else { return true }
                return memcmp(first, second, bytes.count) == 0
            }
        }
    }

    // MARK: Tensors

    /// Tensors that the forward pass does not read, without buffers and a bi-encoder's pooler, which every checkpoint has.
    var unusedTensors: [String] {
        weights.names.filter { name in
            let bare = Self.bare(name)
            return !isUsed(bare) && !bare.hasSuffix("position_ids") && !bare.hasPrefix("pooler.dense.")
        }
    }

    /// How many tensors there are of each type, the most frequent first, such as `49 int8, 90 float32`.
    var types: String {
        let counts = Dictionary(
            weights.names.compactMap { weights.stored($0)?.dtype }.map { ($0, 1) }, uniquingKeysWith: +)
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
            .joined(separator: ", ")
    }

    /// The first of these that holds one value over and over, as a head does that was never trained: rows that differ are
    /// what a score is made of.
    var constantHead: String? {
        guard description.kind == .crossEncoder else { return nil }
        return ["classifier.weight", "pooler.dense.weight", "bert.pooler.dense.weight"].first { name in
            guard let values = try? weights.tensor(name).floats(), let first = values.first else { return false }
            return values.count > 1 && values.allSatisfy { $0 == first }
        }
    }

    private static func bare(_ name: String) -> String {
        var name = name
        if name.hasPrefix("bert.") { name.removeFirst(5) }
        if name.hasSuffix("_scale") { name.removeLast(6) }
        return name
    }

    private func isUsed(_ name: String) -> Bool {
        let parts = name.split(separator: ".").map(String.init)
        switch parts.first {
        case "embeddings":
            return ["word_embeddings", "position_embeddings", "token_type_embeddings", "LayerNorm"].contains(
                parts[1..<min(2, parts.count)].first)
                && parts.count == 3
        case "encoder":
            guard parts.count > 4, parts[1] == "layer", let layer = Int(parts[2]) else { return false }
            return layer < description.bert.layerCount
                && ["attention", "intermediate", "output"].contains(parts[3])
        case "classifier", "pooler": return description.kind == .crossEncoder
        default: return false
        }
    }

    // MARK: Vocabulary

    var vocabulary: VocabularyProfile { VocabularyProfile(tokenizer) }

    var lowercases: Bool {
        tokenizer.tokenIDs(for: "Paris Oslo LONDON") == tokenizer.tokenIDs(for: "paris oslo london")
    }

    /// Of words that begin with a capital letter, as a title has them, the share of tokens that are unknown.
    var unknownShareOfTitles: Double {
        guard let unknown = tokenizer.id(for: "[UNK]") else { return 0 }
        let ids = KnownAnswers.questions.flatMap { question in
            tokenizer.tokenIDs(
                for: question.relevant.split(separator: " ").map { $0.prefix(1).uppercased() + $0.dropFirst() }
                    .joined(separator: " "))
        }
        return ids.isEmpty ? 0 : Double(ids.count { $0 == unknown }) / Double(ids.count)
    }

    /// The tokens that the template puts around one text, as the vocabulary spells them.
    var specialTokens: (first: String, last: String)? {
        guard
            let ids = try? tokenizer.template.single([0, 0], maxLength: 16, truncation: .passage).ids,
            ids.count > 2, let first = ids.first, let last = ids.last
        else { return nil }
        return (tokenizer.token(for: first) ?? "?", tokenizer.token(for: last) ?? "?")
    }
}
