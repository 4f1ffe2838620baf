import Foundation
import Testing
import WinnowCore

@Suite struct TraceTests {
    /// As the first version wrote it: old logs stay readable.
    static let first = #"""
        {"version":1,"query":"which?","initialK":4,"finalK":2,
         "stages":[{"name":"retrieve","milliseconds":1.25,"counts":{"candidates":1}}],
         "models":{"reranker":{"name":"r","fingerprint":"00","precision":"int8","kernels":"avx2","truncation":"passage:512"}},
         "candidates":[{"id":"d#0","document":"d","initialRank":1,"finalRank":1,"retrievalScore":0.5,"retrieval":{},
            "logit":1.5,"score":0.8,"scoreKind":"sigmoid","probability":null,"passageTokensDropped":0,"queryTokensDropped":0,
            "window":null}]}
        """#

    @Test func theFirstVersionIsRead() throws {
        let trace = try JSONDecoder().decode(Trace.self, from: Data(Self.first.utf8))
        #expect(trace.query == "which?" && trace.initialK == 4 && trace.finalK == 2)
        #expect(trace.duration(of: "retrieve") == .microseconds(1250))
        #expect(trace.candidates.map(\.id) == ["d#0"] && trace.candidates[0].logit == 1.5)
        #expect(trace.models["reranker"]?.kernels == "avx2")
        #expect(trace.time == nil && trace.threshold == nil && trace.answer == nil)
        // What is written is of the version that this build writes, and says the same.
        let again = try JSONDecoder().decode(Trace.self, from: JSONEncoder().encode(trace))
        #expect(again == trace)
    }

    /// Version 2 said nothing of orders, and every retriever had a rank.
    @Test func theSecondVersionIsRead() throws {
        let second = Self.first
            .replacingOccurrences(
                of: "\"version\":1,",
                with: "\"version\":2,\"time\":\"2026-11-23T14:47:46.012Z\",\"threshold\":null,\"answer\":null,"
            )
            .replacingOccurrences(
                of: "\"retrieval\":{}", with: "\"retrieval\":{\"bm25\":{\"rank\":2,\"score\":7.5}}")
        let trace = try JSONDecoder().decode(Trace.self, from: Data(second.utf8))
        #expect(trace.time == "2026-11-23T14:47:46.012Z" && trace.order == nil)
        #expect(trace.candidates[0].retrieval == ["bm25": .init(rank: 2, score: 7.5)])
        #expect(trace.candidates[0].finalScore == nil)
    }

    @Test func computedScoresComeBack() throws {
        var trace = try JSONDecoder().decode(Trace.self, from: Data(Self.first.utf8))
        trace.order = "blend:0.7"
        trace.candidates[0].finalScore = 0.25
        trace.candidates[0].retrieval = [
            "bm25": .init(rank: nil, score: 0.5), "given": .init(rank: 3, score: nil),
        ]
        let encoded = try JSONEncoder().encode(trace)
        #expect(try JSONDecoder().decode(Trace.self, from: encoded) == trace)
        let text = String(decoding: encoded, as: UTF8.self)
        #expect(text.contains("\"rank\":null") && text.contains("\"score\":null"))
    }

    @Test(arguments: [0, 5, -1])
    func otherVersionsAreRefused(_ version: Int) {
        let json = Self.first.replacingOccurrences(of: "\"version\":1", with: "\"version\":\(version)")
        let error = #expect(throws: DecodingError.self) { try JSONDecoder().decode(Trace.self, from: Data(json.utf8)) }
        #expect("\(String(describing: error))".contains("version \(version)"))
    }

    @Test func theSecondVersionNeedsItsKeys() {
        let json = Self.first.replacingOccurrences(of: "\"version\":1", with: "\"version\":2")
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Trace.self, from: Data(json.utf8)) }
    }

    @Test func everyFieldComesBack() throws {
        let trace = Trace(
            query: "q", initialK: 20, finalK: 5, stages: [], models: [:], candidates: [],
            time: "2026-11-23T14:47:46.012Z",
            order: "rrf:60", threshold: "score:0.3", deadline: .init(limit: .microseconds(40_500), scored: 3, of: 20),
            selection: .init(within: 1.25, of: 20, passedOver: 4),
            answer: .init(
                generator: "extractive", outcome: .abstained, reason: "belowThreshold", citations: 3,
                invalidCitations: 1,
                retrievedCount: 20, usedCount: 4))
        let back = try JSONDecoder().decode(Trace.self, from: JSONEncoder().encode(trace))
        #expect(back == trace)
    }

    /// Version 3 knew no deadline; from version 4 on its key is there.
    @Test func theThirdVersionIsRead() throws {
        let keys = #""time":null,"threshold":null,"answer":null,"retriever":"hybrid","order":"blend:0.8","#
        func read(_ version: Int, _ more: String = "") throws -> Trace {
            let json = Self.first.replacingOccurrences(
                of: "\"version\":1,", with: "\"version\":\(version),\(keys)\(more)")
            return try JSONDecoder().decode(Trace.self, from: Data(json.utf8))
        }
        #expect(try read(3).retriever == "hybrid" && read(3).deadline == nil)
        #expect(throws: DecodingError.self) { try read(4) }
        #expect(try read(4, #""deadline":null,"#).deadline == nil)
        let deadline = try read(4, #""deadline":{"limit":40.5,"scored":3,"of":20},"#).deadline
        #expect(deadline == .init(limit: .microseconds(40_500), scored: 3, of: 20))
        // A log may hold anything.
        for limit in ["1e300", "-1e300", "1e16"] {
            let error = #expect(throws: DecodingError.self) {
                try read(4, #""deadline":{"limit":\#(limit),"scored":3,"of":20},"#)
            }
            #expect("\(String(describing: error))".contains("'limit' is no number of milliseconds"))
        }
        let long = Self.first.replacingOccurrences(of: "\"milliseconds\":1.25", with: "\"milliseconds\":1e300")
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Trace.self, from: Data(long.utf8)) }
    }

    @Test(
        arguments: [
            (0, 0, "1970-01-01T00:00:00.000Z"),
            (-1, 999, "1969-12-31T23:59:59.999Z"),
            (951_782_399, 0, "2000-02-28T23:59:59.000Z"),
            (951_782_400, 1, "2000-02-29T00:00:00.001Z"),
            (951_868_800, 0, "2000-03-01T00:00:00.000Z"),
            (4_107_542_400, 10, "2100-03-01T00:00:00.010Z"),
            (1_795_445_266, 12, "2026-11-23T14:47:46.012Z"),
            (-62_167_219_200, 0, "0000-01-01T00:00:00.000Z"),
            (253_402_300_799, 999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, Int, String)])
    func instants(seconds: Int64, milliseconds: Int, expected: String) {
        #expect(UTCTime.text(seconds: seconds, milliseconds: milliseconds) == expected)
    }

    /// Foundation knows the calendar too.
    @Test func instantsAgreeWithFoundation() {
        let formatter = ISO8601DateFormatter()
        for day in stride(from: Int64(-20_000), through: 60_000, by: 7) {
            let seconds = day * 86_400 + (day * 7919) % 86_400
            let expected = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
            #expect(UTCTime.text(seconds: seconds, milliseconds: 0) == expected.dropLast() + ".000Z")
        }
    }

    @Test func aSearchStatesItsTime() async throws {
        let before = UTCTime.now
        let pipeline = try SearchPipeline(retriever: GivenCandidates(RankingTests.candidates(2)), reranker: nil)
        let time = try #require(try await pipeline.search(Query("which?")).trace.time)
        // In this form the order of texts is that of times.
        #expect(before <= time && time <= UTCTime.now)
        #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
    }
}
