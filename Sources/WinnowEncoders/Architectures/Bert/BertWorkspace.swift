import CWinnowKernels
import Synchronization

/// The memory of one forward pass: allocated once, grown when a longer group comes, lent to one thread at a time.
package final class BertWorkspace {
    /// Rows of a feed-forward block: its inner values (rows × intermediate) stay in the second-level cache.
    package static let blockRows = 96

    package let hiddenStride, keyValueStride, middleStride: Int
    private let headSize: Int
    private var rows = 0
    private var longest = 0
    /// Activations between layers, `[rows, hidden]`.
    package private(set) var hidden: UnsafeMutablePointer<Float>
    /// Queries, then the product of a projection.
    package private(set) var query: UnsafeMutablePointer<Float>
    package private(set) var keyValue: UnsafeMutablePointer<Float>
    /// What attention found, `[rows, hidden]`.
    package private(set) var context: UnsafeMutablePointer<Float>
    /// `[blockRows, intermediate]`
    package let middle: UnsafeMutablePointer<Float>
    package private(set) var scratch: UnsafeMutablePointer<Float>

    private var owned: [AlignedFloats]
    private let ownedMiddle: AlignedFloats

    package init(_ configuration: BertConfiguration) {
        hiddenStride = rowStride(configuration.hiddenSize)
        keyValueStride = rowStride(2 * configuration.hiddenSize)
        middleStride = rowStride(configuration.intermediateSize)
        headSize = configuration.headSize
        ownedMiddle = AlignedFloats(count: Self.blockRows * middleStride)
        middle = ownedMiddle.base
        let none = AlignedFloats(count: 0)
        owned = [none]
        hidden = none.base
        query = none.base
        keyValue = none.base
        context = none.base
        scratch = none.base
    }

    /// Makes room for `rows` tokens together and a sequence of `longest` tokens. Contents are lost when it grows.
    package func reserve(rows: Int, longest: Int) {
        guard rows > self.rows || longest > self.longest else { return }
        self.rows = max(rows, self.rows)
        self.longest = max(longest, self.longest)
        owned = []
        func make(_ count: Int) -> UnsafeMutablePointer<Float> {
            let floats = AlignedFloats(count: count)
            owned.append(floats)
            return floats.base
        }
        hidden = make(self.rows * hiddenStride)
        query = make(self.rows * hiddenStride)
        keyValue = make(self.rows * keyValueStride)
        context = make(self.rows * hiddenStride)
        scratch = make(winnow_attention_f32_scratch(self.longest, headSize))
    }
}

/// The workspaces that are free at the moment; there are never more than tasks that ran at once.
///
/// `@unchecked Sendable`: the list is behind a lock, and a workspace that was taken off it belongs to one task until it is
/// put back.
package final class BertWorkspaces: @unchecked Sendable {
    private let configuration: BertConfiguration
    private let lock = Mutex<Void>(())
    private var free: [BertWorkspace] = []

    package init(_ configuration: BertConfiguration) {
        self.configuration = configuration
    }

    package func withWorkspace(_ body: (BertWorkspace) -> Void) {
        let workspace = lock.withLock { _ in free.popLast() } ?? BertWorkspace(configuration)
        body(workspace)
        lock.withLock { _ in free.append(workspace) }
    }
}
