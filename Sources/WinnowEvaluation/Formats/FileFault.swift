import WinnowCore

/// What is wrong with a file that an evaluation reads or writes: where, what, and how to mend it.
public struct FileFault: Sendable, Hashable {
    /// As it was given.
    public var path: String
    /// From 1; nil when it is the file as a whole.
    public var line: Int?
    public var reason: String

    public init(path: String, line: Int? = nil, reason: String) {
        self.path = path
        self.line = line
        self.reason = reason
    }

    var error: EvaluationError { .file(self) }
}

extension FileFault: CustomStringConvertible {
    /// `path:line: reason`, as compilers write it.
    public var description: String {
        PathText.quoted(path) + ":" + (line.map { "\($0):" } ?? "") + " " + reason
    }
}

/// Something in a file that was put up with, and that its author may want to know.
public struct FileWarning: Sendable, Hashable, CustomStringConvertible {
    public var path: String
    /// From 1; nil when it is the file as a whole.
    public var line: Int?
    public var text: String

    public init(path: String, line: Int? = nil, text: String) {
        self.path = path
        self.line = line
        self.text = text
    }

    /// `path:line: text`.
    public var description: String {
        PathText.quoted(path) + ":" + (line.map { "\($0):" } ?? "") + " " + text
    }
}

/// Cells and ids of others in messages of ours.
enum Shown {
    static func id(_ text: String) -> String { "'" + SingleLine.of(PathText.quoted(text), limit: 80) + "'" }

    /// The first few, and how many more.
    static func some(_ ids: [String], of total: Int? = nil) -> String {
        let total = total ?? ids.count
        return ids.prefix(3).map(id).joined(separator: ", ") + (total > 3 ? " and \(total - 3) more" : "")
    }

    static func count(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }
}
