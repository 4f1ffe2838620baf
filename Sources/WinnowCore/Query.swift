/// A question, as the user asked it.
public struct Query: Sendable, Hashable {
    /// The text, unchanged. Never empty or only white space once a pipeline has accepted it.
    public var text: String

    public init(_ text: String) {
        self.text = text
    }
}
