import WinnowCore

/// What a connection has agreed on and what it waits for: lines in, actions out. It reads nothing, writes nothing and runs nothing.
///
/// Of the revisions with a handshake the client chooses one by `initialize`; requests of 2026-07-28 carry theirs in `_meta` and need
/// none. Both are served on one connection: which a request is of stands in the request.
struct MCPSession: Sendable {
    enum Action: Sendable {
        /// One line, without its end.
        case send(String)
        case start(MCPCall)
        case cancel(Int)
    }

    /// Calls at once; the next one is told to wait.
    static let mostCalls = 64

    let tools: ToolSet
    /// Chosen by `initialize`.
    private var version: ProtocolVersion?
    private var running: [Int: Running] = [:]
    private var batches: [Int: Batch] = [:]
    private var lastKey = 0

    init(tools: ToolSet) { self.tools = tools }

    /// A call whose result is waited for.
    private struct Running {
        var id: RPCIdentifier
        var version: ProtocolVersion
        var progressToken: RPCIdentifier?
        var progress = 0
        var place: Place
    }

    /// Where an answer goes.
    private enum Place {
        case line
        case batch(Int)
    }

    /// Answers that go out together.
    private struct Batch {
        var answers: [String] = []
        /// Calls that run, and one while the batch is still being read.
        var open = 1
    }

    // MARK: - In

    /// A line of the client, which is JSON or ought to be.
    mutating func receive(_ line: ArraySlice<UInt8>) -> [Action] {
        guard String(validating: line, as: UTF8.self) != nil else {
            return [.send(Self.answer(nil, .failure(.parse("it is not valid UTF-8"))))]
        }
        let tree: JSONTree
        do throws(JSONReader.Failure) {
            tree = try JSONReader.tree(line)
        } catch {
            return [.send(Self.answer(nil, .failure(.parse("\(error)"))))]
        }
        guard case .array(let messages) = tree else { return receive(RPCMessage(tree, line: line), .line) }
        return receive(batch: messages, line)
    }

    /// A line that was not even kept.
    func refuse(_ error: RPCError) -> [Action] { [.send(Self.answer(nil, .failure(error)))] }

    private mutating func receive(batch messages: [JSONTree], _ line: ArraySlice<UInt8>) -> [Action] {
        guard let version, version.hasBatches else {
            let reason =
                version.map { "version \($0.rawValue) has no batches: send one message a line" }
                ?? "not initialized: send initialize first, on a line of its own"
            return refuse(.invalidRequest(reason))
        }
        guard !messages.isEmpty else { return refuse(.invalidRequest("the batch is empty")) }
        lastKey += 1
        let key = lastKey
        batches[key] = Batch()
        var actions: [Action] = []
        for message in messages { actions += receive(RPCMessage(message, line: line), .batch(key)) }
        return actions + close(batch: key)
    }

    private mutating func receive(_ message: RPCMessage, _ place: Place) -> [Action] {
        switch message {
        case .response: return []
        case .invalid(let id, let error): return put(Self.answer(id, .failure(error)), place)
        case .notification("notifications/cancelled", let params):
            guard let id = params.identifier("requestId") else { return [] }
            return cancel(id)
        case .notification: return []
        case .request(let request):
            do throws(RPCError) {
                switch try handle(request, place) {
                case .now(let result): return put(Self.answer(request.id, .success(result)), place)
                case .later(let call): return [.start(call)]
                }
            } catch {
                return put(Self.answer(request.id, .failure(error)), place)
            }
        }
    }

    /// Per the protocol a request that was cancelled gets no answer.
    private mutating func cancel(_ id: RPCIdentifier) -> [Action] {
        guard let key = running.first(where: { $0.value.id == id })?.key, let call = running.removeValue(forKey: key)
        else { return [] }
        guard case .batch(let batch) = call.place else { return [.cancel(key)] }
        return [.cancel(key)] + close(batch: batch)
    }

    // MARK: - Requests

    private enum Handled {
        case now(JSONText)
        case later(MCPCall)
    }

    private mutating func handle(_ request: RPCRequest, _ place: Place) throws(RPCError) -> Handled {
        guard !running.values.contains(where: { $0.id == request.id }) else {
            throw .invalidRequest("a request of the id \(SingleLine.of(request.id.json, limit: 60)) is still running")
        }
        if request.method == "initialize" {
            guard case .line = place else { throw .invalidRequest("initialize must not be part of a batch") }
            return .now(try initialize(request.params))
        }
        guard let version = try Self.envelope(request.params) ?? version else {
            // Asked before the handshake too, to see whether anybody is there.
            if request.method == "ping" { return .now(.object([])) }
            throw .invalidRequest("not initialized: send initialize first")
        }
        switch request.method {
        case "ping" where version.hasHandshake: return .now(.object([]))
        case "server/discover" where !version.hasHandshake: return .now(discovered(version))
        case "tools/list":
            guard request.params["cursor"].map(\.isNull) ?? true else {
                throw .invalidParams("there is no such cursor: all tools stand on the first page")
            }
            return .now(stated(tools.list(version), version, isCacheable: true))
        case "tools/call": return try call(request, version, place)
        default: throw .unknownMethod(request.method)
        }
    }

    private mutating func initialize(_ params: RPCParams) throws(RPCError) -> JSONText {
        guard version == nil else { throw .invalidRequest("initialized already: a connection is, once") }
        guard let requested = params.string("protocolVersion") else {
            throw .invalidParams(
                "initialize needs protocolVersion, such as \"\(ProtocolVersion.latestWithHandshake.rawValue)\"")
        }
        guard params.object("capabilities") != nil else {
            throw .invalidParams("initialize needs capabilities, an object")
        }
        guard params.object("clientInfo") != nil else {
            throw .invalidParams("initialize needs clientInfo, an object with name and version")
        }
        let spoken = ProtocolVersion(rawValue: requested).flatMap { $0.hasHandshake ? $0 : nil }
        let agreed = spoken ?? .latestWithHandshake
        version = agreed
        return .object([
            ("protocolVersion", .string(agreed.rawValue)), ("capabilities", Self.capabilities),
            ("serverInfo", Self.serverInfo(agreed)), ("instructions", .string(tools.instructions)),
        ])
    }

    private mutating func call(
        _ request: RPCRequest, _ version: ProtocolVersion, _ place: Place
    ) throws(RPCError) -> Handled {
        guard let name = request.params.string("name") else {
            throw .invalidParams("tools/call needs name, the name of a tool")
        }
        guard let tool = tools[name] else {
            throw .invalidParams(
                "there is no tool '\(SingleLine.of(name, limit: 60))': there are \(tools.names.joined(separator: ", "))"
            )
        }
        let arguments: RPCParams
        switch request.params["arguments"] {
        case nil, .null: arguments = RPCParams()
        case .object(let fields): arguments = RPCParams(fields: fields)
        default: throw .invalidParams("arguments is no object")
        }
        guard running.count < Self.mostCalls else {
            let result = ToolResult.failure("\(Self.mostCalls) calls are running: wait for one of them, then ask again")
            return .now(stated(result.json(version), version))
        }
        lastKey += 1
        running[lastKey] = Running(
            id: request.id, version: version,
            progressToken: request.params.object("_meta")?.identifier("progressToken"), place: place)
        if case .batch(let batch) = place { batches[batch]?.open += 1 }
        return .later(MCPCall(key: lastKey, tool: tool, arguments: arguments.fields))
    }

    // MARK: - Out

    /// A call's result; nil when it was given up.
    mutating func finish(_ key: Int, _ result: ToolResult?) -> [Action] {
        // One that was cancelled may have had its result all the same.
        guard let call = running.removeValue(forKey: key) else { return [] }
        let answer = result.map {
            Self.answer(call.id, .success(stated($0.json(call.version), call.version)))
        }
        var actions = answer.map { put($0, call.place) } ?? []
        if case .batch(let batch) = call.place { actions += close(batch: batch) }
        return actions
    }

    /// How far a call is, for a client that asked to be told.
    mutating func progress(_ key: Int, _ message: String) -> [Action] {
        guard let call = running[key], let token = call.progressToken else { return [] }
        let count = call.progress + 1
        running[key]?.progress = count
        let words = call.version.hasProgressMessages ? ",\"message\":" + JSONText.string(message).text : ""
        return [
            .send(
                #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"# + token.json
                    + #","progress":"# + "\(count)" + words + "}}")
        ]
    }

    /// All that run, given up: nobody listens any more.
    mutating func end() -> [Action] {
        let keys = running.keys.sorted()
        running = [:]
        batches = [:]
        return keys.map { .cancel($0) }
    }

    private mutating func put(_ answer: String, _ place: Place) -> [Action] {
        guard case .batch(let key) = place else { return [.send(answer)] }
        batches[key]?.answers.append(answer)
        return []
    }

    private mutating func close(batch key: Int) -> [Action] {
        guard var batch = batches[key] else { return [] }
        batch.open -= 1
        guard batch.open == 0 else {
            batches[key] = batch
            return []
        }
        batches[key] = nil
        return batch.answers.isEmpty ? [] : [.send("[" + batch.answers.joined(separator: ",") + "]")]
    }

    private static func answer(_ id: RPCIdentifier?, _ result: Result<JSONText, RPCError>) -> String {
        let said =
            switch result {
            case .success(let value): #""result":"# + value.text
            case .failure(let error): #""error":"# + error.json.text
            }
        return #"{"jsonrpc":"2.0","id":"# + (id?.json ?? "null") + "," + said + "}"
    }
}

/// A call that is to be run.
struct MCPCall: Sendable {
    /// The session's own name for it.
    var key: Int
    var tool: any MCPTool
    var arguments: [JSONTree.Field]
}

extension JSONTree {
    fileprivate var isNull: Bool {
        if case .null = self { true } else { false }
    }
}
