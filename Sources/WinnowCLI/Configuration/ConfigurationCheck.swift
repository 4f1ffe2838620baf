import ArgumentParser
import WinnowCore

/// What is wrong with a file beyond its single values: keys that do not go together, in it or in one of its profiles.
enum ConfigurationCheck {
    /// Lines on which every key has its command; nothing is run.
    private static let lines = [
        ["search", "q", "--documents", "."], ["search", "q", "--store", "s"], ["ask", "q", "--store", "s"],
        ["index", "p", "--store", "s", "--watch"], ["mcp", "--store", "s"], ["mcp"],
        ["rerank", "q", "--candidates", "-"], ["eval", "f"], ["sweep", "f"],
        ["calibrate", "f"], ["embed", "-"],
    ]

    static func problems(_ file: ConfigurationFile) -> [ConfigurationProblem] {
        guard file.problems.isEmpty else { return file.problems.sorted(by: isBefore) }
        var problems: [ConfigurationProblem] = []
        var seen: [String] = []
        let base = Dictionary(file.settings.map { ($0.key.path, $0) }) { $1 }
        for profile in [nil] + file.profiles.map(Optional.init) {
            var configuration = Configuration(file: file)
            configuration.settings = base.merging((profile?.settings ?? []).map { ($0.key.path, $0) }) { $1 }
            for line in lines {
                for refusal in refusals(of: line, configuration) where !seen.contains(refusal) {
                    seen.append(refusal)
                    problems.append(
                        .init(
                            text: refusal
                                + (profile.map { "\n  with the profile \(DisplayText.flattened($0.name))" } ?? "")))
                }
            }
        }
        return problems
    }

    /// What was refused is taken out, until nothing is: one mistake does not hide another.
    private static func refusals(of line: [String], _ configuration: Configuration) -> [String] {
        var configuration = configuration
        var refusals: [String] = []
        while true {
            do {
                var line = try ConfiguredLine(line, configuration: configuration, isTrusted: true)
                _ = try line.parse()
                return refusals
            } catch let refusal as ConfigurationRefusal {
                refusals.append("\(refusal)")
                guard !refusal.settings.isEmpty else { return refusals }
                for setting in refusal.settings { configuration.settings[setting.key.path] = nil }
            } catch {
                return refusals + ["\(error)"]
            }
        }
    }

    private static func isBefore(_ left: ConfigurationProblem, _ right: ConfigurationProblem) -> Bool {
        guard let left = left.place, let right = right.place else { return left.place != nil }
        return (left.line, left.column) < (right.line, right.column)
    }
}
