import WinnowCore

/// What a file may not decide that merely lay where somebody works: where questions, passages and keys go, and what is written for
/// each question. A repository that was cloned would send them to its author.
enum ConfigurationTrust {
    /// - Throws: ``ConfigurationError``
    static func check(_ settings: [String: Setting], shape: CommandShape, line: TypedLine) throws {
        var refused: [Setting] = []
        if let log = settings["answer.log"] { refused.append(log) }
        if line.has("llm-model") || settings["llm.model"] != nil {
            refused += ["llm.key-env", "llm.key-file"].compactMap { settings[$0] }
            if let url = settings["llm.url"] {
                if !Secrets.isLoopback(url.value) { refused.append(url) }
            } else if !line.has("llm-url"), let model = settings["llm.model"] {
                refused.append(model)
            }
        }
        let problems = refused.compactMap { setting -> ConfigurationProblem? in
            guard setting.origin.isOnlyFound else { return nil }
            return problem(setting)
        }
        if !problems.isEmpty { throw ConfigurationError(problems: problems) }
    }

    private static func problem(_ setting: Setting) -> ConfigurationProblem? {
        let place: FilePlace
        switch setting.origin {
        case .file(let found), .profile(_, let found): place = found
        case .environment: return nil
        }
        let reason =
            switch setting.key.path {
            case "answer.log": "questions would be written to \(PathText.quoted(setting.value))"
            case "llm.url": "the question and passages would go to \(DisplayText.flattened(setting.shown))"
            case "llm.model": "the question and passages would go to \(GeneratorOptions.openAI)"
            default: "an API key would be sent"
            }
        let own = FoundConfiguration.ownPath().map { ", or write it into \(PathText.quoted($0))" } ?? ""
        return ConfigurationProblem(
            place: place, key: setting.key.path,
            text: "\(setting.key.path): \(reason), and a file that was only found may not decide that: give --config "
                + "\(PathText.quoted(place.path)) if the file is yours (or set WINNOW_CONFIG)\(own); --no-config goes without it"
        )
    }
}
