import WinnowCore
import WinnowTokenizers

/// Makes the int8 folder of a float model: linear layers and word and position embeddings int8, symmetric, one float32 scale a
/// row (compressed-tensors `int-quantized`), everything else as it was.
public struct ModelQuantizer: Sendable {
    public var method: RoundingMethod
    /// Compute threads at most; nil: as many as the process has processors. The result does not depend on it.
    public var threads: Int?

    public init(method: RoundingMethod = .compensation, threads: Int? = nil) {
        self.method = method
        self.threads = threads
    }

    /// A long step and how much of it is done.
    public enum Step: Sendable, Hashable {
        /// Texts through the float model, in chunks.
        case calibrating(done: Int, of: Int)
        /// Rows of weights.
        case rounding(done: Int, of: Int)
        /// Models over the held-out texts.
        case measuring(done: Int, of: Int)
    }

    /// What was made.
    public struct Report: Sendable, Hashable {
        public var model: String
        public var kind: ModelKind
        /// Float type of the original's weights.
        public var storedAs: TensorType
        public var method: RoundingMethod
        public var calibrationName: String
        public var calibrationSequences, calibrationTokens: Int
        public var heldOutName: String
        public var matrices, weights: Int
        /// Of `model.safetensors`, before and after.
        public var bytesBefore, bytesAfter: Int
        public var cost: QuantizationCost
    }

    /// Refuses a folder that could not be made, before there is any work.
    /// - Throws: ``QuantizationError``
    public static func check(output path: String) throws { try ModelFolderWriter.check(path) }

    /// Tokens of a calibration sequence at most: long ones say little that is new.
    static let calibrationLength = 256

    /// Reads a model, quantises it, writes the folder, measures it on the held-out texts, writes its card, and only then gives the
    /// folder its name: after an error or a cancellation nothing is left.
    /// - Parameters:
    ///   - path: of the folder to be made; nothing may be there.
    ///   - calibration: the texts that say which inputs weights meet.
    ///   - heldOut: the texts of the measured cost; what is among the calibration texts too is left out.
    /// - Throws: ``QuantizationError``; ``ModelError``, `TokenizerError` and ``EncoderError`` for the model; `CancellationError`.
    public func quantize(
        _ model: ModelSource, into path: String, calibration: SampleTexts, heldOut: SampleTexts,
        progress: @escaping @Sendable (Step) -> Void = { _ in }
    ) async throws -> Report {
        try ModelFolderWriter.check(path)
        let original = try FloatModel(model.opened())
        let heldOut = heldOut.excluding(calibration)
        guard heldOut.pairCount > 0 else {
            throw QuantizationError.tooFewTexts(
                "\(heldOut.name): no query with a passage is left that is not among the calibration texts: what quantising "
                    + "costs is measured on other texts")
        }
        let length = min(original.description.maxLength, Self.calibrationLength)
        let inputs = try calibration.inputs(
            original.description, tokenizer: original.tokenizer, maxLength: length)
        guard method == .nearest || !inputs.isEmpty else {
            throw QuantizationError.tooFewTexts("\(calibration.name): there is no text to calibrate with")
        }
        let matrices = try await quantized(original, inputs, progress)

        let writer = try ModelFolderWriter(path)
        defer { writer.discard() }
        let bytesAfter = try write(original, matrices, to: writer)
        let cost = try await QuantizationCost.measure(
            exact: original.source, quantized: .directory(writer.temporaryPath), kind: original.description.kind,
            texts: heldOut, threads: threads
        ) { progress(.measuring(done: $0, of: 3)) }
        let report = Report(
            model: original.description.name, kind: original.description.kind, storedAs: original.storedAs,
            method: method, calibrationName: calibration.name,
            calibrationSequences: method == .nearest ? 0 : inputs.count,
            calibrationTokens: method == .nearest ? 0 : inputs.reduce(0) { $0 + $1.ids.count },
            heldOutName: heldOut.name, matrices: matrices.count,
            weights: matrices.reduce(0) { $0 + $1.codes.count },
            bytesBefore: try original.source.requiredFile("model.safetensors").count, bytesAfter: bytesAfter,
            cost: cost)
        let card = ModelCard(report: report, original: try ModelCard.text(of: original.source))
        try writer.write("README.md", card.text)
        try writer.commit()
        return report
    }

    // MARK: - Rounding

    /// An int8 matrix.
    struct QuantizedMatrix: Sendable {
        var name: String
        var shape: [Int]
        var codes: [Int8]
        var scales: [Float]
    }

    /// Bytes of moments that are kept at a time: a large model is calibrated some layers after the others.
    private static let momentBytes = 3 << 29

    private func quantized(
        _ model: FloatModel, _ inputs: [ModelInput], _ progress: @escaping @Sendable (Step) -> Void
    ) async throws -> [QuantizedMatrix] {
        let total = model.matrices.reduce(0) { $0 + $1.matrix.rows }
        var done = 0
        var results: [QuantizedMatrix] = []
        func round(_ matrices: [FloatModel.Matrix], _ moments: [String: SecondMoments]) async throws {
            let before = done
            results += try await self.round(matrices, moments) { rows in
                progress(.rounding(done: before + rows, of: total))
            }
            done += matrices.reduce(0) { $0 + $1.matrix.rows }
        }
        guard method != .nearest else {
            try await round(model.matrices, [:])
            return results
        }
        try await round(model.matrices.filter { $0.layer == nil }, [:])
        let bert = model.description.bert
        let layers = bert.layerCount
        let threads = threads ?? Kernels.processorCount
        let perLayer =
            (4 * bert.hiddenSize * bert.hiddenSize + bert.intermediateSize * bert.intermediateSize) * (16 + 4 * threads)
        let stretch = max(1, min(layers, Self.momentBytes / max(1, perLayer)))
        let pass = CalibrationPass(
            model.weights, configuration: bert, inputs: inputs,
            readsFirstTokens: model.description.kind == .crossEncoder || model.description.pooling == .cls,
            kernels: .active, threads: threads)
        let stretches = (layers + stretch - 1) / stretch
        for (index, first) in Swift.stride(from: 0, to: layers, by: stretch).enumerated() {
            let range = first..<min(first + stretch, layers)
            let moments = try await pass.moments(layers: range) { chunks in
                progress(
                    .calibrating(done: index * pass.chunkCount + chunks, of: stretches * pass.chunkCount))
            }
            try await round(model.matrices.filter { $0.layer.map(range.contains) ?? false }, moments)
        }
        return results
    }

    /// Rows of a task of the pool: short enough for a cancellation to be noticed soon.
    private static let rowsPerTask = 64

    private func round(
        _ matrices: [FloatModel.Matrix], _ moments: [String: SecondMoments],
        done: @escaping @Sendable (Int) -> Void
    ) async throws -> [QuantizedMatrix] {
        let method = method
        let quantizers = Collected<RowQuantizer>(count: matrices.count)
        try await WorkerPool.runUntilCancelled(chains: [[matrices.count]], limit: threads) { task in
            let matrix = matrices[task.task].matrix
            quantizers.store(
                RowQuantizer(
                    method, columns: matrix.columns, moments: moments[matrix.name], kernels: .active),
                at: task.task)
        }
        let prepared = quantizers.values.compactMap { $0 }
        var pieces: [(matrix: Int, rows: Range<Int>)] = []
        for (index, entry) in matrices.enumerated() {
            let rows = entry.matrix.rows
            for first in Swift.stride(from: 0, to: rows, by: Self.rowsPerTask) {
                pieces.append((index, first..<min(first + Self.rowsPerTask, rows)))
            }
        }
        let work = pieces
        let rounded = Collected<(codes: [Int8], scales: [Float])>(count: work.count)
        let counter = RowCounter()
        try await WorkerPool.runUntilCancelled(chains: [[work.count]], limit: threads) { task in
            let (index, rows) = work[task.task]
            rounded.store(Self.round(matrices[index].matrix, rows, prepared[index]), at: task.task)
            done(counter.add(rows.count))
        }
        var results = matrices.map {
            QuantizedMatrix(name: $0.matrix.name, shape: [$0.matrix.rows, $0.matrix.columns], codes: [], scales: [])
        }
        for (piece, result) in zip(work, rounded.values) {
            results[piece.matrix].codes += result?.codes ?? []
            results[piece.matrix].scales += result?.scales ?? []
        }
        return results
    }

    private static func round(
        _ matrix: WeightMatrix, _ rows: Range<Int>, _ quantizer: RowQuantizer
    ) -> (codes: [Int8], scales: [Float]) {
        let floats = AlignedFloats(count: rows.count * matrix.columns)
        matrix.copyRows(rows, into: floats.base)
        var scales = [Float](repeating: 0, count: rows.count)
        let codes = [Int8](unsafeUninitializedCapacity: rows.count * matrix.columns) { buffer, initialized in
            if let base = buffer.baseAddress {
                scales.withUnsafeMutableBufferPointer { scales in
                    guard let scales = scales.baseAddress else { return }
                    quantizer.quantize(floats.base, count: rows.count, codes: base, scales: scales)
                }
            }
            initialized = rows.count * matrix.columns
        }
        return (codes, scales)
    }

    // MARK: - Writing

    /// - Returns: the bytes of `model.safetensors`.
    private func write(
        _ model: FloatModel, _ matrices: [QuantizedMatrix], to writer: ModelFolderWriter
    ) throws -> Int {
        var tensors: [SafetensorsWriter.Tensor] = []
        let names = Set(matrices.map(\.name))
        for matrix in matrices {
            tensors.append(.init(matrix.name, matrix.codes, shape: matrix.shape))
            tensors.append(.init(matrix.name + "_scale", matrix.scales, shape: [matrix.shape[0], 1]))
        }
        for name in model.file.names where !names.contains(name) {
            guard let stored = model.file.stored(name) else { continue }
            tensors.append(.init(name, dtype: stored.dtype, shape: stored.shape, bytes: stored.bytes))
        }
        var count = 0
        try writer.write("model.safetensors") { sink in
            try SafetensorsWriter(tensors).write { bytes in
                count += bytes.count
                try sink(bytes)
            }
        }
        let configuration = try model.source.requiredFile("config.json")
        try writer.write(
            "config.json",
            try QuantizedConfiguration.text(
                of: configuration, ignored: model.ignoredModules,
                location: model.source.location(of: "config.json")))
        for name in try model.otherFiles() {
            guard let bytes = try model.source.file(name) else { continue }
            try writer.write(name) { sink in try withExtendedLifetime(bytes) { try sink(bytes.buffer) } }
        }
        return count
    }
}
