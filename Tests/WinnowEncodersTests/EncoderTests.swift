import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowEncoders
import WinnowTokenizers

/// What the encoders promise besides the right numbers: refusals, reports, deadlines, cancellation.
@Suite struct EncoderTests {
    static let query = Query("what happens to my data")

    func candidates(_ texts: [String]) -> [Candidate] {
        texts.enumerated().map { index, text in
            Candidate(passage: Passage(id: "p\(index)", documentID: "p\(index)", text: text), rank: index + 1)
        }
    }

    /// Without products of bfloat16 the weights are rounded and all else is float32: weights that are stored as bfloat16 give
    /// float32's bits. Heads of an odd size, which do not come in pairs, are such a case in all kernels.
    @Test(arguments: Kernels.available.map(\.name))
    func bfloat16WithoutProductsOfItRoundsWeightsOnly(variant: String) async throws {
        let kernels = try #require(Kernels.available.first { $0.name == variant })
        let odd = try EncoderRuntime(
            Golden.source("tiny-cross-encoder-odd-heads"), kind: .crossEncoder,
            options: EncoderOptions(precision: .bfloat16, kernels: kernels))
        #expect(odd.bert.layout.operandBytes == 0 && odd.bert.layout.attention == .float32)
        guard !kernels.hasBFloat16 else { return }
        let texts = candidates(["invoices are kept for ten years", "delete my data", ""])
        var logits: [[Float?]] = []
        for (checkpoint, precision) in [
            ("tiny-cross-encoder-bf16", Precision.float32), ("tiny-cross-encoder-bf16", .bfloat16),
            ("tiny-cross-encoder-odd", .float32), ("tiny-cross-encoder-odd", .bfloat16),
        ] {
            let encoder = try CrossEncoder.load(
                Golden.source(checkpoint), options: EncoderOptions(precision: precision, kernels: kernels))
            logits.append(try await encoder.score(Self.query, texts).map { $0?.logit.value })
        }
        #expect(logits[0] == logits[1])
        #expect(logits[2] != logits[3])
        for (exact, rounded) in zip(logits[2], logits[3]) {
            #expect(abs(try #require(exact) - (try #require(rounded))) < 0.1)
        }
    }

    /// Float weights that become int8 by the way are no secret; int8 ones, and other arithmetic, need no note.
    @Test(arguments: [
        ("tiny-cross-encoder", Precision.int8, "float32"), ("tiny-cross-encoder-f16", .int8, "float16"),
        ("tiny-cross-encoder-bf16", .int8, "bfloat16"), ("tiny-cross-encoder-int8", .int8, ""),
        ("tiny-cross-encoder-int8", .float32, ""), ("tiny-cross-encoder", .float32, ""),
        ("tiny-cross-encoder", .automatic, ""),
    ])
    func quantisingAtLoadIsSaid(checkpoint: String, precision: Precision, stored: String) throws {
        let encoder = try CrossEncoder.load(
            Golden.source(checkpoint), options: EncoderOptions(precision: precision))
        let added = encoder.notes.filter { !encoder.description.notes.contains($0) }
        #expect(added.count == (stored.isEmpty ? 0 : 1))
        #expect(added.allSatisfy { $0.contains("holds \(stored) weights") && $0.contains("int8") })
    }

    /// What a score depends on is named: another arithmetic is another identity.
    @Test(arguments: [(Precision.float32, "float32"), (.int8, "int8")])
    func theIdentityNamesTheArithmetic(precision: Precision, name: String) throws {
        let encoder = try CrossEncoder.load(
            Golden.source("tiny-cross-encoder-int8"), options: EncoderOptions(precision: precision))
        #expect(try encoder.identity.precision == name)
    }

    /// int8 by itself only for weights that are stored so, and where it is fast; float weights are never quantised unasked.
    @Test(arguments: Kernels.available.map(\.name), ["tiny-cross-encoder", "tiny-cross-encoder-int8", "built in"])
    func automaticIsInt8ForStoredInt8OnVNNI(variant: String, model: String) throws {
        let kernels = try #require(Kernels.available.first { $0.name == variant })
        #expect(kernels.hasVNNI == ["avx512bf16", "avx512vnni", "avxvnni"].contains(variant))
        let encoder = try CrossEncoder.load(
            model == "built in" ? .builtIn(.crossEncoder) : Golden.source(model),
            options: EncoderOptions(kernels: kernels))
        let expected = model != "tiny-cross-encoder" && kernels.hasVNNI ? "int8" : "float32"
        #expect(try encoder.identity.precision == expected)
    }

    @Test(arguments: [0, -1, 257])
    func threadsOutOfRangeAreRefused(threads: Int) {
        #expect(throws: EncoderError.invalidThreads(threads)) {
            try BiEncoder.load(Golden.source("tiny-bi-encoder"), options: EncoderOptions(threads: threads))
        }
    }

    @Test func aModelOfTheOtherKindIsRefused() {
        let wrong = #expect(throws: ModelError.self) { try CrossEncoder.load(Golden.source("tiny-bi-encoder")) }
        #expect(wrong?.kind == .wrongKind)
        #expect(wrong?.location == Fixtures.url("tiny-bi-encoder").path)
        let reverse = #expect(throws: ModelError.self) { try BiEncoder.load(Golden.source("tiny-cross-encoder")) }
        #expect(reverse?.kind == .wrongKind)
    }

    @Test func aFolderWithoutATokenizerIsRefusedByItsName() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: Fixtures.url("tiny-cross-encoder"), to: folder)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.removeItem(at: folder.appendingPathComponent("vocab.txt"))
        let error = #expect(throws: TokenizerError.self) { try CrossEncoder.load(.directory(folder.path)) }
        #expect(error?.kind == .missingFile)
        #expect("\(try #require(error))".contains(folder.lastPathComponent))
    }

    @Test func aTokenizerWithMoreIdsThanTheEmbeddingTableIsRefused() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: Fixtures.url("tiny-cross-encoder"), to: folder)
        defer { try? FileManager.default.removeItem(at: folder) }
        let vocabulary = folder.appendingPathComponent("vocab.txt")
        var text = try String(contentsOf: vocabulary, encoding: .utf8)
        for index in 0..<500 { text += "surplus\(index)\n" }
        try text.write(to: vocabulary, atomically: true, encoding: .utf8)
        let error = #expect(throws: EncoderError.self) { try CrossEncoder.load(.directory(folder.path)) }
        guard case .vocabularyMismatch(_, let tokenizer, let embeddings) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(tokenizer > embeddings)
    }

    @Test func aMaximumLengthBeyondTheModelIsRefused() {
        #expect(throws: TokenizerError.self) {
            try CrossEncoder.load(Golden.source("tiny-cross-encoder"), options: EncoderOptions(maxLength: 100_000))
        }
    }

    @Test func whatThePassageLosesIsCountedAndTheQueryLosesNothing() async throws {
        let encoder = try CrossEncoder.load(Golden.source("tiny-cross-encoder"), options: EncoderOptions(maxLength: 32))
        let long = Array(repeating: "plan", count: 50).joined(separator: " ")
        let scores = try await encoder.score(Self.query, candidates([long, "plan"]))
        let queryTokens = encoder.tokenizer.tokenIDs(for: Self.query.text).count
        let passageTokens = encoder.tokenizer.tokenIDs(for: long).count
        #expect(scores[0]?.passageTokensDropped == passageTokens - (32 - 3 - queryTokens))
        #expect(scores[0]?.queryTokensDropped == 0)
        #expect(scores[1]?.passageTokensDropped == 0)
    }

    @Test func aQueryOverHalfOfTheRoomIsAnError() async throws {
        let encoder = try CrossEncoder.load(Golden.source("tiny-cross-encoder"), options: EncoderOptions(maxLength: 12))
        let long = Query(Array(repeating: "plan", count: 9).joined(separator: " "))
        let error = await #expect(throws: TokenizerError.self) {
            try await encoder.score(long, candidates(["plan"]))
        }
        #expect(error?.kind == .queryTooLong)
    }

    @Test func theErrorPolicyNamesTheCandidate() async throws {
        let encoder = try CrossEncoder.load(
            Golden.source("tiny-cross-encoder"), options: EncoderOptions(maxLength: 24, truncation: .error))
        let long = Array(repeating: "plan", count: 50).joined(separator: " ")
        let error = await #expect(throws: EncoderError.self) {
            try await encoder.score(Self.query, candidates(["plan", long]))
        }
        #expect("\(try #require(error))".contains("\"p1\""))
    }

    @Test func theScoreIsTheModelsOwnActivation() async throws {
        let encoder = try CrossEncoder.load(Golden.source("tiny-cross-encoder"))
        let score = try #require(try await encoder.score(Self.query, candidates(["plan"]))[0])
        #expect(score.score.kind == encoder.description.activation)
        switch score.score.kind {
        case .identity: #expect(score.score.value == score.logit.value)
        case .sigmoid:
            #expect(abs(Double(score.score.value) - 1 / (1 + exp(-Double(score.logit.value)))) < 1e-6)
        }
    }

    @Test func idsFromIngestGiveTheSameBitsAndForeignOnesAreIgnored() async throws {
        let encoder = try CrossEncoder.load(Golden.source("tiny-cross-encoder"))
        let plain = candidates(["plan data", "downgrade"])
        let expected = try await encoder.score(Self.query, plain)

        let own = try Golden.source("tiny-cross-encoder").tokenizerFingerprint()
        let foreign = try #require(Fingerprint(hexadecimal: String(repeating: "0", count: 64)))
        var stored = plain
        stored[0].tokens = TokenizedPassage(ids: encoder.tokenizer.tokenIDs(for: "plan data"), tokenizer: own)
        stored[1].tokens = TokenizedPassage(ids: [1, 2, 3], tokenizer: foreign)
        #expect(try await encoder.score(Self.query, stored) == expected)
    }

    /// Stored ids come from a database: nonsense in it must be an error.
    @Test func idsBeyondTheVocabularyAreAnError() async throws {
        let encoder = try CrossEncoder.load(Golden.source("tiny-cross-encoder"))
        var broken = candidates(["plan"])
        broken[0].tokens = TokenizedPassage(
            ids: [Int32.max, -5], tokenizer: try Golden.source("tiny-cross-encoder").tokenizerFingerprint())
        await #expect(throws: EncoderError.self) { try await encoder.score(Self.query, broken) }
    }

    @Test func aDeadlineThatHasPassedScoresNothing() async throws {
        let encoder = try CrossEncoder.load(Golden.source("tiny-cross-encoder"))
        let past = ContinuousClock.now - .seconds(1)
        #expect(try await encoder.score(Self.query, candidates(["plan", "data"]), until: past) == [nil, nil])
        let later = ContinuousClock.now + .seconds(600)
        #expect(!(try await encoder.score(Self.query, candidates(["plan", "data"]), until: later)).contains(nil))
    }

    @Test func aCancelledTaskThrows() async throws {
        let encoder = try CrossEncoder.load(Golden.source("tiny-cross-encoder"))
        let candidates = candidates(Array(repeating: "plan data downgrade", count: 5000))
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await encoder.score(Self.query, candidates)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func nothingInNothingOut() async throws {
        let cross = try CrossEncoder.load(Golden.source("tiny-cross-encoder"))
        #expect(try await cross.score(Self.query, []).isEmpty)
        let bi = try BiEncoder.load(Golden.source("tiny-bi-encoder"))
        #expect(try await bi.embed([], as: .passage).count == 0)
    }

    @Test func embeddingReportsWhatWasCut() async throws {
        let encoder = try BiEncoder.load(Golden.source("tiny-bi-encoder"), options: EncoderOptions(maxLength: 10))
        let long = Array(repeating: "plan", count: 50).joined(separator: " ")
        let report = try await encoder.embedWithReport(["plan", long], as: .passage)
        #expect(report.tokensDropped == [0, report.tokens[1] - 8])
        #expect(report.vectors.count == 2)
    }

    @Test(arguments: Kernels.available.map(\.name), Golden.biEncoders)
    func theWholePathAgreesWithTransformers(variant: String, checkpoint: String) async throws {
        let kernels = try #require(Kernels.available.first { $0.name == variant })
        let encoder = try BiEncoder.load(Golden.source(checkpoint), options: EncoderOptions(kernels: kernels))
        let golden = try Golden.read(checkpoint)
        let inputs = golden.examples.map { ModelInput(ids: $0.ids, typeIDs: $0.typeIDs) }
        let vectors = try await encoder.vectors(inputs)
        for (example, vector) in zip(golden.examples, vectors) {
            let expected = encoder.description.normalizes ? example.meanNormalized : example.mean
            let comparison = Approximate(
                try #require(vector), try #require(expected), within: .embeddings, example.text)
            #expect(comparison.holds, "\(comparison)")
        }
    }

    @Test(arguments: Kernels.available.map(\.name), Golden.crossEncoders)
    func headsAgreeWithTransformers(variant: String, checkpoint: String) async throws {
        let kernels = try #require(Kernels.available.first { $0.name == variant })
        let encoder = try CrossEncoder.load(
            Golden.source(checkpoint), options: EncoderOptions(precision: .float32, kernels: kernels))
        let golden = try Golden.read(checkpoint)
        let logits = try await encoder.logits(golden.examples.map { ModelInput(ids: $0.ids, typeIDs: $0.typeIDs) })
        let comparison = Approximate(
            logits.map { $0 ?? .nan }, golden.examples.compactMap(\.logit), within: .logits, checkpoint)
        #expect(comparison.holds, "\(comparison)")
    }

    @Test func identityNamesAllThatAScoreDependsOn() throws {
        let encoder = try CrossEncoder.load(
            Golden.source("tiny-cross-encoder"), options: EncoderOptions(maxLength: 32, truncation: .longestFirst))
        let identity = try encoder.identity
        #expect(identity.name == "tiny-cross-encoder")
        #expect(identity.precision == "float32")
        #expect(identity.kernels == Kernels.active.name)
        #expect(identity.truncation == "longest-first:32")
        #expect(identity.fingerprint == (try Golden.source("tiny-cross-encoder").fingerprint()))
    }
}
