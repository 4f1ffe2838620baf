#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A scan cache, mapped read-only: the sealed rows that its newest header counted when it was opened.
///
/// Rows that a writer adds later are not seen; opening again is cheap. A file that another one replaced stays whole for as
/// long as this value lives.
///
/// `@unchecked Sendable`: the mapping is never written through, no writer changes the sealed bytes below `count` (see
/// ``ScanCacheLayout``), and it is unmapped when the last reference goes.
package final class ScanCache: @unchecked Sendable {
    package let path: String
    package var identity: ScanCacheIdentity { header.identity }
    /// Rows, whether a snapshot sees them or not.
    package var count: Int { header.count }
    /// Of the last row; 0 without rows.
    package var lastRow: Int64 { header.lastRow }
    /// The store's revision when the file was begun: it lacks no row of that revision that was not deleted by then.
    package var baseRevision: Int64 { header.baseRevision }
    /// The last revision of the store whose rows are all in.
    package var sealedRevision: Int64 { header.sealedRevision }

    let header: ScanCacheHeader
    let layout: ScanCacheLayout
    private let mapping: UnsafeRawBufferPointer

    /// Maps a file and checks what can be checked at once: headers, length, the sealed rows of the last block.
    ///
    /// Takes a fraction of a millisecond; ``verify()`` reads all.
    ///
    /// - Throws: ``ScanCacheError``, which says why the file cannot be used.
    package static func open(path: String, identity: ScanCacheIdentity) throws(ScanCacheError) -> ScanCache {
        let layout = try ScanCacheLayout(dimension: identity.dimension)
        let descriptor = try openForReading(path)
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path: path, reason: systemMessage(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
        let header = try header(descriptor, path: path)
        guard header.identity.storeID == identity.storeID else { throw .otherStore(path: path) }
        guard header.identity.dimension == identity.dimension else {
            throw .dimension(path: path, expected: identity.dimension, found: header.identity.dimension)
        }
        guard let needed = layout.fileBytes(for: header.count) else {
            throw .damaged(path: path, what: "its header counts \(header.count) rows")
        }
        // After the header: a writer may have made the file longer since it was opened, and counted that.
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path: path, reason: systemMessage(errno)) }
        guard Int(status.st_size) >= needed else {
            throw .tooShort(path: path, bytes: Int(status.st_size), needed: needed)
        }
        guard let address = mmap(nil, needed, PROT_READ, MAP_SHARED, descriptor, 0), address != MAP_FAILED else {
            throw .unreadable(path: path, reason: systemMessage(errno))
        }
        #if os(Linux)
        // What comes from the disk then lies on pages of 2 MB where the file system has them: a scan is 4 % faster. Advice only.
        _ = madvise(address, needed, MADV_HUGEPAGE)
        #endif
        let cache = ScanCache(
            path: path, header: header, layout: layout, mapping: UnsafeRawBufferPointer(start: address, count: needed))
        try cache.checkLastBlock()
        return cache
    }

    private init(path: String, header: ScanCacheHeader, layout: ScanCacheLayout, mapping: UnsafeRawBufferPointer) {
        self.path = path
        self.header = header
        self.layout = layout
        self.mapping = mapping
    }

    deinit {
        if let address = mapping.baseAddress {
            munmap(UnsafeMutableRawPointer(mutating: address), mapping.count)
        }
    }

    private static func openForReading(_ path: String) throws(ScanCacheError) -> Int32 {
        // O_NONBLOCK: opening a named pipe must not wait for a writer; it means nothing for regular files.
        let descriptor = openFile(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0)
        guard descriptor >= 0 else {
            let code = errno
            if code == ENOENT || code == ENOTDIR { throw .missing(path: path) }
            throw .unreadable(path: path, reason: systemMessage(code))
        }
        return descriptor
    }

    private static func header(_ descriptor: Int32, path: String) throws(ScanCacheError) -> ScanCacheHeader {
        var otherVersion: UInt32?
        // Again, for a writer may seal twice between the two reads, and each read meet a header that is half written.
        for _ in 0..<3 {
            var newest: ScanCacheHeader?
            for slot in 0..<2 {
                switch try readSlot(slot, descriptor, path: path) {
                case .header(let header):
                    if header.sequence > newest?.sequence ?? 0 { newest = header }
                case .otherVersion(let version):
                    otherVersion = version
                case .invalid:
                    break
                }
            }
            if let newest { return newest }
        }
        if let otherVersion { throw .version(path: path, found: otherVersion) }
        throw .notAScanCache(path: path)
    }

    private static func readSlot(_ slot: Int, _ descriptor: Int32, path: String) throws(ScanCacheError)
        -> ScanCacheHeader.Slot
    {
        var bytes = [UInt8](repeating: 0, count: ScanCacheHeader.bytes)
        let read = bytes.withUnsafeMutableBytes {
            pread(descriptor, $0.baseAddress, $0.count, off_t(slot * ScanCacheLayout.slotBytes))
        }
        guard read >= 0 else { throw .unreadable(path: path, reason: systemMessage(errno)) }
        return bytes.withUnsafeBytes { ScanCacheHeader.decode(UnsafeRawBufferPointer(rebasing: $0[..<read])) }
    }

    func checkLastBlock() throws(ScanCacheError) {
        guard count > 0 else {
            guard lastRow == 0 else { throw .damaged(path: path, what: "a last row without rows") }
            return
        }
        let last = layout.blocks(for: count) - 1
        guard layout.checksum(ofBlock: block(last), rows: rows(inBlock: last)) == header.lastBlockChecksum else {
            throw .damaged(path: path, what: "the checksum of block \(last) is wrong")
        }
        guard row(at: count - 1) == lastRow else { throw .damaged(path: path, what: "the last row is another") }
    }

    // MARK: - Rows

    func rows(inBlock block: Int) -> Int { layout.rows(inBlock: block, of: count) }

    /// The start of a block that has at least one row.
    func block(_ block: Int) -> UnsafeRawPointer {
        guard let base = mapping.baseAddress else { preconditionFailure("a scan cache without a mapping") }
        return base + layout.offset(ofBlock: block)
    }

    /// The id of the row at a place in `0..<count`.
    func row(at index: Int) -> Int64 {
        let (block, place) = index.quotientAndRemainder(dividingBy: ScanCacheLayout.blockRows)
        return (self.block(block) + layout.rowsOffset).load(fromByteOffset: place * 8, as: Int64.self)
    }

    /// The place of a row; nil when the cache lacks it.
    func index(ofRow row: Int64) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self.row(at: middle) < row { low = middle + 1 } else { high = middle }
        }
        return low < count && self.row(at: low) == row ? low : nil
    }

    /// Columns of a block from a place on.
    func columns(at index: Int) -> (
        scales: UnsafePointer<Float>, errors: UnsafePointer<Float>, codes: UnsafePointer<Int8>
    ) {
        let (block, place) = index.quotientAndRemainder(dividingBy: ScanCacheLayout.blockRows)
        let base = self.block(block)
        return (
            (base + layout.scalesOffset).assumingMemoryBound(to: Float.self) + place,
            (base + layout.errorsOffset).assumingMemoryBound(to: Float.self) + place,
            (base + layout.codesOffset).assumingMemoryBound(to: Int8.self) + place * layout.stride
        )
    }
}

#if canImport(Glibc)
func openFile(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { Glibc.open(path, flags, mode) }
#elseif canImport(Musl)
func openFile(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { Musl.open(path, flags, mode) }
#else
func openFile(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { Darwin.open(path, flags, mode) }
#endif

/// What the system calls that error.
func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
