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

    /// - Parameter threads: of the pool, at most; 0: all.
    /// - Throws: `CancellationError`.
    init(_ query: ScanQuery, over cache: ScanCache, threads: Int = 0) async throws {
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
        let parts = try await ScanWorkers.map(tasks: tasks, threads: threads) { task in
            Self.bounds(query, cache, groups: task * taskGroups..<min(groups, (task + 1) * taskGroups))
        }
        groupBounds = parts.flatMap { $0 }
    }

    private static func bounds(_ query: ScanQuery, _ cache: ScanCache, groups: Range<Int>) -> [Double] {
        var rows = [Double](repeating: 0, count: groupRows)
        return groups.map { upperBounds(query, cache, group: $0, into: &rows).highest }
    }

    /// The upper bounds of a group's rows.
    ///
    /// - Returns: how many rows it has.
    func upperBounds(ofGroup group: Int, into bounds: inout [Double]) -> Int {
        Self.upperBounds(query, cache, group: group, into: &bounds).count
    }

    private static func upperBounds(
        _ query: ScanQuery, _ cache: ScanCache, group: Int, into bounds: inout [Double]
    ) -> (count: Int, highest: Double) {
        let first = group * groupRows
        let count = min(groupRows, cache.count - first)
        let columns = cache.columns(at: first)
        let stride = cache.layout.stride
        let kernels: UnsafePointer<winnow_kernels> = winnow_kernels_active()
        let highest = withUnsafeTemporaryAllocation(of: Int32.self, capacity: groupRows) { products in
            query.codes.withUnsafeBufferPointer { codes in
                kernels.pointee.dot_rows_i8i16(
                    columns.codes, stride, count, codes.baseAddress, stride, products.baseAddress)
            }
            return bounds.withUnsafeMutableBufferPointer { bounds in
                kernels.pointee.upper_bounds_f64(
                    columns.scales, columns.errors, products.baseAddress, count, query.step, query.errorFactor,
                    query.errorOffset, bounds.baseAddress)
            }
        }
        return (count, highest)
    }
}
