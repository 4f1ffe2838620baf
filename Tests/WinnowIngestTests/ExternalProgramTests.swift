import Foundation
import TestSupport
import Testing
import WinnowIngest

@Suite struct ExternalProgramTests {
    private let shell = ExternalProgram(path: "/bin/sh")

    private func run(
        _ line: String, _ arguments: String..., longest: Duration = .seconds(20), most: Int = 1 << 20
    ) throws -> ExternalProgram.Outcome {
        try shell.run(["-c", line, "sh"] + arguments, longest: longest, mostOutput: most)
    }

    private func isRunning(_ process: String) -> Bool { Int32(process).map { kill($0, 0) == 0 } ?? false }

    @Test func outputErrorsAndCode() throws {
        let outcome = try run("printf '%s|' \"$@\"; cat; echo oh >&2; exit 3", "a b", "$(x)", "'", "-")
        #expect(outcome.code == 3)
        #expect(String(decoding: outcome.output, as: UTF8.self) == "a b|$(x)|'|-|", "standard input is empty")
        #expect(outcome.errors == Array("oh\n".utf8))
    }

    @Test func muchOnBothPipes() throws {
        let outcome = try run("yes error | head -c 300000 >&2; yes | head -c 1000000")
        #expect(outcome.code == 0 && outcome.output.count == 1_000_000)
        #expect(outcome.errors.count == 65_536, "the beginning")
    }

    @Test func aSignalIsNoCode() throws {
        #expect(try run("kill -9 $$").code == nil)
    }

    @Test func whatTakesTooLongIsKilled() throws {
        let folder = try TemporaryFolder()
        let start = ContinuousClock.now
        #expect(throws: ExternalProgram.Failure.self) {
            try run("echo $$ > \"$1\"; sleep 60; sleep 60", folder.path + "/pid", longest: .milliseconds(700))
        }
        #expect(ContinuousClock.now - start < .seconds(30))
        let process = try String(contentsOfFile: folder.path + "/pid", encoding: .utf8).trimmingCharacters(
            in: .whitespacesAndNewlines)
        #expect(!isRunning(process))
    }

    @Test func whatWritesTooMuchIsKilled() throws {
        #expect(throws: ExternalProgram.Failure.self) { try run("yes", most: 100_000) }
    }

    @Test func itEndsWithItsTask() async throws {
        let work = Task { try run("sleep 600", longest: .seconds(600)) }
        try await Task.sleep(for: .milliseconds(200))
        work.cancel()
        await #expect(throws: CancellationError.self) { try await work.value }
    }

    @Test func aProgramThatIsNotThere() throws {
        #expect(ExternalProgram(named: "no-such-program-of-any-name") == nil)
        #expect(ExternalProgram(named: "sh") != nil)
        #expect(try ExternalProgram(path: "/no/such").run([], longest: .seconds(5), mostOutput: 10).code == 127)
    }
}
