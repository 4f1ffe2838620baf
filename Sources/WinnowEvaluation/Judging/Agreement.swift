/// How far two series of grades for the same things agree.
public struct Agreement: Sendable, Hashable {
    /// Things that were graded twice.
    public let count: Int
    /// The share of equal grades, 0…1; nil when nothing was graded twice.
    public let observed: Double?
    /// Cohen's kappa: the agreement beyond what the two would have by chance, each keeping its own share of each grade;
    /// at most 1, 0 for chance. Grades are names here: 1 and 2 differ as much as 0 and 2. Nil when nothing was graded
    /// twice, or everything got one and the same grade, where chance would agree too. (Cohen 1960)
    public let kappa: Double?

    public init(_ grades: [(first: Int, second: Int)]) {
        count = grades.count
        guard !grades.isEmpty else {
            (observed, kappa) = (nil, nil)
            return
        }
        let total = Double(grades.count)
        var (first, second): ([Int: Int], [Int: Int]) = ([:], [:])
        for pair in grades {
            first[pair.first, default: 0] += 1
            second[pair.second, default: 0] += 1
        }
        let equal = grades.count { $0.first == $0.second }
        // Counted in whole numbers, so that a chance of 1 is known exactly and the order of grades changes nothing.
        let byChance = first.reduce(0) { $0 + $1.value * second[$1.key, default: 0] }
        observed = Double(equal) / total
        kappa =
            byChance == grades.count * grades.count
            ? nil : (Double(equal) * total - Double(byChance)) / (total * total - Double(byChance))
    }
}
