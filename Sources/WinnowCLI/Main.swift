import ArgumentParser

@main
struct WinnowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "winnow",
        abstract: "Two-stage retrieval and reranking for RAG, with the models inside.",
        discussion: """
            A bi-encoder finds candidates broadly, a cross-encoder reads each of them together with the question and puts \
            them in order. Both run here, on the processor, offline.

            Try it:
              winnow index docs/ --store kb.sqlite
              winnow ask "How long is my data kept?" --store kb.sqlite
              winnow search "How long is my data kept?" --documents docs/
              winnow rerank "How long is my data kept?" --candidates found.txt
              winnow eval labelled/

            Exit codes: 0 done, 1 failed, 2 a gate was not met, 3 done in part (what was left out is named), 4 no answer (with \
            --fail-on-abstain), 64 wrong usage, 130 interrupted.
            """,
        version: Version.current,
        subcommands: [
            IndexCommand.self, AskCommand.self, StoreCommand.self, SearchCommand.self, RerankCommand.self,
            MCPCommand.self,
            EvalCommand.self, SweepCommand.self, CalibrateCommand.self, JudgeCommand.self,
            EmbedCommand.self, TokenizeCommand.self, ModelsCommand.self, ConfigCommand.self, DoctorCommand.self,
            VersionCommand.self,
            BenchCommand.self, BenchPeerCommand.self,
        ])

    static func main() async {
        StandardStreams.reserve()
        let arguments = CommandLine.arguments
        if let position = invalidArgument() {
            StandardStreams.note("error: argument \(position) is not valid UTF-8: set the terminal to UTF-8")
            endProcess(ExitCode.validationFailure.rawValue)
        }
        let work = Task { await run(Array(arguments.dropFirst())) }
        let interruption = Interruption { work.cancel() }
        let code = await work.value
        endProcess(interruption.happened ? Interruption.exitCode : code)
    }

    /// Runs a command line and returns the exit code.
    private static func run(_ arguments: [String]) async -> Int32 {
        var line = ConfiguredLine(plain: arguments)
        do {
            line = try ConfiguredLine(arguments)
            var command = try line.parse()
            for note in line.notes { StandardStreams.note(note) }
            CommandText.set(line.shownArguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return ExitCode.success.rawValue
        } catch is CancellationError {
            StandardStreams.note("interrupted")
            return Interruption.exitCode
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            return report(error, line)
        }
    }

    private static func report(_ error: any Error, _ line: ConfiguredLine) -> Int32 {
        let code = exitCode(for: error)
        switch code {
        case .success:
            // Help or the version was asked for.
            do {
                try StandardStreams.output(fullMessage(for: error) + "\n" + ConfigurationHelp.text(for: line.arguments))
            } catch {
                StandardStreams.note("error: \(error)")
                return ExitCode.failure.rawValue
            }
        case .failure: StandardStreams.note("error: \(line.explained(error))")
        default: StandardStreams.progress(fullMessage(for: error) + "\n")
        }
        return code.rawValue
    }

    /// The place of the first argument that is not UTF-8, from 1. Swift would have repaired it silently.
    private static func invalidArgument() -> Int? {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[index] else { continue }
            if String(validatingCString: argument) == nil { return index }
        }
        return nil
    }
}

/// What every command may end with besides success and failure.
enum PartialResult {
    /// Done, but not with all that was given; what was left out has been named.
    static let exitCode = ExitCode(3)
}
