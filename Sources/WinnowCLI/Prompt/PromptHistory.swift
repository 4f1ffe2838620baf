import WinnowPrompt

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The history of sessions. One that cannot be read or written is said once, and no error.
struct PromptHistory {
    private var file: HistoryFile?
    /// Of earlier sessions, oldest first.
    private(set) var lines: [String] = []

    /// - Parameter isOff: nothing is read, and nothing kept.
    init(isOff: Bool) {
        guard !isOff else { return }
        let path = HistoryFile.standardPath(program: "winnow", variable: "WINNOW_HISTORY") { name in
            getenv(name).map { String(cString: $0) }
        }
        file = path.map(HistoryFile.init)
        lines = giveUpIfFails { try $0.read() } ?? []
    }

    mutating func add(_ line: String) { _ = giveUpIfFails { try $0.append(line) } }

    private mutating func giveUpIfFails<Result>(_ body: (HistoryFile) throws -> Result) -> Result? {
        guard let file else { return nil }
        do { return try body(file) } catch {
            StandardStreams.note("note: no history is kept: \(error) [--no-history, WINNOW_HISTORY]")
            self.file = nil
            return nil
        }
    }
}
