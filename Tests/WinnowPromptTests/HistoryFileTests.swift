import Foundation
import TestSupport
import Testing
import WinnowPrompt

@Suite struct HistoryFileTests {
    let folder: TemporaryFolder
    let file: HistoryFile

    init() throws {
        folder = try TemporaryFolder()
        file = HistoryFile(folder.path + "/state/winnow/history")
    }

    private var mode: Int? {
        (try? FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? NSNumber)?.intValue
    }

    private func raw() throws -> String { try String(contentsOfFile: file.path, encoding: .utf8) }

    @Test func whatIsKept() throws {
        #expect(try file.read().isEmpty, "there is none yet")
        for line in ["one", "two", "two", " secret", "", "  ", "one", "tab\there", "two\nlines"] {
            try file.append(line)
        }
        #expect(try file.read() == ["one", "two", "one", "tab here", "two lines"])
        #expect(try raw() == "one\ntwo\none\ntab here\ntwo lines\n")
        #expect(mode == 0o600)
        // By bytes: to Swift the two are equal.
        try file.append("caf\u{E9}")
        try file.append("cafe\u{301}")
        #expect(
            try file.read().suffix(2).map { Array($0.utf8) } == [Array("caf\u{E9}".utf8), Array("cafe\u{301}".utf8)])
    }

    @Test func itIsBounded() throws {
        try folder.write("state/winnow/history", (0..<1500).map { "line \($0)\n" }.joined())
        #expect(try file.read().first == "line 500")
        try file.append("line 1500")
        #expect(try raw() == (501...1500).map { "line \($0)\n" }.joined())
        try file.append("line 1501")
        #expect(try file.read().count == 1000 && file.read().first == "line 502")
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/state/winnow") == ["history"])
    }

    @Test func aFileOfOthersHand() throws {
        let path = try folder.write("state/winnow/history", bytes: Array("a\r\n\u{1B}[2Jb\n\n \nc\u{07}".utf8) + [0xFF])
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(try file.read() == ["a", "[2Jb", "c\u{FFFD}"])
        try file.append("d")
        #expect(try file.read() == ["a", "[2Jb", "c\u{FFFD}", "d"], "the last line had no end")
        #expect(mode == 0o600, "what people ask is nobody else's to read")
    }

    @Test func aLinkStaysOne() throws {
        try folder.write("elsewhere", (0..<1000).map { "line \($0)\n" }.joined())
        try FileManager.default.createDirectory(
            atPath: folder.path + "/state/winnow", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: folder.path + "/elsewhere")
        try file.append("new")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: file.path) == folder.path + "/elsewhere")
        #expect(try file.read().last == "new" && file.read().count == 1000)
    }

    /// Many at once: every line is there, whole, while there is room; and never more than there may be.
    @Test func severalSessions() async throws {
        for (writers, lines) in [(8, 40), (8, 200)] {
            let file = HistoryFile(folder.path + "/\(lines)")
            let written = await withTaskGroup(of: Int.self) { group in
                for writer in 0..<writers {
                    group.addTask {
                        var count = 0
                        for line in 0..<lines where (try? file.append("writer \(writer) line \(line)")) != nil {
                            count += 1
                        }
                        return count
                    }
                }
                return await group.reduce(0, +)
            }
            let read = try file.read()
            #expect(read.count == min(written, 1000) && written > writers * lines / 2)
            #expect(Set(read).count == read.count)
            #expect(read.allSatisfy { $0.wholeMatch(of: /writer \d line \d+/) != nil })
        }
    }

    @Test func whatCannotBe() throws {
        try folder.write("file", "x")
        for path in [folder.path, folder.path + "/file/history", "/dev/null"] {
            #expect(throws: HistoryFault.self) { try HistoryFile(path).append("line") }
        }
        #expect(throws: HistoryFault.self) { try HistoryFile("/dev/null").read() }
        let fifo = folder.path + "/fifo"
        #expect(mkfifo(fifo, 0o600) == 0)
        #expect(throws: HistoryFault.self) { try HistoryFile(fifo).read() }
    }

    @Test(
        arguments: [
            (["HOME": "/home/ada"], "/home/ada/.local/state/winnow/history"),
            (["HOME": "/home/ada", "XDG_STATE_HOME": "/state"], "/state/winnow/history"),
            // The specification: a path that is not absolute is to be ignored.
            (["HOME": "/home/ada", "XDG_STATE_HOME": "state"], "/home/ada/.local/state/winnow/history"),
            (["HOME": "/home/ada", "XDG_STATE_HOME": ""], "/home/ada/.local/state/winnow/history"),
            (["HOME": "/home/ada", "WINNOW_HISTORY": "kept"], "kept"),
            (["HOME": "/home/ada", "WINNOW_HISTORY": ""], nil),
            ([:], nil), (["HOME": ""], nil),
        ] as [([String: String], String?)])
    func whereItIs(_ environment: [String: String], _ path: String?) {
        #expect(HistoryFile.standardPath(program: "winnow", variable: "WINNOW_HISTORY") { environment[$0] } == path)
    }
}
