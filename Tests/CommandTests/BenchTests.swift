import Foundation
import TestSupport
import Testing
import WinnowEncoders
import WinnowTokenizers

extension Commands {
    /// `winnow bench`: what is measured and how it is told; how long it takes is nobody's business here.
    @Suite struct BenchTests {
        let winnow: BuiltProgram

        init() throws { winnow = try BuiltProgram.winnow() }

        private func bench(_ arguments: String...) async throws -> [String: Any] {
            let outcome = try await winnow.run(["bench", "--json"] + arguments)
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.errors.isEmpty, "quiet where it is no terminal")
            return try outcome.json()
        }

        @Test func everyCombinationIsARow() async throws {
            let json = try await bench(
                "--precision", "float32,int8", "--threads", "1,2", "--candidates", "1,3", "--tokens", "16..32:16",
                "--runs", "2")
            #expect(json["schema"] as? Int == 1 && json["kind"] as? String == "rerank")
            let rows = try #require(json["rows"] as? [[String: Any]])
            let keys = rows.map { row in
                [
                    row["precision"] as? String ?? "", "\(row["threads"] as? Int ?? 0)",
                    "\(row["candidates"] as? Int ?? 0)", "\(row["tokens"] as? Int ?? 0)",
                ]
            }
            #expect(rows.count == 16 && Set(keys).count == 16)
            #expect((json["roofs"] as? [[String: Any]])?.count == 4)
            for row in rows {
                #expect(row["runs"] as? Int == 2)
                let times = try #require(row["milliseconds"] as? [String: Any])
                let least = try #require(times["min"] as? Double)
                let most = try #require(times["max"] as? Double)
                #expect(least > 0)
                for key in ["mean", "p50"] {
                    let value = try #require(times[key] as? Double)
                    #expect(least <= value && value <= most)
                }
                // Two runs bear no high percentile.
                #expect(times["p95"] is NSNull && times["p99"] is NSNull)
                let median = try #require(times["p50"] as? Double)
                let rate = try #require(row["candidatesPerSecond"] as? Double)
                let count = try #require(row["candidates"] as? Int)
                #expect(abs(rate * median / 1000 - Double(count)) < 1e-3 * Double(count))
                let share = try #require(row["shareOfRoof"] as? [String: Any])
                let work = try #require(row["operations"] as? [String: Double])
                #expect(try #require(work["computed"]) < (try #require(work["full"])))
                if Kernels.active.name != "scalar" {
                    #expect(try #require(share["computed"] as? Double) < (try #require(share["full"] as? Double)))
                }
            }
        }

        @Test func percentilesAppearWithEnoughRuns() async throws {
            let json = try await bench(
                "--model", Fixtures.url("tiny-cross-encoder").path, "--candidates", "1", "--tokens", "16", "--runs",
                "299")
            let row = try #require((json["rows"] as? [[String: Any]])?.first)
            let times = try #require(row["milliseconds"] as? [String: Double])
            let values = try ["min", "p50", "p95", "p99", "max"].map { try #require(times[$0]) }
            #expect(values == values.sorted())
        }

        @Test func autoIsNamedByWhatItComesTo() async throws {
            let json = try await bench(
                "--kind", "embed", "--precision", "auto,int8,float32", "--candidates", "1", "--tokens", "16", "--runs",
                "1")
            let rows = try #require(json["rows"] as? [[String: Any]])
            #expect(Set(rows.compactMap { $0["precision"] as? String }) == ["int8", "float32"])
            #expect(rows.count == 2 && rows.allSatisfy { $0["texts"] as? Int == 1 })
            // All of a text is read where the vector is a mean.
            for row in rows {
                let work = try #require(row["operations"] as? [String: Double])
                #expect(work["full"] == work["computed"])
            }
        }

        @Test func theTableNamesTheModelAndTheColumns() async throws {
            let outcome = try await winnow.run(["bench", "--candidates", "2", "--tokens", "20", "--runs", "1"])
            #expect(outcome.code == 0)
            for part in ["winnow-reranker-minilm-l6", "candidates", "p50", "p99", "of the roof", "too few runs"] {
                #expect(outcome.output.contains(part), "\(part)")
            }
        }

        @Test(arguments: [
            (["--precision", "float16"], 64, "float16"), (["--threads", "0"], 64, "--threads"),
            (["--threads", "257"], 64, "257"), (["--candidates", "none"], 64, "--candidates"),
            (["--runs", "0"], 64, "--runs"), (["--tokens", "513"], 1, "512 tokens at most"),
            (["--tokens", "3"], 1, "12 tokens at least"), (["--kind", "sort"], 64, "sort"),
        ])
        func whatMakesNoSenseIsRefused(arguments: [String], code: Int32, part: String) async throws {
            let outcome = try await winnow.run(["bench"] + arguments)
            #expect(outcome.code == code && outcome.errors.contains(part), "\(outcome)")
            #expect(outcome.output.isEmpty)
        }

        /// Two operations a weight and token, four a pair of tokens and dimension of attention; the last layer for one token.
        @Test func workIsCounted() throws {
            let description = try ModelDescription.read(.directory(Fixtures.url("tiny-cross-encoder").path))
            let bert = description.bert
            let (d, f, layers) = (bert.hiddenSize, bert.intermediateSize, bert.layerCount)
            let one = BertWork(bert, lengths: [10], wanted: .allTokens)
            #expect(one.full == Double(layers * (10 * 2 * (4 * d * d + 2 * d * f) + 4 * d * 100)))
            #expect(one.computed == one.full)
            let first = BertWork(bert, lengths: [10, 3], wanted: .firstTokens)
            func last(_ t: Int) -> Int { 4 * d * d * t + 2 * (2 * d * d + 2 * d * f) + 4 * d * t }
            func whole(_ t: Int) -> Int { t * 2 * (4 * d * d + 2 * d * f) + 4 * d * t * t }
            #expect(first.computed == Double((layers - 1) * (whole(10) + whole(3)) + last(10) + last(3)))
        }
    }
}
