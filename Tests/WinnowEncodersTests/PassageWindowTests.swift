import TestSupport
import Testing
import WinnowCore
import WinnowEncoders
import WinnowModels
import WinnowTokenizers

/// Passages that do not fit beside the query, read in windows.
@Suite struct PassageWindowTests {
    private let query = Query("When are refunds issued?")
    /// More tokens than the model reads, none of which has to do with the query.
    private static let filler = (0..<90).map { "Archive \($0) keeps copper lanterns, old maps and violet paint." }
        .joined(separator: " ")
    private static let answer = " Refunds are issued to the original payment method within ten business days. "

    private func load(_ windows: PassageWindows?, maxLength: Int? = nil) throws -> CrossEncoder {
        try CrossEncoder.load(
            .builtIn(.crossEncoder),
            options: EncoderOptions(precision: .float32, maxLength: maxLength, windows: windows))
    }

    private func candidate(_ text: String, title: String? = nil) -> Candidate {
        Candidate(passage: Passage(id: "p", documentID: "p", title: title, text: text), rank: 1)
    }

    /// Where the answer stands in a text changes what a model sees that cuts, and not what one sees that reads on.
    @Test(arguments: [0, 1, 2])
    func theAnswerIsFoundWhereverItStands(_ place: Int) async throws {
        let half = Self.filler.prefix(Self.filler.count / 2)
        let text = [
            Self.answer + Self.filler, half + Self.answer + Self.filler.dropFirst(half.count),
            Self.filler + Self.answer,
        ][place]
        let windowed = try #require(try await load(PassageWindows()).score(query, [candidate(text)])[0])
        let without = try #require(try await load(PassageWindows()).score(query, [candidate(Self.filler)])[0])
        #expect(windowed.logit.value > without.logit.value + 3)
        #expect(windowed.passageTokensDropped == 0 && windowed.queryTokensDropped == 0)
        let window = try #require(windowed.window)
        #expect(place == 0 ? window == 0 : window > 0)
        let cut = try #require(try await load(nil).score(query, [candidate(text)])[0])
        #expect(cut.passageTokensDropped > 0 && cut.window == nil)
        if place == 2 { #expect(cut.logit.value < windowed.logit.value - 3) }
    }

    /// Each window is a pair like any other: the same as cutting the tokens by hand.
    @Test(arguments: [
        (nil, 96, nil), ("Refunds and copper", 96, nil), ("A title", 200, nil),
        (String(repeating: "long title ", count: 40), 96, nil), ("A title", 512, 100), (nil, 512, 200),
        // More than there is room for.
        ("A title", 200, 300), (String(repeating: "long title ", count: 14), 512, 64),
    ])
    func windowsArePairs(title: String?, maxLength: Int, size: Int?) async throws {
        let text = Self.filler + Self.answer + Self.filler
        for score in PassageWindows.Score.allCases {
            let windows = PassageWindows(score: score, size: size, overlap: 20)
            let encoder = try load(windows, maxLength: maxLength)
            let tokenizer = encoder.tokenizer
            let question = tokenizer.tokenIDs(for: query.text)
            let room = min(maxLength - 3 - question.count, size ?? .max)
            let titleIDs = title.map { tokenizer.tokenIDs(for: $0) } ?? []
            let all = titleIDs + tokenizer.tokenIDs(for: text)
            let head = titleIDs.count <= room / 4 ? titleIDs : []
            let body = Array(all[head.count...])
            let size = room - head.count
            var inputs: [ModelInput] = []
            var start = 0
            while true {
                let isLast = start + size >= body.count
                let piece = isLast ? Array(body.suffix(size)) : Array(body[start..<start + size])
                inputs.append(
                    try tokenizer.template.pair(
                        query: question, passage: head + piece, maxLength: maxLength, truncation: .error))
                if isLast { break }
                start += size - min(20, size / 4)
            }
            let logits = try await encoder.logits(inputs).compactMap { $0 }
            #expect(logits.count == inputs.count && inputs.count > 3)
            let sorted = logits.sorted(by: >)
            let expected = score == .best ? sorted[0] : (sorted[0] + sorted[1]) / 2
            let scoring = try await encoder.scoring(query, [candidate(text, title: title), candidate("short")])
            let found = try #require(scoring.scores[0])
            #expect(found.logit.value == expected)
            #expect(found.window == logits.firstIndex(of: sorted[0]))
            #expect(found.score == encoder.description.activation.apply(found.logit))
            #expect(scoring.scores[1]?.window == nil)
            #expect(scoring.counts == ["windowed": 1, "windows": inputs.count])
        }
    }

    /// As the chunker leaves it: no title, for the text begins with it. All windows but the first would be of an unknown document.
    @Test(arguments: [
        ("# Refunds and copper\n\n", "Refunds and copper", "# Refunds and copper"),
        ("## Refunds *and* copper ##\r\n", nil, "## Refunds *and* copper ##"),
        ("Refunds and copper\n==================\n", "Refunds and copper", "Refunds and copper"),
        // A record of BEIR.
        ("Refunds and copper are different things. ", " Refunds and copper", "Refunds and copper"),
        ("Refunds and copper are different things. ", "Refunds and cop", ""), ("#hashtag\n", nil, ""),
    ])
    func whatATextOpensWithIsItsTitle(start: String, title: String?, heading: String) async throws {
        let document = Document(id: "d", title: title, text: start + Self.filler + Self.answer + Self.filler)
        let passage = try #require(try WholeDocumentChunker().chunk(document, budget: PassageBudget()).first)
        let encoder = try load(PassageWindows(overlap: 20), maxLength: 96)
        let tokenizer = encoder.tokenizer
        let question = tokenizer.tokenIDs(for: query.text)
        let head = tokenizer.tokenIDs(for: passage.title ?? heading)
        let body = tokenizer.tokenIDs(for: passage.content).dropFirst(head.count)
        let size = 96 - 3 - question.count - head.count
        var pieces: [ArraySlice<Int32>] = []
        for first in stride(from: body.startIndex, to: body.endIndex, by: size - min(20, size / 4)) {
            pieces.append(first + size < body.endIndex ? body[first..<first + size] : body.suffix(size))
            if first + size >= body.endIndex { break }
        }
        let inputs = try pieces.map {
            try tokenizer.template.pair(query: question, passage: head + $0, maxLength: 96, truncation: .error)
        }
        let logits = try await encoder.logits(inputs).compactMap { $0 }
        let best = try #require(logits.max())
        #expect(inputs.count > 3 && logits.firstIndex(of: best) != 0)
        let found = try await encoder.score(query, [Candidate(passage: passage, rank: 1)])[0]
        #expect(found?.logit.value == best)
        #expect(found?.window == logits.firstIndex(of: best))
    }

    @Test func whatFitsHasTheSameScore() async throws {
        let candidates = [candidate("Refunds take ten days."), candidate(Self.answer, title: "Refunds"), candidate("")]
        let plain = try load(nil)
        let windowed = try load(PassageWindows())
        #expect(try await plain.score(query, candidates) == windowed.score(query, candidates))
        #expect(try await plain.scoring(query, candidates).counts == [:])
        #expect(try plain.identity.truncation == "passage:512")
        #expect(try windowed.identity.truncation == "titled-window-max-128-64:512")
        #expect(try load(PassageWindows(score: .topTwoMean)).identity.truncation == "titled-window-top-2-128-64:512")
        #expect(try load(PassageWindows(size: 200, overlap: 50)).identity.truncation == "titled-window-max-200-50:512")
    }

    @Test func everyPromiseOfARerankerIsKept() async throws {
        let short = Self.filler.prefix(900)
        let candidates = [
            Passage(id: "a", documentID: "a", text: short + Self.answer),
            Passage(id: "b", documentID: "b", title: "Short", text: "A workspace may send 600 requests a minute."),
            Passage(id: "c", documentID: "c", title: "Long", text: Self.answer + short),
        ].enumerated().map { Candidate(passage: $1, rank: $0 + 1) }
        for score in PassageWindows.Score.allCases {
            let encoder = try load(PassageWindows(score: score), maxLength: 160)
            #expect(
                try await RerankerConformance(score.rawValue, encoder, query: query, candidates: candidates).faults()
                    == [])
        }
    }

    /// Other policies say themselves what becomes of a long pair.
    @Test func otherPoliciesHaveNoWindows() async throws {
        for truncation in [Truncation.longestFirst, .error] {
            let encoder = try CrossEncoder.load(
                .builtIn(.crossEncoder),
                options: EncoderOptions(precision: .float32, truncation: truncation, windows: PassageWindows()))
            #expect(try encoder.identity.truncation == "\(truncation.rawValue):512")
            if truncation == .error {
                await #expect(throws: EncoderError.self) { try await encoder.score(query, [candidate(Self.filler)]) }
            } else {
                #expect(try await encoder.score(query, [candidate(Self.filler)])[0]?.passageTokensDropped ?? 0 > 0)
            }
        }
    }

    /// A query that takes more than half of the room is refused, whatever the passages.
    @Test func aLongQueryIsRefused() async throws {
        let encoder = try load(PassageWindows(), maxLength: 32)
        let long = Query(String(repeating: "question ", count: 20))
        await #expect(throws: TokenizerError.self) { try await encoder.score(long, [candidate(Self.filler)]) }
    }
}
