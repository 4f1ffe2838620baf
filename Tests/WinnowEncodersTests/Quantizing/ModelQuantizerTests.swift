import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowEncoders
import WinnowTokenizers

/// Whole folders, made of the tiny fixtures.
@Suite struct ModelQuantizerTests {
    static let checkpoints = [
        "tiny-cross-encoder", "tiny-cross-encoder-f16", "tiny-cross-encoder-bf16", "tiny-cross-encoder-odd",
    ]

    private let folder: TemporaryFolder
    private var output: String { folder.path + "/out" }

    init() throws { folder = try TemporaryFolder() }

    @discardableResult
    private func quantize(
        _ checkpoint: String, _ method: RoundingMethod = .compensation, threads: Int? = nil, into path: String? = nil,
        calibration: SampleTexts = .builtInCalibration, heldOut: SampleTexts = .builtInHeldOut
    ) async throws -> ModelQuantizer.Report {
        try await ModelQuantizer(method: method, threads: threads).quantize(
            Golden.source(checkpoint), into: path ?? output, calibration: calibration, heldOut: heldOut)
    }

    /// Logits of transformers for the float model, and ours of the int8 folder.
    private func errors(_ checkpoint: String, _ path: String, _ precision: Precision) async throws -> [Float] {
        let encoder = try CrossEncoder.load(.directory(path), options: EncoderOptions(precision: precision))
        var errors: [Float] = []
        for example in try Golden.read(checkpoint).examples {
            guard let pair = example.pair, let logit = example.logit else { continue }
            let candidate = Candidate(passage: Passage(id: "1", documentID: "1", text: pair), rank: 1)
            let score = try await encoder.score(Query(example.text), [candidate])[0]
            errors.append(abs((try #require(score)).logit.value - logit))
        }
        #expect(errors.count >= 8)
        return errors
    }

    /// Logits of the fixtures have a standard deviation of 3. Their weights are random: nothing was trained to be robust, and matrices
    /// of 48 to 128 inputs average little. Plain rounding by transformers moves these logits by as much
    /// (`plainRoundingIsThatOfTransformers`); a wrong scale or a swapped row moves them by whole units.
    @Test(arguments: checkpoints, RoundingMethod.allCases)
    func logitsStayNearThoseOfTheFloatModel(checkpoint: String, method: RoundingMethod) async throws {
        let report = try await quantize(checkpoint, method)
        let exact = try await errors(checkpoint, output, .float32)
        #expect(exact.reduce(0, +) / Float(exact.count) < 0.25, "\(exact)")
        let int8 = try await errors(checkpoint, output, .int8)
        #expect(int8.reduce(0, +) / Float(int8.count) < 0.35, "\(int8)")
        // What the card says of other texts is of the same kind.
        #expect(report.cost.weightsOnly.scores.largest < 0.5 && report.cost.weightsOnly.scores.largest > 0)
        #expect(report.cost.pairs == 256 && report.cost.kernels == Kernels.active.name)
        let tau = try #require(report.cost.weightsOnly.kendallTau)
        #expect(tau > 0.8 && tau <= 1)
    }

    /// The int8 fixture was made beside transformers by rounding to the nearest: the same scales and codes.
    @Test func plainRoundingIsThatOfTransformers() async throws {
        try await quantize("tiny-cross-encoder", .nearest)
        let (ours, theirs) = (
            try SafetensorsFile(.directory(output)), try SafetensorsFile(Golden.source("tiny-cross-encoder-int8"))
        )
        for name in theirs.names {
            let (one, other) = (try ours.tensor(name), try theirs.tensor(name))
            #expect(one.withUnsafeBytes { Data($0) } == other.withUnsafeBytes { Data($0) }, "\(name)")
        }
        let encoder = try CrossEncoder.load(.directory(output), options: EncoderOptions(precision: .float32))
        let examples = try Golden.read("tiny-cross-encoder-int8").examples.filter { $0.pair != nil }
        let inputs = examples.map { ModelInput(ids: $0.ids, typeIDs: $0.typeIDs) }
        let logits = try await encoder.logits(inputs).map { $0 ?? .nan }
        let comparison = Approximate(logits, examples.map { $0.logit ?? .nan }, within: .logits, "logits")
        #expect(comparison.holds, "\(comparison)")
    }

    @Test(arguments: RoundingMethod.allCases)
    func vectorsStayNearThoseOfTheFloatModel(method: RoundingMethod) async throws {
        let report = try await quantize("tiny-bi-encoder", method)
        let vectors = try #require(report.cost.weightsOnly.vectors)
        #expect(vectors.largest < 0.01 && vectors.largest > 0)
        for precision in [Precision.float32, .int8] {
            let encoder = try BiEncoder.load(.directory(output), options: EncoderOptions(precision: precision))
            let examples = try Golden.read("tiny-bi-encoder").examples.filter { $0.ids.count <= 48 }
            let found = try await encoder.embed(examples.map(\.text), as: .passage)
            for (index, example) in examples.enumerated() {
                let expected = try #require(example.meanNormalized)
                let product = zip(found[index], expected).reduce(0) { $0 + Double($1.0) * Double($1.1) }
                #expect(product > 0.99, "\(precision) \(example.text): \(product)")
            }
        }
    }

    /// Layout: the same tensors as the fixture of transformers' side, everything else byte for byte.
    @Test func theFolderHoldsWhatAnInt8FolderHolds() async throws {
        try await quantize("tiny-cross-encoder")
        let file = try SafetensorsFile(.directory(output))
        let example = try SafetensorsFile(Golden.source("tiny-cross-encoder-int8"))
        #expect(file.names == example.names)
        for name in file.names {
            #expect(file.shape(of: name) == example.shape(of: name), "\(name)")
            #expect(try file.tensor(name).dtype == example.tensor(name).dtype, "\(name)")
        }
        let original = try SafetensorsFile(Golden.source("tiny-cross-encoder"))
        for name in original.names where try file.tensor(name).dtype == .f32 {
            let (one, other) = (try file.tensor(name), try original.tensor(name))
            #expect(one.withUnsafeBytes { Data($0) } == other.withUnsafeBytes { Data($0) }, "\(name)")
        }
        let description = try ModelDescription.read(.directory(output))
        #expect(description.bert.quantization?.quantizesActivations == true)
        #expect(description.activation == .sigmoid && description.maxLength == 64)
    }

    @Test func filesOfABiEncoderAreCopied() async throws {
        try await quantize("tiny-bi-encoder")
        for name in [
            "modules.json", "1_Pooling/config.json", "sentence_bert_config.json", "tokenizer_config.json", "vocab.txt",
        ] {
            #expect(
                FileManager.default.contents(atPath: output + "/" + name)
                    == (try Fixtures.data("tiny-bi-encoder/" + name)), "\(name)")
        }
        // A buffer of another type is carried along, and so are names of 2018.
        let file = try SafetensorsFile(.directory(output))
        #expect(file.shape(of: "embeddings.position_ids") == [1, 64])
        #expect(file.names.contains { $0.hasSuffix("LayerNorm.gamma") })
        #expect(try file.tensor("pooler.dense.weight").dtype == .i8)
        // The quantised model is not one to be quantised.
        await #expect(throws: QuantizationError.self) {
            try await ModelQuantizer().quantize(
                .directory(output), into: folder.path + "/twice", calibration: .builtInCalibration,
                heldOut: .builtInHeldOut)
        }
    }

    @Test func threadsChangeNoByte() async throws {
        for threads in [1, 3] {
            try await quantize("tiny-cross-encoder-odd", threads: threads, into: output + "\(threads)")
        }
        for name in ["model.safetensors", "config.json"] {
            #expect(
                FileManager.default.contents(atPath: output + "1/" + name)
                    == FileManager.default.contents(atPath: output + "3/" + name), "\(name)")
        }
    }

    @Test func whatIsThereIsLeftAlone() async throws {
        try folder.write("out/notes.txt", "mine")
        await #expect(throws: QuantizationError.outputExists(path: output)) { try await quantize("tiny-bi-encoder") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: output) == ["notes.txt"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out"])
        let nowhere = folder.path + "/no/such/folder"
        await #expect(throws: QuantizationError.self) { try await quantize("tiny-bi-encoder", into: nowhere) }
    }

    @Test func textsOfTheCalibrationAreNotMeasuredOn() async throws {
        let same = SampleTexts.builtInCalibration
        let error = await #expect(throws: QuantizationError.self) {
            try await quantize("tiny-cross-encoder", heldOut: same)
        }
        #expect(error?.description.contains("calibration texts") == true)
        var some = same
        some.name = "a mix"
        some.passages.append("A passage that is nowhere else.")
        some.queries.append(.init("and a question", passages: [0, some.passages.count - 1]))
        let report = try await quantize("tiny-cross-encoder", heldOut: some)
        #expect(report.cost.pairs == 1 && report.cost.queries == 1 && report.cost.passages == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out"])
    }

    @Test func aCancellationLeavesNothing() async throws {
        let work = Task {
            try await ModelQuantizer().quantize(
                Golden.source("tiny-cross-encoder"), into: output, calibration: .builtInCalibration,
                heldOut: .builtInHeldOut
            ) { step in
                // The folder is there under another name by now.
                if case .measuring = step { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await #expect(throws: CancellationError.self) { try await work.value }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func theHeldOutTextsAreNotTheCalibrationTexts() {
        let (one, other) = (SampleTexts.builtInCalibration, SampleTexts.builtInHeldOut)
        #expect(Set(one.passages).isDisjoint(with: other.passages))
        #expect(Set(one.queries.map(\.text)).isDisjoint(with: other.queries.map(\.text)))
        for texts in [one, other] {
            #expect(Set(texts.passages).count == texts.passages.count)
            #expect(texts.queries.allSatisfy { $0.passages.allSatisfy(texts.passages.indices.contains) })
        }
    }
}
