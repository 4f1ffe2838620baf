/// Where a quantity lies, at a level of confidence.
public struct Interval: Sendable, Hashable {
    public let lower: Double
    public let upper: Double
    /// In 0…1, such as 0.95: the share of repeated experiments whose interval holds the true value.
    public let confidence: Double

    public init(lower: Double, upper: Double, confidence: Double) {
        self.lower = lower
        self.upper = upper
        self.confidence = confidence
    }

    /// The interval of the quantity with its sign turned.
    var mirrored: Interval { Interval(lower: -upper, upper: -lower, confidence: confidence) }
}
