import ArgumentParser
import WinnowCore
import WinnowEvaluation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What a command line says of the configuration itself.
struct ConfigurationChoice: Sendable {
    var file: String?
    var profile: String?
    /// `--no-config`
    var isOff = false

    func check() throws {
        if isOff, file != nil {
            throw ValidationError("--no-config and --config contradict each other: give one of them")
        }
        if isOff, profile != nil {
            throw ValidationError("--no-config and --profile contradict each other: profiles stand in the file")
        }
        if file == "" { throw ValidationError("--config is empty: give a file, or none") }
        if profile == "" { throw ValidationError("--profile is empty: give the name of a profile") }
    }
}

/// Where the file is.
struct FoundConfiguration {
    var path: String
    /// It lay in a folder that the user works in, which may be somebody else's: a repository that was cloned, an archive.
    var isOnlyFound: Bool

    static let name = "winnow.yaml"
    /// For a folder whose parents go in circles.
    private static let mostParents = 64

    /// - Returns: nil where there is none, or none is wanted.
    static func find(_ choice: ConfigurationChoice) -> (file: FoundConfiguration?, note: String?) {
        if choice.isOff { return (nil, nil) }
        if let named = choice.file ?? Environment.value("WINNOW_CONFIG") {
            return (named == "none" ? nil : FoundConfiguration(path: named, isOnlyFound: false), nil)
        }
        var note: String?
        for folder in folders() {
            let path = folder + name
            guard isThere(path, &note) else { continue }
            if isForeign(path) {
                note =
                    "\(PathText.quoted(path)) belongs to another user and is not read: give --config \(PathText.quoted(path)) if it is "
                    + "to be"
                break
            }
            return (FoundConfiguration(path: path, isOnlyFound: true), nil)
        }
        if let path = ownPath(), isThere(path, &note) {
            return (FoundConfiguration(path: path, isOnlyFound: false), note)
        }
        return (nil, note)
    }

    /// The user's own file, wherever he works.
    static func ownPath() -> String? {
        // The specification of these folders ignores relative ones.
        if let folder = Environment.value("XDG_CONFIG_HOME"), folder.hasPrefix("/") {
            return folder + "/winnow/" + name
        }
        return Environment.value("HOME").map { $0 + "/.config/winnow/" + name }
    }

    /// The current folder; and those above it up to the one that holds `.git`, if one of them does. Without that a file in
    /// `/tmp` or `/home` would configure whatever happens below.
    private static func folders() -> [String] {
        var folders = [""]
        var prefix = ""
        let home = Environment.value("HOME").flatMap(FileIdentity.init)
        for _ in 0..<mostParents {
            if AtomicFile.exists(prefix + ".git") { return folders }
            guard let here = FileIdentity(prefix.isEmpty ? "." : prefix), let above = FileIdentity(prefix + ".."),
                here != above, here != home
            else { break }
            prefix += "../"
            folders.append(prefix)
        }
        return [""]
    }

    /// A folder or a pipe of that name is passed over: of those that nobody named none may stop or hang a command.
    private static func isThere(_ path: String, _ note: inout String?) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        if status.st_mode & S_IFMT == S_IFREG { return true }
        note = note ?? "\(PathText.quoted(path)) is no file and is passed over"
        return false
    }

    private static func isForeign(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        return status.st_uid != getuid() && status.st_uid != 0
    }
}
