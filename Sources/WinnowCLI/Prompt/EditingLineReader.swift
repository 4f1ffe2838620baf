import Dispatch
import Synchronization
import WinnowPrompt

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Lines of a terminal, edited.
final class EditingLineReader: LineReader {
    private let terminal: SessionTerminal
    /// Used by one call at a time.
    private let prompt: Mutex<PromptSession>
    private let queue = DispatchQueue(label: "winnow.lines")

    /// How long may pass between an escape and what belongs to it.
    private static let escapeMilliseconds: CInt = 50

    init(_ terminal: SessionTerminal, prompt: String, history: [String]) {
        self.terminal = terminal
        self.prompt = Mutex(PromptSession(prompt: prompt, history: history, size: terminal.size))
    }

    func line(_ complete: @escaping @Sendable (EditedLine) -> Completion) async -> LineInput {
        await withCheckedContinuation { continuation in
            // Waiting for keys is nothing for the threads that async code runs on.
            queue.async { [self] in
                terminal.set(.editing)
                let input = prompt.withLock { read(&$0, complete) }
                terminal.set(.working)
                continuation.resume(returning: input)
            }
        }
    }

    func forget() { prompt.withLock { $0.forget() } }

    private func read(_ prompt: inout PromptSession, _ complete: (EditedLine) -> Completion) -> LineInput {
        do {
            try StandardStreams.output(prompt.begin(terminal.size))
            while true {
                let step = prompt.step(complete)
                try StandardStreams.output(step.output)
                switch step.outcome {
                case .submitted(let line): return .line(line)
                case .interrupted: return .interrupted
                case .ended: return .ended
                case .suspended: terminal.suspend()
                case nil: guard try wait(&prompt) else { return .ended }
                }
            }
        } catch {
            return .ended
        }
    }

    /// Waits for bytes or a notice.
    ///
    /// - Returns: false when no more will come.
    private func wait(_ prompt: inout PromptSession) throws -> Bool {
        var events = [
            pollfd(fd: 0, events: Int16(POLLIN), revents: 0),
            pollfd(fd: terminal.notices.read, events: Int16(POLLIN), revents: 0),
        ]
        let ready = poll(&events, nfds_t(events.count), prompt.isPending ? Self.escapeMilliseconds : -1)
        if ready < 0 { return errno == EINTR || errno == EAGAIN }
        if ready == 0 { prompt.flush() }
        if events[1].revents != 0 { try StandardStreams.output(handleNotices(&prompt)) }
        guard events[0].revents != 0 else { return true }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = bytes.withUnsafeMutableBytes { readBytes(0, $0) }
        if count < 0, errno == EINTR || errno == EAGAIN { return true }
        guard count > 0 else { return false }
        prompt.take(bytes[..<count])
        return true
    }

    private func handleNotices(_ prompt: inout PromptSession) -> String {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = max(0, bytes.withUnsafeMutableBytes { readBytes(terminal.notices.read, $0) })
        let notices = Set(bytes[..<count].compactMap(SessionTerminal.Notice.init))
        if notices.contains(.interrupted) { prompt.interrupt() }
        // The shell has written since.
        if notices.contains(.continued) { return prompt.begin(terminal.size) }
        return notices.contains(.resized) ? prompt.resize(terminal.size) : ""
    }
}

private func readBytes(_ descriptor: CInt, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, buffer.baseAddress, buffer.count)
}
