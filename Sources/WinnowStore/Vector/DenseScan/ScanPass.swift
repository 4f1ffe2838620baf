import CWinnowKernels

/// One pass over the codes of a scan cache: the highest upper bound of each group of 64 rows.
///
/// A group keeps 8 bytes, 128 KB a million rows, however many rows are wanted afterwards; the rows of the few groups that
/// matter are computed again. It depends on the cache and the query alone, so it may run before a snapshot is taken.
struct ScanPass: Sendable {
    static let groupRows = 64

    let query: ScanQuery
    let cache: ScanCache
    /// Of `groupRows` rows each, the last one of fewer.
    let groupBounds: [Double]

    /// Codes that are scanned on the caller's thread: about a millisecond's work.
    private static let inlineBytes = 8 << 20
    /// Codes of a task on the pool.
    private static let taskBytes = 4 << 20

    /// - Throws: `CancellationError`.
    init(_ query: ScanQuery, over cache: ScanCache) async throws {
        self.query = query
        self.cache = cache
        let groups = (cache.count + Self.groupRows - 1) / Self.groupRows
        let groupBytes = Self.groupRows * cache.layout.stride
        if groups * groupBytes <= Self.inlineBytes {
            groupBounds = Self.bounds(query, cache, groups: 0..<groups)
            return
        }
        let taskGroups = max(1, Self.taskBytes / groupBytes)
        let tasks = (groups + taskGroups - 1) / taskGroups
        let parts = try await ScanWorkers.map(tasks: tasks) { task in
            Self.bounds(query, cache, groups: task * taskGroups..<min(groups, (task + 1) * taskGroups))
        }
        groupBounds = parts.flatMap { $0 }
    }

    private static func bounds(_ query: ScanQuery, _ cache: ScanCache, groups: Range<Int>) -> [Double] {
        var rows = [Double](repeating: 0, count: groupRows)
        return groups.map { group in
            let count = upperBounds(query, cache, group: group, into: &rows)
            var highest = rows[0]
            for place in 1..<max(1, count) where rows[place] > highest { highest = rows[place] }
            return highest
        }
    }

    /// The upper bounds of a group's rows.
    ///
    /// - Returns: how many rows it has.
    func upperBounds(ofGroup group: Int, into bounds: inout [Double]) -> Int {
        Self.upperBounds(query, cache, group: group, into: &bounds)
    }

    private static func upperBounds(
        _ query: ScanQuery, _ cache: ScanCache, group: Int, into bounds: inout [Double]
    ) -> Int {
        let first = group * groupRows
        let count = min(groupRows, cache.count - first)
        let columns = cache.columns(at: first)
        let stride = cache.layout.stride
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: groupRows) { products in
            query.codes.withUnsafeBufferPointer { codes in
                winnow_kernels_active().pointee.dot_rows_i8i16(
                    columns.codes, stride, count, codes.baseAddress, stride, products.baseAddress)
            }
            bounds.withUnsafeMutableBufferPointer { bounds in
                for place in 0..<count {
                    bounds[place] =
                        Double(columns.scales[place]) * query.step * Double(products[place])
                        + Double(columns.errors[place]) * query.errorFactor + query.errorOffset
                }
            }
        }
        return count
    }
}
