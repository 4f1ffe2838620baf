import WinnowCore

/// Relevance judgements: which documents answer which queries, and how well.
///
/// Ids are compared byte for byte, as trec_eval does: `é` in one code point and in two are two ids. A grade of 1 or
/// more says relevant, 0 not relevant, a negative one pooled and not judged (trec_eval's reading).
public struct Qrels: Sendable, Hashable {
    private var grades: [ExactText: [ExactText: Int]] = [:]

    public init() {}

    /// One person's word on one document.
    public struct Judgement: Sendable, Hashable {
        public var documentID: String
        public var grade: Int

        public init(documentID: String, grade: Int) {
            self.documentID = documentID
            self.grade = grade
        }
    }

    /// Says what `grade` a document has for a query; a later word replaces an earlier one, which is returned.
    @discardableResult
    public mutating func judge(_ documentID: String, for queryID: String, grade: Int) -> Int? {
        grades[ExactText(queryID), default: [:]].updateValue(grade, forKey: ExactText(documentID))
    }

    /// Queries with at least one judgement, in the order in which trec_eval sums: that of their ids' bytes, white space
    /// and controls percent-encoded as in its files.
    public var queryIDs: [String] { TRECText.sortedQueries(grades.keys).map(\.text) }

    public var queryCount: Int { grades.count }
    public var judgementCount: Int { grades.values.reduce(0) { $0 + $1.count } }

    public func contains(queryID: String) -> Bool { grades[ExactText(queryID)] != nil }

    /// - Returns: nil when it was not judged.
    public func grade(of documentID: String, for queryID: String) -> Int? {
        grades[ExactText(queryID)]?[ExactText(documentID)]
    }

    /// All judgements of a query in the order of the documents' bytes; none when it has none.
    public func judgements(of queryID: String) -> [Judgement] {
        (grades[ExactText(queryID)] ?? [:]).sorted { $0.key.precedes($1.key) }
            .map { Judgement(documentID: $0.key.text, grade: $0.value) }
    }

    /// Documents of at least grade `level`, in the order of their bytes.
    public func relevant(to queryID: String, level: Int = 1) -> [String] {
        judgements(of: queryID).filter { $0.grade >= level }.map(\.documentID)
    }

    /// Only these queries; ids without judgements are not among them afterwards either.
    public func restricted(to queryIDs: some Sequence<String>) -> Qrels {
        var kept = Qrels()
        for id in queryIDs { kept.grades[ExactText(id)] = grades[ExactText(id)] }
        return kept
    }

    /// Grades by the bytes of the documents' ids; for the measures, which ask often.
    package func gradesByDocument(of queryID: String) -> [ExactText: Int] { grades[ExactText(queryID)] ?? [:] }
}
