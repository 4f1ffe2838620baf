import CWinnowKernels
import Synchronization

/// Rows as the matrices of an arithmetic take them: floats, bfloat16, or codes with a scale and a least value a row.
package struct Operand {
    package var base: UnsafeMutableRawPointer
    /// Bytes from row to row.
    package var stride: Int
    /// One a row for codes; of no meaning otherwise.
    package var scales: UnsafeMutablePointer<winnow_row_scale>

    /// The rows from `first` on.
    package func advanced(by first: Int) -> Operand {
        Operand(base: base + first * stride, stride: stride, scales: scales + first)
    }
}

/// Bytes of the values that an arithmetic works on between its float32 rows.
package struct WorkspaceLayout: Sendable, Hashable {
    /// Bytes of a value in a matrix's input; 0 where that is the float32 row itself.
    package var operandBytes: Int
    /// In which numbers attention multiplies.
    package var attention: AttentionNumbers
}

/// What queries, keys and values are, and so how a row of them lies in memory.
package enum AttentionNumbers: Sendable, Hashable {
    case float32
    case bfloat16
    /// Codes of all columns, then one float32 scale a head.
    case int8

    package var bytesPerValue: Int {
        switch self {
        case .float32: 4
        case .bfloat16: 2
        case .int8: 1
        }
    }

    /// - Parameters:
    ///   - columns: values of a row.
    ///   - head: values of a head; divides `columns`.
    package func rowBytes(columns: Int, head: Int) -> Int {
        columns * bytesPerValue + (self == .int8 ? columns / head * 4 : 0)
    }

    /// Bytes of scratch for attention of one head over so many keys.
    package func scratchBytes(keys: Int, head: Int) -> Int {
        switch self {
        case .float32: winnow_attention_f32_scratch(keys, head) * 4
        case .bfloat16: winnow_attention_bf16_scratch(keys, head)
        case .int8: winnow_attention_i8_scratch(keys, head)
        }
    }
}

/// The memory of one forward pass: allocated once, grown when a longer group comes, lent to one pass at a time.
package final class BertWorkspace {
    package let layout: WorkspaceLayout
    /// Floats from row to row.
    package let hiddenStride: Int
    /// Bytes from row to row.
    package let queryStride, keyValueStride: Int
    private var rows = 0
    private var alternates = false
    /// Activations between layers, `[rows, hidden]`.
    package private(set) var hidden: UnsafeMutablePointer<Float>
    /// What attention found, `[rows, hidden]`.
    package private(set) var context: UnsafeMutablePointer<Float>
    package private(set) var query: UnsafeMutableRawPointer
    /// Keys and values of even and of odd layers; one memory unless ``reserve(rows:alternates:)`` asked for two.
    private var keyValues: (even: UnsafeMutableRawPointer, odd: UnsafeMutableRawPointer)
    /// Rows of `hidden`, then of `context`, as matrices take them; where that is floats, it is not used.
    package private(set) var operand: Operand
    /// What the thread needs that runs a pass alone, or a part of the pass of another workspace.
    package let scratch: BertScratch

    private var owned: [AlignedBytes] = []

    package init(_ configuration: BertConfiguration, layout: WorkspaceLayout) {
        self.layout = layout
        hiddenStride = rowStride(configuration.hiddenSize)
        let (hidden, head) = (configuration.hiddenSize, configuration.headSize)
        queryStride = rowByteStride(layout.attention.rowBytes(columns: hidden, head: head))
        keyValueStride = rowByteStride(layout.attention.rowBytes(columns: 2 * hidden, head: head))
        scratch = BertScratch(configuration, layout: layout)
        let operandStride = layout.operandBytes == 0 ? 0 : rowByteStride(configuration.hiddenSize * layout.operandBytes)
        let none = AlignedBytes(count: 0)
        owned = [none]
        self.hidden = none.base.assumingMemoryBound(to: Float.self)
        context = self.hidden
        query = none.base
        keyValues = (none.base, none.base)
        operand = Operand(
            base: none.base, stride: operandStride, scales: none.base.assumingMemoryBound(to: winnow_row_scale.self))
    }

    /// Makes room for `rows` tokens together. Contents are lost when it grows.
    /// - Parameter alternates: a layer's keys and values are still read while those of the next are written.
    package func reserve(rows: Int, alternates: Bool) {
        guard rows > self.rows || (alternates && !self.alternates) else { return }
        self.rows = max(rows, self.rows)
        self.alternates = alternates || self.alternates
        owned = []
        func make(_ bytes: Int, zeroed: Bool = false) -> UnsafeMutableRawPointer {
            let memory = AlignedBytes(count: bytes, zeroed: zeroed)
            owned.append(memory)
            return memory.base
        }
        hidden = make(self.rows * hiddenStride * 4).assumingMemoryBound(to: Float.self)
        context = make(self.rows * hiddenStride * 4).assumingMemoryBound(to: Float.self)
        query = make(self.rows * queryStride)
        keyValues.even = make(self.rows * keyValueStride)
        keyValues.odd = self.alternates ? make(self.rows * keyValueStride) : keyValues.even
        operand.base = make(self.rows * operand.stride, zeroed: true)
        operand.scales = make(self.rows * MemoryLayout<winnow_row_scale>.stride)
            .assumingMemoryBound(to: winnow_row_scale.self)
    }

    /// Where the keys and values of a layer lie, `[rows, 2 · hidden]`.
    package func keyValue(ofLayer index: Int) -> UnsafeMutableRawPointer {
        index.isMultiple(of: 2) ? keyValues.even : keyValues.odd
    }

    /// `hidden` from the row `first` on, as matrices take it.
    package func input(from first: Int) -> Operand {
        guard layout.operandBytes == 0 else { return operand.advanced(by: first) }
        return Operand(
            base: UnsafeMutableRawPointer(hidden + first * hiddenStride), stride: hiddenStride * 4,
            scales: operand.scales + first)
    }
}

/// What one thread needs besides the pass's memory while it works on a block of rows.
package final class BertScratch {
    /// Rows of a block that goes through projection, norms and feed-forward together: its inner values
    /// (rows × intermediate) stay in the second-level cache.
    package static let blockRows = 96

    /// Floats from row to row of ``middle``.
    package let middleStride: Int
    /// `[blockRows, hidden]`, the product of a projection.
    package let projected: UnsafeMutablePointer<Float>
    /// `[blockRows, intermediate]`
    package let middle: UnsafeMutablePointer<Float>
    package let middleOperand: Operand
    private let layout: WorkspaceLayout
    private let headSize: Int
    private var longest = 0
    private var attentionMemory = AlignedBytes(count: 0)
    private let owned: [AlignedBytes]

    package init(_ configuration: BertConfiguration, layout: WorkspaceLayout) {
        self.layout = layout
        headSize = configuration.headSize
        middleStride = rowStride(configuration.intermediateSize)
        let operandStride =
            layout.operandBytes == 0 ? 0 : rowByteStride(configuration.intermediateSize * layout.operandBytes)
        let projected = AlignedBytes(count: Self.blockRows * rowStride(configuration.hiddenSize) * 4)
        let middle = AlignedBytes(count: Self.blockRows * middleStride * 4)
        // Zeros: what lies between the columns and the stride is multiplied by weights of zero, and must be a number.
        let codes = AlignedBytes(count: Self.blockRows * operandStride, zeroed: true)
        let scales = AlignedBytes(count: Self.blockRows * MemoryLayout<winnow_row_scale>.stride)
        owned = [projected, middle, codes, scales]
        self.projected = projected.base.assumingMemoryBound(to: Float.self)
        self.middle = middle.base.assumingMemoryBound(to: Float.self)
        middleOperand = Operand(
            base: codes.base, stride: operandStride, scales: scales.base.assumingMemoryBound(to: winnow_row_scale.self))
    }

    /// Memory for attention over so many keys.
    package func forAttention(keys: Int) -> UnsafeMutableRawPointer {
        if keys > longest {
            longest = keys
            attentionMemory = AlignedBytes(count: layout.attention.scratchBytes(keys: keys, head: headSize))
        }
        return attentionMemory.base
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
        let workspace = take()
        body(workspace)
        putBack(workspace)
    }

    /// A workspace that nobody else has until it is put back.
    package func take() -> BertWorkspace {
        lock.withLock { _ in free.popLast() } ?? BertWorkspace(configuration, layout: layout)
    }

    package func putBack(_ workspace: BertWorkspace) {
        lock.withLock { _ in free.append(workspace) }
    }
}
