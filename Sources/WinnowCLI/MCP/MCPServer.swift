import Dispatch
import Synchronization
import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A session over standard input and output: one thread reads and decides, calls run beside it, one queue writes.
///
/// What takes no time (`ping`, `tools/list`) is answered by the reading thread itself, whatever the calls do.
final class MCPServer: Sendable {
    /// How long calls that run when the client has closed its end may still take: enough for one that is nearly done, too little for a client
    /// that waits for the process's end.
    private static let grace = Duration.milliseconds(1500)
    private static let graceSeconds = 1.5
    /// Bytes that wait to be written before nothing more is read: a client that does not read gets no further.
    private static let mostWaiting = 64 << 20

    private let state: Mutex<State>
    private let writing = DispatchQueue(label: "winnow.mcp.output")
    private let waiting = Atomic(0)
    private let end = AsyncStream<(any Error)?>.makeStream()

    private struct State {
        var session: MCPSession
        var tasks: [Int: Task<Void, Never>] = [:]
        /// The client has closed its end.
        var isClosing = false
    }

    init(_ tools: ToolSet) { state = Mutex(State(session: MCPSession(tools: tools))) }

    /// Serves until the client closes its end.
    ///
    /// - Throws: where the streams fail; `CancellationError`.
    func run() async throws {
        // A client that is gone is told by the write's error.
        signal(SIGPIPE, SIG_IGN)
        DispatchQueue(label: "winnow.mcp.input").async { self.read() }
        try await withTaskCancellationHandler {
            for await error in end.stream {
                if let error { throw error }
                break
            }
        } onCancel: {
            end.continuation.finish()
        }
        perform { $0.end() }
        try Task.checkCancellation()
        flush()
    }

    // MARK: - In

    private func read() {
        var lines = MessageLines(0)
        do {
            while let line = try lines.next() {
                switch line {
                case .line(let bytes):
                    guard !bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { continue }
                    perform { $0.receive(bytes) }
                case .tooLong:
                    perform {
                        $0.refuse(
                            .invalidRequest(
                                "the line is longer than \(MessageLines.mostBytes) bytes and was not read: send less at once"
                            ))
                    }
                }
                if waiting.load(ordering: .relaxed) > Self.mostWaiting { writing.sync {} }
            }
            close()
        } catch {
            finish(error)
        }
    }

    /// Lets what runs end, if it does so soon.
    private func close() {
        let isIdle = state.withLock { state in
            state.isClosing = true
            return state.tasks.isEmpty
        }
        if isIdle { return finish(nil) }
        Task {
            try? await Task.sleep(for: Self.grace)
            finish(nil)
        }
    }

    private func finish(_ error: (any Error)?) {
        end.continuation.yield(error)
        end.continuation.finish()
    }

    // MARK: - Out

    /// Lets the session decide, and does what it decided, in its order.
    private func perform(_ decide: (inout MCPSession) -> [MCPSession.Action]) {
        state.withLock { state in
            for action in decide(&state.session) {
                switch action {
                case .send(let text): send(text)
                case .cancel(let key): state.tasks.removeValue(forKey: key)?.cancel()
                case .start(let call): state.tasks[call.key] = Task { await self.run(call) }
                }
            }
        }
    }

    private func send(_ text: String) {
        let line = text + "\n"
        let size = line.utf8.count
        waiting.add(size, ordering: .relaxed)
        writing.async {
            var left = size
            do {
                try StandardStreams.output(line) { written in
                    left -= written
                    self.waiting.subtract(written, ordering: .relaxed)
                }
            } catch {
                self.waiting.subtract(left, ordering: .relaxed)
                self.finish(error)
            }
        }
    }

    /// Waits for what is being written, as long as the client reads: one that does not would keep this process for ever.
    private func flush() {
        let done = DispatchSemaphore(value: 0)
        writing.async { done.signal() }
        var left = waiting.load(ordering: .relaxed)
        while done.wait(timeout: .now() + Self.graceSeconds) == .timedOut {
            let now = waiting.load(ordering: .relaxed)
            if now == left { return }
            left = now
        }
    }

    private func run(_ call: MCPCall) async {
        var result: ToolResult?
        do {
            result = try await call.tool.call(call.arguments) { message in
                self.perform { $0.progress(call.key, message) }
            }
        } catch is CancellationError {
            result = nil
        } catch {
            result = Task.isCancelled ? nil : .failure("\(error)")
        }
        let answer = result
        perform { $0.finish(call.key, answer) }
        let isLast = state.withLock { state in
            state.tasks[call.key] = nil
            return state.isClosing && state.tasks.isEmpty
        }
        if isLast { finish(nil) }
    }
}
