/// The rows of a scan that a snapshot sees, in the order of their upper bounds, highest first, one at a time.
///
/// Groups and rows wait in two heaps. The group with the highest bound is opened when no row that is out has a higher one:
/// taking m rows opens at most m groups and those whose bound a deleted row holds up.
struct DescendingRows {
    private let pass: ScanPass
    private let visible: VisibleRows
    private let allowed: AllowedRows?
    private var groups: BoundHeap
    private var rows = BoundHeap()
    private var bounds = [Double](repeating: 0, count: ScanPass.groupRows)

    init(_ pass: ScanPass, visible: VisibleRows, allowed: AllowedRows? = nil) {
        self.pass = pass
        self.visible = visible
        self.allowed = allowed
        let all = pass.groupBounds.enumerated()
        guard let allowed else {
            groups = BoundHeap(all.map { .init(bound: $1, index: $0) })
            return
        }
        // A group without an allowed row is never opened, however high its bound.
        groups = BoundHeap(
            all.compactMap { group, bound in
                let first = group * ScanPass.groupRows
                let last = min(first + ScanPass.groupRows, pass.cache.count) - 1
                return allowed.overlaps(pass.cache.row(at: first)...pass.cache.row(at: last))
                    ? .init(bound: bound, index: group) : nil
            })
    }

    /// The next row, unless its upper bound, and so every later one's, is below `threshold`.
    mutating func next(atLeast threshold: Float?) -> Int64? {
        let floor = threshold.map(Double.init) ?? -.infinity
        while let group = groups.top, group.bound >= floor, group.bound > rows.top?.bound ?? -.infinity {
            _ = groups.pop()
            open(group.index, floor: floor)
        }
        guard let top = rows.top, top.bound >= floor else { return nil }
        _ = rows.pop()
        return pass.cache.row(at: top.index)
    }

    private func sees(_ row: Int64) -> Bool { (allowed?.contains(row) ?? true) && visible.contains(row) }

    private mutating func open(_ group: Int, floor: Double) {
        let first = group * ScanPass.groupRows
        // The threshold only rises: what is below it now stays below.
        for place in 0..<pass.upperBounds(ofGroup: group, into: &bounds)
        where bounds[place] >= floor && sees(pass.cache.row(at: first + place)) {
            rows.push(.init(bound: bounds[place], index: first + place))
        }
    }
}
