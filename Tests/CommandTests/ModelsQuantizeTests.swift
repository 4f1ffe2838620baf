import Foundation
import TestSupport
import Testing

extension Commands {
    /// `winnow models quantize`.
    @Suite struct ModelsQuantizeTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder
        private var output: String { folder.path + "/out" }

        init() throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
        }

        private func quantize(_ model: String, _ arguments: String...) async throws -> BuiltProgram.Outcome {
            try await winnow.run(["models", "quantize", Fixtures.url(model).path, output] + arguments)
        }

        private func entries() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        }

        @Test func aCrossEncoderAndItsFigures() async throws {
            let outcome = try await quantize("tiny-cross-encoder-f16", "--json")
            #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
            let json = try outcome.json()
            #expect(json["schema"] as? Int == 1 && json["kind"] as? String == "cross-encoder")
            #expect(json["storedAs"] as? String == "float16" && json["method"] as? String == "compensation")
            #expect(json["matrices"] as? Int == 15)
            let cost = try #require(json["cost"] as? [String: Any])
            #expect(cost["score"] as? String == "logit" && cost["pairs"] as? Int == 256)
            for key in ["int8", "int8WeightsFloat32"] {
                let differences = try #require(cost[key] as? [String: Any])
                let scores = try #require(differences["scores"] as? [String: Double])
                #expect(scores["mean"] ?? 0 > 0 && scores["mean"] ?? 0 <= scores["largest"] ?? 0)
                #expect(differences["vectors"] is NSNull)
                #expect(differences["kendallTau"] as? Double ?? 0 > 0.8)
            }
            #expect(try entries() == ["out"])
            let reranked = try await winnow.run(
                "rerank", "reset the password", "--candidates", "-", "--model", output, "--json",
                lines: ["reset your password with your email", "the refund is a credit"])
            #expect(reranked.code == 0, "\(reranked.errors)")
            #expect(try reranked.json().hits().count == 2)
        }

        @Test func aBiEncoderAndItsTable() async throws {
            let outcome = try await quantize("tiny-bi-encoder", "--method", "clipping", "--threads", "1")
            #expect(outcome.code == 0, "\(outcome.errors)")
            for part in ["tiny-bi-encoder in int8", "cosine of query and passage, largest", "Kendall", "16 queries"] {
                #expect(outcome.output.contains(part), "\(part)")
            }
            let card = try String(contentsOfFile: output + "/README.md", encoding: .utf8)
            #expect(card.contains("# tiny-bi-encoder, int8"))
            let embedded = try await winnow.run("embed", "-", "--model", output, "--json", lines: ["a text"])
            #expect(embedded.code == 0, "\(embedded.errors)")
        }

        /// A collection's queries are read with what is judged relevant to them, lines with one another.
        @Test func textsOfTheUsers() async throws {
            try folder.write(
                "set/corpus.jsonl",
                (1...6).map { #"{"_id": "d\#($0)", "title": "", "text": "page \#($0) of the billing plan"}"# + "\n" }
                    .joined())
            try folder.write(
                "set/queries.jsonl",
                (1...4).map { #"{"_id": "q\#($0)", "text": "which page is \#($0)"}"# + "\n" }.joined())
            try folder.write(
                "set/qrels/dev.tsv", "query-id\tcorpus-id\tscore\n" + (1...4).map { "q\($0)\td\($0 + 1)\t1\n" }.joined()
            )
            let lines = try folder.write("lines.txt", "the quota is a limit of the plan\nkeys are secret\n")
            let outcome = try await quantize(
                "tiny-cross-encoder", "--texts", lines, "--held-out", folder.path + "/set", "--split", "dev", "--json")
            #expect(outcome.code == 0, "\(outcome.errors)")
            let json = try outcome.json()
            let calibration = try #require(json["calibration"] as? [String: Any])
            #expect(calibration["texts"] as? String == lines && calibration["sequences"] as? Int == 4)
            let cost = try #require(json["cost"] as? [String: Any])
            #expect(cost["queries"] as? Int == 4 && cost["passages"] as? Int == 4 && cost["pairs"] as? Int == 16)
        }

        @Test func whatIsThereStays() async throws {
            try folder.write("out/mine", "text")
            let outcome = try await quantize("tiny-cross-encoder")
            #expect(outcome.code == 1 && outcome.output.isEmpty)
            #expect(
                outcome.errors.contains("is there already") && outcome.errors.contains("remove"), "\(outcome.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: output) == ["mine"])
        }

        @Test func modelsThatCannotBeQuantised() async throws {
            let int8 = try await quantize("tiny-cross-encoder-int8")
            #expect(int8.code == 1 && int8.errors.contains("int8 already"), "\(int8.errors)")
            let missing = try await quantize("no-such-model")
            #expect(missing.code == 1 && missing.errors.contains("no-such-model"), "\(missing.errors)")
            let noFolder = try await winnow.run([
                "models", "quantize", Fixtures.url("tiny-cross-encoder").path, folder.path + "/no/out",
            ])
            #expect(noFolder.code == 1 && noFolder.errors.contains("No such file"), "\(noFolder.errors)")
            #expect(try entries().isEmpty)
        }

        @Test(arguments: [["--method", "magic"], ["--threads", "0"], ["--threads", "257"]])
        func whatMakesNoSenseIsRefused(arguments: [String]) async throws {
            let outcome = try await winnow.run(
                ["models", "quantize", Fixtures.url("tiny-cross-encoder").path, output] + arguments)
            #expect(outcome.code == 64 && outcome.errors.contains(arguments[0]), "\(outcome.errors)")
            #expect(try entries().isEmpty)
        }

        /// Whole or not at all, whenever it comes: the folder has its name when all of it is written, and Ctrl-C after that finds it
        /// whole.
        @Test(arguments: [50, 150, 400])
        func interruptedItLeavesNothingOrAll(milliseconds: Int) async throws {
            let outcome = try await winnow.run(
                ["models", "quantize", Fixtures.url("tiny-cross-encoder").path, output],
                interruptAfter: .milliseconds(milliseconds))
            #expect(outcome.code == 0 || outcome.code == 130, "\(outcome.errors)")
            let left = try entries()
            #expect(left == ["out"] || (left.isEmpty && outcome.code == 130))
            guard !left.isEmpty else { return }
            let reranked = try await winnow.run(
                ["rerank", "refunds", "--candidates", "-", "--json", "--model", output], input: Array("a text\n".utf8))
            #expect(reranked.code == 0, "\(reranked.errors)")
            #expect(FileManager.default.fileExists(atPath: output + "/README.md"))
        }
    }
}
