#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// How good probabilities are, measured on labels that the map has not seen.
///
/// No one number says it: a constant base rate has a calibration error of 0 and is of no use. Look at ``brierSkill`` first.
public struct ForecastQuality: Sendable, Hashable {
    public var count: Int
    public var positives: Int
    /// The mean squared difference of probability and label, 0…1, smaller is better (Brier 1950).
    public var brier: Double
    /// 1 − Brier / (π(1−π)): 1 is perfect, 0 is no better than saying the base rate π each time, negative is worse. Nil when
    /// all labels are alike.
    public var brierSkill: Double?
    /// Mean negative log-likelihood in nats; probabilities are kept 2⁻⁵² away from 0 and 1, as scikit-learn keeps them.
    public var logLoss: Double
    /// Σ nᵇ/n · |ȳ − p̄| over ten bins of equal mass with ties unsplit (Naeini 2015; Roelofs 2022). Biased up: even a perfect
    /// map does not show 0. Compare it with ``calibrationErrorLimit``.
    public var calibrationError: Double
    /// The 95 % quantile of ``calibrationError`` under labels drawn from the probabilities themselves (Bröcker and Smith
    /// 2007): what is under it may be chance. It takes the pairs for independent, and those of one query are not quite.
    public var calibrationErrorLimit: Double
    /// The mean squared calibration error of the same bins, less what chance adds to it, ȳ(1−ȳ)/(nᵇ−1) a bin (Kumar 2019). Not
    /// biased, and so below 0 now and then. Bins of one forecast say nothing and add nothing.
    public var debiasedSquaredError: Double
    /// Brier = ``miscalibration`` − ``discrimination`` + ``uncertainty`` (CORP: Dimitriadis, Gneiting and Jordan 2021). What
    /// the best recalibration that never falls would win: 0 is perfectly calibrated.
    public var miscalibration: Double
    /// What it then wins over saying the base rate each time: larger is better, at most ``uncertainty``.
    public var discrimination: Double
    /// π(1−π) of the base rate π: a matter of the labels alone.
    public var uncertainty: Double

    public var baseRate: Double { Double(positives) / Double(count) }

    /// The bins of ``calibrationError``.
    public static let bins = 10

    /// Costs up to 1,000 draws of all labels, fewer over 20,000 forecasts.
    ///
    /// - Parameter seed: of the labels drawn for ``calibrationErrorLimit``.
    /// - Returns: nil without forecasts.
    public init?(_ forecasts: [Forecast], seed: UInt64 = 1) {
        guard !forecasts.isEmpty else { return nil }
        self.init(of: forecasts, seed: seed)
    }

    /// - Precondition: there is at least one forecast.
    init(of forecasts: [Forecast], seed: UInt64) {
        precondition(!forecasts.isEmpty, "no forecasts")
        let sorted = SortedForecasts(forecasts)
        let count = Double(forecasts.count)
        self.count = forecasts.count
        positives = sorted.positives
        brier =
            forecasts.reduce(0) {
                let error = $1.probability - ($1.relevant ? 1 : 0)
                return $0 + error * error
            } / count
        logLoss =
            forecasts.reduce(0) {
                let probability = min(max($1.probability, 0x1p-52), 1 - 0x1p-52)
                return $0 - ($1.relevant ? log(probability) : log1p(-probability))
            } / count

        let baseRate = Double(positives) / count
        uncertainty = baseRate * (1 - baseRate)
        brierSkill = uncertainty > 0 ? 1 - brier / uncertainty : nil
        // The Brier score of a block's share against its own labels is share · (1 − share).
        let recalibrated =
            MonotoneFit.blocks(of: sorted.ties).reduce(0) { $0 + Double($1.count) * $1.value * (1 - $1.value) } / count
        miscalibration = max(0, brier - recalibrated)
        discrimination = max(0, uncertainty - recalibrated)

        let bins = sorted.equalMassBins(Self.bins)
        calibrationError = sorted.expectedCalibrationError(bins)
        debiasedSquaredError =
            sorted.sums(bins).reduce(0) { sum, bin in
                guard bin.count > 1 else { return sum }
                let share = Double(bin.positives) / Double(bin.count)
                let gap = share - bin.probabilitySum / Double(bin.count)
                return sum + Double(bin.count) * (gap * gap - share * (1 - share) / Double(bin.count - 1))
            } / count

        var random = SplitMix64(seed: seed)
        var drawn = sorted
        let resamples = max(200, min(1000, 20_000_000 / forecasts.count))
        var errors: [Double] = []
        for _ in 0..<resamples {
            drawn.drawLabels(&random)
            errors.append(drawn.expectedCalibrationError(bins))
        }
        errors.sort()
        calibrationErrorLimit = errors[min(resamples - 1, (resamples * 95 + 99) / 100 - 1)]
    }

    /// More than chance explains: the probabilities are off.
    public var isMiscalibrated: Bool { calibrationError > calibrationErrorLimit }

    package init(
        count: Int, positives: Int, brier: Double, brierSkill: Double?, logLoss: Double, calibrationError: Double,
        calibrationErrorLimit: Double, debiasedSquaredError: Double, miscalibration: Double, discrimination: Double,
        uncertainty: Double
    ) {
        self.count = count
        self.positives = positives
        self.brier = brier
        self.brierSkill = brierSkill
        self.logLoss = logLoss
        self.calibrationError = calibrationError
        self.calibrationErrorLimit = calibrationErrorLimit
        self.debiasedSquaredError = debiasedSquaredError
        self.miscalibration = miscalibration
        self.discrimination = discrimination
        self.uncertainty = uncertainty
    }
}
