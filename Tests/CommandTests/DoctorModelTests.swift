import Foundation
import TestSupport
import Testing

extension Commands {
    /// What `winnow doctor` says of model folders that something is wrong with.
    @Suite(.serialized) struct DoctorModelTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder

        init() throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
        }

        private static let builtIn = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources/CWinnowModels")

        /// A copy of a model's folder, in which files can be changed.
        private func copy(_ source: URL) throws -> String {
            let target = folder.path + "/model"
            try FileManager.default.copyItem(atPath: source.path, toPath: target)
            return target
        }

        private func change(_ file: String, _ edit: (inout [String: Any]) -> Void) throws {
            let url = URL(fileURLWithPath: folder.path + "/model/" + file)
            var object = (try? JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any]) ?? [:]
            edit(&object)
            try JSONSerialization.data(withJSONObject: object).write(to: url)
        }

        private func reranker() async throws -> Diagnosis {
            try await winnow.doctor(["--model", folder.path + "/model"])
        }

        private func embedder() async throws -> Diagnosis {
            try await winnow.doctor(["--embedding-model", folder.path + "/model"])
        }

        /// The built-in models as folders have the same answers, and the same fingerprints.
        @Test(arguments: ["--model", "--embedding-model"])
        func theBuiltInModelsFolder(_ option: String) async throws {
            let name = option == "--model" ? "winnow-reranker-minilm-l6" : "all-MiniLM-L6-v2"
            let diagnosis = try await winnow.doctor([option, Self.builtIn.appendingPathComponent(name).path])
            #expect(diagnosis.outcome.code == 0 && diagnosis.wrong.isEmpty, "\(diagnosis.wrong)")
            // The bi-encoder's folder holds a file more than what is linked in, which changes no result.
            let own = diagnosis.findings.filter { $0.check == (option == "--model" ? "reranker" : "embedder") }
            #expect(own.first { $0.id == "model.fingerprint" }?.evidence["isBuiltIn"] as? String == "yes")
            #expect(own.contains { $0.id == "model.known-answers" && $0.evidence["precision"] as? String == "float32" })
        }

        @Test(arguments: [
            ("config.json", "model.files"), ("model.safetensors", "model.files"), ("vocab.txt", "model.tokenizer"),
        ])
        func aFileIsMissing(_ file: String, _ id: String) async throws {
            let path = try copy(Fixtures.url("tiny-cross-encoder"))
            try FileManager.default.removeItem(atPath: path + "/" + file)
            let diagnosis = try await reranker()
            #expect(diagnosis.outcome.code == 2)
            #expect(diagnosis.named(id).first?.severity == "error", "\(diagnosis.wrong)")
            // The other model and the machine are looked at all the same.
            #expect(diagnosis.findings.contains { $0.check == "embedder" && $0.id == "model.known-answers" })
            #expect(diagnosis.findings.contains { $0.check == "machine" })
        }

        @Test func aDamagedWeightsFile() async throws {
            let path = try copy(Fixtures.url("tiny-cross-encoder")) + "/model.safetensors"
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            try bytes.dropLast(100).write(to: URL(fileURLWithPath: path))
            #expect(try await reranker().named("model.weights").first?.severity == "error")
            // The last values of the data become NaN.
            try (bytes.dropLast(64) + Data(repeating: 0xFF, count: 64)).write(to: URL(fileURLWithPath: path))
            let finding = try #require(try await reranker().named("model.weights").first)
            #expect(finding.severity == "error" && finding.what.contains("not a number"), "\(finding.what)")
        }

        /// Another order of words: the model is whole, and knows nothing any more.
        @Test func aVocabularyOfAnotherModel() async throws {
            let path = try copy(Self.builtIn.appendingPathComponent("winnow-reranker-minilm-l6"))
            let lines = try String(contentsOfFile: path + "/vocab.txt", encoding: .utf8).split(separator: "\n")
            let other = Array(lines.prefix(1000)) + lines.dropFirst(1000).reversed()
            try other.joined(separator: "\n").write(toFile: path + "/vocab.txt", atomically: true, encoding: .utf8)
            let diagnosis = try await reranker()
            let order = try #require(diagnosis.findings.first { $0.check == "reranker" && $0.id == "model.order" })
            #expect(["warning", "error"].contains(order.severity), "\(order.evidence)")
            #expect(!diagnosis.findings.contains { $0.check == "reranker" && $0.id == "model.known-answers" })
        }

        /// Half of the words are written in a script of no case: whether it ranks English texts says nothing of it.
        @Test(arguments: ["--model", "--embedding-model"])
        func aModelOfAnotherLanguage(_ option: String) async throws {
            let name = option == "--model" ? "winnow-reranker-minilm-l6" : "all-MiniLM-L6-v2"
            let path = try copy(Self.builtIn.appendingPathComponent(name))
            let lines = try String(contentsOfFile: path + "/vocab.txt", encoding: .utf8).split(separator: "\n")
            let other = lines.enumerated().map { index, token -> String in
                guard index >= 1000, let first = Unicode.Scalar(0x4E00 + index / 200),
                    let second = Unicode.Scalar(0x4E00 + index % 200)
                else { return String(token) }
                return String(Character(first)) + String(Character(second))
            }
            try other.joined(separator: "\n").write(toFile: path + "/vocab.txt", atomically: true, encoding: .utf8)
            try change("tokenizer_config.json") { $0["do_lower_case"] = false }
            try folder.write("asked.txt", (0..<12).map { "Wie lange dauert die Rückerstattung \($0)\n" }.joined())
            let diagnosis = try await winnow.doctor([option, path, "--queries", folder.path + "/asked.txt"])
            let finding = try #require(
                diagnosis.named(option == "--model" ? "model.order" : "model.paraphrases").first, "\(diagnosis.wrong)")
            #expect(finding.severity == "note" && finding.what.contains("cannot be told"), "\(finding.what)")
            #expect(!diagnosis.wrong.contains("model.case"), "\(diagnosis.wrong)")
            // What finds passages says which language is asked in.
            #expect(diagnosis.wrong.contains("queries.language") == (option == "--model"))
        }

        @Test func aModelThatReadsTooLittleIsNotAsked() async throws {
            _ = try copy(Fixtures.url("tiny-cross-encoder"))
            let finding = try #require(try await reranker().named("model.order").first)
            #expect(finding.severity == "note" && finding.what.contains("cannot be told"))
        }

        @Test func aBiEncoderThatWasNeverTrained() async throws {
            _ = try copy(Fixtures.url("tiny-bi-encoder"))
            let diagnosis = try await embedder()
            let own = diagnosis.findings.filter { $0.check == "embedder" }
            #expect(own.contains { $0.id == "model.paraphrases" } && own.contains { $0.id == "model.normalised" })
            #expect(own.first { $0.id == "model.batch" }?.severity == "ok")
        }

        @Test func theWrongKind() async throws {
            let path = try copy(Fixtures.url("tiny-bi-encoder"))
            let finding = try #require(try await reranker().named("model.kind").first)
            #expect(finding.severity == "error" && finding.command == "winnow doctor --embedding-model \(path)")
        }

        @Test func activations() async throws {
            _ = try copy(Fixtures.url("tiny-cross-encoder"))
            try change("config.json") {
                $0["sentence_transformers"] = ["activation_fn": "torch.nn.modules.linear.Identity"]
            }
            let identity = try #require(try await reranker().named("model.activation").first)
            #expect(identity.severity == "note" && identity.evidence["activation"] as? String == "identity")
            try change("config.json") {
                $0["sbert_ce_default_activation_function"] = "torch.nn.modules.activation.Sigmoid"
            }
            #expect(try await reranker().named("model.activation").first?.severity == "warning")
            try change("config.json") {
                $0["sentence_transformers"] = nil
                $0["sbert_ce_default_activation_function"] = nil
            }
            let silent = try #require(try await reranker().named("model.activation").first)
            #expect(silent.severity == "note" && silent.what.contains("sigmoid"))
            try change("config.json") { $0["sentence_transformers"] = ["activation_fn": "torch.nn.Tanh"] }
            #expect(try await reranker().named("model.unsupported").first?.severity == "error")
        }

        @Test func lengthsThatDoNotFit() async throws {
            _ = try copy(Fixtures.url("tiny-bi-encoder"))
            try change("sentence_bert_config.json") { $0["max_seq_length"] = 5000 }
            #expect(try await embedder().named("model.length").first?.severity == "warning")
            try change("sentence_bert_config.json") { $0["max_seq_length"] = nil }
            try change("tokenizer_config.json") { $0["model_max_length"] = nil }
            #expect(try await embedder().named("model.length").first?.severity == "note")
        }

        @Test func vocabulariesThatDoNotFit() async throws {
            let path = try copy(Fixtures.url("tiny-cross-encoder"))
            let vocabulary = try String(contentsOfFile: path + "/vocab.txt", encoding: .utf8)
            let lines = vocabulary.split(separator: "\n")
            // Three embeddings of 208 are of no token.
            try lines.dropLast(3).joined(separator: "\n").write(
                toFile: path + "/vocab.txt", atomically: true, encoding: .utf8)
            let fewer = try #require(try await reranker().named("model.vocabulary").first)
            #expect(fewer.severity == "note" && fewer.evidence["embeddingRows"] as? Int == 208)
            try (vocabulary + "\nmore").write(toFile: path + "/vocab.txt", atomically: true, encoding: .utf8)
            #expect(try await reranker().named("model.vocabulary").first?.severity == "error")
            try vocabulary.write(toFile: path + "/vocab.txt", atomically: true, encoding: .utf8)
            try change("config.json") { $0["pad_token_id"] = 7 }
            #expect(try await reranker().named("model.special-tokens").first?.severity == "warning")
        }

        @Test func lowerCasing() async throws {
            let path = try copy(Self.builtIn.appendingPathComponent("winnow-reranker-minilm-l6"))
            try change("tokenizer_config.json") { $0["do_lower_case"] = false }
            let cased = try #require(try await reranker().named("model.case").first)
            #expect(cased.severity == "error" && (cased.evidence["unknownShareOfTitles"] as? Double ?? 0) > 0.3)
            // The reverse: a vocabulary with capitals, and a tokenizer that lower-cases.
            try change("tokenizer_config.json") { $0["do_lower_case"] = true }
            let lines = try String(contentsOfFile: path + "/vocab.txt", encoding: .utf8).split(separator: "\n")
            let capitals = lines.enumerated().map { index, token in
                index > 20_000 && index % 3 == 0 ? token.capitalized : String(token)
            }
            try capitals.joined(separator: "\n").write(toFile: path + "/vocab.txt", atomically: true, encoding: .utf8)
            #expect(try await reranker().named("model.case").first?.severity == "warning")
        }

        @Test func tensorsThatNobodyReads() async throws {
            let path = try copy(Fixtures.url("tiny-cross-encoder"))
            try change("config.json") { $0["architectures"] = ["BertModel"] }
            let finding = try #require(try await embedder().named("model.unused-tensors").first)
            #expect(finding.severity == "warning" && (finding.evidence["names"] as? [String])?.isEmpty == false)
            #expect(finding.command == "winnow doctor --model \(path)")
        }

        /// What is known is known of whole texts, however little searches read.
        @Test func aShortMaximumChangesNoAnswer() async throws {
            let diagnosis = try await winnow.doctor(["--max-length", "24"])
            let own = diagnosis.findings.filter { $0.check == "reranker" }
            #expect(own.contains { $0.id == "model.known-answers" && $0.severity == "ok" })
            #expect(own.contains { $0.id == "model.order" && $0.severity == "ok" } && diagnosis.wrong.isEmpty)
            let outcome = try await winnow.run(["doctor", "--quick", "--max-length", "9999"])
            #expect(outcome.code == 1 && outcome.errors.contains("--max-length is 9999"), "\(outcome.errors)")
        }

        @Test func theMachine() async throws {
            let diagnosis = try await winnow.doctor(["--threads", "200", "--precision", "float32"])
            #expect(diagnosis.named("machine.threads").first?.evidence["threads"] as? Int == 200)
            #expect(diagnosis.wrong == ["machine.threads"], "\(diagnosis.wrong)")
            let precision = try #require(diagnosis.findings.first { $0.id == "machine.precision" })
            let vnni = precision.evidence["vnni"] as? String == "yes"
            #expect(precision.severity == (vnni ? "note" : "ok"))
            let unknown = try await winnow.run(["doctor", "--quick"], environment: ["WINNOW_KERNELS": "abacus"])
            #expect(unknown.code == 1 && unknown.errors.contains("abacus"))
        }
    }
}
