import Synchronization
import TestSupport
import Testing
import WinnowCore

/// A first stage over a fixed list, with a model of its own; notes what it was asked for.
private struct ListRetriever: Retriever {
    var candidates: [Candidate]
    var model: ModelIdentity?
    var role = "embedder"
    var limits: Limits?

    final class Limits: Sendable {
        private let asked = Mutex<[Int]>([])
        var all: [Int] { asked.withLock { $0 } }
        func note(_ limit: Int) { asked.withLock { $0.append(limit) } }
    }

    init(_ entries: [(String, Double?)], model: ModelIdentity? = nil, limits: Limits? = nil) {
        candidates = FusionLists.list("", entries).candidates
        self.model = model
        self.limits = limits
    }

    var models: [String: ModelIdentity] { get throws { model.map { [role: $0] } ?? [:] } }

    func retrieve(_ query: Query, limit: Int, filter: (any PassageFilter)?) async throws -> RankedList {
        limits?.note(limit)
        return try await GivenCandidates(candidates.filter { filter?.admits($0.passage) ?? true })
            .retrieve(query, limit: limit, filter: nil)
    }
}

/// Answers only once another one has been asked too.
private struct MeetingRetriever: Retriever {
    let own: AsyncStream<Void>.Continuation
    let other: AsyncStream<Void>

    func retrieve(_ query: Query, limit: Int, filter: (any PassageFilter)?) async throws -> RankedList {
        own.yield()
        for await _ in other { return RankedList(FusionLists.list("", [("m", 1)]).candidates) }
        throw CancellationError()
    }
}

private struct FailingRetriever: Retriever {
    struct Failure: Error {}
    func retrieve(_ query: Query, limit: Int, filter: (any PassageFilter)?) async throws -> RankedList {
        throw Failure()
    }
}

@Suite struct FusedRetrieverTests {
    private static let query = Query("which?")
    private let dense = ListRetriever([("c", 0.9), ("a", 0.8), ("b", 0.8), ("d", -0.1)])
    private let lexical = ListRetriever([("e", 9), ("b", 8), ("c", 7), ("f", 1), ("a", 0.5)])

    private func identity(_ name: String) throws -> ModelIdentity {
        ModelIdentity(
            name: name, fingerprint: try #require(Fingerprint(hexadecimal: String(repeating: "ab", count: 32))),
            precision: "float32", kernels: "none", truncation: "passage:512")
    }

    @Test(arguments: FusionLists.methods)
    func conforms(_ fusion: Fusion) async throws {
        let fused = try FusedRetriever(
            [.init("dense", dense), .init("bm25", lexical, weight: 0.5)], fusion: fusion)
        #expect(try await RetrieverConformance("fused", fused, query: Self.query, count: 6).faults() == [])
        // A fusion is a retriever, so it can be fused.
        let nested = try FusedRetriever([.init("both", fused), .init("dense", dense)], fusion: fusion, depth: 10)
        #expect(try await RetrieverConformance("nested", nested, query: Self.query, count: 6).faults() == [])
        let none = try FusedRetriever([.init("none", ListRetriever([]))], fusion: fusion)
        #expect(try await RetrieverConformance("none", none, query: Self.query, count: 0).faults() == [])
    }

    @Test func fusesAsItsFusionDoes() async throws {
        let fused = try FusedRetriever([.init("dense", dense), .init("bm25", lexical, weight: 2)], depth: 5)
        let found = try await fused.retrieve(Self.query, limit: 3, filter: nil)
        let expected = try Fusion.reciprocalRank().fuse(
            [
                FusionInput(name: "dense", candidates: dense.candidates),
                FusionInput(name: "bm25", weight: 2, candidates: lexical.candidates),
            ], limit: 3)
        #expect(found == expected)
        // c: 1/61 + 2/63; b: 1/63 + 2/62.
        #expect(found.candidates.map(\.passage.id).prefix(2) == ["c", "b"])
        #expect(found.candidates.first?.retrievals["bm25"]?.rank == 3)
    }

    @Test func eachIsAskedForEnough() async throws {
        let (first, second, off) = (ListRetriever.Limits(), ListRetriever.Limits(), ListRetriever.Limits())
        let fused = try FusedRetriever(
            [
                .init("a", ListRetriever([("a", 1)], limits: first)),
                .init("b", ListRetriever([("b", 1)], limits: second), weight: 3),
                .init("off", ListRetriever([("z", 1)], limits: off), weight: 0),
            ], depth: 7)
        for limit in [2, 9] { _ = try await fused.retrieve(Self.query, limit: limit, filter: nil) }
        #expect(first.all == [7, 9] && second.all == [7, 9] && off.all == [])
    }

    @Test(.timeLimit(.minutes(1))) func allAreAskedAtOnce() async throws {
        let (left, leftAsked) = AsyncStream<Void>.makeStream()
        let (right, rightAsked) = AsyncStream<Void>.makeStream()
        let fused = try FusedRetriever([
            .init("left", MeetingRetriever(own: leftAsked, other: right)),
            .init("right", MeetingRetriever(own: rightAsked, other: left)),
        ])
        #expect(try await fused.retrieve(Self.query, limit: 3, filter: nil).candidates.count == 1)
    }

    @Test func aFailureIsTheAnswer() async throws {
        let fused = try FusedRetriever([.init("dense", dense), .init("broken", FailingRetriever())])
        await #expect(throws: FailingRetriever.Failure.self) {
            try await fused.retrieve(Self.query, limit: 3, filter: nil)
        }
    }

    @Test func modelsAreMerged() async throws {
        let (small, large) = (try identity("small"), try identity("large"))
        var titles = ListRetriever([], model: large)
        titles.role = "titles"
        let agreeing = try FusedRetriever([
            .init("a", ListRetriever([], model: small)), .init("b", ListRetriever([], model: small)),
            .init("c", titles), .init("d", ListRetriever([])),
            .init("off", ListRetriever([], model: large), weight: 0),
        ])
        #expect(try agreeing.models == ["embedder": small, "titles": large])
        let differing = try FusedRetriever([
            .init("a", ListRetriever([], model: small)), .init("b", ListRetriever([], model: large)),
        ])
        #expect(try differing.models == ["a/embedder": small, "b/embedder": large])
    }

    @Test func impossibleSettings() {
        #expect(throws: SearchError.notPositive(parameter: "depth", value: 0)) { try FusedRetriever([], depth: 0) }
        #expect(throws: SearchError.fusionConstant(0)) { try FusedRetriever([], fusion: .reciprocalRank(k: 0)) }
        #expect(throws: SearchError.fusionWeight(list: "a", weight: -1)) {
            try FusedRetriever([.init("a", dense, weight: -1)])
        }
        #expect(throws: SearchError.fusionListTwice("a")) {
            try FusedRetriever([.init("a", dense), .init("a", lexical)])
        }
    }

    @Test func nothingToAskGivesNothing() async throws {
        #expect(try await FusedRetriever([]).retrieve(Self.query, limit: 3, filter: nil) == RankedList([]))
    }
}
