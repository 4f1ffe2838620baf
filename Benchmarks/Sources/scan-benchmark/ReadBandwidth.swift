import CReadLoop

/// The machine's read bandwidth: a plain loop over as many bytes as a scan reads, in memory of its own.
final class ReadBandwidth {
    let bytes: Int
    private let memory: UnsafeMutableRawPointer
    /// So that no compiler leaves the reading out.
    private var sum: UInt64 = 0

    struct OutOfMemory: Error, CustomStringConvertible {
        let bytes: Int
        var description: String { "there are no \(bytes >> 20) MiB for measuring the bandwidth; take fewer --rows" }
    }

    /// - Parameter bytes: rounded down to whole megabytes, at least one.
    init(bytes: Int) throws {
        self.bytes = max(1, bytes >> 20) << 20
        guard let memory = read_loop_memory(self.bytes) else { throw OutOfMemory(bytes: self.bytes) }
        self.memory = memory
    }

    /// How long it takes to read all, each thread one part of it.
    func measure(threads: Int) -> Duration {
        ContinuousClock().measure { sum ^= read_loop(memory, bytes, UInt32(clamping: threads)) }
    }
}
