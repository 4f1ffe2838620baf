import Foundation
import TestSupport
import Testing
import WinnowEncoders

extension Commands {
    @Suite(.serialized) struct RerankTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder

        static let lines = [
            "Paris is the capital of France.", "Each workspace may send 600 requests per minute.",
            "Refunds are issued within ten business days.",
        ]

        init() throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
        }

        private struct Reference: Decodable {
            struct Group: Decodable {
                var query: String
                var documents: [String]
                var logits: [Float]
            }

            var groups: [Group]
            var tolerance: Float
        }

        @Test func logitsAreTheReferences() async throws {
            let reference: Reference = try Fixtures.json("built-in-models/cross-encoder-reference.json")
            for group in reference.groups {
                let records = try group.documents.enumerated().map { index, text in
                    let record: [String: Any] = ["_id": "\(index)", "text": text]
                    return String(decoding: try JSONSerialization.data(withJSONObject: record), as: UTF8.self)
                }
                let outcome = try await winnow.run(
                    "rerank", group.query, "--candidates", "-", "--json", "--truncation", "longest-first", "--final-k",
                    "1000", "--precision", "float32",
                    lines: records)
                #expect(outcome.code == 0, "\(outcome.errors)")
                let hits = try outcome.json().hits()
                #expect(hits.count == group.documents.count)
                for hit in hits {
                    let index = try #require((hit["id"] as? String).flatMap { Int($0) })
                    let logit = try #require(hit["logit"] as? Double)
                    #expect(abs(Float(logit) - group.logits[index]) <= reference.tolerance)
                }
            }
        }

        @Test func theEnvelope() async throws {
            let outcome = try await winnow.run(
                "rerank", "How long do refunds take?", "--candidates", "-", "--json", "--explain", "--final-k", "2",
                lines: Self.lines)
            #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
            #expect(outcome.output.split(separator: "\n").count == 1)
            let json = try outcome.json()
            #expect(
                Set(json.keys) == [
                    "schema", "query", "retriever", "filter", "order", "deadline", "selection", "results", "candidates",
                    "timings",
                    "models",
                ])
            #expect(json["schema"] as? Int == 1)
            #expect(json["query"] as? String == "How long do refunds take?")
            let hits = try json.hits()
            #expect(hits.compactMap { $0["id"] as? String }.first == "3")
            #expect(hits.map { $0["finalRank"] as? Int } == [1, 2])
            #expect(try json.hits("candidates").count == 3)
            for hit in hits + (try json.hits("candidates")) {
                try Commands.check(hit)
                #expect(hit["retrievalScore"] is NSNull)
                #expect(["sigmoid", "identity"].contains(hit["scoreKind"] as? String))
            }
            let timings = try #require(json["timings"] as? [String: Double])
            #expect(Set(timings.keys) == ["read", "load", "retrieve", "rerank", "rank", "total"])
            let models = try #require(json["models"] as? [String: Any])
            #expect(models["embedder"] is NSNull)
            let reranker = try #require(models["reranker"] as? [String: String])
            #expect(
                reranker["precision"] == (Kernels.active.hasVNNI ? "int8" : "float32")
                    && reranker["fingerprint"]?.count == 64)
            #expect(outcome.output.hasPrefix(#"{"schema":1,"query":"#))

            let brief = try await winnow.run("rerank", "q", "--candidates", "-", "--json", lines: Self.lines)
            #expect(try brief.json()["candidates"] == nil)
        }

        @Test func orderNeighboursAndThreadsChangeNoScore() async throws {
            func logits(_ lines: [String], _ more: String...) async throws -> [String: Double] {
                let outcome = try await winnow.run(
                    ["rerank", "How long do refunds take?", "--candidates", "-", "--json"] + more,
                    input: Array(lines.joined(separator: "\n").utf8))
                return Dictionary(
                    uniqueKeysWithValues: try outcome.json().hits().map {
                        (try #require($0["text"] as? String), try #require($0["logit"] as? Double))
                    })
            }
            let all = try await logits(Self.lines)
            #expect(try await logits(Self.lines.reversed()) == all)
            #expect(try await logits(Self.lines, "--threads", "1") == all)
            #expect(try await logits([Self.lines[1]]) == all.filter { $0.key == Self.lines[1] })
        }

        @Test func tablesForPeople() async throws {
            let outcome = try await winnow.run(
                "rerank", "How long do refunds take?", "--candidates", "-", "--explain", lines: Self.lines)
            #expect(outcome.code == 0 && outcome.errors.isEmpty)
            #expect(!outcome.output.contains("\u{1B}"), "escape sequences in a pipe")
            for part in ["Reranked", "All candidates", "▲2", "▼2", "Refunds are issued", "rerank", "3 of 3 candidates"]
            {
                #expect(outcome.output.contains(part), "\(part) is missing in \(outcome.output)")
            }
        }

        @Test func idsAreCutAtTheirBeginning() async throws {
            let path = String(repeating: "folder/", count: 20) + "document.md#"
            let records = (1...2).map { #"{"_id":"\#(path)\#($0)","text":"Text \#($0)."}"# }
            let outcome = try await winnow.run(
                ["rerank", "q", "--candidates", "-", "--explain"],
                input: Array(records.joined(separator: "\n").utf8), environment: ["COLUMNS": "80"])
            for end in ["document.md#1", "document.md#2"] { #expect(outcome.output.contains(end), "\(outcome.output)") }
            #expect(
                outcome.output.split(separator: "\n").allSatisfy { $0.unicodeScalars.count <= 80 }, "\(outcome.output)")
        }

        @Test func theExplanationSaysWhatWasCut() async throws {
            let whole = try await winnow.run("rerank", "q", "--candidates", "-", "--explain", lines: Self.lines)
            #expect(whole.output.contains("nothing was cut") && !whole.output.contains("  cut  "), "\(whole.output)")
            let long = String(repeating: "word ", count: 600)
            let cut = try await winnow.run("rerank", "q", "--candidates", "-", "--explain", lines: ["a", long])
            // 512 positions less three special tokens and the query's one.
            #expect(cut.output.contains("  cut  ") && cut.output.contains("   \(600 - 508)  "), "\(cut.output)")
        }

        @Test func equalScoresKeepTheFirstStagesOrder() async throws {
            let records = ["c", "a", "b"].map { #"{"_id":"\#($0)","text":"The same text."}"# }
            let outcome = try await winnow.run("rerank", "q", "--candidates", "-", "--json", lines: records)
            #expect(try outcome.json().hits().map { $0["id"] as? String } == ["c", "a", "b"])
        }

        @Test func fewerCandidatesThanResults() async throws {
            let outcome = try await winnow.run(
                "rerank", "q", "--candidates", "-", "--json", "--final-k", "100", lines: Self.lines)
            #expect(outcome.code == 0 && outcome.errors.isEmpty)
            #expect(try outcome.json().hits().count == 3)
        }

        @Test func aQueryThatTheModelHasNoWordFor() async throws {
            // Defined: it is read as [UNK], and the order means little.
            let outcome = try await winnow.run("rerank", "🎉🎉", "--candidates", "-", "--json", lines: Self.lines)
            #expect(outcome.code == 0)
            #expect(try outcome.json().hits().count == 3)
        }

        @Test func hugeIdsComeBackWhole() async throws {
            let id = String(repeating: "x", count: 100_000)
            let outcome = try await winnow.run(
                "rerank", "q", "--candidates", "-", "--json", lines: [#"{"_id":"\#(id)","text":"a"}"#])
            #expect(try outcome.json().hits().first?["id"] as? String == id)
        }

        @Test func documentsCannotDriveTheTerminal() async throws {
            let outcome = try await winnow.run(
                "rerank", "q", "--candidates", "-", lines: ["\u{1B}[2J\u{7}hidden \u{202E}txet", "tab\there"])
            #expect(outcome.output.contains("[2J"))
            for forbidden in ["\u{1B}", "\u{7}", "\u{202E}", "\t"] { #expect(!outcome.output.contains(forbidden)) }
        }

        @Test func scoresOfTheFirstStage() async throws {
            let outcome = try await winnow.run(
                "rerank", "refunds", "--candidates", "-", "--json",
                lines: [
                    #"{"_id":"a","title":"Refunds","text":"Ten days.","score":0.25,"metadata":{"b":1,"a":[null,1.5]}}"#,
                    #"{"id":7,"text":"Limits.","score":0.75}"#,
                ])
            #expect(outcome.errors.contains("scores do not descend"))
            let hits = try outcome.json().hits().sorted {
                ($0["initialRank"] as? Int ?? 0) < ($1["initialRank"] as? Int ?? 0)
            }
            #expect(hits.map { $0["id"] as? String } == ["a", "7"])
            #expect(hits.map { $0["retrievalScore"] as? Double } == [0.25, 0.75])
            #expect(outcome.output.contains(#""metadata":{"a":[null,1.5],"b":1}"#))
        }

        @Test(arguments: ["", "\n\n"])
        func zeroCandidates(_ text: String) async throws {
            let file = try folder.write("none.jsonl", text)
            let outcome = try await winnow.run(["rerank", "q", "--candidates", file, "--json"])
            #expect(outcome.code == 0)
            #expect(outcome.errors.contains("there are no candidates"))
            let json = try outcome.json()
            #expect(try json.hits().isEmpty)
            let timings = try #require(json["timings"] as? [String: Any])
            #expect(Set(timings.keys) == ["read", "load", "retrieve", "rerank", "rank", "total"])
            #expect(timings["rerank"] is NSNull)
            let table = try await winnow.run(["rerank", "q", "--candidates", file, "--explain"])
            #expect(table.code == 0 && table.errors.contains("there are no candidates"))
        }

        @Test(arguments: [
            ("a\n\nb\n", ":2: the line is empty"),
            ("{\"text\":\"a\"}\n{\"text\":\"b\"\n", ":2: is not valid JSON: column 1: the object is not closed"),
            ("{\"text\":\"a\"}\n{\"text\":\"\"}\n", ":2: record '2' has neither title nor text"),
            ("[{\"text\":\"a\"}]\n", ":1: a JSON array begins here"),
            ("{\"text\":\"a\",\"score\":NaN}\n", ":1: is not valid JSON: column 21"),
            ("a\n\u{200B}\n", ":2: the line is empty"),
            (
                "{\"text\":\"a\",\"metadata\":{\"deep\":" + String(repeating: "[", count: 200)
                    + String(repeating: "]", count: 200) + "}}\n",
                ":1: is not valid JSON: column 158: more than 128 arrays and objects"
            ),
            ("{\"id\":\"x\",\"text\":\"a\"}\n{\"id\":\"x\",\"text\":\"b\"}\n", ":2: the id 'x' stands in line 1 too"),
        ])
        func brokenInput(_ text: String, message: String) async throws {
            let file = try folder.write("broken", text)
            let outcome = try await winnow.run(["rerank", "q", "--candidates", file, "--json"])
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains(file + message), "\(outcome.errors)")
            #expect(outcome.output.isEmpty)
        }

        @Test func invalidUTF8() async throws {
            let outcome = try await winnow.run(
                ["rerank", "q", "--candidates", "-"], input: Array("fine\nnot ".utf8) + [0xC3, 0x28])
            #expect(outcome.code == 1)
            #expect(
                outcome.errors.contains("standard input:2: is not valid UTF-8: byte 0xC3 at offset 9"),
                "\(outcome.errors)")
        }

        @Test func aMegabyteIsCutAndSaid() async throws {
            let long = String(repeating: "refund policy words ", count: 52_000)
            #expect(long.utf8.count > 1_000_000)
            let outcome = try await winnow.run(
                "rerank", "refunds", "--candidates", "-", "--json", lines: [long, "short text"])
            #expect(outcome.code == 0)
            let hits = try outcome.json().hits()
            #expect(hits.first { $0["id"] as? String == "1" }?["truncated"] as? Bool == true)
            #expect(hits.first { $0["id"] as? String == "2" }?["truncated"] as? Bool == false)
            #expect(outcome.errors.contains("1 of 2 candidates did not fit"), "\(outcome.errors)")
            let strict = try await winnow.run(
                "rerank", "refunds", "--candidates", "-", "--truncation", "error", lines: ["short", long])
            #expect(strict.code == 1 && strict.errors.contains("2"), "\(strict.errors)")
        }

        @Test func aLongQuery() async throws {
            let query = String(repeating: "why ", count: 400)
            let outcome = try await winnow.run("rerank", query, "--candidates", "-", lines: Self.lines)
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains("400"), "\(outcome.errors)")
            let cut = try await winnow.run(
                "rerank", query, "--candidates", "-", "--json", "--truncation", "longest-first",
                lines: [String(repeating: "word ", count: 400)])
            #expect(cut.code == 0)
            #expect(try cut.json().hits()[0]["queryTruncated"] as? Bool == true)
            #expect(cut.errors.contains("the query did not fit"))
        }

        @Test func candidatesInAFolder() async throws {
            let outcome = try await winnow.run(["rerank", "q", "--candidates", folder.path])
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains(folder.path + ": is a folder where a file is wanted"), "\(outcome.errors)")
        }

        @Test func anEmptyModelPath() async throws {
            let outcome = try await winnow.run("rerank", "q", "--candidates", "-", "--model", "", lines: ["a"])
            #expect(outcome.code == 1 && outcome.errors.contains("the path of the model is empty"), "\(outcome.errors)")
        }

        @Test func ctrlC() async throws {
            let outcome = try await winnow.run(
                ["rerank", "q", "--candidates", "-"], interruptAfter: .milliseconds(700), limit: .seconds(20))
            #expect(!outcome.timedOut)
            #expect(outcome.code == 130, "\(outcome)")
            #expect(outcome.output.isEmpty && outcome.errors == "winnow: interrupted\n")
        }
    }
}
