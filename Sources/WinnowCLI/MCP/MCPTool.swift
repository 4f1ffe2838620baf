import WinnowCore

/// Something that an agent can call.
protocol MCPTool: Sendable {
    var name: String { get }
    var title: String { get }
    /// What it does and when to call it, for a model that reads it with every request: short.
    var description: String { get }
    var input: JSONText { get }
    var output: JSONText { get }
    /// A call reaches something beyond this process and its files.
    var isOpenWorld: Bool { get }

    /// - Parameter progress: says how far it is, for a person.
    /// - Throws: what the caller had better know; it becomes the result's text.
    func call(_ arguments: [JSONTree.Field], progress: @escaping @Sendable (String) -> Void) async throws -> ToolResult
}

extension MCPTool {
    var isOpenWorld: Bool { false }
}

/// The tools of one server.
struct ToolSet: Sendable {
    let tools: [any MCPTool]
    /// When to call which, for the model.
    let instructions: String

    var names: [String] { tools.map(\.name) }

    subscript(name: String) -> (any MCPTool)? { tools.first { $0.name.utf8.elementsEqual(name.utf8) } }

    /// The result of `tools/list`.
    func list(_ version: ProtocolVersion) -> JSONText {
        .object([("tools", .array(tools.map { Self.json($0, version) }))])
    }

    private static func json(_ tool: any MCPTool, _ version: ProtocolVersion) -> JSONText {
        var fields: [(String, JSONText)] = [("name", .string(tool.name))]
        if version.hasStructuredContent { fields.append(("title", .string(tool.title))) }
        fields += [("description", .string(tool.description)), ("inputSchema", tool.input)]
        if version.hasStructuredContent { fields.append(("outputSchema", tool.output)) }
        if version.hasAnnotations {
            fields.append(
                (
                    "annotations",
                    .object([
                        ("title", .string(tool.title)), ("readOnlyHint", .bool(true)),
                        ("destructiveHint", .bool(false)), ("idempotentHint", .bool(true)),
                        ("openWorldHint", .bool(tool.isOpenWorld)),
                    ])
                ))
        }
        return .object(fields)
    }
}
