import WinnowCore

/// Judgements as they are read, each with its line, so that two that contradict each other can both be named.
struct JudgementBook {
    let path: String
    private(set) var qrels = Qrels()
    private(set) var lines: [ExactText: [ExactText: Int]] = [:]
    private(set) var warnings: [FileWarning] = []

    init(path: String) { self.path = path }

    /// - Throws: when the same pair was judged otherwise before, or an id is empty.
    mutating func add(_ documentID: String, for queryID: String, grade: Int, line: Int) throws {
        for (id, what) in [(queryID, "query"), (documentID, "document")] where id.isEmpty {
            throw FileFault(path: path, line: line, reason: "the id of the \(what) is empty").error
        }
        let (query, document) = (ExactText(queryID), ExactText(documentID))
        if let earlier = lines[query]?[document], let said = qrels.grade(of: documentID, for: queryID) {
            guard said == grade else {
                throw FileFault(
                    path: path, line: line,
                    reason: "document \(Shown.id(documentID)) has grade \(grade) for query \(Shown.id(queryID)), but "
                        + "\(said) on line \(earlier): keep one of the two"
                ).error
            }
            warnings.append(
                FileWarning(
                    path: path, line: line,
                    text: "repeats line \(earlier): document \(Shown.id(documentID)) for query \(Shown.id(queryID))"))
            return
        }
        qrels.judge(documentID, for: queryID, grade: grade)
        lines[query, default: [:]][document] = line
    }

    mutating func warn(_ line: Int?, _ text: String) {
        warnings.append(FileWarning(path: path, line: line, text: text))
    }
}

/// Grades as files write them.
enum GradeText {
    /// A whole number, also written as `1.0`, of at most six digits: more is no grade.
    static func grade(_ text: String) -> Int? {
        var digits = text.utf8[...]
        if digits.first == UInt8(ascii: "+") || digits.first == UInt8(ascii: "-") { digits.removeFirst() }
        let whole = digits.prefix { (48...57).contains($0) }
        let rest = digits[whole.endIndex...]
        guard !whole.isEmpty, whole.count <= 6 else { return nil }
        if !rest.isEmpty {
            guard rest.first == UInt8(ascii: "."), rest.count > 1, rest.dropFirst().allSatisfy({ $0 == 48 }) else {
                return nil
            }
        }
        return Int(String(decoding: text.utf8.prefix { $0 != UInt8(ascii: ".") }, as: UTF8.self))
    }

    static func fault(_ text: String) -> String {
        "the grade \(Shown.id(text)) is no whole number: 0 says irrelevant, 1 and more relevant, a negative one not "
            + "judged (1.0 is read as 1)"
    }
}
