import Foundation
import TestSupport
import Testing

extension Commands {
    /// Where results, notes and candidates go to and come from: pipes, full disks, closed descriptors, terminals.
    @Suite(.serialized) struct StreamTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder

        init() throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
            try folder.write("lines.txt", "Paris is the capital of France.\nRefunds take ten days.\n")
        }

        #if os(Linux)
        @Test(arguments: [
            "rerank q -c lines.txt", "rerank q -c lines.txt --json", "search q -d lines.txt", "embed lines.txt --json",
            "tokenize text", "version", "--help",
        ])
        func aFullDisk(_ arguments: String) async throws {
            let outcome = try await winnow.shell("\"$0\" \(arguments) > /dev/full", folder: folder.path)
            #expect(outcome.code == 1)
            #expect(outcome.errors == "winnow: error: standard output cannot be written: No space left on device\n")
        }
        #endif

        @Test func closedDescriptors() async throws {
            let output = try await winnow.shell(#""$0" rerank q -c lines.txt >&-"#, folder: folder.path)
            #expect(output.code == 1)
            #expect(
                output.errors.contains("standard output cannot be written: Bad file descriptor"), "\(output.errors)")
            let input = try await winnow.shell(#""$0" rerank q -c - <&-"#, folder: folder.path)
            #expect(input.code == 1)
            #expect(input.errors.contains("standard input: cannot be read: Bad file descriptor"), "\(input.errors)")
            let errors = try await winnow.shell(#""$0" rerank q -c lines.txt --json 2>&-"#, folder: folder.path)
            #expect(errors.code == 0)
            #expect(try errors.json().hits().count == 2)
        }

        @Test func aReaderThatHasEnough() async throws {
            try folder.write("many.txt", (0..<20_000).map { "Line \($0) of a long text\n" }.joined())
            let outcome = try await winnow.shell(
                #"{ "$0" tokenize - --json < many.txt; echo $? > code; } | head -c 10; cat code >&2"#,
                folder: folder.path)
            #expect(outcome.output == #"{"text":"L"#)
            // SIGPIPE ends the program, or the write's error does where the caller ignores the signal.
            let last = outcome.errors.split(separator: "\n").last.map(String.init)
            #expect(["141", "1"].contains(last), "\(outcome.errors)")
        }

        @Test func candidatesThroughANamedPipe() async throws {
            let outcome = try await winnow.shell(
                #"mkfifo pipe && { cat lines.txt > pipe & "$0" rerank refunds -c pipe --json; }"#, folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try outcome.json().hits().count == 2)
        }

        @Test func progressOnATerminalAndItsEnd() async throws {
            let terminal = try Terminal()
            let process = Process()
            process.executableURL = winnow.url
            process.arguments = ["search", "refunds", "--documents", "lines.txt", "--json"]
            process.currentDirectoryURL = folder.url
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            process.standardError = terminal.user
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            let shown = try terminal.read()
            #expect(shown.contains("Embedding 0 of 1 passage"))
            #expect(shown.contains("Embedding 1 of 1 passage, "))
            #expect(shown.contains(" a second"))
            #expect(shown.hasSuffix("\r\u{1B}[K"), "the line is not taken away: \(shown.debugDescription)")
        }
    }
}

/// A pseudoterminal: what a program writes to its user's side, the test reads from the other.
private struct Terminal {
    let user: FileHandle
    private let other: CInt

    struct Failure: Error {
        var code = errno
    }

    init() throws {
        var sides: (other: CInt, user: CInt) = (-1, -1)
        guard openpty(&sides.other, &sides.user, nil, nil, nil) == 0 else { throw Failure() }
        other = sides.other
        user = FileHandle(fileDescriptor: sides.user, closeOnDealloc: false)
    }

    /// All that was written; both sides are closed then.
    func read() throws -> String {
        try user.close()
        defer { close(other) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while case let count = Foundation.read(other, &part, part.count), count > 0 { bytes += part[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
