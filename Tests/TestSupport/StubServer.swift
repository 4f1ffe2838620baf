import Foundation

/// The chat endpoint of `Tests/StubLLM`, a process of its own that ends with this value, and with this process.
///
///     let stub = try StubServer()
///     let chat = try OpenAIChat(.init(baseURL: stub.url("status=503", "times=2"), model: "stub"))
public final class StubServer: Sendable {
    public let port: Int
    private let folder: TemporaryFolder
    private let process = Process()
    /// The stub ends when this closes.
    private let lifeline = Pipe()

    public init() throws {
        folder = try TemporaryFolder()
        process.executableURL = try BuiltProgram.beside("StubLLM").url
        process.arguments = [folder.path + "/records"]
        process.standardInput = lifeline
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n"), let byte = try output.fileHandleForReading.read(upToCount: 1),
            !byte.isEmpty
        {
            line += Array(byte)
        }
        let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let port = Int(text), port > 0 else { throw NotStarted(output: text) }
        self.port = port
    }

    public struct NotStarted: Error {
        public var output: String
    }

    /// The base URL under which the stub behaves as the words say; `Tests/StubLLM/Behaviour.swift` lists them.
    ///
    /// - Parameter behaviour: `word` or `word=value`, the value as it is.
    public func url(_ behaviour: String...) -> String { url(behaviour) }

    public func url(_ behaviour: [String]) -> String {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "=-._~")
        let path = behaviour.map { "/" + ($0.addingPercentEncoding(withAllowedCharacters: allowed) ?? $0) }.joined()
        return "http://127.0.0.1:\(port)\(path)/v1"
    }

    /// One request, as the stub received it.
    public struct Request: Sendable {
        public var path: String
        /// Over which connection it came, from 1.
        public var connection: Int
        /// Names in lower case.
        public var headers: [String: String]
        public var body: String

        /// The body's fields.
        public func json() throws -> [String: Any] {
            try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any] ?? [:]
        }
    }

    /// All requests so far, in order. Each is recorded before it is answered.
    public func requests() throws -> [Request] {
        try records().compactMap { record in
            guard let path = record["path"] as? String else { return nil }
            return Request(
                path: path, connection: record["connection"] as? Int ?? 0,
                headers: record["headers"] as? [String: String] ?? [:],
                body: record["body"] as? String ?? "")
        }
    }

    /// Waits until the stub has seen a client leave in the middle of an answer.
    public func clientLeft() async throws {
        while try !records().contains(where: { $0["closed"] != nil }) { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// Lets answers with `gate=N` go on.
    public func openGate() throws {
        try folder.write(Data(), to: "records.gate")
    }

    private func records() throws -> [[String: Any]] {
        guard let data = FileManager.default.contents(atPath: folder.path + "/records") else { return [] }
        // A line without its end is still being written.
        let whole = data.prefix(data.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0)
        return try whole.split(separator: UInt8(ascii: "\n")).map {
            try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any] ?? [:]
        }
    }

    /// Ends the stub, and returns when it has: what is asked of it then is refused.
    public func stop() {
        try? lifeline.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    deinit { try? lifeline.fileHandleForWriting.close() }
}
