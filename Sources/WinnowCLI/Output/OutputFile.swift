import WinnowEvaluation

/// Files that a command makes besides what it prints.
enum OutputFile {
    /// Whole or not at all; what was there is replaced.
    static func write(_ text: String, to path: String) throws {
        try AtomicFile.write(Array(text.utf8), to: path, overwriting: true)
    }

    /// Makes the folder, and those above it, where it is missing: before the work, so that a wrong path costs none.
    static func makeFolder(_ path: String) throws { try AtomicFile.makeFolder(path) }
}

/// The command line of this process.
enum CommandText {
    /// As a shell would read it again.
    static var asTyped: String {
        (["winnow"] + CommandLine.arguments.dropFirst()).map(quoted).joined(separator: " ")
    }

    private static func quoted(_ argument: String) -> String {
        let isPlain = argument.unicodeScalars.allSatisfy {
            FurtherSystem.isPlain($0) || "/=:@,+%#".unicodeScalars.contains($0)
        }
        if isPlain, !argument.isEmpty { return argument }
        return "'" + argument.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
