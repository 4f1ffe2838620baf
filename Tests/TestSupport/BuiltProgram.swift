import Foundation

/// The program that the build made, run as a user runs it.
public struct BuiltProgram: Sendable {
    public let url: URL

    public init(url: URL) {
        self.url = url
    }

    /// The executable `winnow` beside the running test bundle.
    public static func winnow() throws -> BuiltProgram { try beside("winnow") }

    /// The executable of that name beside the running test bundle.
    public static func beside(_ name: String) throws -> BuiltProgram {
        var candidates: [URL] = []
        for path in [Bundle.main.executablePath, CommandLine.arguments.first].compactMap({ $0 }) {
            var folder = URL(fileURLWithPath: path).resolvingSymlinksInPath()
            for _ in 0..<5 {
                folder.deleteLastPathComponent()
                candidates.append(folder.appendingPathComponent(name))
            }
        }
        for candidate in candidates {
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder), !isFolder.boolValue,
                FileManager.default.isExecutableFile(atPath: candidate.path)
            {
                return BuiltProgram(url: candidate)
            }
        }
        throw Missing(name: name, searched: candidates.map(\.path))
    }

    public struct Missing: Error, CustomStringConvertible {
        var name: String
        var searched: [String]

        public var description: String { "no executable '\(name)' at any of \(searched): build the package first" }
    }

    /// How a run ended.
    public struct Outcome: Sendable {
        /// The exit code; 128 and the signal's number where a signal ended the run.
        public var code: Int32
        public var output: String
        public var errors: String
        /// The time limit was reached and the process was killed.
        public var timedOut: Bool

        public func json() throws -> [String: Any] {
            let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
            guard let fields = object as? [String: Any] else { throw NoObject(text: output) }
            return fields
        }
    }

    public struct NoObject: Error {
        public var text: String
    }

    /// Runs the program and waits for its end.
    ///
    /// - Parameters:
    ///   - input: all of its standard input.
    ///   - environment: added to this process's own.
    ///   - interruptAfter: sends SIGINT then; standard input stays open until the end.
    ///   - limit: kills it after that time.
    public func run(
        _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:], folder: String? = nil,
        interruptAfter: Duration? = nil, limit: Duration = .seconds(120)
    ) async throws -> Outcome {
        let scratch = try TemporaryFolder()
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        process.environment = Self.ownEnvironment(scratch).merging(environment) { $1 }
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        // Files instead of pipes: nothing can block on a full one.
        let (output, errors) = (scratch.path + "/out", scratch.path + "/err")
        for path in [output, errors] { try Data().write(to: URL(fileURLWithPath: path)) }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        let openInput = Pipe()
        if interruptAfter != nil {
            process.standardInput = openInput
        } else {
            let path = try scratch.write("in", bytes: input)
            process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        }

        try process.run()
        let start = ContinuousClock.now
        var interruptAfter = interruptAfter
        var timedOut = false
        while process.isRunning {
            try await Task.sleep(for: .milliseconds(5))
            if let after = interruptAfter, ContinuousClock.now - start >= after {
                process.interrupt()
                interruptAfter = nil
            }
            if ContinuousClock.now - start >= limit {
                timedOut = true
                kill(process.processIdentifier, SIGKILL)
                break
            }
        }
        process.waitUntilExit()
        withExtendedLifetime(openInput) {}
        let code = process.terminationStatus
        return Outcome(
            code: process.terminationReason == .uncaughtSignal ? 128 + code : code,
            output: String(decoding: try Data(contentsOf: URL(fileURLWithPath: output)), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: errors)), as: UTF8.self),
            timedOut: timedOut)
    }

    /// This process's environment without what would configure the program: a developer's own `winnow.yaml` is no part of a test.
    private static func ownEnvironment(_ scratch: TemporaryFolder) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment.filter { name, _ in
            !name.hasPrefix("WINNOW_") || name == "WINNOW_KERNELS"
        }
        environment["XDG_CONFIG_HOME"] = scratch.path + "/config"
        return environment
    }
}
