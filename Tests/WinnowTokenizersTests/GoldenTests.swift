import Testing
import WinnowTokenizers

@Suite("Equality with Hugging Face tokenizers")
struct GoldenTests {
    @Test("ids and byte offsets of every text", arguments: Fixture.names)
    func encodings(name: String) throws {
        let goldens = Goldens.shared
        let tokenizer = try Fixture.tokenizer(name)
        let texts = name == "tiny-added" ? goldens.addedTexts : goldens.texts
        let expected = try #require(goldens.encodings[name])
        #expect(texts.count == expected.count)
        for (text, golden) in zip(texts, expected) {
            let encoding = tokenizer.encode(text)
            #expect(encoding.ids == golden.ids, "\(text.debugDescription)")
            #expect(
                encoding.offsets.flatMap { [$0.lowerBound, $0.upperBound] } == golden.offsets,
                "\(text.debugDescription)")
            #expect(tokenizer.tokenIDs(for: text) == golden.ids, "\(text.debugDescription)")
        }
    }

    @Test("vocab.txt gives what tokenizer.json gives")
    func vocabularyFile() throws {
        let tokenizer = try WordPieceTokenizer(vocabulary: Fixture.bytes("tiny-uncased.vocab.txt"))
        let same = try Fixture.tokenizer("tiny-uncased")
        #expect(tokenizer.vocabularySize == same.vocabularySize)
        #expect(tokenizer.template == same.template)
        for text in Goldens.shared.texts { #expect(tokenizer.encode(text) == same.encode(text)) }
        for id in 0..<Int32(same.vocabularySize) { #expect(tokenizer.token(for: id) == same.token(for: id)) }
    }

    @Test("cased settings from tokenizer_config.json")
    func casedVocabularyFile() throws {
        let lines = try WordPieceTokenizerLines.tokens(of: Fixture.tokenizer("tiny-cased"))
        let config = Array(
            #"{"do_lower_case": false, "tokenizer_class": "BertTokenizerFast", "model_max_length": 512}"#.utf8)
        let files = ["vocab.txt": Array(lines.utf8), "tokenizer_config.json": config]
        let tokenizer = try WordPieceTokenizer.load { files[$0] }
        let expected = try #require(Goldens.shared.encodings["tiny-cased"])
        for (text, golden) in zip(Goldens.shared.texts, expected) {
            #expect(tokenizer.tokenIDs(for: text) == golden.ids)
        }
    }

    @Test("tokens and ids name each other")
    func names() throws {
        let tokenizer = try Fixture.tokenizer("tiny-added")
        #expect(tokenizer.token(for: -1) == nil)
        #expect(tokenizer.token(for: Int32(tokenizer.vocabularySize)) == nil)
        #expect(tokenizer.token(for: .max) == nil)
        for id in 0..<Int32(tokenizer.vocabularySize) {
            let token = try #require(tokenizer.token(for: id))
            #expect(tokenizer.id(for: token) == id)
        }
        #expect(tokenizer.id(for: "no such token") == nil)
        #expect(tokenizer.id(for: "") == nil)
    }
}

enum WordPieceTokenizerLines {
    static func tokens(of tokenizer: WordPieceTokenizer) -> String {
        (0..<Int32(tokenizer.vocabularySize)).map { (tokenizer.token(for: $0) ?? "") + "\n" }.joined()
    }
}
