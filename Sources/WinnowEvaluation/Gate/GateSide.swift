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

    public init(queryIDs: [String], valuesByMeasure: [String: [Double]], qrelsDigest: String, groups: [String?]? = nil)
    {
        self.queryIDs = queryIDs
        self.valuesByMeasure = valuesByMeasure
        self.qrelsDigest = qrelsDigest
        self.groups = groups
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
        return values
    }
}
