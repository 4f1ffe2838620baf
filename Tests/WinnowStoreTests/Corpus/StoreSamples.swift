import TestSupport
import WinnowCore
import WinnowStore

/// What the tests of stores are filled with.
enum StoreSamples {
    static let dimension = 6

    static func fingerprint(_ digit: Character) throws -> Fingerprint {
        guard let fingerprint = Fingerprint(hexadecimal: String(repeating: digit, count: 64)) else {
            throw NoFingerprint(digit: digit)
        }
        return fingerprint
    }

    struct NoFingerprint: Error {
        var digit: Character
    }

    static func profile(
        dimension: Int = dimension, embedder: Character = "a", chunking: String = "none",
        passageTokens: Int? = 254, budget: String = "254 tokens of tiny", tokenizer: Character? = "b"
    ) throws -> StoreProfile {
        StoreProfile(
            embedder: "tiny", embedderFingerprint: try fingerprint(embedder), dimension: dimension,
            precision: "float32",
            chunking: chunking, passageTokens: passageTokens, budget: budget, tokenizer: try tokenizer.map(fingerprint))
    }

    /// A document with its passages, as a test hands it to a writer and expects it back.
    struct Sample: Hashable {
        var document: DocumentRecord
        var passages: [PassageRecord]

        var id: String { document.id }
    }

    static func sample(
        _ id: String, passages count: Int, dimension: Int = dimension, using random: inout SeededGenerator
    ) throws -> Sample {
        let metadata: Metadata = [
            "source": .string("kb/\(id).md"), "year": .integer(Int64.random(in: 1990...2030, using: &random)),
            "weight": .number(Double(Int.random(in: 0...3, using: &random))), "tags": .array([.string("a\nb"), .null]),
        ]
        let passages = (0..<count).map { ordinal in
            let words = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                ["refund", "naïve", "東京", "\u{0}", "e\u{301}", "line\nbreak", "🧂"].randomElement(using: &random) ?? ""
            }
            var own = metadata
            own["parent_doc_id"] = .string(id)
            if ordinal % 2 == 1 { own["year"] = nil }
            let text = words.joined(separator: " ")
            let passage = Passage(
                id: count == 1 ? id : "\(id)#\(ordinal)", documentID: id, title: ordinal == 0 ? "Title of \(id)" : nil,
                text: text, range: ordinal * 100..<ordinal * 100 + text.utf8.count, metadata: own)
            let tokens: [Int32]? =
                ordinal % 3 == 2 ? nil : (0..<ordinal * 7).map { _ in Int32.random(in: 0...40_000, using: &random) }
            return PassageRecord(passage: passage, vector: random.floats(dimension), tokens: tokens)
        }
        let digits = (0..<64).map { _ in "0123456789abcdef".randomElement(using: &random) ?? "0" }
        guard let hash = Fingerprint(hexadecimal: String(digits)) else { throw NoFingerprint(digit: "?") }
        return Sample(
            document: DocumentRecord(
                id: id, title: Bool.random(using: &random) ? "Title of \(id)" : nil, metadata: metadata,
                origin: Bool.random(using: &random) ? "/kb/\(id).md" : nil, contentHash: hash,
                byteCount: passages.reduce(0) { $0 + $1.passage.text.utf8.count }),
            passages: passages)
    }
}

extension StoreWriter {
    /// Makes an empty store: one to which nothing is committed goes with its writer.
    static func make(_ path: String, profile: StoreProfile) async throws {
        let writer = try await open(path, profile: profile)
        try writer.store([])
        try writer.close()
    }

    /// Puts documents in one transaction.
    func store(_ samples: StoreSamples.Sample...) throws { try store(samples) }

    func store(_ samples: [StoreSamples.Sample]) throws {
        try begin()
        for sample in samples {
            try put(sample.document)
            try append(sample.passages)
        }
        try commit()
    }
}
