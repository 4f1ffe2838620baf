import CReadLoop

/// The machine's read bandwidth: a plain loop over as many bytes as a scan reads, in memory of its own.
final class ReadBandwidth {
    let bytes: Int
    private let memory: Memory
    /// So that no compiler leaves the reading out.
    private var sum: UInt64 = 0

    /// `@unchecked Sendable`: the memory is written before this value is made, and only read afterwards.
    private struct Memory: @unchecked Sendable {
        let start: UnsafeRawPointer
    }

    struct OutOfMemory: Error, CustomStringConvertible {
        let bytes: Int
        var description: String { "there are no \(bytes >> 20) MiB for measuring the bandwidth; take fewer --rows" }
    }

    /// - Parameter bytes: rounded down to whole megabytes, at least one.
    init(bytes: Int) throws {
        self.bytes = max(1, bytes >> 20) << 20
        guard let memory = read_loop_memory(self.bytes) else { throw OutOfMemory(bytes: self.bytes) }
        self.memory = Memory(start: memory)
    }

    /// How long it takes to read all, each thread one part of it.
    func measure(threads: Int) async -> Duration {
        let part = bytes / threads
        let memory = memory
        let clock = ContinuousClock()
        let start = clock.now
        sum ^= await withTaskGroup(of: UInt64.self) { group in
            for thread in 0..<threads {
                group.addTask { read_loop_words(memory.start + thread * (part & ~63), part) }
            }
            return await group.reduce(0, ^)
        }
        return clock.now - start
    }
}
