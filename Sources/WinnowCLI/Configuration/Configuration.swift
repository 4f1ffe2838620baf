import ArgumentParser
import WinnowCore

/// What the file and the environment say, merged: environment over profile over file.
struct Configuration: Sendable {
    var file: ConfigurationFile?
    /// The profile that holds, and who chose it.
    var profile: (name: String, origin: String)?
    /// By the key's path.
    var settings: [String: Setting] = [:]
    var notes: [String] = []

    /// - Throws: `ValidationError` for a choice that contradicts itself or names an unknown profile, ``ConfigurationError`` with all
    ///   that is wrong in the file and the environment, ``SmallFile/Unreadable``.
    static func load(_ choice: ConfigurationChoice) throws -> Configuration {
        try choice.check()
        var configuration = Configuration()
        let found = FoundConfiguration.find(choice)
        if let note = found.note { configuration.notes.append("note: \(note)") }
        let environment = Environment.settings()
        var problems: [ConfigurationProblem] = environment.problems
        if let found = found.file {
            let file = try ConfigurationFile.read(found.path, isOnlyFound: found.isOnlyFound)
            problems = file.problems + problems
            configuration.file = file
            for setting in file.settings { configuration.settings[setting.key.path] = setting }
        }
        if !problems.isEmpty { throw ConfigurationError(problems: problems) }
        try configuration.choose(choice)
        for setting in environment.settings { configuration.settings[setting.key.path] = setting }
        return configuration
    }

    private mutating func choose(_ choice: ConfigurationChoice) throws {
        let variable = "WINNOW_PROFILE"
        // Who wants no file wants no profile of one.
        let isOff = choice.isOff || (choice.file ?? Environment.value("WINNOW_CONFIG")) == "none"
        let fromEnvironment = isOff ? nil : Environment.value(variable)
        guard let name = choice.profile ?? fromEnvironment ?? file?.profile?.name else { return }
        guard let file else {
            let reason = "there is no \(FoundConfiguration.name) that could have profiles: give --config with a file"
            if choice.profile != nil { throw ValidationError("--profile \(name): \(reason)") }
            throw ConfigurationError(problems: [.init(text: "\(variable): \(reason)")])
        }
        guard let profile = file.profiles.first(where: { $0.name == name }) else {
            let reason =
                UnknownProfile.text(name, among: file.profiles.map(\.name)) + " (\(PathText.quoted(file.path)))"
            if choice.profile != nil { throw ValidationError("--profile: \(reason)") }
            throw ConfigurationError(problems: [.init(text: "\(variable): \(reason)")])
        }
        let origin =
            choice.profile != nil
            ? "--profile" : fromEnvironment != nil ? variable : file.profile.map { "\($0.place)" } ?? file.path
        self.profile = (name, origin)
        for setting in profile.settings { settings[setting.key.path] = setting }
    }
}
