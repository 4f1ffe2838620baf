import TestSupport
import WinnowCore
import WinnowStore

/// Documents with metadata of all kinds.
enum FilterSamples {
    private static let values: [MetadataValue] = [
        .string("api"), .string("app"), .string(""), .string("10"), .string("e\u{301}"), .string("\u{E9}"),
        .string("a\u{0}b"),
        .integer(10), .integer(3), .number(3), .number(2.5), .integer(-1), .number(-1), .null,
        .integer(9_007_199_254_740_993),
        .number(9_007_199_254_740_992), .number(1e300), .number(-0.0), .bool(true), .bool(false), .string("2026-01-31"),
        .string("2026-01-31T10:00:00Z"), .string("2026-01-31T12:00:00+02:00"),
        .array([.string("api"), .integer(3), .number(3)]), .array([]),
        .object(["name": .string("Ada")]), .object(["name": .null]),
        .array([.object(["name": .string("api")]), .string("app")]),
        .integer(.max), .integer(.min),
    ]
    private static let fields = [
        "product", "version", "tags", "released", "author", "author.name", "odd field", "flag", "title", "id",
    ]

    private static func metadata(_ random: inout SeededGenerator) -> Metadata {
        var metadata: Metadata = [:]
        for field in fields where Int.random(in: 0..<2, using: &random) == 0 {
            metadata[field] = values[Int.random(in: 0..<values.count, using: &random)]
        }
        return metadata
    }

    /// A document most of whose passages share its metadata; some have more or less.
    static func sample(_ id: String, passages count: Int, using random: inout SeededGenerator) throws
        -> StoreSamples.Sample
    {
        let shared = metadata(&random)
        let words = ["refund", "desk", "key", "limit", "sso"]
        let passages = (0..<count).map { ordinal in
            let text = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                words[Int.random(in: 0..<words.count, using: &random)]
            }.joined(separator: " ")
            let own =
                Int.random(in: 0..<3, using: &random) == 0
                ? shared.merging(metadata(&random)) { $1 }.filter { _ in Int.random(in: 0..<5, using: &random) > 0 }
                : shared
            let passage = Passage(
                id: "\(id)#\(ordinal)", documentID: id, title: ordinal % 2 == 0 ? "api" : nil, text: text, metadata: own
            )
            return PassageRecord(passage: passage, vector: random.floats(StoreSamples.dimension), tokens: nil)
        }
        return StoreSamples.Sample(
            document: DocumentRecord(
                id: id, title: nil, metadata: shared, origin: nil, contentHash: try StoreSamples.fingerprint("c"),
                byteCount: 1),
            passages: passages)
    }
}
