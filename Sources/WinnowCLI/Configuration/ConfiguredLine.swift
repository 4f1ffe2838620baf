import ArgumentParser
import WinnowCore

/// A command line with what the configuration adds to it.
struct ConfiguredLine {
    /// What the parser gets.
    private(set) var arguments: [String]
    private(set) var notes: [String] = []
    /// What was added, in its place on the line.
    private(set) var added: [Added] = []
    /// What follows from where a setting stands, and is nobody's setting.
    private var implied: [String] = []
    private var shape: CommandShape?
    private var line: TypedLine?
    private var commandWords = 0

    struct Added {
        var setting: Setting
        var option: String
        var argument: String
    }

    /// A line to which nothing is added.
    init(plain arguments: [String]) { self.arguments = arguments }

    /// - Parameters:
    ///   - configuration: nil: what the line, the environment and the folder say.
    ///   - isTrusted: the line is not run, and the file may say anything.
    /// - Throws: `ValidationError` for options of the configuration; ``ConfigurationError``, ``SmallFile/Unreadable`` for what it is.
    init(_ arguments: [String], configuration: Configuration? = nil, isTrusted: Bool = false) throws {
        self.arguments = arguments
        // Most runs have no configuration: nothing is asked of the parser then.
        guard configuration != nil || Self.mayBeConfigured(arguments) else { return }
        guard let shape = CommandShape.named(by: arguments), ConfigurationReach.takesAny(shape) else { return }
        commandWords = shape.path.count
        let line = try TypedLine(arguments.dropFirst(commandWords), of: shape)
        guard !line.asksForHelp else { return }
        (self.shape, self.line) = (shape, line)
        let configuration = try configuration ?? Configuration.load(line.choice)
        notes = configuration.notes

        let settings = configuration.settings.filter { _, setting in
            guard let option = ConfigurationReach.option(of: setting.key, in: shape, line: line) else { return false }
            return !line.has(option)
        }
        let yielding = ConfigurationYielding(settings, shape: shape, line: line)
        notes += yielding.notes
        if !isTrusted { try ConfigurationTrust.check(yielding.settings, shape: shape, line: line) }
        for key in ConfigurationKeys.all {
            guard let setting = yielding.settings[key.path],
                let option = ConfigurationReach.option(of: key, in: shape, line: line),
                let argument = key.argument(setting.value, option: option)
            else { continue }
            added.append(Added(setting: setting, option: option, argument: argument))
        }
        if !isTrusted, let found = ConfigurationTrust.keyless(yielding.settings, line: line) {
            implied = ["--llm-key-env=\(GeneratorOptions.noKey)"]
            if Environment.value(GeneratorOptions.standardKey) != nil {
                notes.append(
                    "note: \(GeneratorOptions.standardKey) is not sent, since \(found.key.path) (\(found.origin)) stands in a file that was "
                        + "only found: give --llm-key-env \(GeneratorOptions.standardKey) if the server is to have it")
            }
        }
        if !isTrusted, ConfigurationTrust.leavesNoScores(yielding.settings, shape: shape, line: line) {
            implied.append("--score-cache=none")
        }
        self.arguments = assembled(added)
        if ConfigurationReach.isMeasurement(shape), !added.isEmpty {
            let list = added.map { "\($0.setting.key.path)=\($0.setting.shown) (\($0.setting.origin))" }
            notes.append("note: settings that were not typed: \(list.joined(separator: ", "))")
        }
    }

    private static func mayBeConfigured(_ arguments: [String]) -> Bool {
        let isChosen = arguments.contains { argument in
            ["--config", "--profile", "--no-config"].contains { argument.hasPrefix($0) }
        }
        return isChosen || Environment.value("WINNOW_PROFILE") != nil
            || ConfigurationKeys.all.contains { Environment.value($0.variable) != nil }
            || {
                let found = FoundConfiguration.find(.init())
                return found.file != nil || found.note != nil
            }()
    }

    /// Before what was typed, where no option that takes several values can swallow it.
    private func assembled(_ added: [Added]) -> [String] {
        guard let line else { return arguments }
        return arguments.prefix(commandWords) + added.map(\.argument) + implied + line.rest
    }

    // MARK: - Parsing

    /// - Throws: what the parser throws; and ``ConfigurationRefusal`` where the line would be right without the configuration.
    mutating func parse() throws -> any ParsableCommand {
        do {
            return try WinnowCommand.parseAsRoot(arguments)
        } catch {
            guard !added.isEmpty, WinnowCommand.exitCode(for: error) != .success else { throw error }
            let message = WinnowCommand.message(for: error)
            let culprits = culprits(of: message)
            guard !culprits.isEmpty else { throw error }
            if let typed = typedDepth, culprits.map(\.setting.key.path) == ["retrieval.initial-k"] {
                // A measure that was typed reaches deeper: the file's depth gives way.
                notes.append(
                    "note: retrieval.initial-k (\(culprits[0].setting.origin)) is left out, since \(typed) was typed")
                added.removeAll { $0.setting.key.path == "retrieval.initial-k" }
                arguments = assembled(added)
                return try WinnowCommand.parseAsRoot(arguments)
            }
            throw ConfigurationRefusal(reason: inKeys(message, all: true), settings: culprits.map(\.setting))
        }
    }

    /// The fewest of what was added that make the same complaint; none where it is about what was typed.
    private func culprits(of message: String) -> [Added] {
        var suspects = added
        for index in suspects.indices.reversed() {
            var others = suspects
            others.remove(at: index)
            if complaint(assembled(others)) == message { suspects = others }
        }
        // A store that a command cannot do without is no culprit for being wanted.
        return suspects.indices.filter { index in
            var others = suspects
            others.remove(at: index)
            return complaint(assembled(others))?.hasPrefix("Missing expected argument") != true
        }.map { suspects[$0] }
    }

    /// What the parser says of a line; nil: nothing.
    private func complaint(_ arguments: [String]) -> String? {
        do {
            _ = try WinnowCommand.parseAsRoot(arguments)
            return nil
        } catch {
            return WinnowCommand.message(for: error)
        }
    }

    /// What of an evaluation's line asks for a depth.
    private var typedDepth: String? {
        guard shape?.path == ["eval"] else { return nil }
        return ["measures", "fail-under"].first { line?.has($0) ?? false }.map { "--" + $0 }
    }

    // MARK: - Messages

    /// An error of the command, in the words of the configuration where it is about what was not typed.
    func explained(_ error: any Error) -> String {
        if error is ConfigurationRefusal || error is ConfigurationError { return "\(error)" }
        var text = inKeys("\(error)", all: false)
        for one in added where isTelling(one.setting) && OptionText.names(PathText.quoted(one.setting.shown), in: text)
        {
            text += "\n  \(one.setting.key.path) is \(PathText.quoted(one.setting.shown)) by \(one.setting.origin)"
        }
        return text
    }

    /// Whether a message that has the value is about the setting: a number or a common word may stand there by chance.
    private func isTelling(_ setting: Setting) -> Bool {
        switch setting.key.kind {
        case .path, .address, .variable: true
        case .spelling: setting.value.contains(":")
        case .integer, .number, .truth, .choice, .text: false
        }
    }

    /// Options that nobody typed go by their keys.
    ///
    /// - Parameter all: also those that were not added.
    private func inKeys(_ text: String, all: Bool) -> String {
        guard let shape, let line else { return text }
        var names: [(option: String, key: String)] = added.map { ($0.option, $0.setting.key.path) }
        if all {
            names += ConfigurationKeys.all.compactMap { key in
                guard let option = ConfigurationReach.option(of: key, in: shape, line: line), !line.has(option) else {
                    return nil
                }
                return (option, key.path)
            }
        }
        return names.sorted { $0.option.utf8.count > $1.option.utf8.count }.reduce(text) { text, name in
            let key = name.option == "no-rerank" ? "\(name.key): false" : name.key
            return OptionText.replaced("--" + name.option, by: key, in: text)
        }
    }

    /// The line as a report tells it.
    var shownArguments: [String] {
        guard line != nil else { return Self.redacted(arguments[...]) }
        let shown = added.map { one in
            one.setting.key.argument(one.setting.shown, option: one.option) ?? one.argument
        }
        return arguments.prefix(commandWords) + shown + Self.redacted(arguments.dropFirst(commandWords + added.count))
    }

    /// Addresses that were typed, as those that were not.
    private static func redacted(_ arguments: ArraySlice<String>) -> [String] {
        let option = "--llm-url"
        var isAddress = false
        return arguments.map { argument in
            defer { isAddress = argument == option }
            if isAddress { return Secrets.redacted(argument) }
            return argument.hasPrefix(option + "=")
                ? option + "=" + Secrets.redacted(String(argument.dropFirst(option.utf8.count + 1))) : argument
        }
    }
}
