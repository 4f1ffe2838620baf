import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// The search with a cache finds what looking at every vector finds, to the bit, whatever the cache holds.
@Suite struct DenseScanTests {
    struct UnknownRow: Error {
        var row: Int64
    }

    /// The truth: what a store's table of vectors is.
    private struct Table: Sendable {
        var vectors: [Int64: [Float]]

        init(_ rows: [SampleRow]) { vectors = Dictionary(rows.map { ($0.row, $0.vector) }) { $1 } }

        func exact(_ rows: [Int64]) throws -> [Float] {
            try rows.flatMap { row in
                guard let vector = vectors[row] else { throw UnknownRow(row: row) }
                return vector
            }
        }
    }

    private func check(
        cache: ScanCache?, all: [SampleRow], visible: VisibleRows, query: [Float], limit: Int,
        dimension: Int, admits: ((Int64) -> Bool)? = nil, allowed: AllowedRows? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let seen = all.filter { visible.contains($0.row) }
        let last = cache?.lastRow ?? 0
        let tail = seen.filter { $0.row > last }
        // Only visible rows can be read: a search that asks for another fails.
        let table = Table(seen)
        var asked: Set<Int64> = []
        let found = try await DenseScan.search(
            query: query, dimension: dimension, limit: limit, cache: cache,
            tail: (tail.map(\.row), tail.flatMap(\.vector)), visible: visible, admits: admits, allowed: allowed
        ) { rows in
            #expect(rows.count <= DenseSearch.rowsAtOnce && !rows.isEmpty)
            for row in rows { #expect(asked.insert(row).inserted, "row \(row) was read twice") }
            return try table.exact(rows)
        }
        let expected = Sample.best(
            seen.filter { (admits?($0.row) ?? true) && allowed?.contains($0.row) ?? true }, query: query, limit: limit)
        #expect(found == expected, "limit \(limit) of \(seen.count)", sourceLocation: sourceLocation)
    }

    @Test(arguments: [1, 3, 24, 64, 65], [0, 1, 2, 63, 64, 65, 200, 1023, 1024, 1025, 2100])
    func equalsLookingAtEveryRow(dimension: Int, count: Int) async throws {
        var random = SeededGenerator(seed: UInt64(dimension * 10_000 + count))
        let folder = try TemporaryFolder()
        let rows = Sample.rows(count, dimension: dimension, using: &random)
        let cache = try folder.cache(rows, identity: Sample.identity(dimension))
        for round in 0..<8 {
            let query = Sample.normalised(random.floats(dimension))
            for limit in [1, 2, 5, 20, count, count + 1] where limit > 0 {
                try await check(
                    cache: round == 7 ? nil : cache, all: rows, visible: VisibleRows(maxRow: .max),
                    query: query, limit: limit, dimension: dimension)
            }
        }
    }

    /// As many groups of rows as are ordered in sections, and up to all of their rows wanted; all of them, or few of each group and those
    /// the farthest from the query, with the nearest ones deleted or not.
    @Test func manyGroupsAreOpenedInOrder() async throws {
        var random = SeededGenerator(seed: 77)
        let folder = try TemporaryFolder()
        let query = Sample.normalised(random.floats(3))
        let rows = Sample.rows(20_000, dimension: 3, using: &random)
        let cache = try folder.cache(rows, identity: Sample.identity(3))
        let farthest = rows.filter { zip($0.vector, query).map(*).reduce(0, +) < -0.9 }.map { $0.row...$0.row }
        #expect((500...2_000).contains(farthest.count))
        let nearest = rows.filter { zip($0.vector, query).map(*).reduce(0, +) > 0.9 }.map { $0.row...$0.row }
        for visible in [VisibleRows(maxRow: .max), VisibleRows(maxRow: .max, deleted: nearest)] {
            for allowed in [nil, AllowedRows(RowSet(farthest))] {
                for limit in [1, 50, 5_000, 20_000] {
                    try await check(
                        cache: cache, all: rows, visible: visible, query: query, limit: limit, dimension: 3,
                        allowed: allowed)
                }
            }
        }
    }

    /// A few vectors many times over, close neighbours and zeros: ties at the end, and bounds that overlap everywhere.
    @Test(arguments: 0..<12)
    func tiesAreAllReturned(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let dimension = 16
        let folder = try TemporaryFolder()
        var kinds = (0..<5).map { _ in Sample.normalised(random.floats(dimension)) }
        kinds.append([Float](repeating: 0, count: dimension))
        kinds += kinds.map { Sample.normalised($0.map { $0.nextUp }) }
        let rows = (0..<1500).map { row in
            SampleRow(row: Int64(row), vector: kinds[Int.random(in: 0..<kinds.count, using: &random)])
        }
        let cache = try folder.cache(rows, identity: Sample.identity(dimension))
        for query in kinds {
            for limit in [1, 10, 130, 1499] {
                try await check(
                    cache: cache, all: rows, visible: VisibleRows(maxRow: .max), query: query,
                    limit: limit, dimension: dimension)
            }
        }
    }

    /// Deletions, a cache that ends before the snapshot or goes on after it, and filters, all at random.
    @Test(arguments: 0..<40)
    func anyMixtureOfTimes(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(1000 + seed))
        let dimension = [3, 24, 70].randomElement(using: &random) ?? 24
        let folder = try TemporaryFolder()
        let all = Sample.rows(Int.random(in: 1...1800, using: &random), dimension: dimension, using: &random)
        let cached = Array(all.prefix(Int.random(in: 0...all.count, using: &random)))
        let cache = try folder.cache(cached, identity: Sample.identity(dimension))
        let last = try #require(all.last).row
        for _ in 0..<6 {
            let deleted = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                let first = Int64.random(in: 0...last, using: &random)
                return first...first + Int64.random(in: 0...60, using: &random)
            }
            let visible = VisibleRows(maxRow: Int64.random(in: 0...last + 5, using: &random), deleted: deleted)
            let query = Sample.normalised(random.floats(dimension))
            let modulus = Int64.random(in: 1...30, using: &random)
            for admits in [nil, { $0 % modulus == 0 }, { _ in false }] as [((Int64) -> Bool)?] {
                try await check(
                    cache: cache, all: all, visible: visible, query: query,
                    limit: Int.random(in: 1...40, using: &random), dimension: dimension, admits: admits)
            }
        }
    }

    /// The rows that a filter keeps out rank above all that it admits.
    @Test func excludedRowsMayOutrankTheKeptOnes() async throws {
        var random = SeededGenerator(seed: 5)
        let dimension = 24
        let folder = try TemporaryFolder()
        let query = Sample.normalised(random.floats(dimension))
        let noise = Sample.rows(700, dimension: dimension, using: &random)
        let near = (0..<700).map { index in
            SampleRow(
                row: 10_000 + Int64(index),
                vector: Sample.normalised(zip(query, random.floats(dimension)).map { $0 + $1 / 50 }))
        }
        let cache = try folder.cache(noise + near, identity: Sample.identity(dimension))
        let table = Table(noise + near)
        let scan = try await DenseScan(query, dimension: dimension, cache: cache)
        var asked: Set<Int64> = []
        var search = try scan.search(limit: 10) { row in
            #expect(asked.insert(row).inserted, "row \(row) was asked about twice")
            return row < 10_000
        }
        try search.addCached(VisibleRows(maxRow: .max)) { rows in
            #expect(rows.allSatisfy { $0 < 10_000 }, "the vector of a row that the filter keeps out was read")
            return try table.exact(rows)
        }
        #expect(search.best() == Sample.best(noise, query: query, limit: 10))
        #expect(asked.count < 1000, "the filter was asked about \(asked.count) rows")
    }

    /// Enough codes that the pass goes to the pool, several searches at once: the same results as by looking at every row,
    /// and few vectors read.
    @Test func largeCachesAreScannedOnThePool() async throws {
        var random = SeededGenerator(seed: 9)
        let dimension = 512
        let folder = try TemporaryFolder()
        let rows = Sample.rows(20_000, dimension: dimension, using: &random)
        let cache = try folder.cache(rows, identity: Sample.identity(dimension))
        let table = Table(rows)
        let queries = (0..<3).map { _ in Sample.normalised(random.floats(dimension)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for query in queries {
                for limit in [1, 20, 100] {
                    group.addTask {
                        var search = try await DenseScan(query, dimension: dimension, cache: cache).search(limit: limit)
                        try search.addCached(VisibleRows(maxRow: .max), exact: table.exact)
                        #expect(search.best() == Sample.best(rows, query: query, limit: limit))
                        #expect(search.scoredRows >= limit)
                        #expect(search.scoredRows < 10 * limit + 2 * DenseSearch.rowsAtOnce)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Scores and order are those of the index in memory, to the bit, when vectors come normalised as it does that.
    @Test func agreesWithTheIndexInMemory() async throws {
        var random = SeededGenerator(seed: 21)
        let dimension = 48
        let folder = try TemporaryFolder()
        let raw = (0..<500).map { _ in random.floats(dimension) }
        let rows = raw.enumerated().map { SampleRow(row: 1000 + Int64($0), vector: Sample.normalised($1)) }
        let cache = try folder.cache(rows, identity: Sample.identity(dimension))
        var index = ExactVectorIndex(dimension: dimension)
        // Ids in row order, so that both break ties alike.
        try index.append(
            rows.map { Passage(id: "\($0.row)", documentID: "d", text: "") },
            vectors: Vectors(dimension: dimension, values: raw.flatMap { $0 }))
        for _ in 0..<10 {
            let query = random.floats(dimension)
            let found = try await DenseScan.search(
                query: Sample.normalised(query), dimension: dimension, limit: 30, cache: cache, tail: ([], []),
                visible: VisibleRows(maxRow: .max), exact: Table(rows).exact)
            let expected = try index.search(query, limit: 30)
            #expect(found.map { "\($0.row)" } == expected.map(\.passage.id))
            #expect(found.map(\.score) == expected.map(\.score))
        }
    }

    @Test func badInputThrows() async throws {
        var random = SeededGenerator(seed: 2)
        let folder = try TemporaryFolder()
        let rows = Sample.rows(10, dimension: 24, using: &random)
        let cache = try folder.cache(rows, identity: Sample.identity())
        let visible = VisibleRows(maxRow: .max)
        await #expect(throws: StoreError.dimension(expected: 24, found: 2)) {
            try await DenseScan([1, 0], dimension: 24, cache: cache)
        }
        await #expect(throws: ScanCacheError.dimension(path: folder.cachePath, expected: 2, found: 24)) {
            try await DenseScan([1, 0], dimension: 2, cache: cache)
        }
        let scan = try await DenseScan(rows[0].vector, dimension: 24, cache: cache)
        #expect(throws: StoreError.notPositive(limit: 0)) { try scan.search(limit: 0) }
        var search = try scan.search(limit: 3)
        #expect(throws: StoreError.vectorCount(passages: 2, vectors: 1)) {
            try search.add(rows: [100, 101], vectors: rows[0].vector)
        }
        #expect(throws: StoreError.dimension(expected: 24, found: 23)) {
            try search.add(rows: [100], vectors: Array(rows[0].vector.dropLast()))
        }
        #expect(throws: StoreError.vectorNotFinite(of: "row 100")) {
            try search.add(rows: [100], vectors: [Float](repeating: .nan, count: 24))
        }
        #expect(throws: StoreError.vectorCount(passages: 3, vectors: 0)) { try search.addCached(visible) { _ in [] } }
        #expect(throws: UnknownRow.self) { try search.addCached(visible) { throw UnknownRow(row: $0[0]) } }
        #expect(search.best().isEmpty)
    }

    @Test func aCancelledSearchThrows() async throws {
        var random = SeededGenerator(seed: 9)
        let folder = try TemporaryFolder()
        // Beyond what is scanned in place.
        let row = Sample.normalised(random.floats(512))
        let cache = try folder.cache(
            (1...18_000).map { SampleRow(row: $0, vector: row) }, identity: try Sample.identity(512))
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await DenseScan(row, dimension: 512, cache: cache)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}

@Suite struct VisibleRowsTests {
    @Test func rangesMayOverlapTouchAndRepeat() {
        let visible = VisibleRows(maxRow: 20, deleted: [9...12, 3...4, 5...5, 11...14, 3...4, 30...40])
        #expect(visible.deleted == [3...5, 9...14, 30...40])
        #expect((0...45).filter(visible.contains) == [0, 1, 2, 6, 7, 8] + Array(15...20))
        #expect(VisibleRows(maxRow: .max, deleted: [5 ... .max, 7...9]).deleted == [5 ... .max])
        #expect(!VisibleRows(maxRow: 0).contains(1) && VisibleRows(maxRow: 0).contains(0))
    }

    @Test(arguments: 0..<20)
    func agreesWithASetOfRows(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let deleted = (0..<Int.random(in: 0...20, using: &random)).map { _ in
            let first = Int64.random(in: 0...80, using: &random)
            return first...first + Int64.random(in: 0...6, using: &random)
        }
        let visible = VisibleRows(maxRow: 70, deleted: deleted)
        for row in -2...100 as ClosedRange<Int64> {
            #expect(visible.contains(row) == (row <= 70 && !deleted.contains { $0.contains(row) }))
        }
    }
}
