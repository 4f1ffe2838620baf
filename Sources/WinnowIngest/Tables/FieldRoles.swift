import WinnowCore

/// Which fields of a record are its id, title and text, by their names: of a table's columns, or of an object of JSON.
struct FieldRoles {
    enum Role {
        case id
        case title
        case text
        case question
        case answer
        case other
    }

    /// One for each name.
    let roles: [Role]
    /// There is a field that is read as the text.
    let hasText: Bool

    /// Case does not count, nor does white space around a name. Of several names for one role the first in this order counts:
    /// `_id`, `id`; `text`, `body`, `content`, else `question` with `answer`.
    init(_ names: [String]) {
        let names = names.map { $0.trimmingWhiteSpace().lowercased() }
        func first(_ wanted: String...) -> Int? { wanted.lazy.compactMap { names.firstIndex(of: $0) }.first }
        var roles = names.map { _ in Role.other }
        if let index = first("_id", "id") { roles[index] = .id }
        if let index = first("title") { roles[index] = .title }
        if let index = first("text", "body", "content") {
            roles[index] = .text
            hasText = true
        } else if let question = first("question"), let answer = first("answer") {
            roles[question] = .question
            roles[answer] = .answer
            hasText = true
        } else {
            hasText = false
        }
        self.roles = roles
    }
}

/// A record while its fields come in.
struct RecordParts {
    var id: String?
    var title: String?
    var text: String?
    private var question: String?
    private var answer: String?
    /// Of records without a text: a line `name: value` for each field.
    private var lines: [String] = []
    var metadata: Metadata = [:]

    /// Bytes of a value that stands both in the text and in the metadata, and how many such values: every passage has them all.
    static let longestRepeated = 1000
    static let mostRepeated = 64

    mutating func set(_ role: FieldRoles.Role, _ value: String) {
        switch role {
        case .id: id = value
        case .title: title = value
        case .text: text = value
        case .question: question = value
        case .answer: answer = value
        case .other: break
        }
    }

    mutating func add(_ name: String, _ value: String, typed: MetadataValue, isLine: Bool) {
        if isLine { lines.append(name + ": " + value) }
        if !isLine || (value.utf8.count <= Self.longestRepeated && metadata.count < Self.mostRepeated) {
            metadata[name] = typed
        }
    }

    /// A question is the title where there is no other: both models then read it ahead of every passage of the answer.
    var record: InputRecord {
        var record = InputRecord(text: "")
        record.id = id
        record.title = title
        record.metadata = metadata
        if let text {
            record.text = text
        } else if question != nil || answer != nil {
            if VisibleText.isAbsent(from: title ?? "") {
                record.title = question
                record.text = answer ?? ""
            } else {
                record.text = [question, answer].compactMap(\.self).joined(separator: "\n\n")
            }
        } else {
            record.text = lines.joined(separator: "\n")
        }
        return record
    }
}
