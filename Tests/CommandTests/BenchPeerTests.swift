import Foundation
import TestSupport
import Testing

extension Commands {
    /// The protocol that the peers' benchmark speaks, against transformers' results.
    @Suite struct BenchPeerTests {
        struct Reference: Decodable {
            struct Group: Decodable {
                let query: String
                let documents: [String]
                let logits: [Float]
            }
            let groups: [Group]
        }

        func answers(_ requests: [String]) async throws -> [[String: Any]] {
            let outcome = try await BuiltProgram.winnow().run(
                ["bench-peer", "--threads", "2", "--precision", "float32"],
                input: Array(requests.map { $0 + "\n" }.joined().utf8))
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.errors.isEmpty)
            return try outcome.output.split(separator: "\n").map { line in
                try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
        }

        @Test func aRerankWorkloadGivesTheReferenceLogits() async throws {
            let reference: Reference = try Fixtures.json("built-in-models/cross-encoder-reference.json")
            let group = try #require(reference.groups.first)
            let folder = try TemporaryFolder()
            let workload: [String: Any] = [
                "kind": "rerank", "query": group.query, "docs": group.documents, "max_length": 512,
            ]
            let path = try folder.write(
                "w.json", bytes: Array(try JSONSerialization.data(withJSONObject: workload)))
            let answers = try await answers([
                #"{"op":"load","workload":"\#(path)"}"#, #"{"op":"run"}"#, #"{"op":"rss"}"#,
                #"{"op":"load","workload":"\#(path)","limit":3}"#, #"{"op":"run"}"#,
            ])
            #expect(answers.count == 6)
            #expect(answers[0]["ready"] as? Bool == true)
            #expect(answers[1]["ok"] as? Bool == true)
            let scores = try #require(answers[2]["scores"] as? [Double]).map(Float.init)
            let comparison = Approximate(
                scores, group.logits, within: Tolerance("the issue's bound for logits", 1e-4))
            #expect(comparison.holds, "\(comparison)")
            #expect(try #require(answers[2]["ms"] as? Double) > 0)
            #expect(try #require(answers[3]["peak_rss_mb"] as? Double) > 1)
            #expect((answers[5]["scores"] as? [Double])?.map(Float.init) == Array(scores.prefix(3)))
        }

        @Test func anEmbedWorkloadGivesTheFirstVector() async throws {
            let folder = try TemporaryFolder()
            let path = try folder.write(
                "w.json", bytes: Array(#"{"kind":"embed","docs":["a plan","another"],"max_length":256}"#.utf8))
            let answers = try await answers([#"{"op":"load","workload":"\#(path)"}"#, #"{"op":"run"}"#])
            let vector = try #require(answers[2]["scores"] as? [Double])
            #expect(vector.count == 384)
            #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        }

        @Test func whatIsWrongIsAnsweredAndTheNextLineIsServed() async throws {
            let folder = try TemporaryFolder()
            let path = try folder.write("w.json", bytes: Array(#"{"kind":"sing","docs":["a"]}"#.utf8))
            let answers = try await answers([
                #"{"op":"run"}"#, "nonsense", #"{"op":"fly"}"#, #"{"op":"load","workload":"/nowhere/w.json"}"#,
                #"{"op":"load","workload":"\#(path)"}"#, #"{"op":"rss"}"#,
            ])
            #expect(answers.count == 7)
            for answer in answers[1...5] { #expect((answer["error"] as? String)?.isEmpty == false, "\(answer)") }
            #expect((answers[3]["error"] as? String)?.contains("fly") == true)
            #expect((answers[5]["error"] as? String)?.contains("sing") == true)
            #expect(answers[6]["peak_rss_mb"] != nil)
        }
    }
}
