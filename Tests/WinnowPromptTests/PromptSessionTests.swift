import TestSupport
import Testing
import WinnowPrompt

/// What a terminal shows while one types.
@Suite struct PromptSessionTests {
    /// A session on a terminal that has been written to before.
    private struct Typist {
        var session: PromptSession
        var terminal: TestTerminal
        var outcomes: [PromptSession.Outcome] = []

        init(columns: Int, rows: Int, prompt: String = "> ", history: [String] = []) {
            session = PromptSession(prompt: prompt, history: history, size: .init(columns: columns, rows: rows))
            terminal = TestTerminal(columns: columns, rows: rows)
            terminal.write(session.begin(.init(columns: columns, rows: rows)))
        }

        mutating func type(_ bytes: String) {
            session.take(bytes.utf8)
            go()
        }

        mutating func go() {
            while true {
                let step = session.step { line in
                    let words = ["alpha", "beta", "beton", "gamma"].filter { $0.hasPrefix(line.beforeCursor) }
                    return Completion(start: 0, candidates: words)
                }
                terminal.write(step.output)
                guard let outcome = step.outcome else { return }
                outcomes.append(outcome)
                terminal.write(session.begin(.init(columns: terminal.columns, rows: terminal.rows)))
            }
        }
    }

    /// Bytes, the rows of a terminal of 10 columns and 4 rows, and the cursor's place in them.
    @Test(
        arguments: [
            ("", [">"], 0, 2), ("abc", ["> abc"], 0, 5), ("abc\u{02}\u{02}", ["> abc"], 0, 3),
            // The last column is filled, and the cursor waits in the next row.
            ("abcdefg", ["> abcdefg"], 0, 9), ("abcdefgh", ["> abcdefgh"], 1, 0),
            ("abcdefghi", ["> abcdefgh", "i"], 1, 1),
            ("abcdefghi\u{01}", ["> abcdefgh", "i"], 0, 2), ("abcdefgh\u{02}", ["> abcdefgh"], 0, 9),
            ("abcdefghi\u{7F}\u{7F}", ["> abcdefg"], 0, 9),
            // A wide character does not stand in the last column.
            ("abcdefg漢", ["> abcdefg", "漢"], 1, 2), ("abcdef漢", ["> abcdef漢"], 1, 0), ("漢字漢字", ["> 漢字漢字"], 1, 0),
            ("漢字漢字x", ["> 漢字漢字", "x"], 1, 1), ("漢字\u{02}", ["> 漢字"], 0, 4), ("ae\u{301}b", ["> ae\u{301}b"], 0, 5),
            // More rows than the terminal has: those around the cursor.
            (
                "0123456789012345678901234567890123456789",
                ["> 01234567", "8901234567", "8901234567", "8901234567", "89"].suffix(4).map { $0 }, 3, 2
            ),
            ("ab\r", ["> ab", ">"], 1, 2), ("abcdefgh\rx", ["> abcdefgh", "", "> x"], 2, 3),
            ("ab\u{01}\rx", ["> ab", "> x"], 1, 3), ("ab\u{03}", ["> ab^C", ">"], 1, 2),
            ("abc\u{0C}", ["> abc"], 0, 5), ("x\r\u{0C}y", ["> y"], 0, 3), ("\u{1A}", [">", ">"], 1, 2),
            ("al\t", ["> alpha"], 0, 8), ("be\t", ["> bet"], 0, 5),
            ("be\t\t", ["> bet", "beta", "beton", "> bet"], 3, 5),
        ] as [(String, [String], Int, Int)])
    func screen(_ bytes: String, _ rows: [String], _ row: Int, _ column: Int) {
        var typist = Typist(columns: 10, rows: 4)
        typist.type(bytes)
        #expect(typist.terminal.text == rows)
        #expect(
            typist.terminal.row == row && typist.terminal.column == column,
            "\(typist.terminal.row) \(typist.terminal.column)")
        #expect(typist.terminal.unknown.isEmpty)
        // One byte at a time it looks the same.
        var slow = Typist(columns: 10, rows: 4)
        for byte in bytes.utf8 {
            slow.session.take([byte])
            slow.go()
        }
        #expect(slow.terminal.text == rows && slow.terminal.row == row && slow.terminal.column == column)
    }

    @Test func searching() {
        var typist = Typist(columns: 40, rows: 4, history: ["first", "second"])
        typist.type("\u{12}ir")
        #expect(typist.terminal.text == ["search 'ir': first"])
        typist.type("\u{12}")
        #expect(typist.terminal.text == ["no line with 'ir': first"] && typist.terminal.bells == 1)
        typist.type("\r")
        #expect(typist.terminal.text == ["> first", ">"] && typist.outcomes == [.submitted("first")])
    }

    @Test func keysThatWereTypedAheadWait() {
        var typist = Typist(columns: 40, rows: 4)
        typist.type("one\rtwo\r\u{04}")
        #expect(typist.outcomes == [.submitted("one"), .submitted("two"), .ended])
        #expect(typist.terminal.text.prefix(3) == ["> one", "> two", ">"])
    }

    /// An answer was given up: what was typed ahead of it is not asked.
    @Test func whatIsForgottenIsNotAsked() {
        var session = PromptSession(prompt: "> ", history: [], size: .init(columns: 40, rows: 4))
        session.take("one\rtwo\r\u{1B}[200~thr".utf8)
        let none: (EditedLine) -> Completion = { _ in Completion(start: 0, candidates: []) }
        #expect(session.step(none).outcome == .submitted("one"))
        session.forget()
        #expect(session.step(none).outcome == nil)
        // The rest of the paste belongs to it.
        session.take("ee\rfive\r\u{1B}[201~four\r".utf8)
        #expect(session.step(none).outcome == .submitted("four"))
    }

    @Test func aLoneEscapeAndAnInterruption() {
        var typist = Typist(columns: 40, rows: 4, history: ["first"])
        typist.type("x\u{12}fir\u{1B}")
        #expect(typist.session.isPending)
        typist.session.flush()
        typist.go()
        #expect(typist.terminal.text == ["> first"] && !typist.session.isPending)
        typist.session.interrupt()
        typist.go()
        #expect(typist.outcomes == [.interrupted] && typist.terminal.text == ["> first^C", ">"])
    }

    /// The terminal gets another width: it lays the rows out anew, as most do, and what is drawn then stands where it stood.
    @Test(arguments: [(20, 10), (10, 20), (7, 30), (30, 7), (12, 11)])
    func resizing(_ from: Int, _ to: Int) {
        let line = "the quick brown fox jumps"
        var typist = Typist(columns: from, rows: 12)
        typist.type(line + "\u{1B}b")
        let output = typist.session.resize(.init(columns: to, rows: 12))
        var terminal = TestTerminal(columns: to, rows: 12)
        // As the terminal has it after laying out anew: the cursor is at the same character.
        let place = 2 + line.count - 5
        terminal.write("> " + line + "\r")
        let end = (2 + line.count - ((2 + line.count) % to == 0 ? 1 : 0)) / to
        if end > place / to { terminal.write("\u{1B}[\(end - place / to)A") }
        if place % to > 0 { terminal.write("\u{1B}[\(place % to)C") }
        let before = terminal.text
        terminal.write(output)
        #expect(terminal.text == before)
        #expect(terminal.row == place / to && terminal.column == place % to)
    }

    /// After any keys the terminal shows what an empty one shows on which the line is drawn for the first time, below what was there.
    @Test(arguments: 1...40)
    func drawingNeverDependsOnWhatWasDrawn(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let columns = Int.random(in: 4...30, using: &random)
        let rows = Int.random(in: 2...6, using: &random)
        let keys = [
            "a", "b ", "漢", "e\u{301}", "👍", "word ", "\u{7F}", "\u{02}", "\u{06}", "\u{01}", "\u{05}", "\u{1B}b",
            "\u{1B}f", "\u{17}",
            "\u{0B}", "\u{19}", "\u{14}", "\u{1B}[A", "\u{1B}[B", "\u{12}", "\u{07}", "\u{1B}[3~",
            "\u{1B}[200~paste of\nlines\u{1B}[201~",
        ]
        var typist = Typist(columns: columns, rows: rows, history: ["an earlier line", "漢字 and 👍", "x"])
        for _ in 0..<120 {
            typist.type(keys.randomElement(using: &random) ?? "a")
            var fresh = typist.session
            var terminal = TestTerminal(columns: columns, rows: rows)
            terminal.write(fresh.begin(.init(columns: columns, rows: rows)))
            let layout = LineLayout(
                prompt: typist.session.editor.prompt, line: typist.session.editor.line, columns: columns)
            // A line with fewer rows than the terminal is shown from its first one on; of a longer one the row of the cursor is there.
            if layout.rows.count <= rows {
                let shown = Array(typist.terminal.text.suffix(terminal.text.count))
                #expect(shown == terminal.text, "seed \(seed)")
            }
            let cursorRow = typist.terminal.cells[typist.terminal.row].joined()
            let expected = layout.rows[layout.cursorRow]
            #expect(cursorRow.hasPrefix(expected), "seed \(seed): \(cursorRow) \(expected)")
            #expect(typist.terminal.column == layout.cursorColumn)
            #expect(typist.terminal.unknown.isEmpty)
        }
        #expect(typist.outcomes.isEmpty)
    }

    @Test func wordsInColumns() {
        #expect(LineScreen.list(["a", "bb", "ccc", "d", "e"], columns: 12) == "a    d\r\nbb   e\r\nccc\r\n")
        #expect(LineScreen.list(["漢", "a"], columns: 80) == "漢  a\r\n")
        #expect(LineScreen.list(["longer than the terminal", "a"], columns: 5) == "longer than the terminal\r\na\r\n")
        #expect(LineScreen.list([], columns: 80).isEmpty)
    }
}
