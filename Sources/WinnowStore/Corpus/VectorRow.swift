import GRDB

/// A row of the table `vector`.
enum VectorRow {
    static func insert(_ database: Database, row: Int64, vector: [Float]) throws {
        let bytes = VectorCoding.encode(vector)
        let statement = try database.cachedStatement(sql: "INSERT INTO vector (row, value, checksum) VALUES (?, ?, ?)")
        try statement.execute(arguments: [row, StoredBytes.data(bytes), bytes.withUnsafeBytes { checksum(row, $0) }])
    }

    /// Lends the vectors of all rows over `row`, in ascending order, as `dimension` floats.
    ///
    /// - Parameter body: false ends the walk.
    static func forEach(
        _ database: Database, after row: Int64, dimension: Int, _ body: (Int64, [Float]) throws -> Bool
    ) throws {
        let statement = try database.cachedStatement(
            sql: "SELECT row, value, checksum FROM vector WHERE row > ? ORDER BY row")
        let rows = try Row.fetchCursor(statement, arguments: [row])
        var values: [Float] = []
        values.reserveCapacity(dimension)
        while let row = try rows.next() {
            values.removeAll(keepingCapacity: true)
            let number = try read(row, dimension: dimension, into: &values)
            guard try body(number, values) else { return }
        }
    }

    /// The same for the rows of a range.
    static func forEach(
        _ database: Database, in rows: ClosedRange<Int64>, dimension: Int, _ body: (Int64, [Float]) throws -> Void
    ) throws {
        let statement = try database.cachedStatement(
            sql: "SELECT row, value, checksum FROM vector WHERE row BETWEEN ? AND ? ORDER BY row")
        let found = try Row.fetchCursor(statement, arguments: [rows.lowerBound, rows.upperBound])
        var values: [Float] = []
        values.reserveCapacity(dimension)
        while let row = try found.next() {
            values.removeAll(keepingCapacity: true)
            let number = try read(row, dimension: dimension, into: &values)
            try body(number, values)
        }
    }

    /// Appends the vector of a row to `values`.
    ///
    /// - Returns: false when there is no such row in this snapshot.
    static func read(_ database: Database, row: Int64, dimension: Int, into values: inout [Float]) throws -> Bool {
        let statement = try database.cachedStatement(sql: "SELECT row, value, checksum FROM vector WHERE row = ?")
        return try statement.first([row]) { try read($0, dimension: dimension, into: &values) } != nil
    }

    /// The vectors of rows, one behind the other, in the order asked.
    ///
    /// - Throws: ``DamagedRow`` when one of them is not there.
    static func read(_ database: Database, rows: [Int64], dimension: Int) throws -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(rows.count * dimension)
        for row in rows where try !read(database, row: row, dimension: dimension, into: &values) {
            throw DamagedRow("there is no vector of row \(row)")
        }
        return values
    }

    private static func read(_ row: Row, dimension: Int, into values: inout [Float]) throws -> Int64 {
        let cells = Cells(row, "vector")
        let number = try cells.integer(0)
        let expected = try cells.integer(2)
        try cells.withBytes(1) { bytes in
            guard checksum(number, bytes) == expected else {
                throw DamagedRow("the vector of passage row \(number) does not have its checksum")
            }
            try VectorCoding.decode(bytes, row: number, dimension: dimension, into: &values)
        }
        return number
    }

    private static func checksum(_ row: Int64, _ bytes: UnsafeRawBufferPointer) -> Int64 {
        var checksum = Checksum()
        checksum.add(row)
        checksum.add(bytes)
        return checksum.finished()
    }
}
