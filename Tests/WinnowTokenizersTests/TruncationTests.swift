import Testing
import WinnowTokenizers

@Suite("Templates and truncation")
struct TruncationTests {
    @Test("pairs under the reference's truncation", arguments: Goldens.shared.pairs)
    func pair(golden: Goldens.Pair) throws {
        let tokenizer = try Fixture.tokenizer("tiny-uncased")
        let (query, passage) = (tokenizer.tokenIDs(for: golden.query), tokenizer.tokenIDs(for: golden.passage))
        let input = try tokenizer.template.pair(
            query: query, passage: passage, maxLength: golden.maxLength,
            truncation: golden.strategy == "longest_first" ? .longestFirst : .passage)
        #expect(input.ids == golden.ids)
        #expect(input.typeIDs == golden.typeIDs)
        #expect(input.queryTokensDropped == golden.queryDropped)
        #expect(input.passageTokensDropped == golden.passageDropped)

        func strict() throws -> ModelInput {
            try tokenizer.template.pair(query: query, passage: passage, maxLength: golden.maxLength, truncation: .error)
        }
        if golden.queryDropped + golden.passageDropped == 0 {
            #expect(try strict() == input)
        } else {
            #expect(throws: TokenizerError.self) { try strict() }
        }
    }

    @Test("the fixture has pairs of both kinds, cut and whole")
    func coverage() {
        for strategy in ["longest_first", "only_second"] {
            let pairs = Goldens.shared.pairs.filter { $0.strategy == strategy }
            #expect(pairs.contains { $0.passageDropped > 0 } && pairs.contains { $0.passageDropped == 0 })
        }
        #expect(Goldens.shared.pairs.contains { $0.queryDropped > 0 })
    }

    @Test("single texts", arguments: [Truncation.passage, .longestFirst])
    func single(truncation: Truncation) throws {
        let tokenizer = try Fixture.tokenizer("tiny-uncased")
        for golden in Goldens.shared.singles {
            let input = try tokenizer.template.single(
                tokenizer.tokenIDs(for: golden.text), maxLength: golden.maxLength, truncation: truncation)
            #expect(input.ids == golden.ids)
            #expect(input.typeIDs == [Int32](repeating: 0, count: golden.ids.count))
            #expect(input.passageTokensDropped == golden.dropped)
            #expect(input.queryTokensDropped == 0)
        }
    }

    @Test("longest-first keeps what the reference keeps, over a grid of lengths")
    func longestFirst() throws {
        let template = try SequenceTemplate.bert(cls: 1, sep: 2)
        for row in Goldens.shared.longestFirst {
            let input = try template.pair(
                query: [Int32](repeating: 7, count: row[0]), passage: [Int32](repeating: 8, count: row[1]),
                maxLength: row[2] + 3, truncation: .longestFirst)
            #expect(input.ids.count { $0 == 7 } == row[3] && input.ids.count { $0 == 8 } == row[4], "\(row)")
        }
    }

    @Test("a query over half of the room is refused, whatever the passage", arguments: [0, 3, 1000])
    func queryTooLong(passage: Int) throws {
        let template = try SequenceTemplate.bert(cls: 1, sep: 2)
        let passage = [Int32](repeating: 8, count: passage)
        let fits = try template.pair(
            query: [Int32](repeating: 7, count: 5), passage: passage, maxLength: 14, truncation: .passage)
        #expect(fits.queryTokensDropped == 0)
        #expect(fits.passageTokensDropped == max(0, passage.count - 6))
        let error = #expect(throws: TokenizerError.self) {
            try template.pair(
                query: [Int32](repeating: 7, count: 6), passage: passage, maxLength: 14, truncation: .passage)
        }
        #expect(error?.kind == .queryTooLong)
        let message = try #require(error?.description)
        #expect(message.contains("6 tokens") && message.contains("at most 5") && message.contains("11"))
        #expect(message.contains("longest-first"))
    }

    @Test("a length without room is refused", arguments: [-1, 0, 1, 2, 3])
    func noRoom(length: Int) throws {
        let template = try SequenceTemplate.bert(cls: 1, sep: 2)
        for truncation in Truncation.allCases {
            #expect(throws: TokenizerError.self) {
                try template.pair(query: [], passage: [], maxLength: length, truncation: truncation)
            }
        }
        if length < 3 {
            #expect(throws: TokenizerError.self) { try template.single([], maxLength: length, truncation: .passage) }
        } else {
            #expect(try template.single([9, 9], maxLength: length, truncation: .passage).ids == [1, 9, 2])
        }
    }

    @Test("the spelling of the command line")
    func spelling() {
        #expect(Truncation.allCases.map(\.rawValue) == ["passage", "longest-first", "error"])
    }
}

@Suite("Maximum length")
struct MaximumLengthTests {
    @Test(
        "the rule of sentence-transformers",
        arguments: [
            // tokenizer, positions, sentence, requested, result
            (512, 512, nil, nil, 512), (512, 512, 256, nil, 256), (nil, 512, nil, nil, 512), (8192, 512, nil, nil, 512),
            (128, 512, nil, nil, 128), (128, 512, 256, nil, 256), (512, 512, 256, 64, 64), (128, 512, 64, 512, 512),
            (nil, 512, nil, 1, 1),
        ] as [(Int?, Int, Int?, Int?, Int)])
    func resolves(tokenizer: Int?, positions: Int, sentence: Int?, requested: Int?, result: Int) throws {
        let length = try MaximumLength.resolve(
            tokenizerMaximum: tokenizer, positions: positions, sentenceMaximum: sentence, requested: requested)
        #expect(length == result)
    }

    @Test(
        "what cannot be is refused",
        arguments: [
            (512, 512, nil, 513), (512, 512, nil, 0), (512, 512, 513, nil), (512, 0, nil, nil), (0, 512, nil, nil),
            (512, 512, 0, nil), (512, 512, nil, -7),
        ] as [(Int?, Int, Int?, Int?)])
    func refuses(tokenizer: Int?, positions: Int, sentence: Int?, requested: Int?) {
        let error = #expect(throws: TokenizerError.self) {
            try MaximumLength.resolve(
                tokenizerMaximum: tokenizer, positions: positions, sentenceMaximum: sentence, requested: requested)
        }
        #expect(error?.kind == .maximumLength)
    }

    @Test(
        "huge values in tokenizer_config.json mean unset",
        arguments: [
            (#"{"model_max_length": 1000000000000000019884624838656}"#, nil), (#"{"model_max_length": 1e30}"#, nil),
            (#"{"model_max_length": null}"#, nil), ("{}", nil), (#"{"model_max_length": 512}"#, 512),
            (#"{"model_max_length": 512.0}"#, 512),
        ] as [(String, Int?)])
    func unset(json: String, length: Int?) throws {
        let configuration = try Array(json.utf8).withUnsafeBytes { try TokenizerConfiguration(json: $0) }
        #expect(configuration.modelMaxLength == length)
    }
}
