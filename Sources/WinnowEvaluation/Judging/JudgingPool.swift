import WinnowCore

/// What people are to judge: the documents that several systems ranked high, without a word on who ranked them where.
///
/// A pool of one system would find only what that system finds, and make every other look bad, so at least two are
/// wanted. Pairs on which the systems differ come first: they decide a comparison, should the judge stop early. Some
/// pairs come twice, to see how steady the judge is.
public struct JudgingPool: Sendable {
    /// A query and a document to be judged for it.
    public struct Pair: Sendable, Hashable {
        public var queryID: String
        public var documentID: String
        /// Not every system has it among its first.
        public var isContested: Bool
        /// It stands further up already.
        public var isRepeat: Bool
    }

    /// In the order in which they are to be judged: those that are contested, then the rest, each shuffled.
    public let pairs: [Pair]
    /// How many of a query's documents each system gave.
    public let depth: Int

    /// - Parameters:
    ///   - runs: at least two systems.
    ///   - depth: documents of each system, at least 1.
    ///   - queryIDs: only for these queries; nil: for all that a run has.
    ///   - judged: pairs with a grade of 0 or more in it are left out.
    ///   - seed: the same seed gives the same order, on every machine.
    ///   - repeats: share of pairs that come twice, 0…1; at least one pair does unless it is 0.
    /// - Throws: ``EvaluationError/pool(_:)``.
    public init(
        _ runs: [Run], depth: Int = 10, over queryIDs: [String]? = nil, leavingOut judged: Qrels? = nil, seed: UInt64,
        repeats: Double = 0.05
    ) throws {
        guard runs.count >= 2 else { throw EvaluationError.pool(.oneSystem) }
        guard depth >= 1 else { throw EvaluationError.pool(.depth(depth)) }
        guard (0...1).contains(repeats) else { throw EvaluationError.pool(.repeats(repeats)) }
        let wanted = Set((queryIDs ?? runs.flatMap(\.queryIDs)).map(ExactText.init)).sorted { $0.precedes($1) }
        var (contested, shared): ([Pair], [Pair]) = ([], [])
        for query in wanted {
            var systems: [ExactText: Int] = [:]
            for run in runs {
                for entry in (run.entries(for: query.text) ?? []).prefix(depth) {
                    systems[ExactText(entry.documentID), default: 0] += 1
                }
            }
            for (document, count) in systems.sorted(by: { $0.key.precedes($1.key) }) {
                if let grade = judged?.grade(of: document.text, for: query.text), grade >= 0 { continue }
                let pair = Pair(
                    queryID: query.text, documentID: document.text, isContested: count < runs.count, isRepeat: false)
                if pair.isContested { contested.append(pair) } else { shared.append(pair) }
            }
        }
        var random = SplitMix64(seed: seed)
        random.shuffle(&contested)
        random.shuffle(&shared)
        let all = contested + shared
        guard !all.isEmpty else { throw EvaluationError.pool(.nothingToJudge) }
        pairs = Self.repeating(all, share: repeats, &random)
        self.depth = depth
    }

    /// Puts some pairs in again, each behind its first place.
    private static func repeating(_ pairs: [Pair], share: Double, _ random: inout SplitMix64) -> [Pair] {
        guard share > 0, pairs.count >= 2 else { return pairs }
        let count = max(1, Int((Double(pairs.count) * share).rounded()))
        // Not from the end, where the repeat would follow at once, while the first word is still in mind.
        var chosen = Array(0..<max(1, pairs.count * 3 / 4))
        random.shuffle(&chosen)
        var repeatsAfter: [Int: [Pair]] = [:]
        for index in chosen.prefix(count) {
            let first = min(pairs.count - 1, index + max(1, pairs.count / 5))
            var again = pairs[index]
            again.isRepeat = true
            repeatsAfter[first + random.index(below: pairs.count - first), default: []].append(again)
        }
        return pairs.indices.flatMap { [pairs[$0]] + (repeatsAfter[$0] ?? []) }
    }
}

/// Why there is no pool to judge.
public enum PoolFault: Sendable, Hashable, CustomStringConvertible {
    case oneSystem
    case depth(Int)
    case repeats(Double)
    case nothingToJudge
    /// The text of a query or passage that is to be judged is not there.
    case missingText(queryID: String, documentID: String?)

    public var description: String {
        switch self {
        case .oneSystem:
            "a pool wants at least two systems: one alone finds only what it finds, and makes every other look bad"
        case .depth(let depth): "a pool of the first \(depth) documents is none: the depth is at least 1"
        case .repeats(let share): "the share of pairs that come twice is \(share), and must be from 0 to 1"
        case .nothingToJudge: "there is nothing to judge: the systems rank nothing that is not judged already"
        case .missingText(let queryID, nil): "the text of query \(Shown.id(queryID)) is not there"
        case .missingText(let queryID, let documentID?):
            "the text of document \(Shown.id(documentID)), ranked for query \(Shown.id(queryID)), is not there: take "
                + "the documents that were ranked"
        }
    }
}
