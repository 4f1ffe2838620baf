import WinnowCore

/// What nDCG would be if the documents of a list that nobody judged were judged.
///
/// A system that finds relevant documents which the pool missed is punished for it; this says how far the figure could
/// move. Only the retrieved documents are thought of; relevant ones that no system found lower the figure of every
/// system.
public struct UnjudgedBounds: Sendable, Hashable {
    /// Each of them irrelevant: nDCG as trec_eval has it.
    public var allIrrelevant: Double
    /// Each of them as relevant as the best judged document of the query (grade 1 when none is), in the list and in the
    /// ideal.
    public var allRelevant: Double
    /// The least and the most that nDCG can be when each is one or the other. They reach beyond the two above: a
    /// relevant document far down raises the ideal more than the list.
    public var range: ClosedRange<Double>
    /// Documents of the list without a grade of 0 or more, within the cutoff.
    public var unjudged: Int

    /// - Parameter cutoff: as in nDCG@k; nil: the whole list.
    public init(
        _ run: Run, qrels: Qrels, queryID: String, cutoff: Int? = nil, gain: Measure.Gain = .linear
    ) {
        self.init(
            GradedList(run.entries(for: queryID) ?? [], judgements: qrels.gradesByDocument(of: queryID)),
            cutoff: cutoff ?? .max, gain: gain)
    }

    init(_ list: GradedList, cutoff: Int, gain: Measure.Gain) {
        let best = max(1, list.judged.first ?? 1)
        let places = list.grades.indices.filter { list.grades[$0] < 0 }
        unjudged = places.prefix { $0 < cutoff }.count
        /// nDCG when the documents at `relevant` are as good as the best.
        func value(_ relevant: some Sequence<Int>) -> Double {
            var grades = list.grades
            var count = 0
            for place in relevant {
                grades[place] = best
                count += 1
            }
            // The added ones are the best grade there is, so they come first in the ideal.
            let ideal = [Int](repeating: best, count: count) + list.judged
            let most = GradedList.gain(of: ideal.prefix(cutoff), gain)
            return most > 0 ? GradedList.gain(of: grades.prefix(cutoff), gain) / most : 0
        }
        allIrrelevant = value([])
        allRelevant = value(places)
        // For any number of them the ideal is fixed: the list gains most when they are its first, and least when its
        // last.
        var (least, most) = (min(allIrrelevant, allRelevant), max(allIrrelevant, allRelevant))
        // Beyond the cutoff more of them change neither: the ideal is full, and the list does not see them.
        for count in 1..<max(1, min(places.count, cutoff == .max ? .max : cutoff + 1)) {
            most = max(most, value(places.prefix(count)))
            least = min(least, value(places.suffix(count)))
        }
        range = least...most
    }
}
