/// A way to make one list of several retrievers' lists.
///
/// Each list gives each passage a value, and a passage's fused score is Σ weight × value over the lists. A list that does
/// not have a passage, and has no score computed for it, gives it nothing (0). Where other programs
/// compute otherwise: `Documentation/fusion.md`.
public enum Fusion: Sendable, Hashable {
    /// 1 ÷ (k + rank), ranks from 1; a finite k above 0 (Cormack, Clarke and Büttcher, SIGIR 2009, with k = 60). Scores are not
    /// looked at.
    case reciprocalRank(k: Double = 60)
    /// (s − least) ÷ (largest − least), over the scores that the list gives to passages of any list; 1 where all are equal.
    case relativeScore
    /// (s − (μ − 3σ)) ÷ 6σ, cut to 0…1, with mean and population deviation of the same scores; 0.5 where all are equal.
    case distribution
}

extension Fusion {
    /// Fuses lists of one query.
    ///
    /// Nothing depends on the order of `inputs`; a list of weight 0 is as if it were absent; a list without candidates changes
    /// neither order nor scores. Equal fused scores stand by the best rank that the passage has in any list, then by passage id.
    ///
    /// - Parameters:
    ///   - inputs: any number of lists; none give an empty result.
    ///   - limit: how many candidates at most, at least 1.
    /// - Returns: best first, ranks 1, 2, 3 …; ``Candidate/retrievalScore`` is the fused score, and ``Candidate/retrievals`` holds
    ///   what each list of a weight above 0 says of the passage, in place of what an earlier fusion left there.
    /// - Throws: ``SearchError`` for a limit under 1, a constant, weight or score that cannot be computed with, two lists of one
    ///   name, and a missing score where scores are fused.
    /// - Complexity: O(n log n) for n candidates in all lists together.
    public func fuse(_ inputs: [FusionInput], limit: Int) throws -> RankedList {
        guard limit >= 1 else { throw SearchError.notPositive(parameter: "limit", value: limit) }
        try validate()
        try Self.validate(weights: inputs.map { ($0.name, $0.weight) })
        let lists = try inputs.filter { $0.weight > 0 }
            .sorted { ExactText($0.name).precedes(ExactText($1.name)) }
            .map { try FusedList($0, needsScores: !usesRanks, fusion: self) }
        var union = FusedUnion(lists)
        for list in lists where !list.candidates.isEmpty {
            for (index, value) in values(of: list, in: union).enumerated() {
                guard let value else { continue }
                switch value {
                case .share(let share): union.sums[index].add(list.weight, times: share)
                case .inverse(let divisor): union.sums[index].add(list.weight, over: divisor)
                }
            }
        }
        return RankedList(union.best(limit, of: lists))
    }

    /// Whether the constant is one to compute with: for callers that want to know early.
    ///
    /// - Throws: ``SearchError/fusionConstant(_:)``
    public func validate() throws {
        if case .reciprocalRank(let k) = self, !(k > 0 && k.isFinite) { throw SearchError.fusionConstant(k) }
    }

    /// Likewise for lists' names and weights.
    static func validate(weights: [(name: String, weight: Double)]) throws {
        // As strings: they become the keys of a dictionary of strings.
        var names: Set<String> = []
        var sum = 0.0
        for (name, weight) in weights {
            sum += weight
            guard weight >= 0, sum.isFinite else { throw SearchError.fusionWeight(list: name, weight: weight) }
            guard names.insert(name).inserted else { throw SearchError.fusionListTwice(name) }
        }
    }

    private var usesRanks: Bool { if case .reciprocalRank = self { true } else { false } }

    private enum Value {
        case share(Double)
        /// One over this: divided only with the weight, so that it is rounded once.
        case inverse(Double)
    }

    /// One a passage of the union; nil: the list gives it nothing.
    private func values(of list: FusedList, in union: FusedUnion) -> [Value?] {
        switch self {
        case .reciprocalRank(let k):
            union.ids.map { list.place(of: $0).map { .inverse(k + Double($0 + 1)) } }
        case .relativeScore:
            Normalisation.minMax(union.ids.map(list.score)).map { $0.map(Value.share) }
        case .distribution:
            Normalisation.distribution(union.ids.map(list.score)).map { $0.map(Value.share) }
        }
    }
}

extension Fusion: CustomStringConvertible {
    /// Reads `rrf` (k = 60), `rrf:20`, `relative` or `distribution`.
    ///
    /// - Throws: ``SearchError/fusionSpelling(_:)`` for anything else, and ``SearchError/fusionConstant(_:)`` for a k that is not a
    ///   finite number above 0.
    public init(parsing text: String) throws {
        switch text {
        case "rrf": self = .reciprocalRank()
        case "relative": self = .relativeScore
        case "distribution": self = .distribution
        default:
            guard text.hasPrefix("rrf:"), let k: Double = PlainNumber.parse(text.dropFirst(4)) else {
                throw SearchError.fusionSpelling(text)
            }
            self = .reciprocalRank(k: k)
            try validate()
        }
    }

    /// As ``init(parsing:)`` reads it.
    public var description: String {
        switch self {
        case .reciprocalRank(let k): "rrf:" + PlainNumber.text(k)
        case .relativeScore: "relative"
        case .distribution: "distribution"
        }
    }
}
