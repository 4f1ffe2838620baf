import WinnowCore

/// How a second stage's logits lie, by what was judged: the further the relevant candidates lie from the others, the
/// more a threshold can do. Logits are comparable within one model only.
public struct ScoreDistributions: Sendable, Hashable {
    /// Of equal width, ascending, one more than bins. The last bin holds its upper end too.
    public let edges: [Double]
    /// Of grade 1 or more.
    public let relevant: Part
    /// Judged, of grade 0.
    public let notRelevant: Part
    /// Without a judgement, or with a negative one: pooled, and not judged.
    public let unjudged: Part

    /// The candidates of one kind.
    public struct Part: Sendable, Hashable {
        /// One a bin.
        public let counts: [Int]
        /// Nil when there are none.
        public let median: Double?

        public var count: Int { counts.reduce(0, +) }
    }

    public static let bins = 30

    /// Counts every scored pair; a passage of a judged document has the document's grade.
    ///
    /// - Parameters:
    ///   - system: which of the observations' scorings.
    ///   - level: whose id the judgements name.
    /// - Returns: nil when the system scored nothing.
    public init?(_ observations: [QueryObservation], system: Int, qrels: Qrels, level: QueryObservation.Level) {
        var (relevant, notRelevant, unjudged): ([Double], [Double], [Double]) = ([], [], [])
        for observation in observations where observation.scorings.indices.contains(system) {
            for (candidate, score) in zip(observation.candidates, observation.scorings[system].scores) {
                guard let logit = score?.logit.value, logit.isFinite else { continue }
                let id = level == .document ? candidate.passage.documentID : candidate.passage.id
                switch qrels.grade(of: id, for: observation.id) {
                case .some(1...): relevant.append(Double(logit))
                case .some(0): notRelevant.append(Double(logit))
                default: unjudged.append(Double(logit))
                }
            }
        }
        let all = [relevant, notRelevant, unjudged].joined()
        guard let least = all.min(), let most = all.max() else { return nil }
        let (lower, upper) = least < most ? (least, most) : (least - 0.5, least + 0.5)
        let width = (upper - lower) / Double(Self.bins)
        edges = (0...Self.bins).map { $0 == Self.bins ? upper : lower + Double($0) * width }
        func part(_ values: [Double]) -> Part {
            var counts = [Int](repeating: 0, count: Self.bins)
            for value in values { counts[max(0, min(Self.bins - 1, Int((value - lower) / width)))] += 1 }
            return Part(counts: counts, median: values.isEmpty ? nil : Quantile.type7(values.sorted(), 0.5))
        }
        self.relevant = part(relevant)
        self.notRelevant = part(notRelevant)
        self.unjudged = part(unjudged)
    }
}
