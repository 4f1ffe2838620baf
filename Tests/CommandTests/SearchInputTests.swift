import Foundation
import TestSupport
import Testing

extension Commands {
    /// Documents and questions that are not what they should be.
    @Suite(.serialized) struct SearchInputTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder
        static let longQuery = String(repeating: "why ", count: 400)

        init() throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
            try folder.write("docs/refunds.txt", "Refunds are issued within ten business days.")
        }

        private func search(_ arguments: String...) async throws -> BuiltProgram.Outcome {
            try await winnow.run(["search"] + arguments + ["--documents", "docs", "--json"], folder: folder.path)
        }

        @Test func aQueryThatTheBiEncoderCuts() async throws {
            for more in [["--no-rerank"], ["--truncation", "longest-first"]] {
                let outcome = try await winnow.run(
                    ["search", Self.longQuery, "--documents", "docs", "--json"] + more, folder: folder.path)
                #expect(outcome.code == 0)
                #expect(
                    outcome.errors.contains(
                        "the query has 400 tokens and the bi-encoder all-MiniLM-L6-v2 reads the first 254"),
                    "\(outcome.errors)")
                #expect(try outcome.json().hits()[0]["queryTruncated"] as? Bool == true)
            }
            let strict = try await search(Self.longQuery, "--truncation", "error")
            #expect(strict.code == 1 && strict.errors.contains("400 tokens"), "\(strict.errors)")
        }

        @Test func aQueryThatIsTooLongIsRefusedBeforeTheCorpusIsRead() async throws {
            try folder.write("docs/broken.jsonl", "broken")
            let outcome = try await search(Self.longQuery)
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains("the query has 400 tokens; at most 254 are allowed"), "\(outcome.errors)")
            #expect(!outcome.errors.contains("broken.jsonl"))
        }

        @Test func noRoomForAPassage() async throws {
            let outcome = try await search("q", "--max-length", "60")
            #expect(outcome.code == 1)
            #expect(
                outcome.errors.contains("leaves no room for a passage")
                    && outcome.errors.contains("make --max-length at least 8 greater"), "\(outcome.errors)")
            #expect(try await search("q", "--max-length", "68").code == 0)
        }

        @Test func timesOfStagesThatDidNotRun() async throws {
            let outcome = try await search("q", "--no-rerank")
            let timings = try #require(try outcome.json()["timings"] as? [String: Any])
            #expect(
                Set(timings.keys) == ["load", "read", "chunk", "terms", "embed", "retrieve", "rerank", "rank", "total"])
            #expect(timings["rerank"] is NSNull)
        }

        @Test func linksPipesAndStrangeNames() async throws {
            try folder.write("docs/new\nline.txt", "A file with a line feed in its name.")
            try folder.write("docs/image.png", bytes: (0..<255).map { $0 })
            try folder.write("docs/binary.txt", bytes: (0..<255).map { $0 })
            for (link, target) in [("circle", "."), ("gone.md", "nowhere.md"), ("self.md", "self.md")] {
                try FileManager.default.createSymbolicLink(
                    atPath: folder.path + "/docs/" + link, withDestinationPath: target)
            }
            #expect(mkfifo(folder.path + "/docs/pipe.txt", 0o600) == 0)
            let outcome = try await search("refunds", "--explain")
            #expect(outcome.code == 3, "\(outcome.errors)")
            let documents = try outcome.json().hits("candidates").compactMap { $0["document"] as? String }
            #expect(Set(documents) == ["refunds.txt", "new\nline.txt"])
            for part in [
                "left out: docs/gone.md: a link that leads nowhere",
                "left out: docs/self.md: a link that leads nowhere",
                "left out: docs/binary.txt: is no text: there is a NUL byte at offset 0",
                "left out: docs/pipe.txt: is neither a regular file nor a folder", "4 files or records were left out",
            ] { #expect(outcome.errors.contains(part), "\(part) is missing in \(outcome.errors)") }
            #expect(!outcome.errors.contains("image.png"))
        }

        // The superuser reads everything.
        @Test(.enabled(if: geteuid() != 0)) func filesThatMayNotBeRead() async throws {
            let path = try folder.write("docs/secret.txt", "Secret.")
            try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
            let outcome = try await search("refunds")
            #expect(outcome.code == 3)
            #expect(outcome.errors.contains("left out: docs/secret.txt: cannot be opened: Permission denied"))
        }

        @Test func recordsAsTheyComeInTheWild() async throws {
            try folder.write(
                "docs/r.jsonl",
                """
                \u{FEFF}{"_id":"bom","text":"First."}\r
                {"text":"no id"}
                {"_id":"title","title":"Only a title"}
                {"_id":"empty"}
                ["no object"]
                {"_id":"title","text":"again"}
                {"_id":1,"text":"ok","metadata":{"section":"S","parent_doc_id":"P","source":"mine"}}
                """)
            let outcome = try await search("ok")
            #expect(outcome.code == 3)
            for part in [
                "r.jsonl:2: the record has neither `_id` nor `id`",
                "r.jsonl:4: record 'empty' has neither title nor text",
                "r.jsonl:5: is JSON but no object", "r.jsonl:6: the id 'title' is taken by docs/r.jsonl:3",
            ] { #expect(outcome.errors.contains(part), "\(part) is missing in \(outcome.errors)") }
            let hits = try outcome.json().hits()
            #expect(Set(hits.compactMap { $0["id"] as? String }) == ["bom", "title", "1", "refunds.txt"])
            let own = try #require(hits.first { $0["id"] as? String == "1" }?["metadata"] as? [String: String])
            // Its source and section are kept; the document that a passage belongs to is ours to say.
            #expect(own == ["section": "S", "source": "mine", "parent_doc_id": "1"])
            let title = try #require(hits.first { $0["id"] as? String == "title" })
            #expect(title["text"] as? String == "" && title["end"] as? Int == 0)
        }

        @Test func nothingReadable() async throws {
            try folder.write("bad/only.txt", bytes: [0x81])
            let outcome = try await winnow.run(["search", "q", "--documents", "bad"], folder: folder.path)
            #expect(outcome.code == 1)
            #expect(
                outcome.errors.contains(
                    "no document in bad: 1 could not be read, the first: bad/only.txt: is not valid"),
                "\(outcome.errors)")
            let image = try await winnow.run(["search", "q", "--documents", "docs/none.png"], folder: folder.path)
            #expect(image.code == 1 && image.errors.contains("there is no such file or folder"))
        }
    }
}
