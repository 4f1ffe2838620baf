import WinnowCore

/// What a call gives back: a text for the model, and the same for a program.
struct ToolResult: Sendable {
    var text: String
    /// As the tool's output schema describes it; nil where the tool failed before there was anything.
    var structured: JSONText?
    var isError = false

    static func failure(_ text: String) -> ToolResult { ToolResult(text: text, isError: true) }

    func json(_ version: ProtocolVersion) -> JSONText {
        var fields: [(String, JSONText)] = [
            ("content", .array([.object([("type", .string("text")), ("text", .string(text))])]))
        ]
        if version.hasStructuredContent, let structured { fields.append(("structuredContent", structured)) }
        return .object(fields + [("isError", .bool(isError))])
    }
}

/// Why a call cannot be answered, and how to call better.
struct ToolFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
