#if _endian(big)
#error("the scan cache is mapped as it lies on disk, little-endian")
#endif

/// What a scan cache must belong to.
package struct ScanCacheIdentity: Sendable, Hashable {
    /// 16 random bytes that were made with the store.
    package let storeID: [UInt8]
    /// The length of a vector.
    package let dimension: Int

    /// - Throws: ``ScanCacheError/storeID(bytes:)``, ``ScanCacheError/unsupportedDimension(_:)``.
    package init(storeID: [UInt8], dimension: Int) throws(ScanCacheError) {
        guard storeID.count == 16 else { throw .storeID(bytes: storeID.count) }
        _ = try ScanCacheLayout(dimension: dimension)
        self.storeID = storeID
        self.dimension = dimension
    }
}

/// Where things lie in a scan cache, `STORE.vec`, format 1. All numbers are little-endian.
///
/// ```text
///      0  header slot 0      128 bytes, see ScanCacheHeader; zeros up to 4096
///   4096  header slot 1      the same
///   8192  block 0            rows 0 ..< 1024, then block 1, …; a block is
///           0  checksum      UInt32, CRC-32C of the block's four columns; valid when all of its rows are sealed; 60 zeros
///          64  row ids       Int64 × 1024, ascending over the whole file
///              scales        Float × 1024
///              errors        Float × 1024, upper bounds of ‖vector − scale · codes‖₂, rounded up
///              codes         Int8 × stride × 1024; stride is the dimension rounded up to 64, the rest zeros
/// ```
///
/// Rows are only ever added behind the last one. What a header counts is *sealed*: it was on the disk before that header
/// was written, and no byte of it changes afterwards, so that a process may map the file while another appends. The two
/// slots are written in turn: a header that was torn by a crash leaves the one before it. The header holds the checksum of
/// the sealed rows of the last block; the blocks before carry their own. The file is never cut; to begin anew, another file
/// takes its name.
package struct ScanCacheLayout: Sendable, Hashable {
    package static let slotBytes = 4096
    package static let dataOffset = 2 * slotBytes
    package static let blockRows = 1024
    package static let maximumDimension = 65_536
    package static let blockHeaderBytes = 64

    package let dimension: Int
    /// Bytes of a row of codes.
    package let stride: Int

    /// - Throws: ``ScanCacheError/unsupportedDimension(_:)``.
    package init(dimension: Int) throws(ScanCacheError) {
        guard (1...Self.maximumDimension).contains(dimension) else {
            throw .unsupportedDimension(dimension)
        }
        self.dimension = dimension
        stride = (dimension + 63) / 64 * 64
    }

    // Within a block.
    package var rowsOffset: Int { Self.blockHeaderBytes }
    package var scalesOffset: Int { rowsOffset + Self.blockRows * MemoryLayout<Int64>.size }
    package var errorsOffset: Int { scalesOffset + Self.blockRows * MemoryLayout<Float>.size }
    package var codesOffset: Int { errorsOffset + Self.blockRows * MemoryLayout<Float>.size }
    package var blockBytes: Int { codesOffset + Self.blockRows * stride }

    /// Where a block begins in the file.
    package func offset(ofBlock block: Int) -> Int { Self.dataOffset + block * blockBytes }

    /// Rows of a block when the cache has `count` rows.
    package func rows(inBlock block: Int, of count: Int) -> Int {
        max(0, min(Self.blockRows, count - block * Self.blockRows))
    }

    /// Blocks that `count` rows fill or begin.
    package func blocks(for count: Int) -> Int { (count + Self.blockRows - 1) / Self.blockRows }

    /// Bytes of a file that holds `count` rows; nil when that is more than an `Int` counts.
    package func fileBytes(for count: Int) -> Int? {
        guard count > 0 else { return Self.dataOffset }
        let last = (count - 1) / Self.blockRows
        let (before, overflows) = last.multipliedReportingOverflow(by: blockBytes)
        guard !overflows, before < Int.max / 2 else { return nil }
        return Self.dataOffset + before + codesOffset + rows(inBlock: last, of: count) * stride
    }

    /// The checksum of the first `rows` rows of a block that begins at `block`.
    package func checksum(ofBlock block: UnsafeRawPointer, rows: Int) -> UInt32 {
        guard rows > 0 else { return 0 }
        var checksum = CRC32C()
        for (offset, width) in columns {
            checksum.add(UnsafeRawBufferPointer(start: block + offset, count: rows * width))
        }
        return checksum.value
    }

    /// Offset in a block and bytes a row of the four columns, as they are written and checked.
    package var columns: [(offset: Int, width: Int)] {
        [(rowsOffset, 8), (scalesOffset, 4), (errorsOffset, 4), (codesOffset, stride)]
    }
}

/// What a scan cache says of itself: 128 bytes at the start of a slot.
///
/// ```text
///   0  "WinnowV\n"                  40  row count      Int64       72  last block's checksum  UInt32
///   8  version        UInt32        48  last row id    Int64       76  zeros up to 124
///  12  dimension      UInt32        56  base revision  Int64      124  CRC-32C of bytes 0 ..< 124
///  16  store id       16 bytes      64  sealed revision Int64
///  32  sequence       UInt64, one more at each write: the higher one of two valid headers holds
/// ```
package struct ScanCacheHeader: Sendable, Hashable {
    package static let magic: [UInt8] = Array("WinnowV\n".utf8)
    package static let version: UInt32 = 1
    package static let bytes = 128

    package var identity: ScanCacheIdentity
    package var sequence: UInt64
    package var count: Int
    /// Of the last row; 0 without rows.
    package var lastRow: Int64
    /// The store's revision when the file was begun.
    package var baseRevision: Int64
    /// The last revision of the store whose rows are all in.
    package var sealedRevision: Int64
    /// Of the sealed rows of the last block; 0 without rows.
    package var lastBlockChecksum: UInt32

    /// What lies in a slot.
    package enum Slot: Equatable {
        case header(ScanCacheHeader)
        /// It begins like a header of that version, which is not ours, and says so with a right checksum.
        case otherVersion(UInt32)
        case invalid
    }

    package func encoded() -> [UInt8] {
        var bytes = Self.magic
        func add(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        add(Self.version)
        add(UInt32(clamping: identity.dimension))
        bytes += identity.storeID
        add(sequence)
        add(Int64(count))
        add(lastRow)
        add(baseRevision)
        add(sealedRevision)
        add(lastBlockChecksum)
        bytes += [UInt8](repeating: 0, count: Self.bytes - 4 - bytes.count)
        add(bytes.withUnsafeBytes(CRC32C.of))
        return bytes
    }

    package static func decode(_ bytes: UnsafeRawBufferPointer) -> Slot {
        guard bytes.count >= Self.bytes, bytes.prefix(8).elementsEqual(magic) else { return .invalid }
        func number<Value: FixedWidthInteger>(_ offset: Int, _: Value.Type) -> Value {
            Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
        }
        let checked = UnsafeRawBufferPointer(rebasing: bytes[..<(Self.bytes - 4)])
        guard CRC32C.of(checked) == number(Self.bytes - 4, UInt32.self) else { return .invalid }
        let version = number(8, UInt32.self)
        guard version == Self.version else { return .otherVersion(version) }
        let count = number(40, Int64.self)
        let sequence = number(32, UInt64.self)
        guard count >= 0, sequence > 0, sequence < .max,
            let identity = try? ScanCacheIdentity(
                storeID: Array(bytes[16..<32]), dimension: Int(number(12, UInt32.self)))
        else { return .invalid }
        return .header(
            ScanCacheHeader(
                identity: identity, sequence: sequence, count: Int(count), lastRow: number(48, Int64.self),
                baseRevision: number(56, Int64.self), sealedRevision: number(64, Int64.self),
                lastBlockChecksum: number(72, UInt32.self)))
    }
}
