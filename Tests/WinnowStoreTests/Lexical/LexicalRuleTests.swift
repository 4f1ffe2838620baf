import TestSupport
import Testing
import WinnowStore

@Suite struct LexicalRuleTests {
    @Test(arguments: [
        ("", []), (" \n\t", []), ("\0", []), ("a\0b", ["a", "b"]), ("👍", []), ("!?", []),
        ("The THE the", ["the", "the", "the"]),
        // Apostrophes.
        ("Anna's cat", ["anna", "cat"]), ("Anna\u{2019}s", ["anna"]), ("ANNA\u{FF07}S", ["anna"]),
        ("dogs' 'quoted'", ["dogs", "quoted"]),
        ("don't don\u{2019}t", ["don't", "don't"]), ("rock'n'roll O'Reilly", ["rock'n'roll", "o'reilly"]),
        ("1990's", ["1990"]),
        // Joined names.
        ("E-4012", ["e", "4012", "e-4012"]), ("e-4012", ["e", "4012", "e-4012"]), ("4012", ["4012"]),
        ("snake_case", ["snake", "case", "snake_case"]),
        ("well-known Anglo-Saxon", ["well", "known", "anglo", "saxon"]),
        ("and/or TCP/IP", ["and", "or", "tcp", "ip"]), ("__init__", ["init"]), ("a--b", ["a", "b"]),
        ("24/7", ["24", "7", "24/7"]),
        (
            "src/my_file.swift:42",
            ["src", "my", "file", "swift", "my_file.swift", "42", "src/my_file.swift:42"]
        ),
        ("AES-256/SHA-512", ["aes", "256", "aes-256", "sha", "512", "sha-512", "aes-256/sha-512"]),
        ("https://example.com/docs", ["https", "example", "com", "docs"]),
        ("jo@example.com", ["jo", "example", "com", "jo@example.com"]),
        ("2024-01-15", ["2024", "01", "15", "2024-01-15"]),
        // Changes of case.
        ("getHTTPResponse", ["gethttpresponse", "get", "http", "response"]), ("YouTube", ["youtube", "you", "tube"]),
        ("APIs URLs", ["apis", "urls"]), ("iPhone15Pro", ["iphone15pro", "i", "phone15", "pro"]),
        ("B2B A1B2C3 3D", ["b2b", "a1b2c3", "3d"]),
        ("ЁлкаДом", ["елкадом", "елка", "дом"]), ("aBaBaBaBaBaBaBaBaBaBaBaBaB", ["ababababababababababababab"]),
        // Numbers.
        ("3.14", ["3", "14", "3.14"]), ("1,000 1,000,000", ["1000", "1000000"]),
        ("1,000.50", ["1000", "50", "1000.50"]),
        ("2024,2025 3,14 1,0000", ["2024", "2025", "3", "14", "1", "0000"]), ("v2.10.1", ["v2", "10", "1", "v2.10.1"]),
        // Signs.
        ("C++ C# F# .NET", ["c", "c++", "c", "c#", "f", "f#", "net", ".net"]), ("C++17", ["c", "c++", "17"]),
        ("x+++y", ["x", "y"]),
        ("ASP.NET end. Next", ["asp", "net", "end", "next"]), ("...so", ["so"]), (".5", ["5"]), ("# title", ["title"]),
        // Abbreviations.
        ("U.S. u.s.a e.g., the", ["us", "usa", "eg", "the"]), ("U.S.\u{2019}s law", ["us", "law"]),
        ("e.g.the", ["e", "g", "the"]),
        ("Ph.D.", ["ph", "d"]), ("U.S.-based", ["us", "based"]),
    ])
    func unicode(text: String, expected: [String]) {
        #expect(terms(text) == expected)
    }

    @Test(arguments: [
        ("ﬁnance Ⅳ ＡＢ１２ ٣٤", ["finance", "iv", "ab12", "34"]), ("Łódź Ørsted", ["łodz", "ørsted"]),
        ("STRAẞE straße", ["straße", "straße"]),
        ("İstanbul ısı", ["istanbul", "ısı"]), ("ΟΔΟΣ οδος ᾳ", ["οδοσ", "οδοσ", "α"]),
        ("½ 2½", ["1", "2", "1/2", "2", "1", "2", "1/2"]),
        ("iPad™ 5㎏ H₂O m²", ["ipad", "i", "pad", "5kg", "h2o", "m2"]),
        ("soft\u{AD}hyphen a\u{200D}b a\u{200B}c", ["softhyphen", "ab", "a", "c"]),
        ("п'ять п\u{2019}ять пʼять", ["п'ять", "п'ять", "п'ять"]), ("col·lecció", ["col·leccio"]),
        ("E\u{2011}4012", ["e", "4012", "e-4012"]),
        ("וְהַנְּתוּנִים يومًا مـــن", ["והנתונים", "يوما", "من"]), ("कानून क़", ["कानून", "क\u{93C}"]),
        // No spaces between words.
        ("東", ["東"]), ("東京", ["東京"]), ("東京都", ["東京", "京都"]), ("第3章", ["第", "3", "章"]),
        ("データ。です", ["テ\u{3099}ー", "ータ", "て\u{3099}す"]),
        ("Windows版だ", ["windows", "版た\u{3099}"]), ("ｶﾞｽ ガス", ["カ\u{3099}ス", "カ\u{3099}ス"]),
        ("か は が", ["か", "は", "か\u{3099}"]),
        ("ปิดแล้ว", ["ปิด", "ดแ", "แล้", "ล้ว"]), ("한국어 \u{1112}\u{1161}\u{11AB}국어", ["한국어", "한국어"]),
    ])
    func scripts(text: String, expected: [String]) {
        let got = termBytes(Array(text.utf8), LexicalAnalysis(stemming: .none))
        #expect(got == expected.map { Array($0.utf8) }, "\(got.map { String(decoding: $0, as: UTF8.self) })")
    }

    @Test(arguments: [
        ("running dogs ran", ["run", "dog", "ran"]),
        ("snake_cases E-4012s", ["snake", "case", "snake_cases", "e", "4012s", "e-4012s"]),
        ("getResponses2", ["getresponses2", "get", "responses2"]),
        ("parseHTTP2Frames", ["parsehttp2frames", "pars", "http2", "frame"]),
        ("YouTube youtube", ["youtub", "you", "tube", "youtub"]), ("naïveté œuvres", ["naivet", "œuvres"]),
        ("don't doing", ["don't", "do"]),
    ])
    func stemmed(text: String, expected: [String]) {
        #expect(terms(text, .unicode, .english) == expected)
    }

    @Test(arguments: [
        ("The IT department", ["department"], ["depart"]),
        ("don't E-4012", ["don", "t", "e", "4012"], ["don", "t", "e", "4012"]),
        ("naïve", ["na", "ve"], ["na", "ve"]), ("not such a This runs", ["runs"], ["run"]),
        ("U.S.A.", ["u", "s"], ["u", "s"]),
    ])
    func ascii(text: String, plain: [String], stems: [String]) {
        #expect(terms(text, .ascii) == plain)
        #expect(terms(text, .ascii, .english) == stems)
    }

    @Test func illFormedBytesSeparate() {
        for bad: [UInt8] in [
            [0xFF], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80], [0xC0, 0xAF],
        ] {
            let text = Array("left".utf8) + bad + Array("right".utf8)
            for analysis in allAnalyses {
                #expect(termBytes(text, analysis) == [Array("left".utf8), Array("right".utf8)], "\(bad) \(analysis)")
            }
        }
    }

    @Test(arguments: [1, 127, 128, 129, 256, 257])
    func longWordsAreCut(length: Int) {
        for letter in ["q", "7", "Q"] {
            let pieces = terms(String(repeating: letter, count: length)).map(\.utf8.count)
            #expect(pieces == (0..<(length + 127) / 128).map { min(128, length - $0 * 128) })
        }
        #expect(terms(String(repeating: "ж", count: length)).map(\.utf8.count).reduce(0, +) == 2 * length)
    }

    @Test(arguments: [30, 31, 32])
    func longJoinedFormsAreLeftOut(length: Int) {
        let word = String(repeating: "q", count: length)
        let joined = "\(word)_\(word)"
        #expect(terms(joined) == [word, word] + (joined.utf8.count <= 64 ? [joined] : []))
    }

    @Test func identities() {
        #expect(LexicalAnalysis().identity == "unicode 16.0.0/1, english porter2 3.1.1")
        #expect(LexicalAnalysis(words: .ascii, stemming: .none).identity == "ascii/1, unstemmed")
        #expect(Set(allAnalyses.map(\.identity)).count == allAnalyses.count)
    }
}
