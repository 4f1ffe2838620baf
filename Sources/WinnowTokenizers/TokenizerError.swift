/// What went wrong with a tokenizer's files or with the length of a model's input: what, where and how to mend it.
public struct TokenizerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The case, for code that decides by it.
    public enum Kind: Sendable, Hashable {
        /// None of the files that a tokenizer can be read from is there.
        case missingFile
        /// A file is not what its format says: not JSON, a wrong type, ids out of range.
        case malformed
        /// A component of a tokenizer.json that Winnow does not have.
        case unsupported
        /// A maximum length that the model or its template cannot have.
        case maximumLength
        /// The query takes more than half of what a pair may have.
        case queryTooLong
        /// Truncation is `error`, and something would have been cut.
        case wouldTruncate
    }

    public let kind: Kind
    /// The file it was found in, as the caller named it; nil when no file is concerned.
    public let file: String?
    /// What was found.
    public let problem: String
    /// What to do about it.
    public let remedy: String

    public init(_ kind: Kind, file: String? = nil, _ problem: String, remedy: String) {
        self.kind = kind
        self.file = file
        self.problem = problem
        self.remedy = remedy
    }

    public var description: String {
        (file.map { "\($0): " } ?? "") + problem + ". " + remedy + "."
    }
}

extension TokenizerError {
    static func malformed(_ file: String, _ problem: String) -> TokenizerError {
        TokenizerError(.malformed, file: file, problem, remedy: "Download the model's files again or repair this one")
    }

    static func unsupported(_ file: String, _ component: String, named name: String, supported: String)
        -> TokenizerError
    {
        TokenizerError(
            .unsupported, file: file, "the \(component) \"\(quoted(name))\" is not supported",
            remedy: "Winnow has: \(supported)")
    }

    /// A name out of a file, short enough for a message.
    static func quoted(_ name: some StringProtocol) -> String {
        name.count > 60 ? name.prefix(60) + "…" : String(name)
    }
}
