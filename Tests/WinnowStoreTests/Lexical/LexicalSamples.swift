import TestSupport
import WinnowStore

func terms(
    _ text: String, _ words: LexicalAnalysis.Words = .unicode, _ stemming: LexicalAnalysis.Stemming = .none
) -> [String] {
    var analyzer = LexicalAnalyzer(LexicalAnalysis(words: words, stemming: stemming))
    return analyzer.terms(of: text)
}

/// Terms as bytes, which Swift compares exactly (strings it compares by canonical equivalence).
func termBytes(_ text: [UInt8], _ analysis: LexicalAnalysis) -> [[UInt8]] {
    var analyzer = LexicalAnalyzer(analysis)
    var terms: [[UInt8]] = []
    text.withUnsafeBufferPointer { analyzer.forEachTerm(in: $0) { terms.append(Array($0)) } }
    return terms
}

let allAnalyses = LexicalAnalysis.Words.allCases.flatMap { words in
    LexicalAnalysis.Stemming.allCases.map { LexicalAnalysis(words: words, stemming: $0) }
}

/// Texts of what has rules: letters of many scripts, marks, joiners, apostrophes, digits, ill-formed bytes.
func randomText(_ random: inout SeededGenerator, pieces: Int) -> [UInt8] {
    let parts: [String] = [
        "a", "B", "s", "getHTTP", "x1", "7", "123", "4567", ",", ".", "-", "_", "/", ":", "#", "@", "'", "\u{2019}",
        "+", "++", " ",
        "\n", "\0", "\u{301}", "é", "Ж", "ς", "Σ", "ß", "ﬁ", "½", "か", "\u{3099}", "漢", "字", "ก", "\u{E31}", "क",
        "\u{93C}",
        "\u{94D}", "한", "\u{1112}", "\u{1161}", "\u{11AB}", "\u{200D}", "\u{AD}", "\u{200B}", "👍", "™", "·", "\u{FDFA}",
        "'s", "U.S.",
        "\u{10FFFF}", "٣", "\u{640}", "\u{DF}", String(repeating: "q", count: 127),
    ]
    var text: [UInt8] = []
    for _ in 0..<pieces {
        if Int.random(in: 0..<12, using: &random) == 0 {
            text.append(UInt8.random(in: 0...255, using: &random))
        } else {
            text += Array(parts[Int.random(in: 0..<parts.count, using: &random)].utf8)
        }
    }
    return text
}
