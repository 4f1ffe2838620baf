extension ScanCache {
    /// Reads all: every block's checksum, and what any block of a cache must satisfy.
    ///
    /// - Throws: ``ScanCacheError/damaged(path:what:)`` at the first fault.
    package func verify() throws(ScanCacheError) {
        var before = Int64.min
        for block in 0..<layout.blocks(for: count) {
            let base = self.block(block)
            let rows = rows(inBlock: block)
            if rows == ScanCacheLayout.blockRows {
                guard layout.checksum(ofBlock: base, rows: rows) == base.load(as: UInt32.self) else {
                    throw .damaged(path: path, what: "the checksum of block \(block) is wrong")
                }
            }
            let first = block * ScanCacheLayout.blockRows
            let columns = columns(at: first)
            for place in 0..<rows {
                let row = row(at: first + place)
                guard row > before else {
                    throw .damaged(path: path, what: "row \(row) follows row \(before) in block \(block)")
                }
                before = row
                let scale = columns.scales[place]
                let error = columns.errors[place]
                guard scale >= 0, scale.isFinite, error >= 0, error.isFinite else {
                    throw .damaged(path: path, what: "row \(row) has scale \(scale) and error bound \(error)")
                }
            }
        }
        try checkLastBlock()
    }

    /// Whether the cached codes of a row are those of a stored vector.
    ///
    /// - Parameter vector: as the store holds it.
    /// - Returns: nil when the cache lacks the row; false when it holds another vector, or none could be made of this one.
    package func agrees(row: Int64, with vector: [Float]) -> Bool? {
        guard let index = index(ofRow: row) else { return nil }
        guard vector.count == layout.dimension,
            let expected = vector.withUnsafeBufferPointer({ QuantizedRow($0, stride: layout.stride) })
        else { return false }
        let columns = columns(at: index)
        return columns.scales[0] == expected.scale && columns.errors[0] == expected.error
            && UnsafeBufferPointer(start: columns.codes, count: layout.stride).elementsEqual(expected.codes)
    }
}
