/// Memory at a 64-byte boundary, owned: codes, bfloat16, panels.
///
/// `@unchecked Sendable`: as ``AlignedFloats``: filled before it is shared, or lent to one task at a time.
package final class AlignedBytes: @unchecked Sendable {
    package let base: UnsafeMutableRawPointer
    package let count: Int

    /// - Parameters:
    ///   - count: bytes; a cache line more is reserved, so that a vector load may read past the end.
    ///   - zeroed: whether they are zero; else whatever was there.
    package init(count: Int, zeroed: Bool = false) {
        let bytes = (max(count, 1) + 63) / 64 * 64 + 64
        base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        if zeroed { base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes) }
        self.count = count
    }

    deinit {
        base.deallocate()
    }
}

/// The distance in bytes between rows of `bytes` bytes: whole cache lines, an odd number of them (``rowStride(_:)`` says why).
package func rowByteStride(_ bytes: Int) -> Int {
    let lines = (bytes + 63) / 64
    return (lines % 2 == 0 ? lines + 1 : lines) * 64
}
