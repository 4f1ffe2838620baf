import Foundation
import TestSupport
import Testing

extension Commands {
    /// Scores that `search`, `ask` and `rerank` keep.
    @Suite(.serialized) struct ScoreCacheTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder
        let question = "When are refunds issued?"
        private var cache: String { folder.path + "/kb.sqlite.scores.sqlite" }

        init() async throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
            try Commands.writeArticles(folder)
            try await index()
        }

        private func index() async throws {
            let outcome = try await winnow.run(["index", "docs", "--store", "kb.sqlite"], folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
        }

        private func search(_ arguments: [String] = []) async throws -> [String: Any] {
            let outcome = try await winnow.run(
                ["search", question, "--store", "kb.sqlite", "--json"] + arguments, folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
            return try outcome.json()
        }

        /// Of the last line of a log: candidates, and those whose score was found.
        private func counts(_ log: String) throws -> (candidates: Int?, cached: Int?) {
            let text = try String(contentsOfFile: folder.path + "/" + log, encoding: .utf8)
            let line = try #require(text.split(separator: "\n").last)
            let trace = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let stages = try #require(trace["stages"] as? [[String: Any]])
            let counts = try #require(stages.first { $0["name"] as? String == "rerank" }?["counts"] as? [String: Int])
            return (counts["candidates"], counts["cached"])
        }

        @Test func aPairIsScoredOnceAndSaysTheSame() async throws {
            func ask(_ more: [String]) async throws -> [String: Any] {
                let outcome = try await winnow.run(
                    ["ask", question, "--store", "kb.sqlite", "--json", "--explain", "--log", "log.jsonl"] + more,
                    folder: folder.path)
                #expect(outcome.code == 0, "\(outcome.errors)")
                return try outcome.json()
            }
            let without = try await ask(["--score-cache", "none"])
            #expect(try counts("log.jsonl").cached == nil)
            #expect(!FileManager.default.fileExists(atPath: cache))
            let first = try await ask([])
            #expect(try counts("log.jsonl").cached == 0)
            let second = try await ask([])
            let counted = try counts("log.jsonl")
            #expect(counted.cached == counted.candidates && counted.candidates ?? 0 > 0)
            for key in ["answer", "results", "candidates", "sources"] {
                let texts = try [without, first, second].map {
                    try JSONSerialization.data(
                        withJSONObject: try #require($0[key]), options: [.sortedKeys, .fragmentsAllowed])
                }
                #expect(texts[0] == texts[1] && texts[0] == texts[2], "\(key)")
            }
            // Another store's file, and another truncation.
            _ = try await ask(["--score-cache", "other.sqlite"])
            #expect(try counts("log.jsonl").cached == 0)
            _ = try await ask(["--max-length", "300"])
            #expect(try counts("log.jsonl").cached == 0)
        }

        /// What the tutorial's cache gets wrong: the document is updated, and the old text's score comes back.
        @Test func anUpdatedDocumentIsScoredAnew() async throws {
            _ = try await search()
            let before = try #require(try await search().hits().first)
            #expect(before["document"] as? String == "refunds.md")
            try folder.write(
                "docs/refunds.md", "# Refunds\n\nThe canteen is closed on Sundays, and the bicycles are locked.\n")
            try await index()
            let after = try await search(["--explain"])
            let fresh = try await search(["--explain", "--score-cache", "none"])
            for json in [after, fresh] {
                let hit = try #require(try json.hits("candidates").first { $0["document"] as? String == "refunds.md" })
                #expect((hit["text"] as? String)?.contains("canteen") == true)
                #expect(hit["logit"] as? Double != before["logit"] as? Double)
            }
            let logits = try [after, fresh].map { try $0.hits("candidates").map { $0["logit"] as? Double } }
            #expect(logits[0] == logits[1])
        }

        /// `ask` is a reader: where nothing can be written, it answers all the same.
        @Test func aFileThatCannotBeWrittenIsLeftOut() async throws {
            let expected = try await search(["--score-cache", "none"])
            try Data("not a cache".utf8).write(to: URL(fileURLWithPath: cache))
            let found = try await search()
            #expect(try found.hits().map { $0["logit"] as? Double } == expected.hits().map { $0["logit"] as? Double })
            #expect(try Data(contentsOf: URL(fileURLWithPath: cache)) == Data("not a cache".utf8))
            let refused = try await winnow.run(
                ["search", question, "--store", "kb.sqlite", "--score-cache", ""], folder: folder.path)
            #expect(refused.code == 64 && refused.errors.contains("--score-cache"))
        }

        /// A file that was asked for is not left out in silence: no folder, another program's, the store itself.
        @Test(arguments: ["none/scores.sqlite", "other", "kb.sqlite"])
        func aFileThatWasAskedForAndCannotBeUsedIsNoted(_ file: String) async throws {
            try folder.write("other", "not a cache")
            let before = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/kb.sqlite"))
            let outcome = try await winnow.run(
                ["search", question, "--store", "kb.sqlite", "--score-cache", file], folder: folder.path)
            #expect(outcome.code == 0)
            #expect(
                outcome.errors.contains("note: --score-cache \"\(file)\" is not used")
                    || outcome.errors.contains("note: --score-cache \(file) is not used"), "\(outcome.errors)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path + "/kb.sqlite")) == before)
            // The one that nobody asked for is.
            try Data("not a cache".utf8).write(to: URL(fileURLWithPath: cache))
            let silent = try await winnow.run(["search", question, "--store", "kb.sqlite"], folder: folder.path)
            #expect(!silent.errors.contains("score-cache"))
        }

        @Test func givenCandidatesMayHaveOne() async throws {
            try folder.write("given.txt", "Refunds take ten days.\nThe canteen is closed.\n")
            let arguments = ["rerank", question, "--candidates", "given.txt", "--json"]
            let plain = try await winnow.run(arguments, folder: folder.path).json()
            for _ in 0..<2 {
                let cached = try await winnow.run(arguments + ["--score-cache", "scores.sqlite"], folder: folder.path)
                #expect(
                    try cached.json().hits().map { $0["logit"] as? Double }
                        == plain.hits().map { $0["logit"] as? Double })
            }
            #expect(FileManager.default.fileExists(atPath: folder.path + "/scores.sqlite"))
        }
    }
}
