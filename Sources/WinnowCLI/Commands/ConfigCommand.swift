import ArgumentParser
import WinnowCore
import WinnowEvaluation

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show what winnow.yaml and the environment say, check the file, write a first one.",
        discussion: """
            What is not typed is taken from the environment, then from the profile, then from the file, then it is the \
            default. Every key stands for an option and is written in groups:

              store: kb.sqlite
              retrieval:
                initial-k: 50
              profiles:
                fast: {retrieval: {initial-k: 10}}

            The file is the one of --config or WINNOW_CONFIG; else winnow.yaml in the current folder, or above it up to the \
            folder that holds .git; else winnow/winnow.yaml in $XDG_CONFIG_HOME, or in ~/.config. The environment has a \
            variable for each key, such as WINNOW_RETRIEVAL_INITIAL_K. --profile or WINNOW_PROFILE chooses a profile.

            Examples:
              winnow config init
              winnow config show --origin
              winnow config check team/winnow.yaml
              winnow config resolve search "refunds" --no-rerank
            """,
        subcommands: [
            ConfigShowCommand.self, ConfigCheckCommand.self, ConfigInitCommand.self, ConfigResolveCommand.self,
        ])
}

/// Which configuration a command of `winnow config` looks at. The other commands need no declaration: their line is read before.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The file, instead of the one that is found, or none.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Which of the file's profiles holds.", valueName: "name"))
    var profile: String?

    @Flag(help: "Read no configuration file.")
    var noConfig = false

    var choice: ConfigurationChoice { ConfigurationChoice(file: config, profile: profile, isOff: noConfig) }

    func validate() throws { try choice.check() }
}

struct ConfigShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Every key with the value that holds, and with --origin where it was said.")

    @Flag(help: "Also say where each value comes from: a file's line, a profile, a variable, or the default.")
    var origin = false

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Print one JSON object on one line, with origins, variables and options.")
    var json = false

    func run() async throws {
        let configuration = try Configuration.load(options.choice)
        let view = ConfigurationView(configuration: configuration)
        try StandardStreams.output(
            json ? view.json.text + "\n" : view.text(Terminal.of(1), showsOrigin: origin))
        for note in configuration.notes { StandardStreams.note(note) }
        for name in Environment.unknownNames() {
            let near = NearestNames.of(
                name, among: ConfigurationKeys.all.map(\.variable) + ["WINNOW_CONFIG", "WINNOW_PROFILE"])
            StandardStreams.note(
                "note: nothing reads the variable \(name)" + (near.first.map { ": did you mean \($0)?" } ?? ""))
        }
    }
}

struct ConfigCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a configuration file, and say all that is wrong with it, not only the first.",
        discussion: "Nothing is run and no path is looked up. The exit code is 1 when anything is wrong.")

    @Argument(help: ArgumentHelp("The file. (default: the one that is found)", valueName: "file"))
    var file: String?

    @Flag(help: "Print one JSON object on one line.")
    var json = false

    func validate() throws {
        if file == "" { throw ValidationError("the path of the file is empty") }
    }

    func run() async throws {
        guard let path = file ?? FoundConfiguration.find(.init()).file?.path else { throw NoConfiguration() }
        let file = try ConfigurationFile.read(path, isOnlyFound: false)
        let problems = ConfigurationCheck.problems(file)
        if json {
            try StandardStreams.output(
                JSONText.object([
                    ("schema", .integer(1)), ("file", .string(path)), ("ok", .bool(problems.isEmpty)),
                    (
                        "problems",
                        .array(
                            problems.map { problem in
                                .object([
                                    ("line", .optional(problem.place?.line, JSONText.integer)),
                                    ("column", .optional(problem.place?.column, JSONText.integer)),
                                    ("key", .optional(problem.key, JSONText.string)), ("text", .string(problem.text)),
                                ])
                            })
                    ),
                ]).text + "\n")
        } else if problems.isEmpty {
            let profiles = file.profiles.isEmpty ? "" : ", \(NumberText.plural(file.profiles.count, "profile"))"
            try StandardStreams.output(
                "\(PathText.quoted(path)) is right: \(NumberText.plural(file.settings.count, "key"))\(profiles)\n")
        } else {
            for problem in problems { StandardStreams.note("error: \(problem)") }
        }
        if !problems.isEmpty { throw ExitCode.failure }
    }
}

/// There is nothing to check.
struct NoConfiguration: Error, CustomStringConvertible {
    var description: String {
        "there is no \(FoundConfiguration.name) here or in the folders above up to the one with .git, and no "
            + "\(FoundConfiguration.ownPath().map(PathText.quoted) ?? "~/.config/winnow/winnow.yaml"): winnow config init writes one"
    }
}

struct ConfigInitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a winnow.yaml in which every key stands in a comment, with its default.",
        discussion: "A file that is there already is never overwritten.")

    @Argument(help: ArgumentHelp("The file.", valueName: "file"))
    var file = FoundConfiguration.name

    func validate() throws {
        if file.isEmpty { throw ValidationError("the path of the file is empty") }
    }

    func run() async throws {
        try OutputIsThere.refuse(file, hint: "give another name, or change it by hand (winnow config check)")
        try AtomicFile.write(Array(ConfigurationExample.text.utf8), to: file, overwriting: false)
        try StandardStreams.output(
            "\(PathText.quoted(file)) written: every key is in a comment, so nothing has changed yet\n")
    }
}

struct ConfigResolveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Print the command line that comes of one when the configuration is added. Nothing is run.",
        usage: "winnow config resolve <command> [<arguments>]",
        discussion: """
            Examples:
              winnow config resolve ask "How long is my data kept?"
              winnow config resolve search "refunds" -d docs/ --profile fast
            """)

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("The command line.", valueName: "command"))
    var line: [String] = []

    func validate() throws {
        guard !line.isEmpty else { throw ValidationError("give a command line, such as: search \"refunds\" -d docs/") }
    }

    func run() async throws {
        var configured = try ConfiguredLine(line)
        _ = try configured.parse()
        try StandardStreams.output(CommandText.text(configured.shownArguments) + "\n")
        for note in configured.notes { StandardStreams.note(note) }
    }
}
