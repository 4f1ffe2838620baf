/// Float32 values at a 64-byte boundary, owned, not initialised until somebody writes them.
///
/// `@unchecked Sendable`: whoever allocates one either fills it before sharing it and only reads it afterwards (weights), or
/// lends it to one task at a time (``BertWorkspace``, guarded by ``BertWorkspaces``). Nothing else touches `base`.
package final class AlignedFloats: @unchecked Sendable {
    package let base: UnsafeMutablePointer<Float>
    package let count: Int

    /// - Parameter count: values; a cache line more is reserved, so that a vector load may read past the end.
    package init(count: Int) {
        let bytes = (max(count, 1) * 4 + 63) / 64 * 64 + 64
        base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64).assumingMemoryBound(to: Float.self)
        self.count = count
    }

    /// - Parameter padded: values to reserve, zeros behind `values`; no less than `values.count`.
    package convenience init(_ values: [Float], padded: Int? = nil) {
        self.init(count: max(padded ?? 0, values.count))
        for (index, value) in values.enumerated() { base[index] = value }
        for index in values.count..<max(count, values.count) { base[index] = 0 }
    }

    deinit {
        UnsafeMutableRawPointer(base).deallocate()
    }
}

/// The distance between rows of `columns` floats: whole cache lines, an odd number of them, so that one column of many rows
/// spreads over all sets of the first-level cache.
package func rowStride(_ columns: Int) -> Int {
    let lines = (columns + 15) / 16
    return (lines % 2 == 0 ? lines + 1 : lines) * 16
}
