import Testing
import WinnowTokenizers

@Suite("Malformed and hostile files")
struct HostileFileTests {
    /// A tokenizer.json with parts to replace.
    static func file(
        model: String = #""type":"WordPiece""#,
        vocabulary: String = ###"{"[UNK]":0,"[CLS]":1,"[SEP]":2,"a":3,"##b":4}"###,
        unknown: String = #""[UNK]""#, prefix: String = "\"##\"", characters: String = "100",
        normalizer: String =
            #"{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"#
            + #""strip_accents":null,"lowercase":true}"#,
        preTokenizer: String = #"{"type":"BertPreTokenizer"}"#, added: String = "[]", postProcessor: String = "null"
    ) -> String {
        """
        {"version":"1.0","truncation":{"max_length":2},"padding":null,"added_tokens":\(added),
        "normalizer":\(normalizer),        "pre_tokenizer":\(preTokenizer),"post_processor":\(postProcessor),"decoder":null,
        "model":{\(model),"unk_token":\(unknown),        "continuing_subword_prefix":\(prefix),"max_input_chars_per_word":\(characters),"vocab":\(vocabulary)}}
        """
    }

    static func tokenizer(_ json: String) throws -> WordPieceTokenizer {
        try WordPieceTokenizer(tokenizerJSON: Array(json.utf8), name: "model/tokenizer.json")
    }

    @Test("the template of these tests is itself readable")
    func plain() throws {
        let tokenizer = try Self.tokenizer(Self.file())
        #expect(tokenizer.tokenIDs(for: "AB a x") == [3, 4, 3, 0])
        #expect(tokenizer.template.pairSpecialCount == 0)
        #expect(tokenizer.vocabularySize == 5)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var json: String
        var kind: TokenizerError.Kind
        /// What the message must name.
        var names: [String]
        var testDescription: String { names.joined(separator: ", ") }

        init(_ kind: TokenizerError.Kind, _ json: String, _ names: String...) {
            self.json = json
            self.kind = kind
            self.names = names
        }

        init(_ json: String, _ names: String...) {
            self.json = json
            kind = .malformed
            self.names = names
        }
    }

    static let bad: [Bad] = [
        Bad("", "ends"), Bad("[]", "object"), Bad("{}", "\"model\""), Bad("null", "object"), Bad("{\"model\":", "ends"),
        Bad(file() + "x", "follows"), Bad(#"{"model":{},"model":{}}"#, "twice"), Bad("\u{FEFF}" + file(), "object"),
        Bad(String(repeating: "[", count: 100_000), "object"),
        Bad(#"{"decoder":"# + String(repeating: "[", count: 100_000), "nested"),
        Bad(#"{"decoder":"# + String(repeating: #"{"a":"#, count: 100_000), "nested"),
        Bad(.unsupported, file(model: #""type":"BPE""#), "BPE", "WordPiece"),
        Bad(.unsupported, #"{"model":{"type":"Unigram","vocab":[["a",1]]}}"#, "Unigram", "WordPiece"),
        Bad(.unsupported, #"{"model":{"vocab":{},"merges":[]}}"#, "BPE", "WordPiece"),
        Bad(.unsupported, file(normalizer: #"{"type":"NFKC"}"#), "normalizer", "NFKC", "BertNormalizer"),
        Bad(.unsupported, file(normalizer: #"{"type":"Sequence","normalizers":[]}"#), "Sequence", "BertNormalizer"),
        Bad(
            .unsupported, file(preTokenizer: #"{"type":"Metaspace"}"#), "pre-tokenizer", "Metaspace", "BertPreTokenizer"
        ),
        Bad(.unsupported, file(preTokenizer: "null"), "null", "BertPreTokenizer"),
        Bad(
            .unsupported, file(postProcessor: #"{"type":"RobertaProcessing"}"#), "RobertaProcessing",
            "TemplateProcessing"),
        Bad(file(normalizer: #"{"type":"BertNormalizer"}"#), "lowercase"),
        Bad(file(normalizer: #"{"clean_text":true}"#), "type"),
        Bad(file(vocabulary: "{}"), "empty"), Bad(file(vocabulary: "[]"), "object"),
        Bad(file(vocabulary: #"{"[UNK]":-1}"#), "-1", "[UNK]"),
        Bad(file(vocabulary: #"{"[UNK]":0,"a":4294967296}"#), "4294967296"),
        Bad(file(vocabulary: #"{"[UNK]":0,"a":9223372036854775808}"#), "integer"),
        Bad(file(vocabulary: #"{"[UNK]":0,"a":4000001}"#), "4000001"),
        Bad(file(vocabulary: #"{"[UNK]":0,"a":1.5}"#), "1.5"), Bad(file(vocabulary: #"{"[UNK]":0,"a":"1"}"#), "value"),
        Bad(file(vocabulary: #"{"[UNK]":0,"a":0}"#), "id 0", "[UNK]", "\"a\""),
        Bad(file(vocabulary: #"{"[UNK]":0,"a":1,"a":2}"#), "\"a\"", "twice"),
        Bad(file(vocabulary: #"{"a":0}"#), "[UNK]", "not in the vocabulary"),
        Bad(file(vocabulary: #"{"[UNK]":0,"\#(String(repeating: "a", count: 2000))":1}"#), "2000 bytes"),
        Bad(file(vocabulary: #"{"[UNK]":0,"\ud800":1}"#), "surrogate"),
        Bad(file(vocabulary: #"{"[UNK]":0,"\x":1}"#), "escape"),
        Bad(file(vocabulary: "{\"[UNK]\":0,\"a\u{1}\":1}"), "control"),
        Bad(file(vocabulary: #"{"[UNK]":0,}"#), "string"),
        Bad(file(vocabulary: #"{"[UNK]":00}"#), "starts with 0"), Bad(file(unknown: "null"), "string"),
        Bad(file(characters: "-1"), "max_input_chars_per_word", "-1"), Bad(file(characters: "1e99"), "integer"),
        Bad(file(added: #"[{"id":7,"content":"<x>"}]"#), "<x>", "7", "5"),
        Bad(file(added: #"[{"id":9,"content":"a"}]"#), "9", "3"),
        Bad(file(added: #"[{"id":-5,"content":"a"}]"#), "-5"), Bad(file(added: #"[{"id":3}]"#), "content"),
        Bad(file(added: "7"), "array"),
        Bad(file(added: #"[{"id":5,"content":"\u0301","normalized":true}]"#), "empty after normalisation"),
        Bad(
            file(added: #"[{"id":5,"content":"Day","normalized":true},{"id":6,"content":"DAY","normalized":true}]"#),
            "equals another"),
        Bad(
            file(
                vocabulary: #"{"[UNK]":0,"a":2}"#, added: #"[{"id":2,"content":"<x>","special":true}]"#), "<x>",
            "another's"),
        Bad(
            file(
                postProcessor: template(
                    single: #"[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[Z]","type_id":0}}]"#)),
            "[Z]"),
        Bad(file(postProcessor: template(single: #"[{"Sequence":{"id":"C","type_id":0}}]"#)), "template"),
        Bad(file(postProcessor: template(single: #"[{"Sequence":{"id":"A","type_id":-1}}]"#)), "-1"),
        Bad(.unsupported, file(postProcessor: template(single: "[]")), "exactly once"),
        Bad(
            .unsupported, file(postProcessor: template(single: sequence("A"), pair: "[" + sequence("A").dropFirst())),
            "exactly once"),
        Bad(
            file(postProcessor: template(single: sequence("A"), special: #"{"[S]":{"ids":[5]}}"#, pair: pair)), "5",
            "0 to 4"),
        Bad(file(postProcessor: #"{"type":"BertProcessing","sep":["[SEP]",2]}"#), "cls"),
        Bad(file(postProcessor: #"{"type":"BertProcessing","sep":["[SEP]"],"cls":["[CLS]",1]}"#), "sep"),
    ]

    static func sequence(_ id: String) -> String { #"[{"Sequence":{"id":"\#(id)","type_id":0}}]"# }
    static let pair =
        #"[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[S]","type_id":0}},"#
        + #"{"Sequence":{"id":"B","type_id":1}}]"#

    static func template(single: String, special: String = "{}", pair: String = "[]") -> String {
        #"{"type":"TemplateProcessing","single":\#(single),"pair":\#(pair),"special_tokens":\#(special)}"#
    }

    @Test("each is an error that names the file and the cause", arguments: bad)
    func refused(bad: Bad) throws {
        let error = #expect(throws: TokenizerError.self) { try Self.tokenizer(bad.json) }
        #expect(error?.kind == bad.kind)
        let message = try #require(error?.description)
        for name in ["model/tokenizer.json"] + bad.names { #expect(message.contains(name), "\(message)") }
        #expect(message.count < 600)
    }

    @Test("a token of 10 MB")
    func hugeToken() {
        let token = String(repeating: "a", count: 10_000_000)
        #expect(throws: TokenizerError.self) {
            try Self.tokenizer(Self.file(vocabulary: #"{"[UNK]":0,"\#(token)":1}"#))
        }
        #expect(throws: TokenizerError.self) { try WordPieceTokenizer(vocabulary: Array("[UNK]\n\(token)\n".utf8)) }
        #expect(throws: TokenizerError.self) {
            try Self.tokenizer(Self.file(added: #"[{"id":5,"content":"\#(token)"}]"#))
        }
    }

    @Test("ids with holes are read; the holes have no token")
    func holes() throws {
        let tokenizer = try Self.tokenizer(Self.file(vocabulary: #"{"[UNK]":9,"a":3000}"#))
        #expect(tokenizer.vocabularySize == 3001)
        #expect(tokenizer.token(for: 10) == nil)
        #expect(tokenizer.tokenIDs(for: "a b") == [3000, 9])
    }

    struct Legal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var json: String
        var text: String
        var ids: [Int32]

        init(_ name: String, _ json: String, _ text: String, _ ids: [Int32]) {
            testDescription = name
            self.json = json
            self.text = text
            self.ids = ids
        }
    }

    static let legal: [Legal] = [
        Legal("empty prefix", file(prefix: "\"\""), "ab", [0]),
        Legal("no word is short enough", file(characters: "0"), "a [SEP] .", [0, 0, 0, 0, 0]),
        Legal("words of one character", file(characters: "1"), "a ab", [3, 0]),
        Legal("words of any length", file(characters: "2147483647"), "ab", [3, 4]),
        Legal(
            "empty tokens", file(vocabulary: ###"{"[UNK]":0,"##":1,"a":2,"":3}"###), "a aa ##", [2, 0, 0, 0]),
        Legal("no normalizer", file(normalizer: "null"), "A a\u{0}", [0, 0]),
        Legal(
            "escaped tokens", file(vocabulary: #"{"[UNK]":0,"\u4e2d":1,"\uD83D\uDE00":2}"#, added: "null"),
            "\u{4E2D} \u{1F600}", [1, 2]),
        Legal(
            "an added token", file(added: #"[{"id":5,"content":"<x>","normalized":false}]"#), "a<X><x>ab",
            [3, 0, 0, 0, 5, 3, 4]),
    ]

    @Test("unusual but legal models", arguments: legal)
    func unusual(legal: Legal) throws {
        let tokenizer = try Self.tokenizer(legal.json)
        #expect(tokenizer.tokenIDs(for: legal.text) == legal.ids)
        #expect(tokenizer.encode(legal.text).ids == legal.ids)
    }

    @Test("cut, flipped and doubled files never trap")
    func mutations() throws {
        var generator = SeededGenerator(state: 14)
        for name in ["tiny-uncased.tokenizer.json", "tiny-added.tokenizer.json", "tiny-uncased.vocab.txt"] {
            let original = try Fixture.bytes(name)
            for _ in 0..<300 {
                var bytes = original
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
                case 1:
                    for _ in 0..<3 {
                        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                            in: 0...255, using: &generator)
                    }
                default:
                    let start = Int.random(in: 0..<bytes.count, using: &generator)
                    let end = Int.random(in: start..<bytes.count, using: &generator)
                    bytes.insert(contentsOf: bytes[start..<end], at: start)
                }
                let tokenizer =
                    name.hasSuffix(".txt")
                    ? try? WordPieceTokenizer(vocabulary: bytes) : try? WordPieceTokenizer(tokenizerJSON: bytes)
                if let tokenizer {
                    let encoding = tokenizer.encode("The café is [SEP] <w> open, yesterday.")
                    #expect(encoding.ids == tokenizer.tokenIDs(for: "The café is [SEP] <w> open, yesterday."))
                    #expect(encoding.ids.allSatisfy { $0 >= 0 && Int($0) < tokenizer.vocabularySize })
                }
            }
        }
    }
}
