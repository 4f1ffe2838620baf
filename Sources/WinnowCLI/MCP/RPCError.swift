import WinnowCore

/// A mistake against the protocol, in the numbers of JSON-RPC 2.0 and MCP. What goes wrong within a tool is no such mistake: it is a
/// ``ToolResult``.
struct RPCError: Error, Sendable {
    var code: Int
    var message: String
    var data: JSONText?

    static func parse(_ reason: String) -> RPCError {
        RPCError(code: -32700, message: "the line is no JSON: \(reason)")
    }

    static func invalidRequest(_ reason: String) -> RPCError { RPCError(code: -32600, message: reason) }

    static func unknownMethod(_ method: String) -> RPCError {
        RPCError(code: -32601, message: "there is no method '\(SingleLine.of(method, limit: 100))'")
    }

    static func invalidParams(_ reason: String) -> RPCError { RPCError(code: -32602, message: reason) }

    /// A request that says itself of which revision it is, and it is another one.
    static func unsupportedVersion(_ requested: String) -> RPCError {
        RPCError(
            code: -32022, message: "protocol version '\(SingleLine.of(requested, limit: 60))' is not spoken here",
            data: .object([
                // Those with a handshake too: a client that has it may go on with `initialize`.
                ("supported", .array(ProtocolVersion.allCases.map { .string($0.rawValue) })),
                ("requested", .string(requested)),
            ]))
    }

    var json: JSONText {
        var fields: [(String, JSONText)] = [("code", .integer(code)), ("message", .string(message))]
        if let data { fields.append(("data", data)) }
        return .object(fields)
    }
}
