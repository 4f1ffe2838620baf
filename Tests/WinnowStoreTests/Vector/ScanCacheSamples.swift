import CWinnowKernels
import Foundation
import TestSupport
import WinnowStore

/// A stored vector under its row id.
struct SampleRow: Sendable {
    var row: Int64
    var vector: [Float]
}

enum Sample {
    static let storeID: [UInt8] = Array(1...16)

    static func identity(_ dimension: Int = 24) throws -> ScanCacheIdentity {
        try ScanCacheIdentity(storeID: storeID, dimension: dimension)
    }

    static func normalised(_ vector: [Float]) -> [Float] {
        let squares = vector.reduce(0.0) { $0 + Double($1) * Double($1) }
        guard squares > 0 else { return vector }
        let scale = 1 / squares.squareRoot()
        return vector.map { Float(Double($0) * scale) }
    }

    /// Rows with ids that ascend with gaps, unit vectors.
    static func rows(
        _ count: Int, dimension: Int, after row: Int64 = 0, using random: inout SeededGenerator
    ) -> [SampleRow] {
        var row = row
        return (0..<count).map { _ in
            row += Int64.random(in: 1...3, using: &random)
            return SampleRow(row: row, vector: normalised(random.floats(dimension)))
        }
    }

    /// What a search must find, by looking at every row with the kernel that the search scores with: to the bit.
    static func best(_ rows: [SampleRow], query: [Float], limit: Int) -> [ScoredRow] {
        let scored = rows.map { row in
            ScoredRow(
                row: row.row, score: winnow_kernels_active().pointee.dot_f32(row.vector, query, query.count))
        }.sorted { $0.score == $1.score ? $0.row < $1.row : $0.score > $1.score }
        guard scored.count > limit else { return scored }
        return scored.filter { $0.score >= scored[limit - 1].score }
    }
}

extension ScanCacheWriter {
    func append(_ rows: some Sequence<SampleRow>) throws {
        for row in rows { try append(row: row.row, vector: row.vector) }
    }
}

extension TemporaryFolder {
    var cachePath: String { path + "/kb.sqlite.vec" }

    /// A sealed cache of these rows.
    @discardableResult
    func cache(_ rows: [SampleRow], identity: ScanCacheIdentity, revision: Int64 = 1) throws -> ScanCache {
        let writer = try ScanCacheWriter.create(path: cachePath, identity: identity, revision: revision)
        try writer.append(rows)
        try writer.seal(revision: revision)
        return try ScanCache.open(path: cachePath, identity: identity)
    }

    var cacheBytes: [UInt8] { get throws { Array(try Data(contentsOf: URL(fileURLWithPath: cachePath))) } }
}
