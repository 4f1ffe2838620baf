/// The rows of a scan that a snapshot sees, in the order of their upper bounds, highest first, one at a time.
///
/// Groups wait by their highest bounds, and behind them the rows of those that were opened. The group with the highest bound is
/// opened when no row that is out has a higher one: taking m rows opens at most m groups and those whose bound a row holds up that
/// was deleted or is not allowed.
struct DescendingRows {
    /// Bounds of groups that are ordered together: of 128 there are some hundred sections for a million rows.
    private static let sectionGroups = 128

    private let pass: ScanPass
    private let visible: VisibleRows
    private let allowed: AllowedRows?
    private var groups: DescendingBounds
    /// Of the groups that are open, a section each.
    private var rows = DescendingBounds(sectionSize: ScanPass.groupRows)
    /// In the order of the sections.
    private var openGroups: [Int] = []
    private var bounds = [Double](repeating: 0, count: ScanPass.groupRows)

    init(_ pass: ScanPass, visible: VisibleRows, allowed: AllowedRows? = nil) {
        self.pass = pass
        self.visible = visible
        self.allowed = allowed
        guard let allowed else {
            groups = DescendingBounds(pass.groupBounds, sectionSize: Self.sectionGroups)
            return
        }
        // A group without an allowed row is never opened, however high its bound.
        let bounds = pass.groupBounds.enumerated().map { group, bound in
            let first = group * ScanPass.groupRows
            let last = min(first + ScanPass.groupRows, pass.cache.count) - 1
            return allowed.overlaps(pass.cache.row(at: first)...pass.cache.row(at: last)) ? bound : -.infinity
        }
        groups = DescendingBounds(bounds, sectionSize: Self.sectionGroups)
    }

    /// The next row, unless its upper bound, and so every later one's, is below `threshold`.
    mutating func next(atLeast threshold: Float?) -> Int64? {
        let floor = threshold.map(Double.init) ?? -.infinity
        while true {
            while let group = groups.top, group.bound >= floor, group.bound > rows.top?.bound ?? -.infinity {
                _ = groups.pop()
                open(group.index, floor: floor)
            }
            guard let top = rows.top, top.bound >= floor else { return nil }
            _ = rows.pop()
            let (section, place) = top.index.quotientAndRemainder(dividingBy: ScanPass.groupRows)
            let row = pass.cache.row(at: openGroups[section] * ScanPass.groupRows + place)
            if visible.contains(row) { return row }
        }
    }

    private mutating func open(_ group: Int, floor: Double) {
        let count = pass.upperBounds(ofGroup: group, into: &bounds)
        let first = group * ScanPass.groupRows
        var isEmpty = true
        for place in 0..<ScanPass.groupRows {
            // The last group may have fewer rows, and others come behind it. The threshold only rises: what is below it now stays
            // below. Rows that are not allowed may be most rows, and the highest; deleted ones are few and looked up when taken.
            if place < count, bounds[place] >= floor, allowed?.contains(pass.cache.row(at: first + place)) ?? true {
                isEmpty = false
            } else {
                bounds[place] = -.infinity
            }
        }
        guard !isEmpty else { return }
        rows.append(section: bounds)
        openGroups.append(group)
    }
}
