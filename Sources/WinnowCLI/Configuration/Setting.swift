import WinnowCore

/// A key with a value, and where it was said.
struct Setting: Sendable {
    var key: ConfigurationKey
    /// As an option takes it; a path of the file begins at the file's folder.
    var value: String
    var origin: SettingOrigin

    /// Fit for a terminal or a report.
    var shown: String { if case .address = key.kind { Secrets.redacted(value) } else { value } }
}

/// Where a value was said.
enum SettingOrigin: Sendable {
    case file(FilePlace)
    case profile(String, FilePlace)
    case environment(String)

    /// What wins over what; a flag is above all of them, a default below.
    enum Level: Int, Comparable {
        case standard, file, profile, environment, flag

        static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    var level: Level {
        switch self {
        case .file: .file
        case .profile: .profile
        case .environment: .environment
        }
    }

    /// In a file that was only found, which may not say where data goes; else nil.
    var foundPlace: FilePlace? {
        switch self {
        case .file(let place), .profile(_, let place): place.isOnlyFound ? place : nil
        case .environment: nil
        }
    }
}

extension SettingOrigin: CustomStringConvertible {
    var description: String {
        switch self {
        case .file(let place): "\(place)"
        case .profile(let name, let place): "\(place) (profile \(DisplayText.flattened(name)))"
        case .environment(let name): name
        }
    }
}

/// A place in the file.
struct FilePlace: Sendable, CustomStringConvertible {
    var path: String
    var line: Int
    var column: Int
    /// Nobody named the file: it lay where winnow looked.
    var isOnlyFound = false

    var description: String { "\(PathText.quoted(path)):\(line):\(column)" }
}

/// Something in the file that cannot be.
struct ConfigurationProblem: Error, Sendable, CustomStringConvertible {
    var place: FilePlace?
    var key: String?
    var text: String

    var description: String { (place.map { "\($0): " } ?? "") + text }
}

/// All that is wrong with a configuration.
struct ConfigurationError: Error, CustomStringConvertible {
    var problems: [ConfigurationProblem]

    var description: String { problems.map(\.description).joined(separator: "\n") }
}
