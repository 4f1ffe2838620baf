import CWinnowKernels

/// A matrix of weights where it lies in its file: float32, float16, bfloat16, or int8 with one scale a row.
///
/// Nothing is copied but the scales. Rows come out as float32, whatever they are stored as.
package struct WeightMatrix: Sendable {
    package let name: String
    package let rows, columns: Int
    /// The stored elements, `[rows, columns]`.
    package let values: TensorView
    /// For int8 one factor a row, not negative, 128 times it finite: the weight is `Float(int8) * scale`. Otherwise empty.
    package let scales: [Float]

    /// Reads `name`, and for int8 `<name>_scale` (`[rows, 1]` or `[rows]`), as compressed-tensors writes them.
    /// - Parameter isQuantized: whether the configuration announces int8 weights.
    /// - Throws: ``ModelError`` when the shape is another, a float is infinite or NaN, an int8 matrix has no scale or
    ///   was not announced, or a float matrix has one.
    package init(
        _ file: SafetensorsFile, name: String, rows: Int, columns: Int, isQuantized: Bool
    ) throws {
        func invalid(_ reason: String) -> ModelError {
            ModelError(.invalidWeights, at: file.file, "tensor \"\(name)\": \(reason)")
        }
        let values = try file.tensor(name)
        guard values.shape == [rows, columns] else {
            throw invalid("the shape is \(values.shape), and config.json asks for [\(rows), \(columns)]")
        }
        let scaleName = name + "_scale"
        if values.dtype == .i8 {
            guard isQuantized else {
                throw invalid("it is int8, and config.json has no quantization_config that says how it was made")
            }
            guard file.contains(scaleName) else {
                throw invalid("it is int8, and its scales \"\(scaleName)\" are missing")
            }
            let zeroPoint = name + "_zero_point"
            guard !file.contains(zeroPoint) else {
                throw invalid("it has zero points (\"\(zeroPoint)\"), and only symmetric int8 is read")
            }
            let scale = try file.tensor(scaleName)
            guard scale.dtype != .i8, scale.shape == [rows, 1] || scale.shape == [rows] else {
                throw invalid(
                    "\"\(scaleName)\" is \(scale.dtype.rawValue) \(scale.shape), "
                        + "and floats of shape [\(rows), 1] belong there"
                )
            }
            try scale.checkFinite()
            scales = scale.floats()
            if let row = scales.firstIndex(where: { $0 < 0 }) {
                throw invalid("the scale of row \(row) is \(scales[row]), and no scale is negative")
            }
            if let row = scales.firstIndex(where: { !($0 * 128).isFinite }) {
                throw invalid("the scale of row \(row) is \(scales[row]), which takes its weights out of float32")
            }
        } else {
            guard !file.contains(scaleName) else {
                throw invalid("it is \(values.dtype.rawValue) and has scales (\"\(scaleName)\"), which only int8 has")
            }
            try values.checkFinite()
            values.dropPages()
            scales = []
        }
        self.name = name
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    /// One row as float32, `columns` values.
    /// - Precondition: `row` is in `0..<rows`.
    package func copyRow(_ row: Int, into destination: UnsafeMutablePointer<Float>) {
        copyRows(row..<row + 1, into: destination)
    }

    /// Has the row on its way to the cache when it is copied soon: rows of a table that are read in no order come from memory.
    /// - Precondition: `row` is in `0..<rows`.
    package func fetchRow(_ row: Int) {
        values.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            let size = bytes.count / rows
            winnow_fetch_soon(base + row * size, size)
        }
    }

    /// `range.count × columns` values, row by row.
    /// - Precondition: `range` lies in `0..<rows`.
    package func copyRows(_ range: Range<Int>, into destination: UnsafeMutablePointer<Float>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(name), which has \(rows)")
        values.copyFloats(range.lowerBound * columns..<range.upperBound * columns, into: destination)
        guard values.dtype == .i8 else { return }
        for row in range {
            let scale = scales[row]
            let start = destination + (row - range.lowerBound) * columns
            for column in 0..<columns { start[column] *= scale }
        }
    }

    /// One row as int8 with one scale: as it is stored, or rounded to 127ths of its largest magnitude.
    /// - Parameter floats: room for `columns` values.
    /// - Returns: the scale; the weight is `Float(code) * scale`.
    /// - Precondition: `row` is in `0..<rows`.
    package func copyCodes(
        _ row: Int, into destination: UnsafeMutablePointer<Int8>, floats: UnsafeMutablePointer<Float>
    ) -> Float {
        precondition(row >= 0 && row < rows, "row \(row) of \(name), which has \(rows)")
        if values.dtype == .i8 {
            values.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                UnsafeMutableRawPointer(destination).copyMemory(from: base + row * columns, byteCount: columns)
            }
            return scales[row]
        }
        copyRow(row, into: floats)
        var most: Float = 0
        for column in 0..<columns { most = max(most, abs(floats[column])) }
        guard most >= 1e-30 else {
            destination.update(repeating: 0, count: columns)
            return 0
        }
        let inverse = 127 / most
        for column in 0..<columns { destination[column] = Int8((floats[column] * inverse).rounded(.toNearestOrEven)) }
        return most / 127
    }

    /// The whole matrix as float32, row by row.
    package func floats() -> [Float] {
        [Float](unsafeUninitializedCapacity: rows * columns) { buffer, initialized in
            if let base = buffer.baseAddress { copyRows(0..<rows, into: base) }
            initialized = rows * columns
        }
    }
}

/// y = W x + b, W `[out, in]` as PyTorch stores it.
package struct LinearWeights: Sendable {
    package let weight: WeightMatrix
    /// One value an output.
    package let bias: [Float]
}

/// Scale and shift of a layer norm.
package struct NormWeights: Sendable {
    package let weight: [Float]
    package let bias: [Float]
}
