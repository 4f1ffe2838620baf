import Foundation
import TestSupport
import Testing

/// `winnow mcp` as a client has it: a process with open pipes, a line at a time.
final class MCPConnection {
    let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var bytes: [UInt8] = []
    private let errors: String

    /// A server that says nothing for so long is broken.
    private static let limit: Int32 = 90_000

    struct Silence: Error {}
    struct Ended: Error { var rest: String }
    struct NoMessage: Error { var line: String }

    init(
        _ winnow: BuiltProgram, _ arguments: [String] = [], _ folder: TemporaryFolder,
        environment: [String: String] = [:]
    ) throws {
        process.executableURL = winnow.url
        process.arguments = ["mcp"] + arguments
        process.currentDirectoryURL = folder.url
        process.environment = ProcessInfo.processInfo.environment.merging(["OPENAI_API_KEY": ""]) { $1 }
            .merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = output
        errors = try folder.write("mcp-errors-\(UUID().uuidString)", "")
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// What it wrote to standard error so far.
    func notes() throws -> String { try String(contentsOfFile: errors, encoding: .utf8) }

    func send(_ line: String) throws { try send(bytes: Array((line + "\n").utf8)) }

    func send(bytes: [UInt8]) throws { try input.fileHandleForWriting.write(contentsOf: Data(bytes)) }

    /// One line of its output, whatever it holds.
    func line() throws -> String {
        let descriptor = output.fileHandleForReading.fileDescriptor
        while true {
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                defer { bytes.removeFirst(end + 1) }
                return String(decoding: bytes[..<end], as: UTF8.self)
            }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, Self.limit) > 0 else { throw Silence() }
            var part = [UInt8](repeating: 0, count: 1 << 16)
            let count = Foundation.read(descriptor, &part, part.count)
            guard count > 0 else { throw Ended(rest: String(decoding: bytes, as: UTF8.self)) }
            bytes += part[..<count]
        }
    }

    func message() throws -> [String: Any] {
        let line = try line()
        guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
            throw NoMessage(line: line)
        }
        #expect(object["jsonrpc"] as? String == "2.0")
        return object
    }

    /// Sends a request and returns the next message, which must be its answer.
    func ask(_ method: String, _ params: String = "{}", id: String = "1") throws -> [String: Any] {
        try send(#"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"#)
        return try message()
    }

    func initialize(_ version: String = "2025-11-25") throws -> [String: Any] {
        let params =
            #"{"protocolVersion":"\#(version)","capabilities":{},"clientInfo":{"name":"test","version":"1"}}"#
        let result = try #require(try ask("initialize", params, id: "0")["result"] as? [String: Any])
        try send(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
        return result
    }

    /// Calls a tool and waits for its result.
    func call(_ tool: String, _ arguments: String = "{}", id: String = "1") throws -> [String: Any] {
        let answer = try ask("tools/call", #"{"name":"\#(tool)","arguments":\#(arguments)}"#, id: id)
        return try #require(answer["result"] as? [String: Any], "\(answer)")
    }

    /// Closes its input and returns what it ends with; nil where it does not end.
    func end(within limit: Duration = .seconds(20)) throws -> Int32? {
        try closeInput()
        return try wait(limit)
    }

    func closeInput() throws { try input.fileHandleForWriting.close() }

    func wait(_ limit: Duration) throws -> Int32? {
        let start = ContinuousClock.now
        while process.isRunning {
            guard ContinuousClock.now - start < limit else { return nil }
            usleep(2000)
        }
        return process.terminationStatus
    }
}

extension [String: Any] {
    /// The text of a tool's result.
    func text() throws -> String {
        let content = try #require(self["content"] as? [[String: Any]])
        #expect(content.count == 1 && content[0]["type"] as? String == "text")
        return try #require(content[0]["text"] as? String)
    }

    func structured() throws -> [String: Any] { try #require(self["structuredContent"] as? [String: Any]) }

    var errorCode: Int? { (self["error"] as? [String: Any])?["code"] as? Int }
}
