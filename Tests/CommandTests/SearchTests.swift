import Foundation
import TestSupport
import Testing

extension Commands {
    @Suite(.serialized) struct SearchTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder
        let query = "When do I get my money back?"

        init() throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
            try Commands.writeArticles(folder)
        }

        @Test func theEnvelope() async throws {
            let outcome = try await winnow.run(
                ["search", query, "--documents", "docs", "--json", "--explain", "--final-k", "2"], folder: folder.path)
            #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
            let json = try outcome.json()
            let candidates = try json.hits("candidates")
            #expect(
                Set(candidates.compactMap { $0["document"] as? String }) == ["limits.txt", "more/sso.md", "refunds.md"])
            #expect(try json.hits().count == 2)
            #expect(try json.hits()[0]["document"] as? String == "refunds.md")
            for hit in candidates {
                try Commands.check(hit)
                #expect(hit["retrievalScore"] is Double && hit["logit"] is Double)
                let metadata = try #require(hit["metadata"] as? [String: Any])
                let document = try #require(hit["document"] as? String)
                #expect(metadata["source"] as? String == "docs/" + document)
                #expect(metadata["parent_doc_id"] as? String == document)
                // The passage is the bytes of the file that it says it is.
                let file = try Data(contentsOf: folder.url.appendingPathComponent("docs/" + document))
                let range = try #require(hit["start"] as? Int)..<(try #require(hit["end"] as? Int))
                #expect(String(decoding: file[range], as: UTF8.self) == hit["text"] as? String)
            }
            let refunds = try #require(candidates.first { $0["document"] as? String == "refunds.md" })
            #expect((refunds["metadata"] as? [String: Any])?["team"] as? String == "billing")
            let timings = try #require(json["timings"] as? [String: Double])
            #expect(
                Set(timings.keys) == ["load", "read", "chunk", "terms", "embed", "retrieve", "rerank", "rank", "total"])
            let models = try #require(json["models"] as? [String: [String: String]])
            #expect(models["embedder"]?["name"] == "all-MiniLM-L6-v2")
        }

        @Test func bothOrdersForPeople() async throws {
            let outcome = try await winnow.run(["search", query, "-d", "docs", "docs/README.md"], folder: folder.path)
            #expect(outcome.code == 0 && outcome.errors.isEmpty)
            for part in [
                "First stage (hybrid, all-MiniLM-L6-v2)", "Reranked (", "refunds.md", "README.md", "4 documents",
            ] {
                #expect(outcome.output.contains(part), "\(part) is missing in \(outcome.output)")
            }
            #expect(!outcome.output.contains("\u{1B}") && !outcome.output.contains("Embedding"))
            let narrow = try await winnow.run(
                ["search", query, "-d", "docs"], environment: ["COLUMNS": "60"], folder: folder.path)
            #expect(
                narrow.output.split(separator: "\n").allSatisfy { $0.unicodeScalars.count <= 60 + 8 },
                "\(narrow.output)")
        }

        @Test func aBlendIsOfBothStages() async throws {
            let arguments = ["search", query, "-d", "docs", "--json", "--explain"]
            let first = try await winnow.run(arguments + ["--order", "blend:0"], folder: folder.path).json()
            #expect(first["order"] as? String == "blend:0")
            #expect(try first.hits("candidates").allSatisfy { $0["delta"] as? Int == 0 })
            let standard = try await winnow.run(arguments, folder: folder.path).json()
            #expect(standard["order"] as? String == "blend:0.8")
            let plain = try await winnow.run(arguments + ["--order", "reranker"], folder: folder.path).json()
            #expect(plain["order"] as? String == "reranker")
            let all = try await winnow.run(arguments + ["--order", "blend:1"], folder: folder.path).json()
            let ids = try [plain, all].map { try $0.hits("candidates").map { $0["id"] as? String } }
            #expect(ids[0] == ids[1])
            let table = try await winnow.run(
                ["search", query, "-d", "docs", "--order", "blend:0.5"], folder: folder.path)
            #expect(table.output.contains(", order blend:0.5)"), "\(table.output)")
        }

        @Test func withoutReranking() async throws {
            let outcome = try await winnow.run(
                ["search", query, "-d", "docs", "--no-rerank", "--json"], folder: folder.path)
            #expect(outcome.code == 0)
            let json = try outcome.json()
            for hit in try json.hits() {
                try Commands.check(hit)
                #expect(hit["delta"] as? Int == 0)
                for key in ["logit", "score", "scoreKind"] { #expect(hit[key] is NSNull) }
            }
            #expect((json["models"] as? [String: Any])?["reranker"] is NSNull)
        }

        @Test func longDocumentsAreCutIntoPassages() async throws {
            let text = (0..<200).map {
                "Paragraph \($0) speaks of counters, queues and the times at which they are read."
            }
            try folder.write("long/a.txt", text.joined(separator: "\n\n"))
            let outcome = try await winnow.run(
                ["search", "Paragraph 150", "-d", "long", "--json", "--explain"], folder: folder.path)
            let candidates = try outcome.json().hits("candidates")
            #expect(candidates.count > 5)
            #expect(candidates.allSatisfy { ($0["id"] as? String)?.hasPrefix("a.txt#") == true })
            #expect(candidates.allSatisfy { $0["truncated"] as? Bool == false })
        }

        @Test func whatIsBrokenIsLeftOutAndNamed() async throws {
            try folder.write("docs/bad.txt", bytes: [0x61, 0x81])
            try folder.write(
                "docs/r.jsonl", "{\"id\":\"1\",\"text\":\"A record.\"}\nbroken\n{\"id\":\"2\",\"text\":\"More.\"}\n")
            let outcome = try await winnow.run(["search", query, "-d", "docs", "--json"], folder: folder.path)
            #expect(outcome.code == 3, "\(outcome.errors)")
            #expect(outcome.errors.contains("left out: docs/bad.txt: is not valid UTF-8: byte 0x81 at offset 1"))
            #expect(outcome.errors.contains("left out: docs/r.jsonl:2: is not valid JSON"))
            #expect(try outcome.json().hits().count == 5)
        }

        @Test func nothingToRead() async throws {
            try folder.write("empty/image.png", "")
            let outcome = try await winnow.run(["search", query, "-d", "empty"], folder: folder.path)
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains("no document in empty"), "\(outcome.errors)")
        }

        @Test func aBEIRFolder() async throws {
            try folder.write(
                "beir/corpus.jsonl",
                "{\"_id\":\"d1\",\"title\":\"Refunds\",\"text\":\"In ten days.\",\"metadata\":{}}\n")
            try folder.write("beir/notes.md", "Not read.")
            let outcome = try await winnow.run(["search", query, "-d", "beir", "--json"], folder: folder.path)
            let hits = try outcome.json().hits()
            #expect(hits.map { $0["id"] as? String } == ["d1"])
            #expect((hits[0]["metadata"] as? [String: Any])?["title"] as? String == "Refunds")
        }

        @Test func ctrlC() async throws {
            let text = (0..<4000).map { "Sentence \($0) of a text that takes a while to embed on any machine. " }
                .joined()
            for file in 0..<12 { try folder.write("big/\(file).txt", text) }
            let outcome = try await winnow.run(
                ["search", query, "-d", "big", "--threads", "1"], folder: folder.path,
                interruptAfter: .milliseconds(1500), limit: .seconds(30))
            #expect(!outcome.timedOut)
            #expect(outcome.code == 130, "\(outcome)")
            #expect(outcome.output.isEmpty)
        }
    }
}
