import CWinnowKernels

/// Memory at a 64-byte boundary, owned: codes, bfloat16, panels.
///
/// `@unchecked Sendable`: as ``AlignedFloats``: filled before it is shared, or lent to one task at a time.
package final class AlignedBytes: @unchecked Sendable {
    package let base: UnsafeMutableRawPointer
    package let count: Int
    /// Whose memory it is a part of; nil: its own.
    private let owner: AlignedBytes?

    /// - Parameters:
    ///   - count: bytes; a cache line more is reserved, so that a vector load may read past the end.
    ///   - zeroed: whether they are zero; else whatever was there.
    package init(count: Int, zeroed: Bool = false) {
        let bytes = (max(count, 1) + 63) / 64 * 64 + 64
        base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        if zeroed { base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes) }
        self.count = count
        owner = nil
    }

    /// A part of another's memory, which stays as long as the part does.
    /// - Parameter offset: a multiple of 64.
    package init(partOf owner: AlignedBytes, offset: Int, count: Int) {
        precondition(offset % 64 == 0 && offset >= 0 && offset + count <= owner.count, "no part of this memory")
        base = owner.base + offset
        self.count = count
        self.owner = owner
    }

    /// Memory in the largest pages that the system has for it, which it gets when it is first written.
    package init(inLargePages count: Int) {
        let page = Int(WINNOW_LARGE_PAGE)
        let bytes = (max(count, 1) + page - 1) / page * page + page
        base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: page)
        winnow_use_large_pages(base, bytes)
        self.count = count
        owner = nil
    }

    deinit {
        if owner == nil { base.deallocate() }
    }
}

/// The distance in bytes between rows of `bytes` bytes: whole cache lines, an odd number of them (``rowStride(_:)`` says why).
package func rowByteStride(_ bytes: Int) -> Int {
    let lines = (bytes + 63) / 64
    return (lines % 2 == 0 ? lines + 1 : lines) * 64
}
