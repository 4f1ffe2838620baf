import TestSupport
import Testing
import WinnowPrompt

@Suite struct LineEditorTests {
    /// What a terminal sends, and what the line is then; `|` is the cursor.
    @Test(arguments: [
        ("", "|"), ("abc", "abc|"), ("abc\u{02}X", "abX|c"), ("abc\u{01}X", "X|abc"), ("abc\u{01}\u{06}X", "aX|bc"),
        ("abc\u{01}\u{05}X", "abcX|"), ("abc\u{1B}[D\u{1B}[D\u{7F}", "|bc"), ("abc\u{01}\u{7F}", "|abc"),
        ("abc\u{01}\u{1B}[3~", "|bc"), ("abc\u{1B}[3~", "abc|"), ("abc\u{01}\u{04}", "|bc"),
        // Words: letters and digits; Ctrl-W takes all up to white space.
        ("one two-three\u{1B}b", "one two-|three"), ("one two-three\u{1B}b\u{1B}b", "one |two-three"),
        ("one two-three\u{01}\u{1B}f", "one| two-three"), ("one two-three\u{01}\u{1B}f\u{1B}f", "one two|-three"),
        ("one two-three\u{17}", "one |"), ("one two-three\u{1B}\u{7F}", "one two-|"), ("one two  \u{17}", "one |"),
        ("one two\u{01}\u{1B}d", "| two"), ("naïve été\u{1B}b\u{1B}\u{7F}", "|été"),
        ("one two\u{1B}[1;5D\u{1B}[1;5D\u{1B}[1;5C", "one| two"),
        // What was taken away comes back; several in a row as one.
        ("one two\u{01}\u{0B}\u{19}\u{19}", "one twoone two|"), ("one two\u{15}x\u{19}", "xone two|"),
        ("a b c\u{17}\u{17}\u{19}", "a b c|"), ("a b\u{01}\u{1B}d\u{1B}d\u{05}\u{19}", "a b|"),
        ("a b\u{17}x\u{17}\u{19}", "a x|"), ("abc\u{0B}\u{19}", "abc|"), ("abc\u{02}\u{02}\u{15}", "|bc"),
        ("ab\u{14}", "ba|"), ("abc\u{02}\u{14}", "acb|"), ("a\u{14}", "a|"), ("abc\u{01}\u{14}", "|abc"),
        // Whole characters, however many scalars they have.
        ("e\u{301}x\u{7F}\u{7F}", "|"), ("ae\u{301}\u{02}\u{02}\u{06}", "a|e\u{301}"),
        ("a👨\u{200D}👩\u{200D}👧\u{7F}", "a|"),
        ("🇩🇪🇫🇷\u{7F}", "🇩🇪|"), ("漢字\u{02}\u{7F}", "|字"), ("ae\u{02}\u{301}", "a\u{301}|e"), ("한국\u{7F}", "한|"),
        // A mark that comes alone joins what is before it, and what loses what it joined stands alone.
        ("ab\u{02}\u{308}x", "a\u{308}x|b"), ("👨👩\u{02}\u{200D}", "👨\u{200D}👩|"),
        // Pastes do not submit, and are one line.
        ("\u{1B}[200~one\r\ntwo\nthree\n\u{1B}[201~!", "one two three!|"),
        ("\u{1B}[200~a\tb\u{1B}[31m\u{07}\u{1B}[201~", "a b[31m|"),
        ("\u{1B}[200~a\u{202E}b\u{1B}[201~", "ab|"), ("abc\u{02}\u{1B}[200~12\u{1B}[201~", "ab12|c"),
    ])
    func editing(_ bytes: String, _ expected: String) {
        var session = PromptSession(prompt: "> ", history: [], size: .init(columns: 80, rows: 24))
        session.take(bytes.utf8)
        #expect(session.step { _ in Completion(start: 0, candidates: []) }.outcome == nil)
        #expect(Self.shown(session.editor.line) == expected)
    }

    static func shown(_ line: EditedLine) -> String {
        let characters = line.characters.map(String.init)
        return characters[..<line.cursor].joined() + "|" + characters[line.cursor...].joined()
    }

    static let history = ["first one", "second two", "third one"]

    /// Over ``history``; `up` and so on are keys.
    @Test(
        arguments: [
            ([.up], "third one|"), ([.up, .up], "second two|"), ([.up, .up, .up, .up], "first one|"),
            ([.text("draft"), .up, .down], "draft|"), ([.text("draft"), .up, .up, .down, .down, .down], "draft|"),
            // An earlier line that was changed is as it was left, until a line is submitted.
            ([.up, .text("!"), .up, .down], "third one!|"), ([.up, .text("!"), .enter, .up, .up], "third one|"),
            ([.oldest], "first one|"), ([.oldest, .newest], "|"), ([.up, .interrupt, .up], "third one|"),
            ([.text("draft"), .up, .interrupt, .down], "|"),
            ([.text("third one"), .enter, .up, .up], "second two|"), ([.text(" secret"), .enter, .up], "third one|"),
            ([.text("new"), .enter, .up, .up], "third one|"), ([.text("   "), .enter, .up], "third one|"),
            // Searching.
            ([.searchBack, .text("one")], "third one|"), ([.searchBack, .text("one"), .searchBack], "first one|"),
            ([.searchBack, .text("one"), .searchBack, .searchForward], "third one|"),
            ([.searchBack, .text("ONE"), .searchBack, .searchBack], "first one|"),
            ([.searchBack, .text("sec"), .right], "second two|"),
            ([.searchBack, .text("sec"), .home, .text("x")], "x|second two"),
            ([.searchBack, .text("sec"), .end, .up], "first one|"),
            ([.searchBack, .text("sec"), .escape, .down], "third one|"),
            ([.text("draft"), .searchBack, .text("sec"), .cancel], "draft|"),
            ([.text("draft"), .searchBack, .text("nothing"), .end], "draft|"),
            ([.text("draft"), .searchBack, .text("secx"), .backspace, .end], "second two|"),
            ([.text("draft"), .searchBack, .text("s"), .backspace, .end], "draft|"),
            ([.text("draft"), .searchBack, .interrupt], "|"),
            ([.text("draft"), .searchBack, .text("sec"), .end, .newest], "draft|"),
        ] as [([Key], String)])
    func historyOf(_ keys: [Key], _ expected: String) {
        var editor = LineEditor(prompt: "> ", history: Self.history)
        for key in keys { _ = editor.handle(key) }
        #expect(Self.shown(editor.line) == expected)
    }

    @Test func events() {
        var editor = LineEditor(prompt: "> ", history: Self.history)
        #expect(editor.handle(.deleteOrEnd) == .ended)
        #expect(
            editor.handle(.down) == .refused && editor.handle(.left) == .refused && editor.handle(.yank) == .refused)
        #expect(editor.handle(.text("x")) == .changed && editor.handle(.deleteOrEnd) == .refused)
        #expect(editor.handle(.tab) == .completing && editor.handle(.clearScreen) == .cleared)
        #expect(editor.handle(.suspend) == .suspended && editor.line.text == "x")
        #expect(editor.handle(.interrupt) == .interrupted && editor.line.isEmpty)
        #expect(editor.handle(.searchBack) == .changed && editor.prompt == "search '': ")
        #expect(editor.handle(.text("two")) == .changed && editor.prompt == "search 'two': ")
        #expect(editor.handle(.searchBack) == .refused && editor.prompt == "no line with 'two': ")
        #expect(editor.handle(.enter) == .submitted("second two"))
        #expect(editor.prompt == "> " && editor.history.entries == Self.history + ["second two"])
    }

    /// The words that may stand there, and what becomes of the line; nil: they are listed.
    @Test(
        arguments: [
            (":re", 0, [":rerank"], ":rerank |"), (":re", 0, [":rerank", ":retriever"], nil),
            (":r", 0, [":rerank", ":retriever"], ":re|"), ("no", 0, [], "no|"), (":a on", 3, ["on"], ":a on |"),
            ("pro", 0, ["`product name`"], "`product name` |"),
        ] as [(String, Int, [String], String?)])
    func completing(_ line: String, _ start: Int, _ words: [String], _ expected: String?) {
        var editor = LineEditor(prompt: "> ")
        _ = editor.handle(.text(line))
        let event = editor.complete(Completion(start: start, candidates: words))
        if let expected {
            #expect(Self.shown(editor.line) == expected)
            #expect((event == .refused) == words.isEmpty)
        } else {
            #expect(event == .listed(words) && editor.line.text == line)
        }
    }

    @Test func linesHaveAnEnd() {
        var editor = LineEditor(prompt: "> ")
        #expect(editor.handle(.paste(String(repeating: "a", count: EditedLine.most))) == .changed)
        #expect(editor.handle(.text("b")) == .refused)
        #expect(editor.line.text.utf8.count == EditedLine.most)
    }
}
