import Foundation

/// A request, read to its end.
struct Request {
    var method = ""
    var path = ""
    /// Names in lower case.
    var headers: [String: String] = [:]
    var body = ""

    /// - Returns: nil when the connection ends before the request does.
    init?(from connection: Connection) {
        var bytes: [UInt8] = []
        var head: Range<Int>?
        while head == nil {
            let received = connection.receive()
            guard !received.isEmpty else { return nil }
            bytes += received
            guard bytes[0] >= UInt8(ascii: "A"), bytes[0] <= UInt8(ascii: "Z") else {
                // No HTTP, such as the beginning of TLS.
                connection.send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                return nil
            }
            head = bytes.firstRange(of: Array("\r\n\r\n".utf8))
        }
        guard let head else { return nil }
        let lines = String(decoding: bytes[..<head.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ").map(String.init)
        guard words.count == 3 else { return nil }
        (method, path) = (words[0], words[1])
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            headers[parts[0].lowercased()] = parts.count > 1 ? parts[1] : ""
        }
        let length = Int(headers["content-length"] ?? "") ?? 0
        while bytes.count - head.upperBound < length {
            let received = connection.receive()
            guard !received.isEmpty else { return nil }
            bytes += received
        }
        body = String(decoding: bytes[head.upperBound...].prefix(length), as: UTF8.self)
    }
}

/// Reads a request and answers it as its path says, and the next one where the path says `keep`.
struct Conversation {
    let connection: Connection
    let records: Records

    func run() {
        defer { connection.end() }
        while let request = Request(from: connection) {
            converse(request)
            if !Behaviour(path: request.path).has("keep") { return }
        }
    }

    private func converse(_ request: Request) {
        let count = records.add(request, on: connection)
        var behaviour = Behaviour(path: request.path)
        if let times = behaviour.number("times"), count > times { behaviour = behaviour.withoutFaults }
        if let field = behaviour["refuse"], request.body.contains("\"\(field)\"") {
            return refuse(field)
        }
        answer(request, behaviour)
    }

    private func answer(_ request: Request, _ behaviour: Behaviour) {
        if behaviour.has("hang-up") { return }
        if behaviour.has("silent") {
            connection.waitForClose()
            return records.addClosed(request.path)
        }
        if let status = behaviour.number("status") { return fail(request, behaviour, status) }
        if let raw = behaviour["raw"] {
            return send(status: 200, type: behaviour["type"] ?? "text/event-stream", body: raw)
        }
        if behaviour.has("plain") { return sendWhole(behaviour) }
        connection.send(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
                + (behaviour.has("short") ? "Content-Length: 1000000\r\n" : "Transfer-Encoding: chunked\r\n")
                + (behaviour.has("keep") ? "\r\n" : "Connection: close\r\n\r\n"))
        if behaviour.has("pings") {
            while sendChunk(": still here\n\n") { usleep(10_000) }
            return records.addClosed(request.path)
        }
        if behaviour.has("flood") {
            while sendChunk("data: " + String(repeating: "x", count: 1 << 16)) {}
            return records.addClosed(request.path)
        }
        stream(request, behaviour)
    }

    private func stream(_ request: Request, _ behaviour: Behaviour) {
        let end = behaviour.has("crlf") ? "\r\n" : "\n"
        func event(_ data: String) -> Bool {
            let text = "data: \(data)\(end)\(end)"
            if behaviour.has("short") { return connection.send(text) }
            guard behaviour.has("bytewise") else { return sendChunk(text) }
            return text.utf8.allSatisfy { sendChunk([$0]) }
        }
        _ = event(chunk(delta: ["role": "assistant", "content": NSNull()]))
        if behaviour.has("reasoning") {
            _ = event(chunk(delta: ["reasoning_content": "Hm, let me think."]))
        }
        for (index, piece) in pieces(behaviour).enumerated() {
            if behaviour.number("stall") == index {
                connection.waitForClose()
                return records.addClosed(request.path)
            }
            if behaviour.number("gate") == index { records.waitForGate() }
            if behaviour.number("break") == index { return }
            if behaviour.number("reset") == index { return connection.reset() }
            if behaviour.number("error") == index {
                _ = event(json(["error": ["message": "the engine ran out of memory", "type": "server_error"]]))
                _ = event("[DONE]")
                connection.send("0\r\n\r\n")
                return
            }
            guard event(chunk(delta: ["content": piece])) else { return records.addClosed(request.path) }
        }
        if behaviour["finish"] != "none" { _ = event(chunk(delta: [:], finish: behaviour["finish"] ?? "stop")) }
        if behaviour.has("usage") {
            let usage = ["prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15]
            _ = event(json(["object": "chat.completion.chunk", "choices": [Any](), "usage": usage]))
        }
        if behaviour.has("linger") { return connection.waitForClose() }
        if !behaviour.has("no-done") { _ = event("[DONE]") }
        // A client that leaves at the last word, and not at the end of the stream, has left by then.
        if behaviour.has("keep") { usleep(50_000) }
        if !behaviour.has("short") { connection.send("0\r\n\r\n") }
    }

    private func text(_ behaviour: Behaviour) -> String { behaviour["say"] ?? "The stub answers [1]." }

    /// Word by word.
    private func pieces(_ behaviour: Behaviour) -> [String] {
        var pieces: [String] = []
        for character in text(behaviour) {
            if pieces.isEmpty || character == " " { pieces.append("") }
            pieces[pieces.count - 1].append(character)
        }
        return pieces
    }

    private func chunk(delta: [String: Any], finish: String? = nil) -> String {
        let choice: [String: Any] = [
            "index": 0, "delta": delta, "finish_reason": finish ?? NSNull(), "logprobs": NSNull(),
        ]
        return json([
            "id": "chatcmpl-stub", "object": "chat.completion.chunk", "created": 1, "model": "stub",
            "choices": [choice],
        ])
    }

    private func sendWhole(_ behaviour: Behaviour) {
        let choice: [String: Any] = [
            "index": 0, "message": ["role": "assistant", "content": text(behaviour)],
            "finish_reason": behaviour["finish"] ?? "stop",
        ]
        send(
            status: 200, type: "application/json",
            body: json(["id": "chatcmpl-stub", "object": "chat.completion", "choices": [choice]]),
            keep: behaviour.has("keep"))
    }

    private func fail(_ request: Request, _ behaviour: Behaviour, _ status: Int) {
        var message = behaviour["message"] ?? "the stub was told to fail"
        if behaviour.has("quote") { message += ": " + (request.headers["authorization"] ?? "no key") }
        var headers = ""
        for name in ["retry-after", "retry-after-ms", "location"] {
            if let value = behaviour[name] { headers += "\(name): \(value)\r\n" }
        }
        let error: [String: Any] = ["message": message, "type": "stub", "code": behaviour["code"] ?? NSNull()]
        send(
            status: status, type: behaviour["type"] ?? "application/json",
            body: behaviour["body"] ?? json(["error": error]), headers: headers)
    }

    private func refuse(_ field: String) {
        let hint = field == "max_tokens" ? "Use 'max_completion_tokens' instead." : ""
        let error = ["message": "Unsupported parameter: '\(field)'. \(hint)", "param": field]
        send(status: 400, type: "application/json", body: json(["error": error]))
    }

    private func send(status: Int, type: String, body: String, headers: String = "", keep: Bool = false) {
        connection.send(
            "HTTP/1.1 \(status) Stub\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n"
                + (keep ? "" : "Connection: close\r\n") + "\(headers)\r\n" + body)
    }

    private func sendChunk(_ text: String) -> Bool { sendChunk(Array(text.utf8)) }

    private func sendChunk(_ bytes: [UInt8]) -> Bool {
        connection.send(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8))
    }

    private func json(_ value: Any) -> String {
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? JSONSerialization.data(withJSONObject: value, options: options) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
