import TestSupport
import Testing
import WinnowCore
import WinnowEncoders
import WinnowModels
import WinnowStore

/// One suite over the second stages that read pairs with a model, and over what decorates one.
@Suite struct RerankerConformanceTests {
    /// Short ones, long ones, one that is cut, one without a title.
    private static let candidates: [Candidate] = [
        Passage(
            id: "refunds", documentID: "refunds", title: "Refunds", text: "Refunds are issued within ten business days."
        ),
        Passage(id: "limits", documentID: "limits", text: "A workspace may send 600 requests a minute."),
        Passage(
            id: "long", documentID: "long", text: String(repeating: "The archive keeps every version. ", count: 120)),
        Passage(id: "sso", documentID: "sso", title: "Single sign-on", text: "Copy the entity ID into your provider."),
    ].enumerated().map { Candidate(passage: $1, rank: $0 + 1, retrievalScore: 1 - Double($0) / 10) }

    @Test(arguments: [Precision.float32, .bfloat16, .int8])
    func crossEncoders(precision: Precision) async throws {
        let query = Query("When are refunds issued?")
        let encoder = try CrossEncoder.load(.builtIn(.crossEncoder), options: EncoderOptions(precision: precision))
        let plain = RerankerConformance("plain", encoder, query: query, candidates: Self.candidates)
        #expect(try await plain.faults() == [])
        let expected = try await encoder.score(query, Self.candidates)
        #expect(expected.contains { ($0?.passageTokensDropped ?? 0) > 0 })
        // What it is asked about depends on the best of the list, so only one that is asked about all of them can be held to this.
        let selective = RerankerConformance(
            "selective", try SelectiveReranker(encoder, within: 1000), query: query, candidates: Self.candidates,
            expected: expected)
        #expect(try await selective.faults() == [])
        // Two of them are near the best.
        let some = try SelectiveReranker(encoder, within: 0.15)
        #expect(try await some.score(query, Self.candidates, until: nil) == expected.prefix(2) + [nil, nil])
        let few = RerankerConformance(
            "of two", some, query: query, candidates: Self.candidates, expected: expected)
        #expect(try await few.faults() == [])
        let folder = try TemporaryFolder()
        for (name, cache) in [
            ("memory", ScoreCache()), ("file", ScoreCache(.init(memoryEntries: 0), file: folder.path + "/s")),
        ] {
            let cached = RerankerConformance(
                name, CachedReranker(encoder, cache), query: query, candidates: Self.candidates, expected: expected)
            #expect(try await cached.faults() == [])
            // Decorators around each other: the selection sees the whole list, wherever the cache stands.
            let around = CachedReranker(some, cache)
            let within = try SelectiveReranker(CachedReranker(encoder, cache), within: 0.15)
            for (name, nested) in [("around", around as any Reranker), ("within", within)] {
                let plain = try await some.scoring(query, Self.candidates, until: nil)
                for _ in 0..<2 {
                    let scoring = try await nested.scoring(query, Self.candidates, until: nil)
                    #expect(scoring.scores == plain.scores && scoring.selection == plain.selection, "\(name)")
                }
                #expect(nested.scoresDependOnCompany)
                let conformance = RerankerConformance(
                    name, nested, query: query, candidates: Self.candidates, expected: expected)
                #expect(try await conformance.faults() == [])
            }
        }
    }
}
