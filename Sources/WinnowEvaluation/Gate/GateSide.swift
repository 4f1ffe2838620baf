import WinnowCore

/// One measured state that the gate compares: its queries, and each measure's values in their order.
public struct GateSide: Sendable, Hashable {
    public var queryIDs: [String]
    /// One value a query, in the order of ``queryIDs``.
    public var valuesByMeasure: [String: [Double]]
    /// Names the judgements' content; two sides with different ones are not compared.
    public var qrelsDigest: String
    /// One label a query, nil for queries on their own; nil: no groups. The current side's are used.
    public var groups: [String?]?
    /// What was ranked, and what proposed the candidates; nil: not known, and not compared. Two sides that differ here are
    /// not compared.
    public var conditions: Conditions?

    public init(
        queryIDs: [String], valuesByMeasure: [String: [Double]], qrelsDigest: String, groups: [String?]? = nil,
        conditions: Conditions? = nil
    ) {
        self.queryIDs = queryIDs
        self.valuesByMeasure = valuesByMeasure
        self.qrelsDigest = qrelsDigest
        self.groups = groups
        self.conditions = conditions
    }

    /// Under which two sides must have been measured for a difference to be that of the system.
    public struct Conditions: Sendable, Hashable {
        public var level: QueryObservation.Level
        public var firstStage: FirstStage

        public init(level: QueryObservation.Level, firstStage: FirstStage) {
            self.level = level
            self.firstStage = firstStage
        }
    }

    /// The kind of first stage. Of a run any file will do: it may be what is changed and compared.
    public enum FirstStage: String, Sendable, Hashable, CaseIterable {
        case dense
        case bm25
        /// Dense and BM25, fused.
        case hybrid
        /// The judged documents themselves are the candidates.
        case judged
        case run
        /// Candidates of what was really asked.
        case logged

        /// - Parameters:
        ///   - name: as ``EvaluationReport/Settings/firstStage`` has it, where a run goes by its file's name.
        ///   - hasEmbedder: whether an embedder took part; it does in dense, hybrid and judged first stages.
        init(name: String, hasEmbedder: Bool) {
            switch Self(rawValue: name) {
            case .logged?: self = .logged
            case .bm25? where !hasEmbedder: self = .bm25
            case .judged? where hasEmbedder: self = .judged
            case .hybrid? where hasEmbedder: self = .hybrid
            default: self = hasEmbedder ? .dense : .run
            }
        }

        var inWords: String {
            switch self {
            case .dense: "a dense first stage (--retriever dense)"
            case .bm25: "BM25 as first stage (--retriever bm25)"
            case .hybrid: "a hybrid first stage (--retriever hybrid)"
            case .judged: "the judged documents as candidates (--retriever judged)"
            case .run: "a run as first stage (--retriever run:FILE)"
            case .logged: "logged questions (--from-log)"
            }
        }
    }

    /// Where each query stands.
    func places(side: String) throws -> [ExactText: Int] {
        var places: [ExactText: Int] = [:]
        for (place, id) in queryIDs.enumerated() where places.updateValue(place, forKey: ExactText(id)) != nil {
            throw EvaluationError.gateQueryTwice(side: side, queryID: id)
        }
        return places
    }

    func values(of measure: String, side: String) throws -> [Double] {
        guard let values = valuesByMeasure[measure] else {
            throw EvaluationError.gateMeasureMissing(
                measure: measure, side: side, known: valuesByMeasure.keys.sorted())
        }
        guard values.count == queryIDs.count else {
            throw EvaluationError.gateValuesUnequal(
                measure: measure, side: side, queries: queryIDs.count, values: values.count)
        }
        let range = Self.range(of: measure)
        if let place = values.firstIndex(where: { !$0.isFinite || !range.contains($0) }) {
            throw EvaluationError.gateValueOutOfRange(
                measure: measure, side: side, queryID: queryIDs[place], value: values[place])
        }
        return values
    }

    /// Every measure of ours lies in 0 to 1, rounding apart; what is none of ours need only be a number.
    static func range(of measure: String) -> ClosedRange<Double> {
        (try? Measure(parsing: measure)) == nil
            ? -.greatestFiniteMagnitude ... .greatestFiniteMagnitude
            : -PairedComparison.tieTolerance...1 + PairedComparison.tieTolerance
    }
}
