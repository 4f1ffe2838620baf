import TestSupport
import Testing
import WinnowCore

@Suite struct SentenceBoundaryTests {
    static func sentences(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        return SentenceBoundaries.sentences(in: bytes, 0..<bytes.count).map { ByteText.string($0, in: bytes) }
    }

    // `|` marks where a sentence ends.
    @Test(arguments: [
        "One sentence without an end",
        "First.| Second!| Third?| Fourth",
        "It costs 3.50 dollars per seat.| Version 1.2.3 is out.",
        "See e.g. the guide, i.e. Part 2.| Then go on.",
        "Ask Dr. Smith or Mrs. Jones.| They know.",
        "It takes 200 ms. |The next call is faster.",
        "J. K. Rowling wrote it.| A. Turing did not.",
        "The U.S. Army is there.| It left the U.S. |The rest stayed.",
        "Open at 5 p.m. on Monday.| Closed later.",
        "Tools such as pliers, saws etc. are included.| Others are not.",
        "\"Really?\" he asked.| \"Yes!\" |She left.",
        "(This is a note.)| Next one.",
        "Wait... what?| Hmm...| Then it stopped.",
        "See fig. 3 and no. 7 for details.| No. |It is not.",
        "Read config.json.| Then run it.",
        "1. Install the app.| Then start it.",
        "End of line.\n|New line.\r\n|Third line wraps\nhere.",
        "这是第一句。|这是第二句！|真的吗？|是的",
        "彼は言った。|「行こう。」|そして去った。",
        "यह पहला वाक्य है।| यह दूसरा है।",
        "هل هذا صحيح؟| نعم، إنه صحيح.",
        "Это первое предложение.| Это второе, т.е. последнее.",
        "Das ist z.B. ein Test.| Und noch einer.",
        "What?!| No way!!!| OK.",
        "Mixed 中文。|English follows.| 再见。",
        "...| Leading dots",
        "Visit https://example.com/a.b?c=d. |Then come back.",
    ])
    func boundaries(_ marked: String) {
        let expected = marked.split(separator: "|").map { String($0.trimmingSpace()) }
        #expect(Self.sentences(marked.filter { $0 != "|" }) == expected)
    }

    @Test func nothingIsLost() {
        var random = SeededGenerator(seed: 5)
        let parts = [
            "a", "B", ".", "!", "?", " ", "\n", "。", "é", "\"", ")", "…", "e.g.", "1", "।", "」", "\r\n", "Dr.", "U.S.",
            "'",
        ]
        for _ in 0..<500 {
            let text = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                parts[Int.random(in: 0..<parts.count, using: &random)]
            }.joined()
            let bytes = Array(text.utf8)
            let ranges = SentenceBoundaries.sentences(in: bytes, 0..<bytes.count)
            var position = 0
            for range in ranges {
                #expect(bytes[position..<range.lowerBound].allSatisfy(ByteText.isSpace))
                #expect(!range.isEmpty)
                position = range.upperBound
            }
            #expect(bytes[position...].allSatisfy(ByteText.isSpace))
        }
    }
}

extension Substring {
    fileprivate func trimmingSpace() -> Substring {
        var text = self.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
