/// Best logits of questions beside those of a reference: whether the questions look like those that a model was evaluated on.
package struct ScoreShift: Sendable, Hashable {
    package enum Verdict: String, Sendable, Hashable {
        /// One of the two has fewer than ``ScoreShift/fewest``.
        case tooFew
        /// No difference was seen, which is no proof that there is none.
        case noDifferenceSeen
        /// The difference is real and too small to matter.
        case small
        /// They lie elsewhere, and not lower in the middle.
        case different
        /// They lie lower in the middle, or many of them do.
        case lower
    }

    package let count, referenceCount: Int
    package let median, referenceMedian: Double
    /// The reference's 5 % quantile, and the share of the sample below it.
    package let lowerQuantile, shareBelow: Double
    package let test: KolmogorovSmirnov
    package let verdict: Verdict

    /// Fewer say nothing of a distribution: with 20 and 20 a distance under 0.5 is not seen.
    package static let fewest = 20
    /// Chance alone says "different" once in a hundred checks.
    package static let level = 0.01
    /// A smaller distance moves fewer than 15 of 100 questions, however sure it is.
    package static let leastDistance = 0.15
    /// Of the reference that lies below its lower quantile.
    private static let lowShare = 0.05

    /// - Returns: nil when one of the two is empty or holds what is no number.
    package init?(_ sample: [Double], reference: [Double]) {
        guard let test = KolmogorovSmirnov(sample, reference) else { return nil }
        let (sorted, known) = (sample.sorted(), reference.sorted())
        self.test = test
        (count, referenceCount) = (sample.count, reference.count)
        median = Quantile.type7(sorted, 0.5)
        referenceMedian = Quantile.type7(known, 0.5)
        let low = Quantile.type7(known, Self.lowShare)
        lowerQuantile = low
        shareBelow = Double(sorted.count { $0 < low }) / Double(sorted.count)
        if min(count, referenceCount) < Self.fewest {
            verdict = .tooFew
        } else if test.pValue >= Self.level {
            verdict = .noDifferenceSeen
        } else if test.distance < Self.leastDistance {
            verdict = .small
        } else if shareBelow >= Self.lowShare + Self.leastDistance {
            // Easy ones beside them lift the median, and help none of these.
            verdict = .lower
        } else {
            verdict = median < referenceMedian ? .lower : .different
        }
    }

    /// What could not have been seen with so many.
    package var criticalDistance: Double {
        KolmogorovSmirnov.criticalDistance(count, referenceCount, level: Self.level)
    }
}
