/// On what a calibration holds: other settings have another map.
public struct CalibrationSettings: Sendable, Hashable {
    /// What the queries and judgements are, in words.
    public var collection: String
    /// As the first stage is named, such as `dense`.
    public var firstStage: String
    /// How documents were cut, in words.
    public var chunking: String
    /// Candidates a query.
    public var initialK: Int
    public var labels: LabelKind

    public init(collection: String, firstStage: String, chunking: String, initialK: Int, labels: LabelKind) {
        self.collection = collection
        self.firstStage = firstStage
        self.chunking = chunking
        self.initialK = initialK
        self.labels = labels
    }
}

/// What a calibration was fitted on.
public struct CalibrationData: Sendable, Hashable {
    public var queries: Int
    /// Of them: those that no document answers.
    public var unanswerable: Int
    public var groups: Int
    public var pairs: Int
    public var positives: Int

    public init(queries: Int, unanswerable: Int, groups: Int, pairs: Int, positives: Int) {
        self.queries = queries
        self.unanswerable = unanswerable
        self.groups = groups
        self.pairs = pairs
        self.positives = positives
    }

    init(_ queries: [LabelledQuery], groups: Int) {
        self.init(
            queries: queries.count, unanswerable: queries.reduce(0) { $0 + ($1.answerable ? 0 : 1) }, groups: groups,
            pairs: queries.reduce(0) { $0 + $1.pairs.count },
            positives: queries.reduce(0) { $0 + $1.pairs.reduce(0) { $0 + ($1.relevant ? 1 : 0) } })
    }

    public var negatives: Int { pairs - positives }
    /// The share of relevant pairs.
    public var baseRate: Double { pairs > 0 ? Double(positives) / Double(pairs) : 0 }
}

/// A fitted calibration with the evidence for it.
public struct CalibrationReport: Sendable, Hashable {
    public var data: CalibrationData
    public var settings: CalibrationSettings
    /// The sigmoid of the logit read as if it were a probability, which it is not: what a calibration has to better.
    public var uncalibrated: ForecastQuality
    public var uncalibratedDiagram: ReliabilityDiagram
    public var platt: Fit
    public var isotonic: Fit
    public var chosen: CalibrationMap.Method
    /// Why that one, in a sentence.
    public var reason: String
    /// Of the chosen map, on held-back queries.
    public var diagram: ReliabilityDiagram
    public var folds: Int
    public var seed: UInt64
    /// What a reader must know beside the figures, a sentence each.
    public var cautions: [String]

    /// One kind of map.
    public struct Fit: Sendable, Hashable {
        /// Fitted on all queries.
        public var map: CalibrationMap
        /// Of maps fitted without the fold that they were then asked about, over all folds.
        public var heldBack: ForecastQuality

        public init(map: CalibrationMap, heldBack: ForecastQuality) {
            self.map = map
            self.heldBack = heldBack
        }
    }

    public func fit(_ method: CalibrationMap.Method) -> Fit {
        switch method {
        case .platt: platt
        case .isotonic: isotonic
        }
    }

    /// The map to keep.
    public var map: CalibrationMap { fit(chosen).map }

    /// The quality of ``map`` on held-back queries.
    public var quality: ForecastQuality { fit(chosen).heldBack }
}
