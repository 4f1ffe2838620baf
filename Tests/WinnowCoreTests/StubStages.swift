import Testing
import WinnowCore

/// A second stage that reads the logit off the passage; nil: not scored.
struct LogitReranker: Reranker {
    var logit: @Sendable (Passage) -> Float?

    init(_ logit: @escaping @Sendable (Passage) -> Float?) { self.logit = logit }

    var identity: ModelIdentity {
        get throws {
            ModelIdentity(
                name: "stub", fingerprint: try #require(Fingerprint(hexadecimal: String(repeating: "ab", count: 32))),
                precision: "float32", kernels: "none", truncation: "passage:512")
        }
    }

    func score(_ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant?) async throws
        -> [PairScore?]
    {
        candidates.map { logit($0.passage).map { PairScore(logit: Logit($0), score: Score($0, kind: .identity)) } }
    }
}

/// Documents whose passages are hits of a search, best first.
enum Hits {
    static func hit(_ passage: Passage, rank: Int) -> Hit {
        Hit(passage: passage, initialRank: rank, finalRank: rank)
    }

    static func list(_ passages: [Passage]) -> [Hit] {
        passages.enumerated().map { hit($1, rank: $0 + 1) }
    }

    /// A document of its own.
    static func passage(
        _ id: String, _ text: String, title: String? = nil, source: String? = nil, section: String? = nil
    ) -> Passage {
        var metadata: Metadata = [:]
        metadata["source"] = source.map { .string($0) }
        metadata["section"] = section.map { .string($0) }
        return Passage(id: id, documentID: id, title: title, text: text, metadata: metadata)
    }

    /// A part of a document.
    static func part(_ number: Int, of document: String, _ text: String, _ range: Range<Int>) -> Passage {
        let bytes = Array(text.utf8)
        return Passage(
            id: "\(document)#\(number)", documentID: document, text: String(decoding: bytes[range], as: UTF8.self),
            range: range)
    }
}
