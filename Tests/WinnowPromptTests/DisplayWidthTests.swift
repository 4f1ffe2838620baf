import Testing
import WinnowPrompt

@Suite struct DisplayWidthTests {
    /// Expected: `wcswidth` of Python's wcwidth 0.7.0.
    @Test(arguments: [
        ("a", 1), ("é", 1), ("e\u{301}", 1), ("漢", 2), ("ﾊ", 1), ("ハ", 2), ("한", 2), ("\u{1112}\u{1161}\u{11AB}", 2),
        ("👍", 2), ("👍🏽", 2), ("👨\u{200D}👩\u{200D}👧", 2), ("🇩🇪", 2), ("❤\u{FE0F}", 2), ("❤", 1), ("☺", 1), ("１", 2),
        ("—", 1), ("…", 1), ("क\u{94D}ष\u{93F}", 2), ("क\u{94D}ष", 2), ("ไทยที่", 4), ("שָׁלוֹם", 4), ("\u{200B}", 0),
        ("⌚", 2), ("1\u{FE0F}\u{20E3}", 2), ("𠀀", 2), ("½", 1), ("ก็", 1), ("日本語 text", 11),
        ("🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}", 2),
    ])
    func columns(_ text: String, _ columns: Int) {
        #expect(DisplayWidth.of(text) == columns)
    }
}
