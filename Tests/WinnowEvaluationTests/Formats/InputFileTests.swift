import TestSupport
import Testing
import WinnowEvaluation

/// What keeps any file from being read; shown on judgements, all readers share it.
@Suite struct InputFileTests {
    @Test(
        arguments: [
            ([], nil, "is empty"),
            (Array(" \n\t\n\r\n".utf8), nil, "is empty"),
            (Array("q1 0 d1 1\nq1 0 d\u{0} 1\n".utf8), 2, "NUL"),
            ([0x1F, 0x8B, 8, 0, 1, 2], nil, "gunzip"),
            ([0xFF, 0xFE, 0x71, 0x00], nil, "UTF-16"),
            (Array("q1 0 d1 1\nq1 0 caf".utf8) + [0xE9] + Array(" 1\n".utf8), 2, "ISO-8859-1"),
        ] as [([UInt8], Int?, String)])
    func unreadableBytesAreNamed(bytes: [UInt8], line: Int?, message: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("qrels.txt", bytes: bytes)
        let fault = fault { _ = try QrelsFile(reading: path) }
        #expect(fault?.path == path)
        #expect(fault?.line == line)
        #expect(fault?.reason.contains(message) == true, "\(fault?.reason ?? "")")
    }

    @Test func missingFilesAndFoldersAreNamed() throws {
        let folder = try TemporaryFolder()
        #expect(fault { _ = try QrelsFile(reading: folder.path + "/none") }?.reason == "does not exist")
        #expect(fault { _ = try RunFile(reading: folder.path) }?.reason.contains("is a folder") == true)
    }

    @Test func aMarkAtTheStartAndOtherLineEndsAreRead() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("qrels.txt", "\u{FEFF}q1 0 d1 1\r\n\r\nq2 0 d2 2")
        let file = try QrelsFile(reading: path)
        #expect(file.qrels.queryIDs == ["q1", "q2"])
        #expect(file.line(of: "d2", for: "q2") == 3)
    }

    @Test func aPathWithControlsForgesNoLines() {
        let fault = FileFault(path: "a\nb", line: 3, reason: "x")
        #expect(fault.description == "\"a\\nb\":3: x")
    }
}
