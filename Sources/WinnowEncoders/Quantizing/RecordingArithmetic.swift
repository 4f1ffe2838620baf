import CWinnowKernels
import Synchronization

/// float32 arithmetic that keeps the inputs of the matrices it multiplies.
package struct RecordingArithmetic: BertArithmetic {
    package struct Matrix: Sendable {
        let packed: PackedLinear
        /// Of the first of its parts.
        let name: String
    }

    private let plain: Float32Arithmetic
    private let recorder: InputRecorder

    package var kernels: Kernels { plain.kernels }
    package var layout: WorkspaceLayout { plain.layout }

    package init(_ kernels: Kernels, recorder: InputRecorder) {
        plain = Float32Arithmetic(kernels)
        self.recorder = recorder
    }

    package func pack(_ parts: [LinearWeights]) -> Matrix {
        Matrix(packed: plain.pack(parts), name: parts.first?.weight.name ?? "")
    }

    package func operand(
        _ input: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int, spare: Operand
    ) -> Operand {
        plain.operand(input, stride: stride, rows: rows, columns: columns, spare: spare)
    }

    package func normalize(
        _ norm: PackedNorm, _ input: UnsafePointer<Float>, residual: UnsafePointer<Float>?, rows: Int,
        into output: UnsafeMutablePointer<Float>, stride: Int, spare: Operand
    ) -> Operand {
        plain.normalize(norm, input, residual: residual, rows: rows, into: output, stride: stride, spare: spare)
    }

    package func multiply(
        _ matrix: Matrix, _ input: Operand, rows: Int, epilogue: winnow_epilogue,
        into output: UnsafeMutablePointer<Float>, stride: Int
    ) {
        recorder.record(matrix.name, input, rows: rows, columns: matrix.packed.inputs)
        plain.multiply(matrix.packed, input, rows: rows, epilogue: epilogue, into: output, stride: stride)
    }

    package func multiply(
        _ matrix: Matrix, _ input: Operand, rows: Int, forAttention output: UnsafeMutableRawPointer, stride: Int
    ) {
        recorder.record(matrix.name, input, rows: rows, columns: matrix.packed.inputs)
        plain.multiply(matrix.packed, input, rows: rows, forAttention: output, stride: stride)
    }
}

/// The inputs that one pass showed to the matrices of some names.
package final class InputRecorder: Sendable {
    private let wanted: Set<String>
    private let rows = Mutex<[String: [Float]]>([:])

    package init(wanted: Set<String>) {
        self.wanted = wanted
    }

    func record(_ name: String, _ input: Operand, rows count: Int, columns: Int) {
        guard wanted.contains(name) else { return }
        rows.withLock { rows in
            for row in 0..<count {
                let start = (input.base + row * input.stride).assumingMemoryBound(to: Float.self)
                rows[name, default: []].append(contentsOf: UnsafeBufferPointer(start: start, count: columns))
            }
        }
    }

    /// By the matrix's name, `[rows, inputs]` without gaps.
    package var recorded: [String: [Float]] { rows.withLock { $0 } }
}
