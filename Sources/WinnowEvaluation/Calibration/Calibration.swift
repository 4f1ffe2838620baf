import WinnowCore

/// A calibration that is kept: a map, whose logits it speaks of, and what it rests on.
public struct Calibration: ScoreCalibration, Hashable {
    /// Fingerprint, precision and truncation are its key; kernels and name are recorded.
    public var reranker: ModelIdentity
    public var map: CalibrationMap
    public var settings: CalibrationSettings
    public var data: CalibrationData
    /// On held-back queries.
    public var quality: ForecastQuality
    /// When it was fitted, in UTC, as ISO 8601 writes it.
    public var date: String

    public init(
        reranker: ModelIdentity, map: CalibrationMap, settings: CalibrationSettings, data: CalibrationData,
        quality: ForecastQuality, date: String
    ) {
        self.reranker = reranker
        self.map = map
        self.settings = settings
        self.data = data
        self.quality = quality
        self.date = date
    }

    /// What is to be kept of a report: the map that it chose, as of now.
    public init(_ report: CalibrationReport, reranker: ModelIdentity) {
        self.init(
            reranker: reranker, map: report.map, settings: report.settings, data: report.data, quality: report.quality,
            date: UTCTime.now)
    }

    public func probability(of logit: Logit) -> Probability { map.probability(of: logit) }
}
