import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Fits the map from logit to probability, and measures it on queries that it has not seen.
public struct Calibrator: Sendable, Hashable {
    /// Parts of the cross-validation, dealt by group; two are halves.
    public var folds: Int
    public var seed: UInt64
    /// Nil: Platt's, unless the isotonic one is clearly better.
    public var method: CalibrationMap.Method?

    public init(folds: Int = 5, seed: UInt64 = 1, method: CalibrationMap.Method? = nil) {
        self.folds = folds
        self.seed = seed
        self.method = method
    }

    /// Below any of these two numbers cannot be fitted with sense.
    public static let leastPositives = 30
    public static let leastNegatives = 30
    public static let leastQueries = 30
    /// With fewer independent groups a map is fitted, and its figures are called rough: the queries of a group tell little
    /// more than one of them. Fewer than ``folds`` cannot be held back from one another, and are refused.
    public static let fewestGroups = 30
    /// Below it the isotonic map is not chosen by itself (Niculescu-Mizil and Caruana 2005).
    public static let leastPairsForIsotonic = 1000

    /// Fits both maps on all queries, and in ``folds`` parts to measure them: every figure of the report is of held-back
    /// queries.
    ///
    /// The isotonic map is chosen when there are at least ``leastPairsForIsotonic`` pairs and its held-back Brier score is
    /// better than Platt's by at least one standard error of the difference, taken by group.
    ///
    /// The order of the queries does not matter but for the last bits. 100,000 pairs take one to two seconds.
    /// - Throws: ``EvaluationError`` when there are too few labels, a logit is not finite, or relevant pairs do not have the
    ///   higher logits.
    public func fit(_ queries: [LabelledQuery], settings: CalibrationSettings) throws -> CalibrationReport {
        try LabelledQuery.validate(queries)
        // The order of sums is that of the ids, whatever order they came in.
        let queries = queries.map { (key: ExactText($0.id), query: $0) }
            .sorted { $0.key.precedes($1.key) }.map(\.query)
        let split = GroupSplit(queries, parts: max(2, folds), seed: seed) { $0.pairs.contains(where: \.relevant) }
        let data = CalibrationData(queries, groups: split.groupCount)
        let asked = queries.reduce(0) { $0 + ($1.pairs.isEmpty ? 0 : 1) }
        guard data.positives >= Self.leastPositives, data.negatives >= Self.leastNegatives, asked >= Self.leastQueries
        else {
            throw EvaluationError.tooFewLabels(positives: data.positives, negatives: data.negatives, queries: asked)
        }
        guard folds >= 2, split.groupCount >= folds else {
            throw EvaluationError.tooFewGroups(groups: split.groupCount, folds: folds)
        }

        let pairs = queries.flatMap(\.pairs)
        let platt = try heldBack(.platt, queries, split)
        let isotonic = try heldBack(.isotonic, queries, split)
        let (chosen, reason) = choose(Self.gain(of: isotonic, over: platt, queries), pairs: pairs.count)
        let raw = pairs.map {
            Forecast(probability: 1 / (1 + exp(-Double($0.logit))), relevant: $0.relevant)
        }
        var report = CalibrationReport(
            data: data, settings: settings, uncalibrated: ForecastQuality(of: raw, seed: seed),
            uncalibratedDiagram: ReliabilityDiagram(raw, seed: seed),
            platt: .init(map: .platt(try PlattMap.fit(pairs)), heldBack: ForecastQuality(of: platt, seed: seed)),
            isotonic: .init(
                map: .isotonic(try IsotonicMap.fit(pairs)), heldBack: ForecastQuality(of: isotonic, seed: seed)),
            chosen: chosen, reason: reason,
            diagram: ReliabilityDiagram(chosen == .platt ? platt : isotonic, seed: seed), folds: folds, seed: seed,
            cautions: [])
        report.cautions = cautions(report)
        return report
    }

    /// In the order of the queries and their pairs.
    private func heldBack(
        _ method: CalibrationMap.Method, _ queries: [LabelledQuery], _ split: GroupSplit
    ) throws -> [Forecast] {
        var maps: [CalibrationMap] = []
        for fold in 0..<folds {
            let rest = queries.indices.filter { split.part[$0] != fold }.flatMap { queries[$0].pairs }
            do {
                maps.append(try CalibrationMap.fit(method, rest))
            } catch EvaluationError.oneKindOfLabel {
                throw EvaluationError.labelsInOneFold(folds: folds)
            }
        }
        return zip(queries, split.part).flatMap { query, part in
            query.pairs.map { pair in
                Forecast(
                    probability: maps[part].probability(of: Logit(pair.logit)).value, relevant: pair.relevant)
            }
        }
    }

    /// How much smaller the Brier score is, and the standard error of that, with groups as the units.
    private static func gain(
        of left: [Forecast], over right: [Forecast], _ queries: [LabelledQuery]
    ) -> (mean: Double, standardError: Double) {
        var sums: [ExactText: (gain: Double, count: Double)] = [:]
        var index = 0
        for query in queries {
            var sum = sums[ExactText(query.group)] ?? (0, 0)
            for pair in query.pairs {
                let label = pair.relevant ? 1.0 : 0.0
                let (leftError, rightError) = (left[index].probability - label, right[index].probability - label)
                sum.gain += rightError * rightError - leftError * leftError
                sum.count += 1
                index += 1
            }
            sums[ExactText(query.group)] = sum
        }
        let units = sums.sorted { $0.key.precedes($1.key) }.map(\.value)
        let count = units.reduce(0) { $0 + $1.count }
        let mean = units.reduce(0) { $0 + $1.gain } / count
        let squares = units.reduce(0) { sum, unit in
            let residual = unit.gain - mean * unit.count
            return sum + residual * residual
        }
        let groups = Double(units.count)
        return (mean, (groups / (groups - 1) * squares).squareRoot() / count)
    }

    private func choose(
        _ gain: (mean: Double, standardError: Double), pairs: Int
    ) -> (CalibrationMap.Method, String) {
        if let method { return (method, "the \(method.rawValue) map was asked for") }
        let figures =
            "held-back Brier score \(Self.fixed(abs(gain.mean))) \(gain.mean >= 0 ? "better" : "worse") than Platt's, "
            + "one standard error is \(Self.fixed(gain.standardError))"
        if pairs < Self.leastPairsForIsotonic {
            return (.platt, "\(pairs) pairs are too few for the isotonic map (\(Self.leastPairsForIsotonic))")
        }
        return gain.mean > 0 && gain.mean >= gain.standardError
            ? (.isotonic, "the isotonic map is clearly better: \(figures)")
            : (.platt, "the isotonic map is not clearly better: \(figures)")
    }

    private func cautions(_ report: CalibrationReport) -> [String] {
        let (data, quality) = (report.data, report.quality)
        var cautions: [String] = []
        if report.settings.labels == .unjudgedAsNegative {
            cautions.append(
                "passages that nobody judged counted as not relevant: the probabilities are of being judged relevant, a lower "
                    + "bound of being relevant")
        }
        if report.settings.level == .document, report.settings.chunking != "none" {
            cautions.append(
                "documents were judged, so a probability is of the passage's document being relevant, learnt from each "
                    + "document's best passage")
        }
        if data.groups < Self.fewestGroups {
            cautions.append(
                "\(data.queries) queries are only \(data.groups) independent groups, fewer than \(Self.fewestGroups): take the "
                    + "figures as rough")
        }
        if report.chosen == .isotonic, data.pairs < Self.leastPairsForIsotonic {
            cautions.append("\(data.pairs) pairs are few for the isotonic map: it follows their noise")
        }
        if quality.isMiscalibrated {
            cautions.append(
                "the calibration error on held-back queries, \(Self.fixed(quality.calibrationError)), is over what chance "
                    + "explains (\(Self.fixed(quality.calibrationErrorLimit))): the probabilities are off by about that"
            )
        }
        if let skill = quality.brierSkill, skill <= 0 {
            cautions.append("the probabilities are no better than saying the base rate each time")
        }
        if quality.brier >= report.uncalibrated.brier {
            cautions.append("on held-back queries the raw sigmoid did no worse: more labelled queries are needed")
        }
        return cautions
    }

    /// Four decimals, without Foundation.
    static func fixed(_ value: Double) -> String {
        let scaled = Int((abs(value) * 10_000).rounded())
        let digits = String(scaled % 10_000)
        return (value < 0 && scaled > 0 ? "-" : "") + "\(scaled / 10_000)."
            + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
