import WinnowCore

/// What a file may not decide that merely lay where somebody works: where questions, passages and keys go, and what is written outside of
/// its folder. A repository that was cloned would send them to its author, or write over what is not its own.
enum ConfigurationTrust {
    /// Commands that write into the store.
    private static let writing = [
        ["index"], ["store", "delete"], ["store", "compact"], ["store", "rebuild-vectors"],
    ]

    /// - Throws: ``ConfigurationError``
    static func check(_ settings: [String: Setting], shape: CommandShape, line: TypedLine) throws {
        var problems: [ConfigurationProblem] = []
        func refuse(_ path: String, _ reason: (Setting) -> String?) {
            guard let setting = settings[path], let place = setting.origin.foundPlace, let reason = reason(setting)
            else { return }
            problems.append(problem(setting, place, reason))
        }
        refuse("answer.log") { "questions would be written to \(PathText.quoted($0.value))" }
        refuse("ranking.score-cache") { setting in
            setting.value == "none" || isInItsFolder(setting)
                ? nil : "scores would be written to \(PathText.quoted(setting.value)), outside of the file's folder"
        }
        if writing.contains(shape.path) {
            refuse("store") { setting in
                isInItsFolder(setting)
                    ? nil
                    : "\(shape.path.joined(separator: " ")) would write into \(PathText.quoted(setting.value)), outside of the file's "
                        + "folder"
            }
        }
        if line.has("llm-model") || settings["llm.model"] != nil {
            let address = line.value("llm-url") ?? settings["llm.url"]?.value ?? GeneratorOptions.openAI
            if !Secrets.isLoopback(address) {
                let reason = "the question and passages would go to \(DisplayText.flattened(Secrets.redacted(address)))"
                refuse("llm.model") { _ in reason }
                refuse("llm.url") { _ in reason }
            }
            refuse("llm.key-env") { $0.value == GeneratorOptions.noKey ? nil : "an API key would be sent" }
            refuse("llm.key-file") { _ in "an API key would be sent" }
        }
        if !problems.isEmpty { throw ConfigurationError(problems: problems) }
    }

    /// What of an LLM that is asked was only found, where the line and the environment name no key: then the standard one is not sent.
    ///
    /// - Parameter settings: that ``check(_:shape:line:)`` let pass.
    static func keyless(_ settings: [String: Setting], line: TypedLine) -> Setting? {
        guard line.has("llm-model") || settings["llm.model"] != nil,
            !["llm-key-env", "llm-key-file"].contains(where: line.has),
            settings["llm.key-env"] == nil, settings["llm.key-file"] == nil
        else { return nil }
        return [settings["llm.url"], settings["llm.model"]].compactMap(\.self).first { $0.origin.foundPlace != nil }
    }

    /// Whether scores would be kept beside a store outside of the file's folder, because of where it was only found that the store lies.
    static func leavesNoScores(_ settings: [String: Setting], shape: CommandShape, line: TypedLine) -> Bool {
        guard let store = settings["store"], store.origin.foundPlace != nil, !isInItsFolder(store) else { return false }
        return shape.options.contains { $0.names.contains("--score-cache") } && !line.has("score-cache")
            && settings["ranking.score-cache"] == nil
    }

    private static func isInItsFolder(_ setting: Setting) -> Bool {
        guard let file = setting.origin.foundPlace?.path else { return false }
        let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? "."
        return RealPath.isBelow(setting.value, folder: folder)
    }

    private static func problem(_ setting: Setting, _ place: FilePlace, _ reason: String) -> ConfigurationProblem {
        let own = FoundConfiguration.ownPath().map { ", or write it into \(PathText.quoted($0))" } ?? ""
        return ConfigurationProblem(
            place: place, key: setting.key.path,
            text: "\(setting.key.path): \(reason), and a file that was only found may not decide that: give --config "
                + "\(PathText.quoted(place.path)) if the file is yours (or set WINNOW_CONFIG)\(own); --no-config goes without it"
        )
    }
}
