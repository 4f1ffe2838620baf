/// The block at the end of a scan cache, in memory while it fills: its columns as they will lie in the file.
struct ColumnBlock {
    var rows: [Int64] = []
    private var scales: [Float] = []
    private var errors: [Float] = []
    private var codes: [Int8] = []
    /// Rows of it that the file has.
    var written = 0

    init() {}

    /// The last block of a cache; empty when that one is full.
    init(lastOf cache: ScanCache) {
        let count = cache.count % ScanCacheLayout.blockRows
        guard count > 0 else { return }
        let first = cache.count - count
        let columns = cache.columns(at: first)
        rows = (first..<cache.count).map { cache.row(at: $0) }
        scales = Array(UnsafeBufferPointer(start: columns.scales, count: count))
        errors = Array(UnsafeBufferPointer(start: columns.errors, count: count))
        codes = Array(UnsafeBufferPointer(start: columns.codes, count: count * cache.layout.stride))
        written = count
    }

    mutating func append(row: Int64, _ quantized: QuantizedRow) {
        rows.append(row)
        scales.append(quantized.scale)
        errors.append(quantized.error)
        codes += quantized.codes
    }

    /// Calls `body` with the bytes of the columns of the rows from `first` on, in the order of ``ScanCacheLayout/columns``.
    func forEachColumn<Failure: Error>(
        from first: Int, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let stride = rows.isEmpty ? 0 : codes.count / rows.count
        try Self.lend(rows, from: first, body)
        try Self.lend(scales, from: first, body)
        try Self.lend(errors, from: first, body)
        try Self.lend(codes, from: first * stride, body)
    }

    private static func lend<Element: BitwiseCopyable, Failure: Error>(
        _ column: [Element], from first: Int, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        try column.withUnsafeBufferPointer { column throws(Failure) in
            try body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: column[first...])))
        }
    }

    /// Of its columns; as ``ScanCacheLayout/checksum(ofBlock:rows:)`` has it.
    var checksum: UInt32 {
        var checksum = CRC32C()
        forEachColumn(from: 0) { checksum.add($0) }
        return checksum.value
    }
}
