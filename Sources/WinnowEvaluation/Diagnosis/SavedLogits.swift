import WinnowCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The best logit of each query of an evaluation that `winnow eval --json` wrote: what later questions are held against.
public struct SavedLogits: Sendable {
    /// One system's.
    public struct System: Sendable {
        public let name: String
        /// The reranker's, as in a trace; nil where the file does not say.
        public let fingerprint: String?
        public let precision: String?
        public let truncation: String?
        /// In the order of the file; queries without candidates have none.
        public let logits: [Double]
    }

    public let path: String
    /// Candidates a query; nil where the file does not say.
    public let initialK: Int?
    public let firstStage: String?
    /// Those with logits.
    public let systems: [System]

    /// - Throws: ``EvaluationError/savedEvaluation(path:reason:)`` when it is not there, no evaluation, or holds no logits.
    public init(reading path: String) throws {
        func fault(_ reason: String) -> EvaluationError { .savedEvaluation(path: path, reason: reason) }
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw fault("cannot be read (is it there, and may it be read?)")
        }
        let value: MetadataValue
        do {
            value = try JSONReader.value(Array(data)[...])
        } catch {
            throw fault("is not valid JSON: \(error)")
        }
        guard case .object(let root) = value, root["kind"] == .string("evaluation"),
            case .integer(let schema)? = root["schema"], case .array(let systems)? = root["systems"]
        else { throw fault("is no evaluation: save one with winnow eval … --json > FILE") }
        guard schema <= EvaluationReport.schema else {
            throw fault(
                "was made by a newer Winnow (schema \(schema), this build reads up to \(EvaluationReport.schema))")
        }
        let settings: Metadata = if case .object(let fields)? = root["settings"] { fields } else { [:] }
        initialK = if case .integer(let count)? = settings["initialK"] { Int(count) } else { nil }
        firstStage = settings["firstStage"]?.stringValue
        self.path = path
        self.systems = systems.compactMap(Self.system)
        guard !self.systems.isEmpty else {
            throw fault("holds no logits of questions: save it again with this Winnow, with a reranker")
        }
    }

    private static func system(_ value: MetadataValue) -> System? {
        guard case .object(let fields) = value, case .array(let queries)? = fields["queries"] else { return nil }
        let logits = queries.compactMap { query -> Double? in
            guard case .object(let fields) = query else { return nil }
            switch fields["bestLogit"] {
            case .number(let logit)?: return logit
            case .integer(let logit)?: return Double(logit)
            default: return nil
            }
        }
        guard !logits.isEmpty else { return nil }
        let model: Metadata = if case .object(let model)? = fields["model"] { model } else { [:] }
        return System(
            name: fields["name"]?.stringValue ?? "", fingerprint: model["fingerprint"]?.stringValue,
            precision: model["precision"]?.stringValue, truncation: model["truncation"]?.stringValue, logits: logits)
    }
}
