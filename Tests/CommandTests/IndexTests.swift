import Foundation
import TestSupport
import Testing

extension Commands {
    /// `winnow index` and `winnow store`, as a user runs them.
    @Suite(.serialized) struct IndexTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder

        init() throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
            try Commands.writeArticles(folder)
        }

        private func index(_ arguments: String...) async throws -> BuiltProgram.Outcome {
            try await winnow.run(["index"] + arguments + ["--store", "kb.sqlite", "--json"], folder: folder.path)
        }

        private func store(_ arguments: String...) async throws -> BuiltProgram.Outcome {
            try await winnow.run(["store"] + arguments + ["--store", "kb.sqlite"], folder: folder.path)
        }

        /// The documents of the store, by id.
        private func documents() async throws -> [String: [String: Any]] {
            let outcome = try await store("documents", "--json")
            #expect(outcome.code == 0, "\(outcome.errors)")
            var documents: [String: [String: Any]] = [:]
            for line in outcome.output.split(separator: "\n") {
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
                documents[object["id"] as? String ?? "?"] = object
            }
            return documents
        }

        @Test func fillsAStoreOnceAndOnceOnly() async throws {
            let first = try await index("docs")
            #expect(first.code == 0 && first.errors.isEmpty, "\(first.errors)")
            let report = try first.json()
            #expect(report["added"] as? Int == 3 && report["documents"] as? Int == 3)
            #expect(report["passages"] as? Int == report["vectors"] as? Int)
            let before = try await documents()
            #expect(Set(before.keys) == ["limits.txt", "more/sso.md", "refunds.md"])
            #expect((before["refunds.md"]?["metadata"] as? [String: Any])?["team"] as? String == "billing")
            #expect(before["refunds.md"]?["title"] as? String == "Refunds")

            let again = try await index("docs")
            #expect(again.code == 0)
            let second = try again.json()
            #expect(second["unchanged"] as? Int == 3 && second["added"] as? Int == 0)
            #expect(second["embedded"] as? Int == 0)
            let after = try await documents()
            for (id, document) in before {
                #expect(NSDictionary(dictionary: document) == NSDictionary(dictionary: after[id] ?? [:]))
            }

            let info = try await store("info", "--json").json()
            #expect(info["documents"] as? Int == 3 && info["passages"] as? Int == info["vectors"] as? Int)
            #expect((info["embedder"] as? [String: Any])?["name"] as? String == "all-MiniLM-L6-v2")
            #expect(try await store("verify").code == 0)
        }

        @Test func followsWhatChanges() async throws {
            #expect(try await index("docs").code == 0)
            try folder.write("docs/limits.txt", "Each workspace may send 900 requests per minute.")
            try FileManager.default.removeItem(atPath: folder.path + "/docs/more/sso.md")
            let changed = try await index("docs").json()
            #expect(changed["changed"] as? Int == 1 && changed["unchanged"] as? Int == 1)
            #expect(changed["documents"] as? Int == 3, "without --prune nothing goes")

            let pruned = try await index("docs", "--prune").json()
            #expect(pruned["pruned"] as? Int == 1 && pruned["documents"] as? Int == 2)
            #expect(try await documents()["more/sso.md"] == nil)
            let ask = try await winnow.run(
                ["ask", "How many requests per minute?", "--store", "kb.sqlite", "--json"], folder: folder.path)
            #expect(ask.output.contains("900 requests") && !ask.output.contains("600 requests"))
        }

        @Test func pruningKeepsWhatOtherPathsAndBrokenFilesHold() async throws {
            try folder.write("other/notes.md", "# Notes\n\nThe office is closed on Fridays.\n")
            #expect(try await index("docs", "other").code == 0)
            // A file that is there and cannot be read is not gone.
            try folder.write("docs/limits.txt", bytes: [0x41, 0xFF, 0x00, 0x42])
            let outcome = try await index("docs", "--prune")
            #expect(outcome.code == 3 && outcome.errors.contains("limits.txt"), "\(outcome.errors)")
            #expect(try outcome.json()["pruned"] as? Int == 0)
            #expect(Set(try await documents().keys) == ["limits.txt", "more/sso.md", "notes.md", "refunds.md"])
        }

        @Test func twoFilesOfOneIDAreNotMerged() async throws {
            try folder.write("other/refunds.md", "# Refunds\n\nAnother text altogether.\n")
            #expect(try await index("docs").code == 0)
            let outcome = try await index("other")
            #expect(outcome.code == 3)
            #expect(
                outcome.errors.contains("taken by") && outcome.errors.contains("docs/refunds.md"), "\(outcome.errors)")
            // Once the first is gone, the second is the same document in a new place.
            try FileManager.default.removeItem(atPath: folder.path + "/docs")
            let moved = try await index("other")
            #expect(moved.code == 0)
            #expect(try moved.json()["changed"] as? Int == 1)
        }

        @Test func aBrokenFileDoesNotStopTheRest() async throws {
            try folder.write("docs/broken.md", bytes: [0xC3, 0x28, 0x01])
            try folder.write("docs/binary.txt", bytes: [0x7F, 0x45, 0x4C, 0x46, 0, 0, 0, 1])
            let outcome = try await index("docs")
            #expect(outcome.code == 3)
            let report = try outcome.json()
            #expect(report["added"] as? Int == 3)
            let leftOut = try #require(report["leftOut"] as? [[String: Any]])
            #expect(Set(leftOut.compactMap { $0["path"] as? String }) == ["docs/broken.md", "docs/binary.txt"])
            #expect(leftOut.allSatisfy { ($0["reason"] as? String)?.isEmpty == false })
        }

        @Test func namesWithLineFeeds() async throws {
            try folder.write("docs/two\nlines.md", "# Odd\n\nA name may hold a line feed.\n")
            let outcome = try await index("docs")
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try await documents()["two\nlines.md"] != nil)
            let text = try await store("documents")
            #expect(text.output.split(separator: "\n").count == 5, "a header and four lines: \(text.output)")
            let deleted = try await store("delete", "two\nlines.md")
            #expect(deleted.code == 0)
            #expect(try await documents()["two\nlines.md"] == nil)
        }

        @Test(arguments: ["sentences", "tokens", "words", "none"])
        func everyWayOfCutting(_ method: String) async throws {
            #expect(try await index("docs", "--chunking", method).code == 0)
            let info = try await store("info", "--json").json()
            #expect((info["chunking"] as? String)?.hasPrefix(method) == true)
            #expect(try await store("verify").code == 0)
        }

        @Test func anotherWayOfCuttingIsRefused() async throws {
            #expect(try await index("docs").code == 0)
            let outcome = try await index("docs", "--chunking", "words")
            #expect(outcome.code == 1 && outcome.output.isEmpty)
            #expect(outcome.errors.contains("sentences") && outcome.errors.contains("words"), "\(outcome.errors)")
            #expect(outcome.errors.contains("--store"), "the command that mends it: \(outcome.errors)")
        }

        @Test func theStoresWayOfCuttingIsTaken() async throws {
            #expect(try await index("docs", "--chunking", "words", "--chunk-size", "20").code == 0)
            try folder.write("docs/limits.txt", "Each workspace may send 900 requests per minute.")
            let outcome = try await index("docs")
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try outcome.json()["changed"] as? Int == 1)
        }

        @Test func anotherModelIsRefused() async throws {
            #expect(try await index("docs").code == 0)
            let model = Fixtures.url("tiny-bi-encoder").path
            let outcome = try await winnow.run(
                ["index", "docs", "--store", "kb.sqlite", "--embedding-model", model], folder: folder.path)
            #expect(outcome.code == 1)
            #expect(
                outcome.errors.contains("all-MiniLM-L6-v2") && outcome.errors.contains("--store"), "\(outcome.errors)")
            let ask = try await winnow.run(
                ["ask", "anything?", "--store", "kb.sqlite", "--embedding-model", model], folder: folder.path)
            #expect(ask.code == 1 && ask.errors.contains("all-MiniLM-L6-v2"), "\(ask.errors)")
        }

        @Test func deletingWhatIsThereAndWhatIsNot() async throws {
            #expect(try await index("docs").code == 0)
            let outcome = try await store("delete", "refunds.md", "nothing.md", "--json")
            #expect(outcome.code == 3 && outcome.errors.contains("nothing.md"))
            #expect(try outcome.json()["deleted"] as? Int == 1)
            #expect(Set(try await documents().keys) == ["limits.txt", "more/sso.md"])
            let bytes = try Data(contentsOf: folder.url.appendingPathComponent("kb.sqlite"))
            #expect(bytes.range(of: Data("original payment method".utf8)) == nil, "deletion leaves no trace")
        }

        @Test func ctrlCLeavesAValidStore() async throws {
            for number in 0..<300 {
                try folder.write(
                    "many/\(number).txt",
                    String(repeating: "Valve \(number) is opened on Mondays and closed on Fridays. ", count: 12))
            }
            // On a busy machine nothing may be committed yet: then it is interrupted later.
            for wait in [1500, 3000, 6000, 12_000] {
                // In the slowest arithmetic, so that a fast machine is not done before.
                let outcome = try await winnow.run(
                    ["index", "many", "--store", "kb.sqlite", "--precision", "float32"], folder: folder.path,
                    interruptAfter: .milliseconds(wait))
                try #require(outcome.code == 130, "\(outcome.errors)")
                if try await store("verify").code == 0, !(try await documents().isEmpty) { break }
            }
            #expect(try await store("verify").code == 0)
            let done = try await documents().count
            #expect(done < 300)
            let rest = try await index("many").json()
            #expect(rest["unchanged"] as? Int == done && rest["documents"] as? Int == 300)
        }

        /// The short form of `Scripts/crash-store`.
        @Test func killedAtAnyMomentItReopensWhole() async throws {
            var generator = SeededGenerator(seed: 11)
            for number in 0..<60 {
                try folder.write(
                    "many/\(number).md",
                    (0...number % 7).map { section in
                        "## Part \(section) of \(number)\n\n"
                            + String(repeating: "Pump \(number * section) runs at night. ", count: 40)
                    }.joined(separator: "\n\n"))
            }
            let whole = try await winnow.run(
                ["index", "many", "--store", "whole.sqlite", "--json"], folder: folder.path)
            #expect(whole.code == 0)
            let expected = try await passages(in: "whole.sqlite")
            var committed: Set<String> = []
            for _ in 0..<5 {
                let wait = Duration.milliseconds(Int.random(in: 30...1500, using: &generator))
                _ = try await winnow.run(
                    ["index", "many", "--store", "kb.sqlite"], folder: folder.path, limit: wait)
                guard FileManager.default.fileExists(atPath: folder.path + "/kb.sqlite") else { continue }
                guard try await store("info").code == 0 else {
                    #expect(committed.isEmpty)
                    continue
                }
                #expect(try await store("verify").code == 0)
                let found = try await passages(in: "kb.sqlite")
                #expect(committed.isSubset(of: found.keys), "what was committed is still there")
                for (id, count) in found { #expect(count == expected[id], "\(id) is half there") }
                committed = Set(found.keys)
            }
            #expect(try await index("many").code == 0)
            #expect(try await passages(in: "kb.sqlite") == expected)
        }

        private func passages(in store: String) async throws -> [String: String] {
            let outcome = try await winnow.run(["store", "documents", "--store", store, "--json"], folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
            var passages: [String: String] = [:]
            for line in outcome.output.split(separator: "\n") {
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
                passages[object["id"] as? String ?? "?"] = "\(object["passages"] ?? 0) \(object["contentHash"] ?? 0)"
            }
            return passages
        }

        @Test func theSecondWriterSaysWhoHoldsTheLock() async throws {
            for number in 0..<400 {
                try folder.write(
                    "many/\(number).txt",
                    String(repeating: "Valve \(number) is opened on Mondays and closed on Fridays. ", count: 12))
            }
            async let long = winnow.run(
                ["index", "many", "--store", "kb.sqlite"], folder: folder.path, interruptAfter: .seconds(4))
            let lock = folder.path + "/kb.sqlite.lock"
            while !FileManager.default.fileExists(atPath: folder.path + "/kb.sqlite") {
                try await Task.sleep(for: .milliseconds(5))
            }
            let second = try await winnow.run(
                ["index", "docs", "--store", "kb.sqlite", "--wait", "0"], folder: folder.path)
            #expect(second.code == 1)
            let holder = try String(contentsOfFile: lock, encoding: .utf8)
            let pid = try #require(holder.split(whereSeparator: { !$0.isNumber }).first)
            #expect(second.errors.contains(pid) && second.errors.contains("--wait"), "\(second.errors)")
            _ = try await long
            #expect(try await index("docs").code == 0)
        }

        @Test func badStores() async throws {
            try folder.write("text.sqlite", "This is no database, however long it may be. It is prose.")
            for (path, word) in [("docs", "folder"), ("text.sqlite", "store"), ("missing/kb.sqlite", "missing")] {
                let outcome = try await winnow.run(["index", "docs", "--store", path], folder: folder.path)
                #expect(outcome.code == 1 && outcome.errors.contains(word), "\(path): \(outcome.errors)")
                #expect(outcome.output.isEmpty)
            }
            let missing = try await winnow.run(["ask", "what?", "--store", "none.sqlite"], folder: folder.path)
            #expect(missing.code == 1 && missing.errors.contains("winnow index"), "\(missing.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/none.sqlite"))
            #expect(
                try String(contentsOfFile: folder.path + "/text.sqlite", encoding: .utf8).hasPrefix(
                    "This is no database"))
        }

        @Test func nothingToIndex() async throws {
            try folder.write("pictures/a.png", bytes: [0x89, 0x50])
            let outcome = try await index("pictures")
            #expect(outcome.code == 1 && outcome.errors.contains("pictures"), "\(outcome.errors)")
        }

        #if os(Linux)
        /// `ulimit -f`: the kernel refuses writes beyond a size, as a full disk does.
        @Test func aFullDiskLeavesTheStoreWhole() async throws {
            #expect(try await index("docs").code == 0)
            for number in 0..<60 {
                try folder.write(
                    "many/\(number).txt", String(repeating: "Valve \(number) was opened on day \(number). ", count: 60))
            }
            let shell = BuiltProgram(url: URL(fileURLWithPath: "/bin/sh"))
            let full = try await shell.run(
                ["-c", "ulimit -f 300; exec \"$0\" index many --store kb.sqlite", winnow.url.path], folder: folder.path)
            #expect(full.code == 1, "\(full.code) \(full.errors)")
            #expect(full.errors.contains("no room left") && full.errors.contains("kept"), "\(full.errors)")
            #expect(try await store("verify").code == 0)
            #expect(Set(try await documents().keys).isSuperset(of: ["limits.txt", "more/sso.md", "refunds.md"]))
            #expect(try await index("many").code == 0)
            #expect(try await documents().count == 63)
        }
        #endif

        @Test(arguments: [
            (["--chunk-size", "0", "--chunking", "words"], "size"), (["--wait", "-1"], "--wait"),
            (["--chunking", "pages"], "sentences"),
        ])
        func wrongUsage(_ arguments: [String], _ word: String) async throws {
            let outcome = try await winnow.run(
                ["index", "docs", "--store", "kb.sqlite"] + arguments, folder: folder.path)
            #expect(outcome.code == 64 && outcome.errors.contains(word), "\(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/kb.sqlite"))
        }
    }
}
