import WinnowCore

extension Verdict {
    /// One plain sentence with its evidence (two or three where it cannot be told, or where judgements are uneven):
    ///
    ///     Reranking helps: nDCG@10 rises from 0.512 to 0.561 (+0.049, 95 % interval +0.021 to +0.078, p = 0.0004 over
    ///     300 queries; 92 better, 150 equal, 58 worse).
    public var sentence: String {
        if case .cannotTell = outcome { headline + " " + evidence } else { headline + ": " + evidence }
    }

    /// What can be said, in a few words: `Reranking helps`, `Reranking: cannot be told`.
    package var headline: String {
        let name = PathText.quoted(system)
        return switch outcome {
        case .helps: name + " helps" + lessThanMatters
        case .hurts: name + " hurts" + lessThanMatters
        case .noDifferenceThatMatters: name + " makes no difference that matters"
        case .cannotTell: name + ": cannot be told"
        }
    }

    /// What it rests on: the rest of ``sentence``.
    package var evidence: String {
        switch outcome {
        case .helps, .hurts: real + unevenly
        case .noDifferenceThatMatters: negligible + unevenly
        case .cannotTell(let reason): why(reason)
        }
    }

    private var lessThanMatters: String {
        isLessThanMatters ? ", but by less than matters (\(FigureText.chosen(minimumEffect)))" : ""
    }

    private var real: String {
        "\(movement) (\(signedDifference), \(intervalText(comparison.interval)), \(pText) over \(sample); \(tally))."
    }

    private var negligible: String {
        "\(movement) (\(signedDifference), \(intervalText(comparison.interval90)), within "
            + "±\(FigureText.chosen(minimumEffect)); \(pText) over \(sample); \(tally))."
    }

    private func why(_ reason: Reason) -> String {
        let measure = PathText.quoted(measure)
        switch reason {
        case .noDifference:
            return "with \(sample); \(measure) is the same on every one of them "
                + "(mean \(FigureText.fixed(comparison.systemMean, 3)))."
        case .fewDifferences:
            return
                "with \(sample); \(only(differing)), and fewer than \(RandomisationTest.fewestUnits) can always be "
                + "chance (\(movement), \(signedDifference); \(tally))."
        case .fewForInterval:
            let hint =
                pValue <= Self.level
                ? "; that it \(comparison.difference > 0 ? "helps" : "hurts") is likely" : ""
            return "with \(sample); \(only(differing)), too few to say by how much "
                + "(\(movement), \(signedDifference), \(pText); \(tally))\(hint)."
        case .unjudged:
            return "from these judgements; \(unjudgedShares), and among judged documents alone the difference is "
                + "\(FigureText.signed(judged?.condensedDifference ?? 0)) and not \(signedDifference) (\(movement), "
                + "\(pText) over \(sample); \(tally)). Judge what is missing, from both."
        case .uncertain:
            return "with \(sample); \(range) (\(movement), \(signedDifference), \(pText); \(tally)). \(more)"
        }
    }

    /// For an interval around 0, or one that the p-value does not bear out.
    private var range: String {
        guard let interval = comparison.interval else { return "the difference is not known" }
        let ends = "\(FigureText.signed(interval.lower)) to \(FigureText.signed(interval.upper))"
        return interval.lower > 0 || interval.upper < 0
            ? "the 95 % interval of the difference is \(ends), but at this p it may be chance"
            : "the difference may be anything from \(ends)" + ruledOut(interval)
    }

    /// What nobody need hope for, or fear, although the sign is not known.
    private func ruledOut(_ interval: Interval) -> String {
        let effect = FigureText.chosen(minimumEffect)
        if interval.upper < minimumEffect { return ": a gain that matters (\(effect)) is not to be expected" }
        if interval.lower > -minimumEffect { return ": a loss that matters (\(effect)) is not to be feared" }
        return ""
    }

    private var more: String {
        let effect = FigureText.chosen(minimumEffect)
        let size = Double(comparison.queryCount) / Double(max(1, comparison.unitCount))
        guard let needed = unitsNeeded, Power.isRealistic(Double(needed) * size, beside: comparison.queryCount) else {
            return
                "A true difference of \(effect) is too small to be shown with a test set of realistic size; only a larger "
                + "one can be."
        }
        guard needed > comparison.unitCount else {
            return "So many would show a true difference of \(effect) eight times in ten; a smaller one takes more."
        }
        guard comparison.isGrouped else {
            return "About \(FigureText.count(needed, of: .query)) would show a true difference of \(effect)."
        }
        return
            "About \(FigureText.count(needed, of: .group)) (\(FigureText.grouped(Int((Double(needed) * size).rounded()))) queries, at "
            + "this size of group) would show a true difference of \(effect)."
    }

    /// `nDCG@10 rises from 0.512 to 0.561`
    private var movement: String { FigureText.movement(of: measure, comparison) }

    private var signedDifference: String { FigureText.signed(comparison.difference) }

    private func intervalText(_ interval: Interval?) -> String {
        interval.map {
            "\(FigureText.chosen(($0.confidence * 100).rounded())) % interval \(FigureText.signed($0.lower)) to "
                + FigureText.signed($0.upper)
        } ?? "no interval"
    }

    private var pText: String {
        FigureText.pValue(pValue) + (correctedOver > 1 ? " after Holm's correction for \(correctedOver) systems" : "")
    }

    private var sample: String { FigureText.sample(comparison) }

    private var tally: String { FigureText.tally(comparison) }

    private var differing: Int { comparison.units.nonTied }

    private func only(_ count: Int) -> String {
        let noun: FigureText.Noun = comparison.isGrouped ? .group : .query
        return count == 0
            ? "no \(noun.one) differs" : "only \(FigureText.count(count, of: noun)) differ\(count == 1 ? "s" : "")"
    }

    private var unjudgedShares: String {
        guard let judged else { return "the judgements are incomplete" }
        return "\(FigureText.percent(1 - judged.system)) of its top \(judged.cutoff) was never judged "
            + "(\(PathText.quoted(baseline))'s: \(FigureText.percent(1 - judged.baseline)))"
    }

    private var unevenly: String {
        guard let judged, judged.isUneven else { return "" }
        return " But \(unjudgedShares)."
    }
}

extension FigureText {
    /// `nDCG@10 rises from 0.512 to 0.561`
    static func movement(of measure: String, _ comparison: PairedComparison) -> String {
        let (before, after) = pair(comparison.baselineMean, comparison.systemMean)
        let name = PathText.quoted(measure)
        guard before != after else { return "\(name) stays at \(before)" }
        return
            "\(name) \(comparison.systemMean > comparison.baselineMean ? "rises" : "falls") from \(before) to \(after)"
    }

    /// `300 queries`, `529 queries in 53 groups`
    static func sample(_ comparison: PairedComparison) -> String {
        count(comparison.queryCount, of: .query)
            + (comparison.isGrouped ? " in " + count(comparison.unitCount, of: .group) : "")
    }

    /// `92 better, 150 equal, 58 worse`; of groups, it says so.
    static func tally(_ comparison: PairedComparison) -> String {
        let units = comparison.units
        let wins = comparison.isGrouped ? count(units.wins, of: .group) : grouped(units.wins)
        return "\(wins) better, \(grouped(units.ties)) equal, \(grouped(units.losses)) worse"
    }
}
