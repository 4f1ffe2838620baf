import WinnowCore

/// How the relevant documents of one query moved between two displayed orders, such as before and after reranking.
///
/// The orders are what a user sees, ties and all; measures order equal scores in their own way. A rank says nothing of
/// a document that is in one order only, so those are counted and not averaged.
public struct RankImprovement: Sendable, Hashable {
    /// A relevant document that stands in both orders.
    public struct Move: Sendable, Hashable {
        public var documentID: String
        public var grade: Int
        /// From 1.
        public var before: Int
        /// From 1.
        public var after: Int

        /// Places gained: positive when it rose.
        public var gain: Int { before - after }
    }

    /// In the order of ``Move/before``.
    public var moves: [Move]
    /// Relevant documents that only the first order has: lost.
    public var lost: [String]
    /// Relevant documents that only the second order has.
    public var found: [String]
    /// The rank of the first relevant document in each order; nil when it has none.
    public var firstBefore: Int?
    public var firstAfter: Int?

    /// - Parameters:
    ///   - before, after: documents' ids, best first; of an id that stands there twice the first place counts.
    ///   - level: the least grade of a relevant document.
    public init(before: [String], after: [String], qrels: Qrels, queryID: String, level: Int = 1) {
        let grades = qrels.gradesByDocument(of: queryID)
        func relevant(_ order: [String]) -> [(key: ExactText, rank: Int)] {
            var seen: Set<ExactText> = []
            return order.enumerated().compactMap { index, id in
                let key = ExactText(id)
                guard let grade = grades[key], grade >= level, seen.insert(key).inserted else { return nil }
                return (key, index + 1)
            }
        }
        let (first, second) = (relevant(before), relevant(after))
        let rankAfter = Dictionary(uniqueKeysWithValues: second.map { ($0.key, $0.rank) })
        let rankedBefore = Set(first.map(\.key))
        moves = first.compactMap { key, rank in
            rankAfter[key].map { Move(documentID: key.text, grade: grades[key] ?? level, before: rank, after: $0) }
        }
        lost = first.filter { rankAfter[$0.key] == nil }.map(\.key.text)
        found = second.filter { !rankedBefore.contains($0.key) }.map(\.key.text)
        firstBefore = first.first?.rank
        firstAfter = second.first?.rank
    }

    /// Places gained in the mean over ``moves``; nil when there are none.
    public var mean: Double? {
        moves.isEmpty ? nil : Double(moves.reduce(0) { $0 + $1.gain }) / Double(moves.count)
    }

    /// Places that the first relevant document gained; nil when an order has none.
    public var first: Int? {
        guard let firstBefore, let firstAfter else { return nil }
        return firstBefore - firstAfter
    }

    /// The mean over queries of their ``mean``, each query counting once, and of ``first``; nil where no query has one.
    public static func means(_ improvements: [RankImprovement]) -> (mean: Double?, first: Double?) {
        func average(_ values: [Double]) -> Double? {
            values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
        return (
            average(improvements.compactMap(\.mean)), average(improvements.compactMap { $0.first.map(Double.init) })
        )
    }
}
