import WinnowCore

/// One message of a client.
enum RPCMessage: Sendable {
    case request(RPCRequest)
    case notification(method: String, params: RPCParams)
    /// To a request that nobody sent from here.
    case response
    /// - Parameter id: as far as it can be told.
    case invalid(id: RPCIdentifier?, RPCError)
}

struct RPCRequest: Sendable {
    var id: RPCIdentifier
    var method: String
    var params: RPCParams
}

/// Parameters by name. Where none were sent there are none.
struct RPCParams: Sendable {
    var fields: [JSONTree.Field] = []
    /// The line that they stand in.
    var line: ArraySlice<UInt8> = []

    subscript(name: String) -> JSONTree? { field(name)?.value }

    func field(_ name: String) -> JSONTree.Field? { fields.first { $0.name.utf8.elementsEqual(name.utf8) } }

    /// An object's own; nil where there is none of the name, or it is something else.
    func object(_ name: String) -> RPCParams? {
        guard case .object(let fields)? = self[name] else { return nil }
        return RPCParams(fields: fields, line: line)
    }

    func string(_ name: String) -> String? {
        guard case .string(let value)? = self[name] else { return nil }
        return value
    }

    func identifier(_ name: String) -> RPCIdentifier? { field(name).flatMap { RPCIdentifier($0, in: line) } }
}

extension RPCMessage {
    /// - Parameter line: that the tree was read from.
    init(_ tree: JSONTree, line: ArraySlice<UInt8>) {
        guard case .object(let fields) = tree else {
            self = .invalid(
                id: nil, .invalidRequest("a message is an object with jsonrpc, method, and of a request id"))
            return
        }
        let message = RPCParams(fields: fields, line: line)
        let id = message.identifier("id")
        guard message.string("jsonrpc") == "2.0" else {
            self = .invalid(id: id, .invalidRequest("the message does not say \"jsonrpc\": \"2.0\""))
            return
        }
        guard let method = message.string("method") else {
            let isResponse = message["method"] == nil && (message["result"] != nil || message["error"] != nil)
            self = isResponse ? .response : .invalid(id: id, .invalidRequest("the message has no method"))
            return
        }
        let params: RPCParams
        switch message["params"] {
        case nil, .null: params = RPCParams(line: line)
        case .object(let fields): params = RPCParams(fields: fields, line: line)
        default:
            // A notification is never answered.
            if message["id"] == nil {
                self = .notification(method: method, params: RPCParams(line: line))
            } else {
                self = .invalid(id: id, .invalidParams("params is no object: parameters are given by name"))
            }
            return
        }
        guard message["id"] != nil else {
            self = .notification(method: method, params: params)
            return
        }
        guard let id else {
            self = .invalid(id: nil, .invalidRequest("the id is neither a string nor a whole number"))
            return
        }
        self = .request(RPCRequest(id: id, method: method, params: params))
    }
}
