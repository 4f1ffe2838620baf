import Foundation
import TestSupport
import Testing
import WinnowEvaluation

@Suite struct RunFileTests {
    @Test func sixColumnsAreRead() throws {
        let folder = try TemporaryFolder()
        let text = "q1 Q0 d1 1 2.5 bm25\nq1\tQ0\td2\t2\t-1e-3\tbm25\r\n\nq2 x d1 1 7 bm25\n"
        let file = try RunFile(reading: folder.write("a.run", text))
        #expect(file.run.name == "bm25")
        #expect(file.run.entries(for: "q1")?.map(\.documentID) == ["d1", "d2"])
        #expect(file.run.entries(for: "q1")?.map(\.score) == [2.5, -0.001])
        #expect(file.run.queryIDs == ["q1", "q2"])
        #expect(file.warnings.isEmpty)
        #expect(try RunFile(reading: folder.path + "/a.run", name: "mine").run.name == "mine")
    }

    @Test func oddRunsAreReadWithWarnings() throws {
        let folder = try TemporaryFolder()
        let text = "q1 Q0 d1 1 1 a\nq1 Q0 d2 2 2 b\nq2 Q0 d1 1 3 a\nq3 Q0 d1 1 1 a\nq3 Q0 d2 2 1 a\n"
        let file = try RunFile(reading: folder.write("odd.run", text))
        #expect(file.run.name == "odd")
        #expect(file.run.entries(for: "q1")?.map(\.documentID) == ["d2", "d1"])
        #expect(file.warnings.count == 2)
        #expect(file.warnings[0].text.contains("several names"))
        #expect(file.warnings[1].text.contains("1 query") && file.warnings[1].line == 1)
    }

    @Test(arguments: [
        ("q1 Q0 d1 1 1.0\n", 1, "has 5 columns, and 6 are wanted"), ("q1 0 d1 1\n", 1, "are judgements"),
        ("q1 Q0 my doc 1 1.0 r\n", 1, "percent-encoded"),
        ("q1 Q0 d1 1 1,5 r\n", 1, "decimal point"), ("q1 Q0 d1 1 high r\n", 1, "no number"),
        ("q1 Q0 d1 1 0x10 r\n", 1, "no number"),
        ("q1 Q0 d1 1 2 r\nq1 Q0 d2 2 nan r\n", 2, "cannot be ranked"), ("q1 Q0 d1 1 -inf r\n", 1, "cannot be ranked"),
        ("q1 Q0 d1 1 1e400 r\n", 1, "cannot be ranked"), ("q1 Q0 d1 1 -1e39 r\n", 1, "32 bits"),
        ("q1 Q0 d1 1 2 r\nq2 Q0 d1 1 2 r\nq1 Q0 d1 2 1 r\n", 3, "line 1 too"),
    ])
    func faultsNameTheirLine(text: String, line: Int, message: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.run", text)
        let fault = fault { _ = try RunFile(reading: path) }
        #expect(fault?.line == line)
        #expect(fault?.reason.contains(message) == true, "\(fault?.reason ?? "")")
    }

    static let oddIDs = [
        "a b", "100%", "%41", "#first", "a#1", "tab\tline\nreturn\r", "\u{A0}no-break", "ideographic\u{3000}",
        "next\u{85}line",
        "\u{1C}file", "\u{2028}", "\u{FEFF}mark", "é", "e\u{301}", "日本", "😀", "\u{FFFD}", "\u{7F}", "q\u{202F}r", "#",
        "%",
    ]

    /// What Python's `str.split` splits at, and C's `isspace`: neither may stand in a column.
    private static let breaks: Set<Unicode.Scalar> = Set(
        ([
            9...13, 28...32, 0x85...0x85, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029,
            0x202F...0x202F,
        ]
            + [0x205F...0x205F, 0x3000...0x3000] as [ClosedRange<UInt32>]).joined().compactMap(Unicode.Scalar.init))

    @Test func anyIDSurvivesAndBreaksNoColumn() throws {
        var (run, qrels) = (Run(name: "my run %"), Qrels())
        for query in Self.oddIDs {
            try run.setEntries(
                Self.oddIDs.enumerated().map { .init(documentID: $1, score: Float($0 * 7 % 3)) }, for: query)
            for (index, document) in Self.oddIDs.enumerated() {
                qrels.judge(document, for: query, grade: index / 2 % 4 - 1)
            }
        }
        let folder = try TemporaryFolder()
        let (runPath, qrelsPath) = (folder.path + "/a.run", folder.path + "/a.qrels")
        try run.write(to: runPath)
        try qrels.write(to: qrelsPath)
        for (text, columns) in [(try run.trecText(), 6), (try qrels.trecText(), 4)] {
            for line in text.utf8.split(separator: 10) {
                let words = String(decoding: line, as: UTF8.self).unicodeScalars.split(
                    whereSeparator: Self.breaks.contains)
                #expect(words.count == columns)
                #expect(words.first?.first != "#" && words.first?.first != "\u{FEFF}")
            }
        }
        #expect(try RunFile(reading: runPath, decodingIDs: true).run == run)
        #expect(try QrelsFile(reading: qrelsPath, format: .trec).qrels.judgementCount == qrels.judgementCount)
        let decoded = try #require(try QrelsFile(reading: qrelsPath, format: .trec).decoded())
        #expect(decoded.qrels == qrels && decoded.isDecoded && decoded.decoded() == nil)
        // Both are encoded alike, so they still belong together as they stand: what trec_eval computes from them, ties
        // and the order of sums included, is what we compute from the ids themselves.
        let measures = try Measure.list(parsing: "nDCG@10 RR AP Judged@5")
        let read = try MeasuredRun(
            RunFile(reading: runPath).run, qrels: QrelsFile(reading: qrelsPath).qrels, measures: measures)
        let own = try MeasuredRun(run, qrels: qrels, measures: measures)
        for measure in measures { #expect(read.values(of: measure) == own.values(of: measure), "\(measure)") }
    }

    @Test(arguments: ["%4", "%", "a%zz", "%FF", "%41", "a%2Fb", "%0a", "caf%C3%A9", "a%23b"])
    func whatIsNotEncodedIsNotDecoded(id: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.run", "q1 Q0 \(id) 1 1 r\n")
        #expect(try RunFile(reading: path).run.entries(for: "q1")?.first?.documentID == id)
        #expect(fault { _ = try RunFile(reading: path, decodingIDs: true) }?.line == 1)
    }

    /// Written and read back, all 3,000 generated queries measure the same.
    @Test func exportedFiguresAreOurs() throws {
        let goldens = try MeasureGoldens()
        let folder = try TemporaryFolder()
        try goldens.run.write(to: folder.path + "/a.run")
        try goldens.qrels.write(to: folder.path + "/a.qrels")
        let (run, qrels) = (
            try RunFile(reading: folder.path + "/a.run").run, try QrelsFile(reading: folder.path + "/a.qrels").qrels
        )
        #expect(run == goldens.run)
        #expect(qrels == goldens.qrels)
    }

    @Test func scoresAreReadBackBitForBit() throws {
        var generator = SeededGenerator(seed: 11)
        var scores: [Float] = [
            0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
            .pi,
            0.1, 16_777_216,
        ]
        while scores.count < 20_000 {
            let score = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
            if score.isFinite { scores.append(score) }
        }
        var run = Run(name: "r")
        try run.setEntries(scores.enumerated().map { .init(documentID: "d\($0)", score: $1) }, for: "q")
        let folder = try TemporaryFolder()
        try run.write(to: folder.path + "/a.run")
        let read = try RunFile(reading: folder.path + "/a.run").run
        let written = try #require(run.entries(for: "q"))
        #expect(read.entries(for: "q")?.map(\.score.bitPattern) == written.map(\.score.bitPattern))
    }

    @Test func nothingIsOverwrittenUnasked() throws {
        var run = Run(name: "r")
        try run.setEntries([.init(documentID: "d", score: 1)], for: "q")
        let folder = try TemporaryFolder()
        let path = try folder.write("a.run", "old")
        #expect(fault { try run.write(to: path) }?.reason.contains("is there already") == true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
        try run.write(to: path, overwriting: true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "q Q0 d 1 1.0 r\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.run"])
        #expect(fault { try run.write(to: folder.path + "/none/a.run") }?.reason == "does not exist")
    }

    @Test func emptyIDsCannotBeWritten() throws {
        var run = Run(name: "r")
        try run.setEntries([.init(documentID: "", score: 1)], for: "q")
        #expect { try run.trecText() } throws: { "\($0)".contains("empty id") }
        var qrels = Qrels()
        qrels.judge("a\tb", for: "q", grade: 1)
        #expect { try qrels.beirText() } throws: { "\($0)".contains("tab") }
        #expect(try qrels.trecText() == "q 0 a%09b 1\n")
    }
}
