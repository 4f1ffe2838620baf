import CWinnowKernels

/// What a processor's registers could do in one precision if nothing had to be fetched, stored or computed beside the
/// multiply-adds: the figure that a forward pass is measured against.
package enum Roof {
    /// Operations per second of so many threads of the pool together, a multiplication and an addition being two; takes about
    /// 50 ms.
    /// - Parameter precision: not ``Precision/automatic``.
    /// - Returns: nil where these kernels have no such figure (`scalar`, or a precision that they lack).
    /// - Throws: ``WorkerPoolError``
    package static func operationsPerSecond(
        _ precision: Precision, kernels: Kernels, threads: Int
    ) async throws -> Double? {
        let table = kernels.table.pointee
        let chains =
            switch precision {
            case .automatic, .float32: table.roof_f32
            case .int8: table.roof_i8
            // Without products of its own, bfloat16 is multiplied in float32.
            case .bfloat16: table.linear_bf16 == nil ? table.roof_f32 : table.roof_bf16
            }
        guard let chains else { return nil }
        let rates = Collected<Double>(count: threads)
        try await WorkerPool.run(tasks: threads, limit: threads) { task in
            let clock = ContinuousClock()
            // The best of short spans: a neighbour on the same machine takes time from some of them.
            var best = 0.0
            for _ in 0..<10 {
                let start = clock.now
                var operations: UInt64 = 0
                while clock.now - start < .milliseconds(5) { operations += chains(20_000) }
                best = max(best, Double(operations) / ((clock.now - start) / .seconds(1)))
            }
            rates.store(best, at: task)
        }
        return rates.values.compactMap { $0 }.reduce(0, +)
    }
}
