import WinnowCore
import Yams

/// What the parser refused, with its place.
enum YAMLFault {
    static func problem(_ error: any Error, in text: String, path: String, isOnlyFound: Bool) -> ConfigurationProblem {
        func problem(_ line: Int, _ column: Int, _ reason: String) -> ConfigurationProblem {
            ConfigurationProblem(
                place: FilePlace(path: path, line: max(1, line), column: max(1, column), isOnlyFound: isOnlyFound),
                text: reason)
        }
        switch error as? YamlError {
        case .scanner(let context, let reason, let mark, _)?, .parser(let context, let reason, let mark, _)?,
            .composer(let context, let reason, let mark, _)?:
            if scalar(at: mark, in: text) == "\t" {
                return problem(mark.line, mark.column, "a tab: YAML is indented with spaces")
            }
            // In the words of the library, which end where the line begins.
            let within = context.map { "\($0.text), line \($0.mark.line): " } ?? ""
            return problem(mark.line, mark.column, "this is no YAML: \(within)\(reason)")
        case .duplicatedKeysInMapping(let names, let context)?:
            let name = names.sorted().first ?? ""
            return problem(
                context.mark.line, context.mark.column,
                "the key '\(DisplayText.flattened(name))' stands twice: keep one of the two")
        case .reader(let reason, let offset, _, _)?:
            let before = text.prefix(offset ?? 0)
            let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
            return problem(max(1, lines.count), (lines.last?.count ?? 0) + 1, "this is no YAML: \(reason)")
        default:
            return problem(1, 1, "this is no YAML: \(error)")
        }
    }

    private static func scalar(at mark: Mark, in text: String) -> Unicode.Scalar? {
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        guard mark.line >= 1, mark.line <= lines.count else { return nil }
        let line = lines[mark.line - 1]
        return line.dropFirst(mark.column - 1).first
    }
}

/// A key that there is not.
enum UnknownKey {
    static func text(_ path: String, inProfile: Bool) -> String {
        let name = path.split(separator: ".").last.map(String.init) ?? path
        let shown = "'\(DisplayText.truncated(DisplayText.flattened(path), to: 60))'"
        if Secrets.isNameOfKey(name) { return "\(shown): \(Secrets.advice)" }
        if name == "<<" {
            return "\(shown): YAML's merge keys are not read here: write the values out, or make a profile"
        }
        let others = inProfile ? [] : ["profile", "profiles"]
        let names = ConfigurationKeys.all.map(\.path) + ConfigurationKeys.groups + others
        var near = NearestNames.of(path, among: names)
        // A right name in the wrong group, or without one.
        near += ConfigurationKeys.all.filter { $0.name == name || $0.option == name }.map(\.path)
        if near.isEmpty {
            near = NearestNames.of(name, among: ConfigurationKeys.all.map(\.name)).flatMap { close in
                ConfigurationKeys.all.filter { $0.name == close }.map(\.path)
            }
        }
        return "there is no key \(shown)"
            + (near.first.map { ": did you mean \($0)?" } ?? ": winnow config show lists all keys")
    }
}

/// A profile that there is not.
enum UnknownProfile {
    static func text(_ name: String, among names: [String]) -> String {
        let shown = "there is no profile '\(DisplayText.truncated(DisplayText.flattened(name), to: 60))'"
        if let near = NearestNames.of(name, among: names).first { return "\(shown): did you mean \(near)?" }
        return names.isEmpty ? "\(shown): the file has none" : "\(shown): there are \(names.joined(separator: ", "))"
    }
}
