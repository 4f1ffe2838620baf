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

/// Lines of a terminal that understands nothing but text (`TERM=dumb`): the system edits them, as far as it does.
final class PlainLineReader: LineReader {
    private let prompt: String
    /// Read, and behind the end of a line. Used by one call at a time.
    private let rest = Mutex<[UInt8]>([])
    private let queue = DispatchQueue(label: "winnow.lines")
    /// Two ends of a pipe that tells of Ctrl-C.
    private let interruptions: (read: CInt, write: CInt)

    /// A line that is longer is cut there.
    private static let most = EditedLine.most

    init?(prompt: String) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        interruptions = (ends[0], ends[1])
        self.prompt = prompt
    }

    /// Ctrl-C while a line is waited for.
    func interrupt() {
        var byte: UInt8 = 1
        _ = write(interruptions.write, &byte, 1)
    }

    func line(_ complete: @escaping @Sendable (EditedLine) -> Completion) async -> LineInput {
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                JobControl.admitStops()
                continuation.resume(returning: rest.withLock { read(&$0) })
            }
        }
    }

    func forget() { rest.withLock { $0 = [] } }

    private func read(_ rest: inout [UInt8]) -> LineInput {
        do { try StandardStreams.output(prompt) } catch { return .ended }
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = rest[..<end]
                rest.removeSubrange(...end)
                return .line(EditedLine.shown(String(decoding: line.prefix(Self.most), as: UTF8.self)))
            }
            var events = [
                pollfd(fd: 0, events: Int16(POLLIN), revents: 0),
                pollfd(fd: interruptions.read, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&events, nfds_t(events.count), -1) >= 0 else {
                if errno == EINTR || errno == EAGAIN { continue }
                return .ended
            }
            var bytes = [UInt8](repeating: 0, count: 4096)
            if events[1].revents != 0 {
                _ = bytes.withUnsafeMutableBytes { readBytes(interruptions.read, $0) }
                rest = []
                try? StandardStreams.output("\n")
                return .interrupted
            }
            let count = bytes.withUnsafeMutableBytes { readBytes(0, $0) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else {
                try? StandardStreams.output("\n")
                return .ended
            }
            if rest.count < Self.most * 2 { rest += bytes[..<count] }
        }
    }
}

private func readBytes(_ descriptor: CInt, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, buffer.baseAddress, buffer.count)
}
