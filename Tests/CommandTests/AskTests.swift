import Foundation
import TestSupport
import Testing

extension Commands {
    /// `winnow ask` over a store.
    @Suite(.serialized) struct AskTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder
        let question = "When are refunds issued?"

        init() async throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
            try Commands.writeArticles(folder)
            let outcome = try await winnow.run(["index", "docs", "--store", "kb.sqlite"], folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
        }

        private func ask(_ arguments: [String], environment: [String: String] = [:]) async throws
            -> BuiltProgram.Outcome
        {
            try await winnow.run(
                ["ask", question, "--store", "kb.sqlite"] + arguments,
                environment: ["OPENAI_API_KEY": ""].merging(environment) { $1 }, folder: folder.path)
        }

        @Test func extractsWithCitations() async throws {
            let outcome = try await ask(["--json", "--explain"])
            #expect(outcome.code == 0, "\(outcome.errors)")
            let json = try outcome.json()
            for key in [
                "schema", "query", "answer", "abstained", "sources", "retrievedCount", "usedCount", "results",
                "candidates", "timings", "models",
            ] { #expect(json[key] != nil, "\(key)") }
            #expect(json["abstained"] as? Bool == false && json["answerKind"] as? String == "extracts")
            let answer = try #require(json["answer"] as? String)
            #expect(answer.contains("within ten business days"))
            let sources = try #require(json["sources"] as? [[String: Any]])
            let first = try #require(sources.first)
            #expect(first["number"] as? Int == 1 && first["source"] as? String == "docs/refunds.md")
            #expect(first["cited"] as? Bool == true)
            // Each extract is the bytes of the file that it says it is.
            for extract in try #require(json["extracts"] as? [[String: Any]]) {
                let document = try #require(extract["document"] as? String)
                let file = try Data(contentsOf: folder.url.appendingPathComponent("docs/" + document))
                let range = try #require(extract["start"] as? Int)..<(try #require(extract["end"] as? Int))
                #expect(String(decoding: file[range], as: UTF8.self) == extract["text"] as? String)
            }
            for hit in try json.hits("candidates") { try Commands.check(hit) }
            let timings = try #require(json["timings"] as? [String: Double])
            #expect(
                Set(["load", "retrieve", "rerank", "rank", "context", "answer", "total"]).isSubset(of: timings.keys))
        }

        @Test func forPeople() async throws {
            let outcome = try await ask([])
            #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
            for part in ["Answer (extracts", "within ten business days. [1]", "Sources", "[1] docs/refunds.md"] {
                #expect(outcome.output.contains(part), "\(part) is missing in \(outcome.output)")
            }
            let plain = try await ask(["--no-rerank"])
            #expect(plain.code == 0 && plain.output.contains("Sources"), "\(plain.errors)")
        }

        @Test func abstaining() async throws {
            let outcome = try await ask(["--threshold", "logit:30", "--json"])
            #expect(outcome.code == 0)
            let json = try outcome.json()
            #expect(json["abstained"] as? Bool == true && json["answer"] is NSNull)
            #expect(json["abstention"] as? String == "belowThreshold" && json["usedCount"] as? Int == 0)
            #expect(json["retrievedCount"] as? Int ?? 0 > 0)
            let text = try await ask(["--threshold", "score:0.99999", "--fail-on-abstain"])
            #expect(text.code == 4 && text.output.contains("No answer"), "\(text.output)")
            #expect(text.output.contains("score:0.99999"))
        }

        @Test(arguments: [
            (["--threshold", "0.5"], "probability:0.5"), (["--threshold", "0.5"], "logit:"),
            (["--threshold", "probability:1.5"], "0…1"), (["--threshold", "cosine:1"], "score:"),
            (["--threshold", "logit:1", "--no-rerank"], "--no-rerank"),
            (["--order", "rrf", "--no-rerank"], "--no-rerank"),
            (["--order", "blend:2"], "0 to 1"), (["--order", "blend"], "blend:0.7"),
            (["--final-k", "30"], "--initial-k"),
            (["--llm-url", "http://localhost:1/v1"], "--llm-model"), (["--stream", "--json"], "--stream"),
        ])
        func wrongUsage(_ arguments: [String], _ word: String) async throws {
            let outcome = try await ask(arguments)
            #expect(outcome.code == 64 && outcome.errors.contains(word), "\(outcome.code) \(outcome.errors)")
            #expect(outcome.output.isEmpty)
        }

        @Test func guardRails() async throws {
            let few = try await ask(["--initial-k", "6", "--final-k", "5"])
            #expect(few.errors.contains("--initial-k") || few.errors.contains("initialK"), "\(few.errors)")
            let enough = try await ask(["--initial-k", "20", "--final-k", "5"])
            #expect(enough.errors.isEmpty, "\(enough.errors)")
            let cut = try await ask(["--max-length", "24", "--long", "truncate"])
            #expect(cut.errors.contains("cut"), "\(cut.errors)")
            let whole = try await ask(["--max-length", "24"])
            #expect(!whole.errors.contains("cut"), "\(whole.errors)")
            let explained = try await ask(["--max-length", "24", "--json", "--explain"]).json()
            #expect(try explained.hits("candidates").contains { $0["window"] is Int })
            let both = try await ask(["--long", "window", "--truncation", "longest-first"])
            #expect(both.code == 64 && both.errors.contains("--long window"), "\(both.errors)")
            let sized = try await ask(["--max-length", "64", "--long", "window-top-2:20", "--json"]).json()
            let reranker = (sized["models"] as? [String: Any])?["reranker"] as? [String: String]
            #expect(reranker?["truncation"] == "titled-window-top-2-20-64:64")
            for wrong in ["window:15", "window:", "window:x", "truncate:200", "windows"] {
                let refused = try await ask(["--long", wrong])
                #expect(refused.code == 64 && refused.errors.contains("'\(wrong)'"), "\(refused.errors)")
            }
        }

        /// An order decides who stands first; who is relevant enough stays the reranker's word.
        @Test func thresholdsAreTheRerankersUnderAnyOrder() async throws {
            let plain = try await ask(["--json", "--explain"]).json()
            let best = try #require(try plain.hits("candidates").compactMap { $0["logit"] as? Double }.max())
            for order in ["reranker", "blend:0", "blend:0.5", "rrf"] {
                let outcome = try await ask([
                    "--json", "--explain", "--order", order, "--threshold", "logit:\(best - 0.01)",
                ])
                let json = try outcome.json()
                #expect(json["order"] as? String == (order == "rrf" ? "rrf:60" : order))
                #expect(try json.hits().compactMap { $0["logit"] as? Double } == [best], "\(order)")
                for hit in try json.hits("candidates") {
                    try Commands.check(hit)
                    #expect((hit["finalScore"] is NSNull) == (order == "reranker"))
                }
                let scores = try json.hits("candidates").compactMap { $0["finalScore"] as? Double }
                #expect(scores == scores.sorted(by: >))
                // What an abstention calls the best is that by the reranker.
                let none = try await ask(["--json", "--order", order, "--threshold", "logit:30"]).json()
                #expect((none["best"] as? [String: Any])?["logit"] as? Double == best)
            }
            let shown = try await ask(["--order", "blend:0.5", "--explain"])
            #expect(shown.output.contains("order: what the candidates are sorted by, blend:0.5"), "\(shown.output)")
        }

        @Test func theLogIsTheTrace() async throws {
            #expect(try await ask(["--log", "log.jsonl"]).code == 0)
            #expect(try await ask(["--log", "log.jsonl", "--threshold", "logit:30"]).code == 0)
            let text = try String(contentsOfFile: folder.path + "/log.jsonl", encoding: .utf8)
            let lines = text.split(separator: "\n")
            #expect(lines.count == 2)
            for (line, outcome) in zip(lines, ["answered", "abstained"]) {
                let trace = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
                #expect(
                    trace["version"] as? Int == 4 && trace["order"] as? String == "blend:0.8"
                        && trace["query"] as? String == question)
                #expect((trace["answer"] as? [String: Any])?["outcome"] as? String == outcome)
                #expect((trace["candidates"] as? [Any])?.isEmpty == false)
            }
            #expect(!text.contains("original payment method"), "the log holds no passage")
            let unwritable = try await ask(["--log", "none/log.jsonl"])
            #expect(unwritable.code == 1 && unwritable.errors.contains("none/log.jsonl"), "\(unwritable.errors)")
        }

        // MARK: - With an LLM

        @Test func anAnswerIsStreamed() async throws {
            let stub = try StubServer()
            let llm = ["--llm-url", stub.url(), "--llm-model", "stub"]
            let json = try await ask(llm + ["--json"]).json()
            #expect(json["answerKind"] as? String == "generated" && json["generator"] as? String == "stub")
            let text = try #require(json["answer"] as? String)
            #expect(!text.isEmpty)
            let streamed = try await ask(llm + ["--stream"])
            #expect(streamed.code == 0, "\(streamed.errors)")
            let sources = try #require(streamed.output.range(of: "Sources"))
            let answer = try #require(streamed.output.range(of: "Answer (by stub)"))
            #expect(sources.lowerBound < answer.lowerBound, "the sources stand there first")
            #expect(streamed.output.contains(text))
            let request = try #require(try stub.requests().first)
            #expect(request.body.contains("[Document 1 | Source: docs/refunds.md"))
            #expect(try request.json()["temperature"] as? Double == 0.1)
            #expect(request.headers["authorization"] == nil)
        }

        @Test func theKeyGoesToTheServerAndNowhereElse() async throws {
            let stub = try StubServer()
            let key = "sk-test-0123456789"
            try folder.write("key", key + "\n")
            let llm = ["--llm-url", stub.url("status=401"), "--llm-model", "stub"]
            let refused = try await ask(llm, environment: ["OPENAI_API_KEY": key])
            #expect(refused.code == 3 && !(refused.output + refused.errors).contains(key))
            #expect(refused.errors.contains("OPENAI_API_KEY"), "\(refused.errors)")
            #expect(refused.output.contains("[1] docs/refunds.md"), "the passages are there all the same")
            _ = try await ask(llm + ["--llm-key-file", "key"])
            #expect(try stub.requests().map { $0.headers["authorization"] } == ["Bearer \(key)", "Bearer \(key)"])
        }

        @Test func nobodyListens() async throws {
            let outcome = try await ask(["--llm-url", "http://127.0.0.1:9/v1", "--llm-model", "stub", "--json"])
            #expect(outcome.code == 3 && outcome.errors.contains("127.0.0.1:9"), "\(outcome.errors)")
            let json = try outcome.json()
            #expect(json["answer"] is NSNull && (json["error"] as? String)?.isEmpty == false)
            #expect(try json.hits().isEmpty == false)
        }
    }
}
