import CWinnowKernels
import Synchronization

/// Rows as the matrices of an arithmetic take them: floats, bfloat16, or codes with one scale a row.
package struct Operand {
    package var base: UnsafeMutableRawPointer
    /// Bytes from row to row.
    package var stride: Int
    /// One a row for codes; of no meaning otherwise.
    package var scales: UnsafeMutablePointer<Float>

    /// The rows from `first` on.
    package func advanced(by first: Int) -> Operand {
        Operand(base: base + first * stride, stride: stride, scales: scales + first)
    }
}

/// Bytes of the values that an arithmetic works on between its float32 rows.
package struct WorkspaceLayout: Sendable, Hashable {
    /// Bytes of a value in a matrix's input; 0 where that is the float32 row itself.
    package var operandBytes: Int
    /// Bytes of a value of queries, keys and values: 4 or 2.
    package var attentionBytes: Int
}

/// The memory of one forward pass: allocated once, grown when a longer group comes, lent to one thread at a time.
package final class BertWorkspace {
    /// Rows of a block that goes through projection, norms and feed-forward together: its inner values
    /// (rows × intermediate) stay in the second-level cache.
    package static let blockRows = 96

    package let layout: WorkspaceLayout
    /// Floats from row to row.
    package let hiddenStride, middleStride: Int
    /// Values (of ``WorkspaceLayout/attentionBytes``) from row to row.
    package let queryStride, keyValueStride: Int
    private let headSize: Int
    private var rows = 0
    private var longest = 0
    /// Activations between layers, `[rows, hidden]`.
    package private(set) var hidden: UnsafeMutablePointer<Float>
    /// What attention found, `[rows, hidden]`.
    package private(set) var context: UnsafeMutablePointer<Float>
    package private(set) var query, keyValue: UnsafeMutableRawPointer
    /// Rows of `hidden`, then of `context`, as matrices take them; where that is floats, it is not used.
    package private(set) var operand: Operand
    /// `[blockRows, hidden]`, the product of a projection.
    package let projected: UnsafeMutablePointer<Float>
    /// `[blockRows, intermediate]`
    package let middle: UnsafeMutablePointer<Float>
    package let middleOperand: Operand
    package private(set) var scratch: UnsafeMutableRawPointer

    private var owned: [AlignedBytes] = []
    private let ownedBlocks: [AlignedBytes]

    package init(_ configuration: BertConfiguration, layout: WorkspaceLayout) {
        self.layout = layout
        hiddenStride = rowStride(configuration.hiddenSize)
        middleStride = rowStride(configuration.intermediateSize)
        queryStride = rowByteStride(configuration.hiddenSize * layout.attentionBytes) / layout.attentionBytes
        keyValueStride = rowByteStride(2 * configuration.hiddenSize * layout.attentionBytes) / layout.attentionBytes
        headSize = configuration.headSize
        let operandStride = layout.operandBytes == 0 ? 0 : rowByteStride(configuration.hiddenSize * layout.operandBytes)
        let middleOperandStride =
            layout.operandBytes == 0 ? 0 : rowByteStride(configuration.intermediateSize * layout.operandBytes)
        let projected = AlignedBytes(count: Self.blockRows * hiddenStride * 4)
        let middle = AlignedBytes(count: Self.blockRows * middleStride * 4)
        // Zeros: what lies between the columns and the stride is multiplied by weights of zero, and must be a number.
        let codes = AlignedBytes(count: Self.blockRows * middleOperandStride, zeroed: true)
        let scales = AlignedBytes(count: Self.blockRows * 4)
        ownedBlocks = [projected, middle, codes, scales]
        self.projected = projected.base.assumingMemoryBound(to: Float.self)
        self.middle = middle.base.assumingMemoryBound(to: Float.self)
        middleOperand = Operand(
            base: codes.base, stride: middleOperandStride, scales: scales.base.assumingMemoryBound(to: Float.self))
        let none = AlignedBytes(count: 0)
        owned = [none]
        hidden = none.base.assumingMemoryBound(to: Float.self)
        context = hidden
        query = none.base
        keyValue = none.base
        operand = Operand(base: none.base, stride: operandStride, scales: hidden)
        scratch = none.base
    }

    /// Makes room for `rows` tokens together and a sequence of `longest` tokens. Contents are lost when it grows.
    package func reserve(rows: Int, longest: Int) {
        guard rows > self.rows || longest > self.longest else { return }
        self.rows = max(rows, self.rows)
        self.longest = max(longest, self.longest)
        owned = []
        func make(_ bytes: Int, zeroed: Bool = false) -> UnsafeMutableRawPointer {
            let memory = AlignedBytes(count: bytes, zeroed: zeroed)
            owned.append(memory)
            return memory.base
        }
        hidden = make(self.rows * hiddenStride * 4).assumingMemoryBound(to: Float.self)
        context = make(self.rows * hiddenStride * 4).assumingMemoryBound(to: Float.self)
        query = make(self.rows * queryStride * layout.attentionBytes)
        keyValue = make(self.rows * keyValueStride * layout.attentionBytes)
        operand.base = make(self.rows * operand.stride, zeroed: true)
        operand.scales = make(self.rows * 4).assumingMemoryBound(to: Float.self)
        let floats = winnow_attention_f32_scratch(self.longest, headSize) * 4
        scratch = make(
            layout.attentionBytes == 2 ? max(winnow_attention_bf16_scratch(self.longest, headSize), floats) : floats)
    }
}

/// The workspaces that are free at the moment; there are never more than tasks that ran at once.
///
/// `@unchecked Sendable`: the list is behind a lock, and a workspace that was taken off it belongs to one task until it is
/// put back.
package final class BertWorkspaces: @unchecked Sendable {
    private let configuration: BertConfiguration
    private let layout: WorkspaceLayout
    private let lock = Mutex<Void>(())
    private var free: [BertWorkspace] = []

    package init(_ configuration: BertConfiguration, layout: WorkspaceLayout) {
        self.configuration = configuration
        self.layout = layout
    }

    package func withWorkspace(_ body: (BertWorkspace) -> Void) {
        let workspace = lock.withLock { _ in free.popLast() } ?? BertWorkspace(configuration, layout: layout)
        body(workspace)
        lock.withLock { _ in free.append(workspace) }
    }
}
