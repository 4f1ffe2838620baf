import ArgumentParser
import WinnowCore

/// The options of a command, as the parser itself tells them: what a command takes is written once, in its declaration.
struct CommandShape {
    struct Option {
        /// With their dashes.
        var names: [String]
        var isFlag: Bool
        /// Values up to the next option belong to it.
        var takesMany: Bool
        var standard: String?
    }

    /// `["store", "info"]`
    var path: [String]
    var options: [Option] = []
    /// Value names of arguments that may be left out.
    var optionalPositionals: Set<String> = []

    /// The command that a line names; nil where it names none, or one that only has subcommands.
    static func named(by arguments: some Sequence<String>) -> CommandShape? {
        var type: any ParsableCommand.Type = WinnowCommand.self
        var path: [String] = []
        for argument in arguments {
            let next = type.configuration.subcommands.first {
                $0.configuration.commandName == argument || $0.configuration.aliases.contains(argument)
            }
            guard let next else { break }
            type = next
            path.append(next.configuration.commandName ?? argument)
        }
        guard !path.isEmpty, type.configuration.subcommands.isEmpty else { return nil }
        return CommandShape(path: path, type)
    }

    private init(path: [String], _ type: any ParsableCommand.Type) {
        self.path = path
        // What --experimental-dump-help prints.
        guard let tree = try? JSONReader.tree(Array(type._dumpHelp().utf8)[...]),
            case .array(let arguments)? = tree["command"]?["arguments"]
        else { return }
        for argument in arguments {
            guard case .string(let kind)? = argument["kind"] else { continue }
            if kind == "positional" {
                if case .string(let name)? = argument["valueName"], case .bool(true)? = argument["isOptional"] {
                    optionalPositionals.insert(name)
                }
                continue
            }
            guard case .array(let names)? = argument["names"] else { continue }
            options.append(
                Option(
                    names: names.compactMap(Self.name), isFlag: kind == "flag",
                    takesMany: argument["parsingStrategy"]?.text == "upToNextOption",
                    standard: argument["defaultValue"]?.text))
        }
    }

    private static func name(_ tree: JSONTree) -> String? {
        guard let name = tree["name"]?.text, let kind = tree["kind"]?.text else { return nil }
        return (kind == "long" ? "--" : "-") + name
    }

    func option(_ name: String) -> Option? { options.first { $0.names.contains(name) } }
    func has(_ longName: String) -> Bool { option("--" + longName) != nil }
}

extension JSONTree {
    fileprivate subscript(name: String) -> JSONTree? {
        guard case .object(let fields) = self else { return nil }
        return fields.first { $0.name == name }?.value
    }

    fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }
}
