import Synchronization
import WinnowCore
import WinnowEvaluation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Files that a command makes besides what it prints.
enum OutputFile {
    /// Whole or not at all; what was there is replaced.
    static func write(_ text: String, to path: String) throws {
        try AtomicFile.write(Array(text.utf8), to: path, overwriting: true)
    }

    /// Makes the folder, and those above it, where it is missing.
    static func makeFolder(_ path: String) throws { try AtomicFile.makeFolder(path) }

    /// Refuses a folder that ``makeFolder(_:)`` could not make or fill: before the work, so that a wrong path costs none.
    /// Nothing is made yet, for the work may be stopped or fail.
    static func checkFolder(_ path: String) throws {
        var there = path
        while !AtomicFile.exists(there) {
            while there.count > 1, there.last == "/" { there.removeLast() }
            guard let slash = there.lastIndex(of: "/") else {
                there = "."
                break
            }
            there = slash == there.startIndex ? "/" : String(there[..<slash])
        }
        guard AtomicFile.isFolder(there) else {
            throw UnusableFolder(path: path, reason: "\(PathText.quoted(there)) is a file")
        }
        guard access(there, W_OK | X_OK) == 0 else {
            throw UnusableFolder(
                path: path,
                reason: "\(PathText.quoted(there)) may not be written to (\(String(cString: strerror(errno))))")
        }
    }
}

/// There is no place for a folder that a command would make.
struct UnusableFolder: Error, CustomStringConvertible {
    var path: String
    var reason: String

    var description: String { "\(PathText.quoted(path)) cannot be made or written to: \(reason)" }
}

/// The command line of this process.
enum CommandText {
    private static let arguments = Mutex<[String]?>(nil)

    /// What was typed, with what a configuration file and the environment added: a report says how it came about.
    static func set(_ arguments: [String]) { Self.arguments.withLock { $0 = arguments } }

    /// As a shell would read it again.
    static var asTyped: String { text(arguments.withLock { $0 } ?? Array(CommandLine.arguments.dropFirst())) }

    static func text(_ arguments: [String]) -> String { (["winnow"] + arguments).map(quoted).joined(separator: " ") }

    private static func quoted(_ argument: String) -> String {
        let isPlain = argument.unicodeScalars.allSatisfy {
            FurtherSystem.isPlain($0) || "/=:@,+%#".unicodeScalars.contains($0)
        }
        if isPlain, !argument.isEmpty { return argument }
        return "'" + argument.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
