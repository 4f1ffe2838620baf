import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowEncoders

/// Models and texts that fit a file's rules and not one another, and files that change under way.
@Suite struct EncoderInputTests {
    static let query = Query("what happens to my data")

    /// A vector or score must never be filed under the fingerprint of weights that did not make it.
    @Test func theIdentityIsThatOfTheFilesThatWereRead() async throws {
        let folder = try TemporaryFolder.copy(of: "tiny-cross-encoder")
        let source = ModelSource.directory(folder.path)
        let (model, tokenizer) = (try source.fingerprint(), try source.tokenizerFingerprint())
        let encoder = try CrossEncoder.load(source)

        // As a download does: beside it, then renamed.
        var builder = try SafetensorsBuilder(copying: SafetensorsFile(source))
        let head = try #require(builder.tensors.firstIndex { $0.name == "classifier.bias" })
        builder.tensors[head].data = withUnsafeBytes(of: Float(9)) { Data($0) }
        try builder.build().write(to: folder.url.appendingPathComponent("model.safetensors"), options: .atomic)
        let vocabulary = folder.url.appendingPathComponent("vocab.txt")
        try Data("[UNK]\n[CLS]\n[SEP]\nother\n".utf8).write(to: vocabulary, options: .atomic)
        try folder.write(Data("{}".utf8), to: "sentence_bert_config.json")

        #expect(try source.fingerprint() != model)
        #expect(try encoder.identity.fingerprint == model)
        // Ids stored with the tokenizer that the encoder has are taken, and are seen to be taken: they are another text's.
        var candidate = Candidate(passage: Passage(id: "p", documentID: "p", text: "plan"), rank: 1)
        let plain = try await encoder.score(Self.query, [candidate])[0]?.logit
        candidate.tokens = TokenizedPassage(
            ids: encoder.tokenizer.tokenIDs(for: "downgrade data data"), tokenizer: tokenizer)
        #expect(try await encoder.score(Self.query, [candidate])[0]?.logit != plain)
    }

    @Test func anEmptyPathIsNoModel() {
        let error = #expect(throws: ModelError.self) { try CrossEncoder.load(.directory("")) }
        #expect(error?.kind == .notFound)
        #expect(error?.description.contains("empty") == true, "\(error?.description ?? "")")
    }

    @Test func aTemplateWithTypesThatTheModelLacksIsRefusedAtOnce() throws {
        let folder = try TemporaryFolder.copy(of: "tiny-cross-encoder")
        var builder = try SafetensorsBuilder(copying: SafetensorsFile(.directory(folder.path)))
        let types = try #require(builder.tensors.firstIndex { $0.name.hasSuffix("token_type_embeddings.weight") })
        builder.tensors[types].shape = [1, 64]
        builder.tensors[types].data = builder.tensors[types].data.prefix(64 * 4)
        try folder.write(builder.build(), to: "model.safetensors")
        try folder.change("config.json", "\"type_vocab_size\": 2", "\"type_vocab_size\": 1")
        let error = #expect(throws: ModelError.self) { try CrossEncoder.load(.directory(folder.path)) }
        #expect(error?.kind == .invalidConfiguration)
        #expect(error?.description.contains("type_vocab_size") == true, "\(error?.description ?? "")")
    }

    /// `[CLS]` and `[SEP]` make two tokens out of nothing; a template without special tokens makes none.
    @Test func anEmptyTextIsATextOfSpecialTokens() async throws {
        let encoder = try BiEncoder.load(Golden.source("tiny-bi-encoder"))
        let report = try await encoder.embedWithReport(["", "plan", " \n"], as: .passage)
        #expect(report.tokens == [0, report.tokens[1], 0])
        #expect(report.vectors[0] == report.vectors[2])
        #expect(report.vectors.values.allSatisfy { $0.isFinite })
        let cross = try CrossEncoder.load(Golden.source("tiny-cross-encoder"))
        let empty = Candidate(passage: Passage(id: "p", documentID: "p", text: ""), rank: 1)
        let score = try #require(try await cross.score(Query(""), [empty])[0])
        #expect(score.logit.value.isFinite)
    }

    @Test func anEmptyTextWithoutSpecialTokensIsNamed() async throws {
        let folder = try TemporaryFolder.copy(of: "tiny-bi-encoder")
        let lines = try String(contentsOf: folder.url.appendingPathComponent("vocab.txt"), encoding: .utf8)
        let vocabulary = Dictionary(
            uniqueKeysWithValues: lines.split(separator: "\n").enumerated().map { (String($1), $0) })
        try folder.write(
            JSONSerialization.data(withJSONObject: [
                "normalizer": [
                    "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "lowercase": true,
                ] as [String: Any],
                "pre_tokenizer": ["type": "BertPreTokenizer"],
                "model": [
                    "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                    "max_input_chars_per_word": 100, "vocab": vocabulary,
                ] as [String: Any],
            ]), to: "tokenizer.json")
        let encoder = try BiEncoder.load(.directory(folder.path))
        #expect(try await encoder.embed(["plan"], as: .passage).count == 1)
        // The second batch too: the number is the text's, not its place in a batch.
        let texts = Array(repeating: "plan", count: 600) + [""]
        let error = await #expect(throws: EncoderError.self) { try await encoder.embed(texts, as: .passage) }
        let message = "\(try #require(error))"
        #expect(message.contains("text 601") && message.contains("empty"), "\(message)")
    }

    @Test func brokenStoredIdsNameTheCandidate() async throws {
        let encoder = try CrossEncoder.load(Golden.source("tiny-cross-encoder"))
        var broken = Candidate(passage: Passage(id: "kb-7#3", documentID: "kb-7", text: "plan"), rank: 1)
        broken.tokens = TokenizedPassage(
            ids: [-5], tokenizer: try Golden.source("tiny-cross-encoder").tokenizerFingerprint())
        let candidates = [Candidate(passage: Passage(id: "a", documentID: "a", text: "plan"), rank: 2), broken]
        let error = await #expect(throws: EncoderError.self) { try await encoder.score(Self.query, candidates) }
        let message = "\(try #require(error))"
        #expect(message.contains("\"kb-7#3\""), "\(message)")
    }

    @Test func aScaleThatLeavesFloat32IsRefused() throws {
        let folder = try TemporaryFolder.copy(of: "tiny-cross-encoder-int8")
        var builder = try SafetensorsBuilder(copying: SafetensorsFile(.directory(folder.path)))
        let index = try #require(builder.tensors.firstIndex { $0.name.hasSuffix("query.weight_scale") })
        #expect(builder.tensors[index].dtype == "F32")
        builder.tensors[index].data.replaceSubrange(4..<8, with: withUnsafeBytes(of: Float(3e38)) { Data($0) })
        try folder.write(builder.build(), to: "model.safetensors")
        let error = #expect(throws: ModelError.self) { try CrossEncoder.load(.directory(folder.path)) }
        #expect(error?.kind == .invalidWeights)
        #expect(error?.description.contains("scale of row 1") == true, "\(error?.description ?? "")")
    }

    /// A deadline that passes leaves every later batch alone, whatever is in it.
    @Test func afterTheDeadlineNothingIsTokenised() async throws {
        let encoder = try CrossEncoder.load(
            Golden.source("tiny-cross-encoder"), options: EncoderOptions(truncation: .error))
        let long = Array(repeating: "plan", count: 500).joined(separator: " ")
        let candidates = (0..<1200).map { index in
            Candidate(
                passage: Passage(id: "\(index)", documentID: "\(index)", text: index < 600 ? "plan" : long),
                rank: index + 1)
        }
        let past = ContinuousClock.now - .seconds(1)
        let scores = try await encoder.score(Self.query, candidates, until: past)
        #expect(scores == Array(repeating: nil, count: 1200))
    }

    /// Cancelled requests leave nothing behind: the pool and the workspaces serve the next ones the same bits.
    @Test func cancellationLeavesThePoolAsItWas() async throws {
        let encoder = try CrossEncoder.load(Golden.source("tiny-cross-encoder"), options: EncoderOptions(threads: 3))
        let candidates = (0..<400).map { index in
            Candidate(
                passage: Passage(id: "\(index)", documentID: "\(index)", text: "plan data downgrade \(index)"),
                rank: index + 1)
        }
        let expected = try await encoder.score(Self.query, candidates)
        var cancelled = 0
        for delay in 0..<30 {
            let task = Task { try await encoder.score(Self.query, candidates) }
            try await Task.sleep(for: .microseconds(delay * 100))
            task.cancel()
            switch await task.result {
            case .success(let scores): #expect(scores == expected)
            case .failure(let error):
                #expect(error is CancellationError)
                cancelled += 1
            }
        }
        #expect(cancelled > 0)
        #expect(try await encoder.score(Self.query, candidates) == expected)
    }
}

extension TemporaryFolder {
    /// Replaces a text in one of the files.
    func change(_ name: String, _ old: String, _ new: String) throws {
        let text = try String(contentsOf: url.appendingPathComponent(name), encoding: .utf8)
        try #require(text.contains(old))
        try write(Data(text.replacingOccurrences(of: old, with: new).utf8), to: name)
    }
}
