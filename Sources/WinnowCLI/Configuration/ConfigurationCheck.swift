import ArgumentParser
import WinnowCore

/// What is wrong with a file beyond its single values: keys that do not go together, in it or in one of its profiles.
enum ConfigurationCheck {
    /// Lines on which every key has its command; nothing is run.
    private static let lines = [
        ["search", "q", "--documents", "."], ["search", "q", "--store", "s"], ["ask", "q", "--store", "s"],
        ["index", "p", "--store", "s", "--watch"], ["rerank", "q", "--candidates", "-"], ["eval", "f"], ["sweep", "f"],
        ["calibrate", "f"], ["embed", "-"],
    ]

    static func problems(_ file: ConfigurationFile) -> [ConfigurationProblem] {
        guard file.problems.isEmpty else { return file.problems.sorted(by: isBefore) }
        var problems: [ConfigurationProblem] = []
        let base = Dictionary(file.settings.map { ($0.key.path, $0) }) { $1 }
        for profile in [nil] + file.profiles.map(Optional.init) {
            var configuration = Configuration(file: file)
            configuration.settings = base.merging((profile?.settings ?? []).map { ($0.key.path, $0) }) { $1 }
            for line in lines {
                guard let problem = problem(of: line, configuration, profile?.name),
                    !problems.contains(where: { $0.text == problem.text })
                else { continue }
                problems.append(problem)
            }
        }
        return problems
    }

    private static func problem(
        of line: [String], _ configuration: Configuration, _ profile: String?
    ) -> ConfigurationProblem? {
        do {
            var line = try ConfiguredLine(line, configuration: configuration, isTrusted: true)
            _ = try line.parse()
            return nil
        } catch let refusal as ConfigurationRefusal {
            return ConfigurationProblem(
                key: refusal.settings.first?.key.path,
                text: "\(refusal)" + (profile.map { "\n  with the profile \(DisplayText.flattened($0))" } ?? ""))
        } catch {
            return ConfigurationProblem(text: "\(error)")
        }
    }

    private static func isBefore(_ left: ConfigurationProblem, _ right: ConfigurationProblem) -> Bool {
        guard let left = left.place, let right = right.place else { return left.place != nil }
        return (left.line, left.column) < (right.line, right.column)
    }
}
