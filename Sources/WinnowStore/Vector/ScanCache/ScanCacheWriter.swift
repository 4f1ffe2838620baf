/// Appends rows to a scan cache, or makes a new one. There is at most one at a time: whoever holds the store's lock.
///
/// Only rows of committed transactions may be appended: SQLite gives the row ids of a transaction that was rolled back
/// again. Rows that were not sealed are forgotten when the writer goes.
package final class ScanCacheWriter {
    package var path: String { storage.path }
    /// Of the last row that was appended; 0 without rows.
    package private(set) var lastRow: Int64
    /// Rows, those that are not sealed included.
    package private(set) var count: Int
    package var baseRevision: Int64 { header.baseRevision }
    /// The revision of the last seal.
    package var sealedRevision: Int64 { header.sealedRevision }

    private let storage: any ScanCacheStorage
    private let layout: ScanCacheLayout
    /// The last one that was written, or the one to start from.
    private var header: ScanCacheHeader
    private var block = ColumnBlock()
    /// Of the last full block, or what the header said when it was opened.
    private var lastFullChecksum: UInt32
    private var hasFailed = false

    /// Where a new file is until it has its name: what a killed writer may leave behind.
    package static func temporaryPath(for path: String) -> String { path + ".new" }

    /// Goes on with a usable file.
    ///
    /// - Throws: ``ScanCacheError`` when it cannot be used (``create(path:identity:revision:)`` replaces it then) or written.
    package static func open(path: String, identity: ScanCacheIdentity) throws(ScanCacheError) -> ScanCacheWriter {
        let cache = try ScanCache.open(path: path, identity: identity)
        return try ScanCacheWriter(
            storage: ScanCacheFile(existing: path), header: cache.header, block: ColumnBlock(lastOf: cache))
    }

    /// Begins a new file, which takes the place of the one at `path` when it is first sealed. Until then readers have the
    /// old one, and if this writer goes before, nothing has changed.
    ///
    /// - Parameter revision: of the store, whose visible rows are to be appended, all of them.
    package static func create(path: String, identity: ScanCacheIdentity, revision: Int64) throws(ScanCacheError)
        -> ScanCacheWriter
    {
        try create(on: ScanCacheFile(replacing: path), identity: identity, revision: revision)
    }

    /// As ``create(path:identity:revision:)``, on what stands for a file.
    package static func create(
        on storage: any ScanCacheStorage, identity: ScanCacheIdentity, revision: Int64
    ) throws(ScanCacheError) -> ScanCacheWriter {
        let writer = try ScanCacheWriter(
            storage: storage,
            header: ScanCacheHeader(
                identity: identity, sequence: 0, count: 0, lastRow: 0, baseRevision: revision, sealedRevision: revision,
                lastBlockChecksum: 0),
            block: ColumnBlock())
        try writer.write([UInt8](repeating: 0, count: ScanCacheLayout.dataOffset), at: 0)
        return writer
    }

    private init(storage: any ScanCacheStorage, header: ScanCacheHeader, block: ColumnBlock) throws(ScanCacheError) {
        self.storage = storage
        self.layout = try ScanCacheLayout(dimension: header.identity.dimension)
        self.header = header
        self.block = block
        count = header.count
        lastRow = header.lastRow
        lastFullChecksum = header.lastBlockChecksum
    }

    /// Adds a row behind the last one; it reaches the file with its block, and counts when it is sealed.
    ///
    /// - Parameter vector: as the store holds it, normalised (or zero).
    /// - Throws: ``ScanCacheError``; the writer stays usable unless a write failed.
    package func append(row: Int64, vector: some Collection<Float>) throws(ScanCacheError) {
        guard !hasFailed else { throw .writerFailed(path: path) }
        guard count == 0 || row > lastRow else { throw .notAscending(path: path, row: row, last: lastRow) }
        guard vector.count == layout.dimension else {
            throw .vector(
                path: path, row: row, reason: "it has \(vector.count) dimensions, the cache \(layout.dimension)")
        }
        let stride = layout.stride
        let quantized =
            vector.withContiguousStorageIfAvailable { QuantizedRow($0, stride: stride) }
            ?? Array(vector).withUnsafeBufferPointer { QuantizedRow($0, stride: stride) }
        guard let quantized else {
            throw .vector(path: path, row: row, reason: "it is not finite, or longer than 1")
        }
        block.append(row: row, quantized)
        count += 1
        lastRow = row
        if block.rows.count == ScanCacheLayout.blockRows { try writeBlock() }
    }

    /// Makes all rows durable, then the header that counts them. Two syncs; nothing when there is nothing new.
    ///
    /// - Parameter revision: of the store, all of whose rows are in the cache now (visible ones, since its base).
    package func seal(revision: Int64) throws(ScanCacheError) {
        guard !hasFailed else { throw .writerFailed(path: path) }
        if header.sequence > 0, count == header.count, revision == header.sealedRevision { return }
        try writeBlock()
        var next = header
        next.sequence += 1
        next.count = count
        next.lastRow = lastRow
        next.sealedRevision = revision
        next.lastBlockChecksum = block.rows.isEmpty ? lastFullChecksum : block.checksum
        try attempt { () throws(ScanCacheError) in try storage.sync() }
        try write(next.encoded(), at: Int(next.sequence % 2) * ScanCacheLayout.slotBytes)
        try attempt { () throws(ScanCacheError) in
            try storage.sync()
            try storage.publish()
        }
        header = next
    }

    /// Writes what the file lacks of the block at the end, and begins the next one when it is full.
    private func writeBlock() throws(ScanCacheError) {
        guard block.written < block.rows.count else { return }
        let offset = layout.offset(ofBlock: (count - 1) / ScanCacheLayout.blockRows)
        let first = block.written
        let isFull = block.rows.count == ScanCacheLayout.blockRows
        if isFull {
            // Before the columns, in one piece with them and the block before when it is written at once.
            lastFullChecksum = block.checksum
            var head = withUnsafeBytes(of: lastFullChecksum.littleEndian) { Array($0) }
            head += [UInt8](repeating: 0, count: ScanCacheLayout.blockHeaderBytes - head.count)
            try write(head, at: offset)
        }
        var columns = layout.columns.makeIterator()
        try attempt { () throws(ScanCacheError) in
            try block.forEachColumn(from: first) { bytes throws(ScanCacheError) in
                guard let column = columns.next() else { return }
                try storage.write(bytes, at: offset + column.offset + first * column.width)
            }
        }
        block.written = block.rows.count
        if isFull { block = ColumnBlock() }
    }

    private func write(_ bytes: [UInt8], at offset: Int) throws(ScanCacheError) {
        try attempt { () throws(ScanCacheError) in
            try bytes.withUnsafeBufferPointer { bytes throws(ScanCacheError) in
                try storage.write(UnsafeRawBufferPointer(bytes), at: offset)
            }
        }
    }

    /// After a failure nobody knows what lies behind the last seal.
    private func attempt(_ action: () throws(ScanCacheError) -> Void) throws(ScanCacheError) {
        do {
            try action()
        } catch {
            hasFailed = true
            throw error
        }
    }
}
