import WinnowCore

/// What could not be read, where, and why.
public enum IngestError: Error, Sendable, Hashable {
    case notFound(path: String)
    /// `action` is what failed, `reason` the system's word.
    case system(path: String, action: String, reason: String)
    /// Neither a folder nor a file of a format that is read.
    case unsupported(path: String, reason: String)
    /// There was not one document in all that was given.
    case nothingToRead(paths: [String], skipped: [SkippedRecord])
    /// A record or line of a file.
    case record(SkippedRecord)
}

extension IngestError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notFound(let path):
            "\(PathText.quoted(path)): there is no such file or folder"
        case .system(let path, let action, let reason):
            "\(PathText.quoted(path)): \(action): \(reason)"
        case .unsupported(let path, let reason):
            "\(PathText.quoted(path)): \(reason)"
        case .nothingToRead(let paths, let skipped):
            "no document in \(paths.map(PathText.quoted).joined(separator: ", ")): "
                + (skipped.first.map { "\(skipped.count) could not be read, the first: \($0)" }
                    ?? "looked for corpus.jsonl, or for \(FileFormat.names), without hidden files, README*, queries.jsonl and "
                    + "qrels/")
        case .record(let record):
            record.description
        }
    }
}

extension IngestError {
    /// What went wrong, without the path where the error carries it: for a message that begins with the path.
    static func reason(of error: any Error) -> String {
        switch error as? IngestError {
        case .notFound: "vanished while the corpus was read"
        case .system(_, let action, let reason): "\(action): \(reason)"
        case .unsupported(_, let reason): reason
        default: "\(error)"
        }
    }
}

/// A file or record that was left out, and why.
public struct SkippedRecord: Sendable, Hashable {
    public var path: String
    /// From 1; nil when the whole file was left out.
    public var line: Int?
    public var reason: String
    /// Where it stands, absolute, as ``WinnowCore/Document/origin`` has it: a file's, a folder's, or the file's that a record
    /// is in; nil when it came from none.
    public var origin: String?
    /// The whole file was read and there is nothing in it: what was once indexed from it is gone. False for what could not be
    /// read, of which nothing is known, and for records.
    public var isEmpty: Bool

    public init(path: String, line: Int? = nil, reason: String, origin: String? = nil, isEmpty: Bool = false) {
        self.path = path
        self.line = line
        self.reason = reason
        self.origin = origin
        self.isEmpty = isEmpty
    }
}

extension SkippedRecord: CustomStringConvertible {
    /// `path:line: reason`, as compilers write it.
    public var description: String {
        PathText.quoted(path) + ":" + (line.map { "\($0):" } ?? "") + " " + reason
    }
}
