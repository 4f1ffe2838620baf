import Foundation
import Testing
import WinnowTokenizers

@Suite("Finding a model's tokenizer")
struct LoadTests {
    static let vocabulary = Array("[PAD]\n[UNK]\n[CLS]\n[SEP]\nabc\nABC\n##d\n".utf8)

    @Test("tokenizer.json comes first, then vocab.txt with its settings")
    func order() throws {
        var files = ["vocab.txt": Self.vocabulary]
        func load() throws -> WordPieceTokenizer { try WordPieceTokenizer.load { files[$0] } }
        #expect(try load().tokenIDs(for: "ABCD") == [4, 6])
        files["tokenizer_config.json"] = Array(#"{"do_lower_case": false}"#.utf8)
        #expect(try load().tokenIDs(for: "ABCd") == [5, 6])
        files["tokenizer.json"] = Array(HostileFileTests.file().utf8)
        #expect(try load().tokenIDs(for: "AB") == [3, 4])
        files["tokenizer.json"] = Array("{".utf8)
        #expect(throws: TokenizerError.self) { try load() }
    }

    @Test("both files absent: the error says which were looked for")
    func absent() throws {
        let error = #expect(throws: TokenizerError.self) { try WordPieceTokenizer.load { _ -> [UInt8]? in nil } }
        #expect(error?.kind == .missingFile)
        let message = try #require(error?.description)
        #expect(message.contains("tokenizer.json") && message.contains("vocab.txt"))
    }

    @Test("bytes that stay where they are")
    func pointers() throws {
        try Self.vocabulary.withUnsafeBytes { bytes in
            let tokenizer = try WordPieceTokenizer.load { name -> UnsafeRawBufferPointer? in
                name == "vocab.txt" ? bytes : nil
            }
            #expect(tokenizer.vocabularySize == 7)
            #expect(try tokenizer.template == SequenceTemplate.bert(cls: 2, sep: 3))
        }
    }

    @Test("vocab.txt: line ends, empty lines, a token that comes twice")
    func lines() throws {
        let tokenizer = try WordPieceTokenizer(vocabulary: Array("[UNK]\r\n[CLS]\r\n[SEP]\r\n\r\nabc\r\nabc\r\nd".utf8))
        #expect(tokenizer.vocabularySize == 7)
        #expect(tokenizer.tokenIDs(for: "abc d") == [5, 6])
        #expect(tokenizer.token(for: 3) == "")
        #expect(tokenizer.token(for: 4) == nil)
    }

    @Test(
        "settings that cannot be followed are refused",
        arguments: [
            (#"{"tokenizer_class": "MPNetTokenizer"}"#, "MPNetTokenizer"),
            (#"{"do_lower_case": "yes"}"#, "true or false"), (#"{"#, "ends"),
            (#"{"cls_token": "<s>"}"#, "<s>"), (#"{"unk_token": "<unk>"}"#, "<unk>"),
            (#"{"model_max_length": -1}"#, "model_max_length"),
            (#"{"added_tokens_decoder": {"x": {"content": "a"}}}"#, "not an id"),
            (#"{"added_tokens_decoder": {"99": {"content": "<x>"}}}"#, "99"),
        ])
    func settings(config: String, named: String) throws {
        let files = ["vocab.txt": Self.vocabulary, "tokenizer_config.json": Array(config.utf8)]
        let error = #expect(throws: TokenizerError.self) {
            try WordPieceTokenizer.load { files[$0] }
        }
        let message = try #require(error?.description)
        #expect(message.contains(named), "\(message)")
    }

    @Test("special tokens as objects, and added tokens of the settings")
    func specialTokens() throws {
        let config = #"""
            {"cls_token": {"content": "[CLS]", "lstrip": false}, "mask_token": null,
             "added_tokens_decoder": {"3": {"content": "[SEP]", "lstrip": true, "special": true},
             "7": {"content": "<new>", "special": true}}}
            """#
        let files = ["vocab.txt": Self.vocabulary, "tokenizer_config.json": Array(config.utf8)]
        let tokenizer = try WordPieceTokenizer.load { files[$0] }
        #expect(tokenizer.vocabularySize == 8)
        let encoding = tokenizer.encode("abc  [SEP]abc<new>")
        #expect(encoding.ids == [4, 3, 4, 7])
        #expect(encoding.offsets == [0..<3, 3..<10, 10..<13, 13..<18])
        #expect(tokenizer.tokenIDs(for: "abc  [SEP]abc<new>") == encoding.ids)
    }

    @Test("invalid UTF-8 in a vocabulary")
    func invalid() {
        #expect(throws: TokenizerError.self) {
            try WordPieceTokenizer(vocabulary: Array("[UNK]\n".utf8) + [0xFF, 0x0A])
        }
        #expect(throws: TokenizerError.self) {
            try WordPieceTokenizer(tokenizerJSON: Array("{\"a\":\"".utf8) + [0xC0, 0x80])
        }
        #expect(throws: TokenizerError.self) { try WordPieceTokenizer(vocabulary: [UInt8]()) }
    }
}

@Suite("Bulk tokenising")
struct BulkTokenizeTests {
    @Test("records hold encode and the hot path; a bad line is named")
    func records() throws {
        let tokenizer = try Fixture.tokenizer("tiny-uncased")
        func run(_ text: String) throws -> [UInt8] {
            let (input, output) = (Pipe(), Pipe())
            input.fileHandleForWriting.write(Data(text.utf8))
            try input.fileHandleForWriting.close()
            try BulkTokenize.run(
                input: input.fileHandleForReading.fileDescriptor, output: output.fileHandleForWriting.fileDescriptor,
                tokenizer: tokenizer)
            try output.fileHandleForWriting.close()
            return try [UInt8](output.fileHandleForReading.readToEnd() ?? Data())
        }
        let records = try run("\"the caf\\u00e9\"\n\"\"")
        let numbers = stride(from: 0, to: records.count, by: 4).map { place in
            records[place..<place + 4].reversed().reduce(Int32(0)) { $0 << 8 | Int32($1) }
        }
        let encoding = tokenizer.encode("the café")
        let count = Int32(encoding.ids.count)
        let starts = encoding.offsets.map { Int32($0.lowerBound) }
        let ends = encoding.offsets.map { Int32($0.upperBound) }
        #expect(numbers == [count] + encoding.ids + starts + ends + [count] + encoding.ids + [0, 0])
        let error = #expect(throws: TokenizerError.self) { try run("\"a\"\n{}\n") }
        #expect(try #require(error?.description).contains("line 2"))
    }
}
