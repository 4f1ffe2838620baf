import ArgumentParser

/// What stands on a command line, as far as the configuration must yield to it.
struct TypedLine {
    /// All names of every option that is there: `--documents` and `-d` whichever was typed.
    private(set) var options: Set<String> = []
    private(set) var positionals = 0
    /// The first value of an option, by the same names.
    private(set) var values: [String: String] = [:]
    /// The line without what is about the configuration itself.
    private(set) var rest: [String] = []
    private(set) var choice = ConfigurationChoice()
    private(set) var asksForHelp = false

    static let help: Set<String> = ["-h", "--help", "-help", "--help-hidden", "--version"]

    func has(_ longName: String) -> Bool { options.contains("--" + longName) }
    func value(_ longName: String) -> String? { values["--" + longName] }

    /// - Parameter arguments: those after the command's name.
    init(_ arguments: ArraySlice<String>, of shape: CommandShape) throws {
        var index = arguments.startIndex
        while index < arguments.endIndex {
            let argument = arguments[index]
            index += 1
            if argument == "--" {
                positionals += arguments.endIndex - index
                rest += [argument] + arguments[index...]
                return
            }
            guard argument.hasPrefix("-"), argument.utf8.count > 1 else {
                positionals += 1
                rest.append(argument)
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if try takeChoice(parts, arguments, &index) { continue }
            rest.append(argument)
            if Self.help.contains(argument) { asksForHelp = true }
            for name in Self.names(parts[0], shape) {
                guard let option = shape.option(name) else { continue }
                options.formUnion(option.names)
                guard !option.isFlag else { continue }
                var value = parts.count == 2 ? parts[1] : nil
                if value == nil {
                    while index < arguments.endIndex, Self.isValue(arguments[index]) {
                        value = value ?? arguments[index]
                        rest.append(arguments[index])
                        index += 1
                        if !option.takesMany { break }
                    }
                }
                if let value { for name in option.names where values[name] == nil { values[name] = value } }
            }
        }
    }

    /// A lone dash is standard input.
    private static func isValue(_ argument: String) -> Bool { !argument.hasPrefix("-") || argument == "-" }

    /// `-abc` may be three flags.
    private static func names(_ name: String, _ shape: CommandShape) -> [String] {
        if name.hasPrefix("--") || shape.option(name) != nil { return [name] }
        return name.dropFirst().map { "-\($0)" }
    }

    /// Options of the configuration, which no command declares.
    private mutating func takeChoice(
        _ parts: [String], _ arguments: ArraySlice<String>, _ index: inout ArraySlice<String>.Index
    ) throws -> Bool {
        switch parts[0] {
        case "--no-config" where parts.count == 1:
            choice.isOff = true
            return true
        case "--config", "--profile":
            var value = parts.count == 2 ? parts[1] : nil
            if value == nil, index < arguments.endIndex, Self.isValue(arguments[index]) {
                value = arguments[index]
                index += 1
            }
            let isFile = parts[0] == "--config"
            guard let value else {
                throw ValidationError(
                    isFile
                        ? "--config wants a file: --config winnow.yaml, or none"
                        : "--profile wants the name of a profile")
            }
            guard (isFile ? choice.file : choice.profile) == nil else {
                throw ValidationError("\(parts[0]) is given twice: once is enough")
            }
            if isFile { choice.file = value } else { choice.profile = value }
            return true
        default: return false
        }
    }
}
