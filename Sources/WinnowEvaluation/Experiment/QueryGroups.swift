import WinnowCore

/// Which queries belong together and are therefore resampled together: paraphrases of one question, questions about one
/// contract. Taken one by one they would pretend to be more evidence than they are.
public struct QueryGroups: Sendable, Hashable {
    public enum Rule: Sendable, Hashable {
        /// By the field `group` of the metadata where a query has it; else queries with the same relevant documents.
        case automatic
        /// By a field of the queries' metadata; a query without it is its own group.
        case field(String)
        /// Every query by itself.
        case none
    }

    /// One a query, in their order; nil when each is its own.
    public let labels: [String]?
    /// What they were grouped by, in words; nil when each is its own.
    public let name: String?

    /// - Throws: ``EvaluationError/noQueryHasField(_:known:)``
    public init(_ queries: [EvaluationQuery], qrels: Qrels, by rule: Rule) throws {
        switch rule {
        case .none: (labels, name) = (nil, nil)
        case .field(let field):
            guard queries.contains(where: { Self.value($0, field) != nil }) else {
                throw EvaluationError.noQueryHasField(field, known: Self.fields(of: queries))
            }
            labels = Self.labels(queries, field)
            name = field
        case .automatic:
            if queries.contains(where: { Self.value($0, "group") != nil }) {
                labels = Self.labels(queries, "group")
                name = "group"
            } else {
                let shared = Self.sharingRelevant(queries, qrels)
                let isShared = Set(shared).count < queries.count
                labels = isShared ? shared : nil
                name = isShared ? "same relevant documents" : nil
            }
        }
    }

    /// A metadata value that can be a label.
    public static func text(of value: MetadataValue) -> String? {
        switch value {
        case .string(let text): text
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .bool(let value): String(value)
        case .null, .array, .object: nil
        }
    }

    /// Fields of the queries' metadata that have a value to group or cut by, in the order of their bytes.
    public static func fields(of queries: [EvaluationQuery]) -> [String] {
        var fields: Set<ExactText> = []
        for query in queries {
            for (name, value) in query.metadata where text(of: value) != nil { fields.insert(ExactText(name)) }
        }
        return fields.sorted { $0.precedes($1) }.map(\.text)
    }

    private static func value(_ query: EvaluationQuery, _ field: String) -> String? {
        query.metadata[field].flatMap(text(of:))
    }

    private static func labels(_ queries: [EvaluationQuery], _ field: String) -> [String] {
        // A prefix of its own keeps a query without the field from meeting a label that is spelt as its id.
        queries.map { query in value(query, field).map { "v" + $0 } ?? "q" + query.id }
    }

    /// Queries whose relevant documents are the same set; one without a relevant document is by itself. Queries that share some
    /// of them are not joined: in a collection of broad topics everything would hang together.
    private static func sharingRelevant(_ queries: [EvaluationQuery], _ qrels: Qrels) -> [String] {
        var first: [Set<ExactText>: String] = [:]
        return queries.map { query in
            let relevant = Set(qrels.gradesByDocument(of: query.id).filter { $0.value >= 1 }.keys)
            guard !relevant.isEmpty else { return query.id }
            if let label = first[relevant] { return label }
            first[relevant] = query.id
            return query.id
        }
    }
}
