import Synchronization

/// Where the packed matrices of one model lie: side by side in large pages, since a pass reads all of them from one end to the
/// other, and thousands of small pages cost more lookups than the processor remembers.
package final class PanelMemory: Sendable {
    /// Address space taken at a time; what is not written takes no memory.
    private static let chunkBytes = 64 << 20

    private let state = Mutex<(chunk: AlignedBytes?, used: Int)>((nil, 0))

    package init() {}

    /// So many bytes at a 64-byte boundary, not initialised, with a cache line behind them that may be read.
    package func allocate(_ count: Int) -> AlignedBytes {
        let room = (max(count, 1) + 63) / 64 * 64 + 64
        return state.withLock { state in
            if let chunk = state.chunk, state.used + room <= chunk.count {
                defer { state.used += room }
                return AlignedBytes(partOf: chunk, offset: state.used, count: count)
            }
            let chunk = AlignedBytes(inLargePages: max(room, Self.chunkBytes))
            state = (chunk, room)
            return AlignedBytes(partOf: chunk, offset: 0, count: count)
        }
    }
}
