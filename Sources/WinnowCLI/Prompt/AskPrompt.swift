import ArgumentParser
import Synchronization
import WinnowCore
import WinnowPrompt
import WinnowStore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// `winnow ask` without a question: one question after the other, from a terminal.
struct AskPrompt {
    let options: AskCommand
    var session: AskSession
    var settings: AskSession.Settings
    var pipeline: RAGPipeline
    var explains: Bool
    var last: Answered?
    private var history: PromptHistory
    var completer = PromptCompleter()
    let current = CurrentQuestion()
    /// The last line's answer was.
    private var isGivenUp = false

    /// An answer that was shown.
    struct Answered {
        var answer: Answer
        var generator: String
        var queryIsCut: Bool
        var total: Duration
    }

    private static let prompt = "winnow> "

    /// Refuses what a session cannot be made of.
    static func check(_ options: AskCommand) throws {
        guard isatty(0) == 1, isatty(1) == 1 else {
            throw ValidationError(
                "there is no question, and no terminal to ask for one: give a question in quotes, such as winnow ask \"How long "
                    + "is my data kept?\" --store kb.sqlite")
        }
        if options.output.json {
            throw ValidationError(
                "--json prints the answer to one question: give the question (at the prompt, :json shows the last answer so)"
            )
        }
        if options.failOnAbstain {
            throw ValidationError(
                "--fail-on-abstain is about the answer to one question: give the question, or drop it")
        }
    }

    static func run(_ options: AskCommand) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let log = try options.log.map { try TraceLog($0) }
        var prompt = try AskPrompt(options, try await AskSession(options, options.settings))
        try await prompt.greet(clock.now - start)
        try await prompt.converse(log)
    }

    private init(_ options: AskCommand, _ session: AskSession) throws {
        var session = session
        pipeline = try session.pipeline(options.settings)
        self.session = session
        self.options = options
        settings = options.settings
        explains = options.output.explain
        history = PromptHistory(isOff: options.noHistory)
    }

    private func greet(_ time: Duration) async throws {
        let info = try await session.store.info()
        let size = "\(NumberText.plural(info.passages, "passage")) of \(NumberText.plural(info.documents, "document"))"
        try StandardStreams.output(
            Terminal.of(1).styled(
                "\(DisplayText.flattened(options.store.path)): \(size); loaded in \(NumberText.duration(time)). :help lists commands, "
                    + "Ctrl-D leaves.", .dim) + "\n")
    }

    private mutating func converse(_ log: borrowing TraceLog?) async throws {
        completer.fields = try await session.store.fields().fields.map(\.name)
        let terminal = Terminal.movesCursor ? SessionTerminal() : nil
        defer { terminal?.close() }
        let reader: any LineReader
        let interrupt: @Sendable () -> Void
        if let terminal {
            reader = EditingLineReader(terminal, prompt: Self.prompt, history: history.lines)
            interrupt = { terminal.notify(.interrupted) }
        } else {
            guard let plain = PlainLineReader(prompt: Self.prompt) else { throw NoDescriptors() }
            reader = plain
            interrupt = { plain.interrupt() }
        }
        let current = current
        Interruption.divert { if !current.cancel() { interrupt() } }
        defer { Interruption.divert(to: nil) }
        while true {
            switch await reader.line({ [completer] in completer.completion($0) }) {
            case .ended: return
            case .interrupted: continue
            case .line(let line):
                guard !line.allSatisfy(\.isWhitespace) else { continue }
                history.add(line)
                isGivenUp = false
                guard try await take(line, log) else { return }
                if isGivenUp { reader.forget() }
            }
        }
    }

    /// - Returns: false to leave.
    private mutating func take(_ line: String, _ log: borrowing TraceLog?) async throws -> Bool {
        do {
            guard line.drop(while: \.isWhitespace).first == ":" else {
                try await ask(line, log)
                return true
            }
            return try await perform(PromptCommand(line))
        } catch let error as OutputError {
            // There is nobody to talk to any more.
            throw error
        } catch is CancellationError {
            isGivenUp = true
            StandardStreams.note("interrupted")
        } catch let error as ValidationError {
            StandardStreams.note("error: \(error.message)")
        } catch {
            StandardStreams.note("error: \(error)")
        }
        return true
    }
}

/// The process may have no more files open.
private struct NoDescriptors: Error, CustomStringConvertible {
    var description: String {
        "the prompt cannot begin: no pipe can be made (raise the limit of open files, ulimit -n)"
    }
}
