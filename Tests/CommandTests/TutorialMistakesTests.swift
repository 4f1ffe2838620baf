import Foundation
import TestSupport
import Testing

extension Commands {
    /// Five mistakes that tutorials on two-stage retrieval warn of, or make, each made on purpose: Winnow names it.
    @Suite(.serialized) struct TutorialMistakesTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder
        let question = "When are refunds issued?"

        init() async throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
            try Commands.writeArticles(folder)
            try await index("kb.sqlite")
        }

        private func index(_ store: String, _ arguments: String...) async throws {
            let outcome = try await winnow.run(["index", "docs", "--store", store] + arguments, folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
        }

        private func ask(_ arguments: String..., store: String = "kb.sqlite") async throws -> BuiltProgram.Outcome {
            try await winnow.run(
                ["ask", question, "--store", store, "--log", "log.jsonl"] + arguments, folder: folder.path)
        }

        private func doctor(_ arguments: String..., store: String = "kb.sqlite") async throws -> Diagnosis {
            try await winnow.doctor(["--store", store] + arguments, folder: folder.path)
        }

        /// Too few candidates: what the first stage misses, the second cannot bring back.
        @Test func tooFewCandidates() async throws {
            let outcome = try await ask("--initial-k", "2", "--final-k", "2")
            #expect(outcome.code == 0)
            #expect(
                outcome.errors.contains("what the first stage misses, reranking cannot bring back"), "\(outcome.errors)"
            )
            let finding = try #require(try await doctor("--log", "log.jsonl").named("queries.initial-k").first)
            #expect(finding.severity == "warning" && finding.evidence["leastInitialK"] as? Int == 2)
            #expect(finding.command?.contains("--initial-k 20") == true)
            // With labels, the evaluation says how much it costs.
            try folder.write("set/queries.jsonl", #"{"_id": "q", "text": "\#(question)"}"# + "\n")
            try folder.write("set/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\tmore/sso.md\t1\n")
            let evaluated = try await winnow.run(
                ["eval", "set", "--store", "kb.sqlite", "--initial-k", "1", "--measures", "nDCG@1", "--json"],
                folder: folder.path)
            let ceilings = try evaluated.json()["ceilings"] as? [[String: Any]]
            let ceiling = try #require(ceilings?.first, "\(evaluated.errors)")
            #expect(ceiling["candidateRecall"] as? Double == 0 && ceiling["lostByFirstStage"] as? Double == 1)
        }

        /// A cache that is keyed by ids serves the old text's score. Winnow's cannot, and what can be stale beside a store is named.
        @Test func staleCaches() async throws {
            _ = try await ask()
            let cache = folder.path + "/kb.sqlite.vec"
            let early = try Data(contentsOf: URL(fileURLWithPath: cache))
            try folder.write(
                "docs/refunds.md", "# Refunds\n\nThe canteen is closed on Sundays, and the bicycles are locked.\n")
            try await index("kb.sqlite")
            func logits(_ arguments: String...) async throws -> [Double?] {
                let outcome = try await winnow.run(
                    ["search", question, "--store", "kb.sqlite", "--json", "--explain"] + arguments, folder: folder.path
                )
                return try outcome.json().hits("candidates").map { $0["logit"] as? Double }
            }
            #expect(try await logits() == logits("--score-cache", "none"))
            let scores = try #require(try await doctor().findings.first { $0.id == "store.score-cache" })
            #expect(scores.severity == "ok" && scores.what.contains("texts that have changed are never used"))
            #expect(scores.evidence["entries"] as? Int ?? 0 > 0)
            // The scan cache of before, put back beside the database of now.
            let deleted = try await winnow.run(
                ["store", "delete", "refunds.md", "--store", "kb.sqlite"], folder: folder.path)
            #expect(deleted.code == 0, "\(deleted.errors)")
            try early.write(to: URL(fileURLWithPath: cache))
            #expect(try await doctor().named("store.scan-cache").first?.what.contains("stale") == true)
        }

        /// A sigmoid taken for a probability, and a threshold from another model.
        @Test func aScoreTakenForAProbability() async throws {
            let refused = try await ask("--threshold", "probability:0.5")
            #expect(refused.code != 0 && refused.errors.contains("calibrate"), "\(refused.errors)")
            let json = try await ask("--json").json()
            let hit = try #require(try json.hits().first)
            #expect(hit["scoreKind"] as? String == "sigmoid" && hit["probability"] is NSNull)
            _ = try await ask("--threshold", "score:0.5")
            let finding = try #require(try await doctor("--log", "log.jsonl").named("queries.threshold").first)
            #expect(finding.severity == "warning" && finding.what.contains("no probability"))
            #expect(finding.command?.hasPrefix("winnow calibrate") == true)
        }

        /// Passages longer than the models read, cut without a word.
        @Test func truncationInSilence() async throws {
            let line = "The yard keeps a list of every cart, the day on which it came and the person who brought it. "
            try folder.write(
                "docs/yard.md", "# The yard\n\n" + String(repeating: line, count: 60) + "Refunds are issued at noon.\n")
            try await index("whole.sqlite", "--chunking", "none")
            let cut = try #require(try await doctor(store: "whole.sqlite").named("corpus.cut-embedder").first)
            #expect(cut.severity == "warning" && cut.evidence["longer"] as? Int == 1)
            let outcome = try await ask("--long", "truncate", store: "whole.sqlite")
            #expect(outcome.errors.contains("did not fit into the cross-encoder and were cut"), "\(outcome.errors)")
            let log = try await doctor("--log", "log.jsonl", store: "whole.sqlite")
            #expect(log.named("queries.cut-passages").first?.evidence["passagesCut"] as? Int == 1)
            // Windows read it all.
            let windows = try await ask("--long", "window", store: "whole.sqlite")
            #expect(!windows.errors.contains("were cut"))
        }

        /// Reranking because a tutorial does, without measuring what it gains and what it takes.
        @Test func nothingWasMeasured() async throws {
            _ = try await ask()
            let unmeasured = try #require(try await doctor("--log", "log.jsonl").named("queries.unmeasured").first)
            #expect(unmeasured.command?.hasPrefix("winnow eval ") == true)
            // Too few questions: the evaluation claims nothing.
            try folder.write("set/queries.jsonl", #"{"_id": "q", "text": "\#(question)"}"# + "\n")
            try folder.write("set/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\trefunds.md\t1\n")
            let evaluated = try await winnow.run(["eval", "set", "--store", "kb.sqlite"], folder: folder.path)
            #expect(evaluated.output.contains("cannot be told"), "\(evaluated.output)")
            // What it takes: traces of a machine that is far too slow.
            let text = try String(contentsOfFile: folder.path + "/log.jsonl", encoding: .utf8)
            let last = try #require(text.split(separator: "\n").last)
            let object = try JSONSerialization.jsonObject(with: Data(last.utf8))
            var trace = try #require(object as? [String: Any])
            trace["stages"] = [["name": "rerank", "milliseconds": 4000, "counts": [String: Int]()] as [String: Any]]
            let slow = String(decoding: try JSONSerialization.data(withJSONObject: trace), as: UTF8.self) + "\n"
            try folder.write("slow.jsonl", slow)
            #expect(try await doctor("--log", "slow.jsonl").named("queries.latency").first?.severity == "warning")
        }
    }
}
