import Foundation
import TestSupport
import Testing
import WinnowCore

private struct Failure: Error, Equatable { var name: String }

/// A generator of the user's own.
private struct StubGenerator: AnswerGenerator {
    var name = "stub"
    var pieces: [String] = []
    var declines = false
    var error: (any Error)?
    var disguisesErrors = false
    var cancels = false

    func generate(
        _ query: Query, from context: Context, onText: @Sendable (String) async throws -> Void
    ) async throws -> GeneratedAnswer {
        if cancels { withUnsafeCurrentTask { $0?.cancel() } }
        for piece in pieces {
            do {
                try await onText(piece)
            } catch {
                if disguisesErrors { throw Failure(name: "connection closed") }
                throw error
            }
        }
        if let error { throw error }
        return GeneratedAnswer(text: pieces.joined(), declined: declines)
    }
}

/// A first stage of the user's own: documents with a word of the query.
private struct WordRetriever: Retriever {
    var texts: [String]

    func retrieve(_ query: Query, limit: Int, filter: (any PassageFilter)?) async throws -> RankedList {
        let words = Set(query.text.split(separator: " "))
        let found = texts.filter { !words.isDisjoint(with: $0.split(separator: " ")) }
        return RankedList(
            found.prefix(limit).enumerated().map { index, text in
                Candidate(passage: Hits.passage(text, text), rank: index + 1)
            })
    }
}

private actor Events {
    private(set) var all: [String] = []
    func add(_ event: RAGPipeline.Event) {
        switch event {
        case .found(let result, let context): all.append("found \(result.hits.count) \(context.items.count)")
        case .text(let text): all.append(text)
        }
    }
}

@Suite struct RAGPipelineTests {
    private func pipeline(
        _ generator: any AnswerGenerator, texts: [String] = ["red one", "red two", "blue"],
        order: FinalOrder = .reranker, threshold: Ranking.Threshold? = nil,
        logit: @escaping @Sendable (Passage) -> Float? = { Float($0.text.utf8.count) }
    ) throws -> RAGPipeline {
        RAGPipeline(
            search: try SearchPipeline(
                retriever: WordRetriever(texts: texts), reranker: LogitReranker(logit), order: order,
                threshold: threshold),
            contextBuilder: ContextBuilder(counter: WordCounter()), generator: generator)
    }

    @Test func anAnswer() async throws {
        let events = Events()
        let answer = try await pipeline(StubGenerator(pieces: ["It is ", "red [1]", " [3]."])).ask(Query("red")) {
            await events.add($0)
        }
        #expect(await events.all == ["found 2 2", "It is ", "red [1]", " [3]."])
        #expect(answer.text == "It is red [1] [3]." && !answer.abstained)
        #expect(answer.citations.map(\.number) == [1, 3] && answer.invalidCitations.map(\.number) == [3])
        #expect(answer.retrievedCount == 2 && answer.usedCount == 2)
        let trace = answer.result.trace
        #expect(trace.stages.map(\.name) == ["retrieve", "rerank", "rank", "context", "answer"])
        #expect(
            trace.stages[3].counts == [
                "hits": 2, "items": 2, "leftOut": 0, "duplicates": 0, "tokens": answer.context.tokens,
            ])
        #expect(trace.stages[4].counts == ["bytes": 18, "citations": 2, "invalidCitations": 1])
        #expect(
            trace.answer
                == .init(
                    generator: "stub", outcome: .answered, citations: 2, invalidCitations: 1, retrievedCount: 2,
                    usedCount: 2
                ))
    }

    @Test func theGeneratorReadsWhatTheBuilderMade() async throws {
        var pipeline = try pipeline(StubGenerator(pieces: ["x"]), texts: ["red one", "red two two two", "red three"])
        pipeline.contextBuilder.tokenBudget = 9
        let answer = try await pipeline.ask(Query("red"))
        #expect(answer.context.items.map(\.documentID) == ["red two two two"] && answer.context.leftOut.count == 2)
        #expect(answer.usedCount == 1 && answer.retrievedCount == 3)
        #expect(answer.advice.contains(.passagesLeftOut(count: 2, hits: 3, tokens: answer.context.tokens)))
    }

    @Test func nothingFound() async throws {
        let events = Events()
        let answer = try await pipeline(StubGenerator(error: Failure(name: "asked"))).ask(Query("green")) {
            await events.add($0)
        }
        guard case .abstained(.noCandidates) = answer.outcome else { return #expect(Bool(false), "\(answer.outcome)") }
        #expect(await events.all == ["found 0 0"])
        #expect(answer.text == "No answer: nothing was found." && answer.context.items.isEmpty)
        #expect(
            answer.result.trace.answer?.reason == "noCandidates" && answer.result.trace.answer?.outcome == .abstained)
        #expect(answer.result.trace.stages.map(\.name) == ["retrieve", "rank"])
    }

    @Test func nothingRelevantEnough() async throws {
        let answer = try await pipeline(StubGenerator(error: Failure(name: "asked")), threshold: .logit(7.5))
            .ask(Query("red"))
        guard case .abstained(.belowThreshold(.logit(7.5), let best, 0)) = answer.outcome else {
            return #expect(Bool(false), "\(answer.outcome)")
        }
        #expect(best.id == "red one")
        #expect(
            answer.text
                == "No answer: no passage is relevant enough (the best has logit:7, the threshold is logit:7.5).")
        #expect(answer.result.trace.threshold == "logit:7.5" && answer.result.trace.answer?.reason == "belowThreshold")
        #expect(answer.retrievedCount == 2 && answer.usedCount == 0)
        // Whatever the order, the best is the one of which the reranker thinks most: here the last of the first stage.
        let texts = ["red two", "red", "red hundred"]
        let order = FinalOrder.reciprocalRank(k: 1)
        let shown = try await pipeline(StubGenerator(), texts: texts, order: order).ask(Query("red"))
        #expect(shown.result.hits.map(\.id) == ["red two", "red hundred", "red"])
        let other = try await pipeline(StubGenerator(), texts: texts, order: order, threshold: .logit(100))
            .ask(Query("red"))
        guard case .abstained(.belowThreshold(_, let strongest, _)) = other.outcome else {
            return #expect(Bool(false), "\(other.outcome)")
        }
        #expect(strongest.id == "red hundred")
        // Nor is anything that was not scored.
        let late = try await pipeline(StubGenerator(), threshold: .logit(0)) { _ in nil }.ask(Query("red"))
        #expect(late.text == "No answer: no passage was scored in time, so none reached the threshold logit:0.")
        guard case .abstained(.outOfTime(.logit(0))) = late.outcome else {
            return #expect(Bool(false), "\(late.outcome)")
        }
        #expect(late.result.trace.answer?.reason == "outOfTime")
    }

    /// Of what was not scored nobody knows whether it is relevant.
    @Test func unscoredPassagesAreNotCalledIrrelevant() async throws {
        let answer = try await pipeline(StubGenerator(error: Failure(name: "asked")), threshold: .logit(7.5)) {
            $0.id == "red one" ? 7 : nil
        }.ask(Query("red"))
        guard case .abstained(.belowThreshold(.logit(7.5), let best, 1)) = answer.outcome else {
            return #expect(Bool(false), "\(answer.outcome)")
        }
        #expect(best.id == "red one" && answer.result.unscoredCount == 1)
        #expect(
            answer.text
                == "No answer: no passage of those that were scored is relevant enough, and 1 was not scored (the best has logit:7, "
                + "the threshold is logit:7.5).")
    }

    @Test func declined() async throws {
        let answer = try await pipeline(StubGenerator(pieces: ["I cannot say."], declines: true)).ask(Query("red"))
        guard case .abstained(.declined(let text)) = answer.outcome else {
            return #expect(Bool(false), "\(answer.outcome)")
        }
        #expect(text == "I cannot say." && answer.text == text && answer.abstained && answer.usedCount == 2)
        #expect(answer.result.trace.answer?.reason == "declined")
        #expect(answer.result.trace.stages.last?.name == "answer")
        #expect(answer.advice.isEmpty == false && !answer.advice.contains(.noCitation(generator: "stub")))
    }

    @Test(arguments: [false, true]) func aGeneratorThatFails(keepsPartialText: Bool) async throws {
        let failure = Failure(name: "server gone")
        let error: any Error =
            keepsPartialText ? GenerationError(partialText: "It is [2]", underlying: failure) : failure
        let answer = try await pipeline(StubGenerator(pieces: ["It is ", "[2]"], error: error)).ask(Query("red"))
        guard case .failed(let reported, "It is [2]") = answer.outcome else {
            return #expect(Bool(false), "\(answer.outcome)")
        }
        #expect(reported as? Failure == failure)
        #expect(answer.text == "It is [2]" && answer.citations.map(\.number) == [2])
        #expect(answer.result.hits.count == 2 && answer.context.items.count == 2 && !answer.abstained)
        #expect(answer.result.trace.answer?.outcome == .failed && answer.result.trace.answer?.reason == "Failure")
    }

    @Test(arguments: [[], [" \n"], ["\u{200B}"]]) func anEmptyAnswerIsAFailure(_ pieces: [String]) async throws {
        let answer = try await pipeline(StubGenerator(pieces: pieces)).ask(Query("red"))
        guard case .failed(let error, _) = answer.outcome else { return #expect(Bool(false), "\(answer.outcome)") }
        #expect(error as? SearchError == .emptyAnswer(generator: "stub"))
    }

    @Test func cancellationIsThrown() async throws {
        for generator in [
            StubGenerator(error: CancellationError()),
            StubGenerator(error: GenerationError(partialText: "x", underlying: CancellationError())),
            // The transport calls it something else, or a stream just ends.
            StubGenerator(pieces: ["x"], error: Failure(name: "cancelled by the transport"), cancels: true),
            StubGenerator(pieces: ["x"], cancels: true),
        ] {
            let pipeline = try pipeline(generator)
            let task = Task { try await pipeline.ask(Query("red")) }
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test(arguments: [false, true]) func aFailureOfTheCallerIsThrown(disguised: Bool) async throws {
        let pipeline = try pipeline(StubGenerator(pieces: ["a", "b"], disguisesErrors: disguised))
        await #expect(throws: Failure(name: "output closed")) {
            try await pipeline.ask(Query("red")) { event in
                if case .text("b") = event { throw Failure(name: "output closed") }
            }
        }
        await #expect(throws: Failure(name: "at once")) {
            try await pipeline.ask(Query("red")) { _ in throw Failure(name: "at once") }
        }
    }

    @Test func theSearchThrows() async throws {
        let pipeline = try pipeline(StubGenerator())
        await #expect(throws: SearchError.emptyQuery) { try await pipeline.ask(Query(" ")) }
    }

    /// A log of traces may be kept where passages and answers may not.
    @Test func theTraceQuotesNothing() async throws {
        let first = GivenCandidates([
            Candidate(passage: Hits.passage("d1", "a secret passage", title: "hidden title"), rank: 1)
        ])
        let error = GenerationError(
            partialText: "a confidential answer", underlying: Failure(name: "the server said: a confidential answer"))
        for generator in [
            StubGenerator(pieces: ["a confidential answer"]),
            StubGenerator(pieces: ["a confidential answer"], declines: true),
            StubGenerator(pieces: ["a confidential answer"], error: error),
        ] {
            let pipeline = RAGPipeline(
                search: try SearchPipeline(retriever: first, reranker: nil),
                contextBuilder: ContextBuilder(counter: WordCounter()), generator: generator)
            let answer = try await pipeline.ask(Query("which?"))
            #expect(answer.text.contains("a confidential answer"))
            let json = String(decoding: try JSONEncoder().encode(answer.result.trace), as: UTF8.self)
            for text in ["secret", "hidden", "confidential"] { #expect(!json.contains(text)) }
            #expect(json.contains("\"d1\"") && json.contains("\"stub\""))
        }
    }

    /// The default generator in its place: every stage's word is in the answer.
    @Test func extractive() async throws {
        let reranker = LogitReranker { Float($0.text.utf8.count) }
        let answer = try await pipeline(ExtractiveGenerator(reranker: reranker)).ask(Query("red"))
        #expect(answer.text == "red one [1] red two [2]")
        guard case .answered(let generated) = answer.outcome else { return #expect(Bool(false), "\(answer.outcome)") }
        #expect(generated.extracts?.map(\.documentID) == ["red one", "red two"])
        #expect(answer.result.trace.answer?.generator == "extractive" && answer.citations.count == 2)
        #expect(generated.sentences == .init(scored: 2, of: 2) && answer.advice.allSatisfy { !Self.isOfSentences($0) })
        // Without a second stage there is no deadline in the trace, and what it left of the sentences is told all the same.
        let late = try await RAGPipeline(
            search: SearchPipeline(
                retriever: GivenCandidates([Candidate(passage: Hits.passage("a", "One. Two. Three."), rank: 1)]),
                reranker: nil),
            generator: ExtractiveGenerator(reranker: LogitReranker { $0.text == "Two." ? 1 : nil })
        ).ask(Query("red"), until: Deadline(.seconds(60)))
        #expect(late.text == "Two. [1]" && late.result.trace.deadline == nil)
        #expect(late.advice == [.sentencesUnscored(.init(scored: 1, of: 3))])
        let counts = late.result.trace.stages.last?.counts
        #expect(counts?["sentences"] == 3 && counts?["sentencesScored"] == 1)
    }

    private static func isOfSentences(_ advice: Advice) -> Bool {
        if case .sentencesUnscored = advice { true } else { false }
    }
}

@Suite struct AdviceTests {
    private func search(
        _ texts: [String], initialK: Int = 20, finalK: Int = 5, scores: [PairScore?]?
    ) async throws -> SearchResult {
        struct Given: Reranker {
            var scores: [PairScore?]
            var identity: ModelIdentity { get throws { try LogitReranker { _ in 0 }.identity } }
            func score(_ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant?) async throws
                -> [PairScore?]
            { scores }
        }
        let candidates = texts.enumerated().map { index, text in
            Candidate(passage: Hits.passage("d\(index)", text), rank: index + 1)
        }
        return try await SearchPipeline(
            retriever: GivenCandidates(candidates), reranker: scores.map(Given.init), initialK: initialK, finalK: finalK
        ).search(Query("which?"))
    }

    private func score(_ logit: Float, passage: Int = 0, query: Int = 0) -> PairScore {
        PairScore(
            logit: Logit(logit), score: Score(logit, kind: .identity), passageTokensDropped: passage,
            queryTokensDropped: query)
    }

    @Test(arguments: [
        (20, 5, false), (19, 5, true), (4, 1, false), (3, 1, true), (5, 5, true),
        (1_000_000_000, 1_000_000_000, true),
    ])
    func fewCandidates(initialK: Int, finalK: Int, expected: Bool) async throws {
        let result = try await search(["a", "b"], initialK: initialK, finalK: finalK, scores: [score(1), score(2)])
        #expect(result.advice == (expected ? [.fewCandidates(initialK: initialK, finalK: finalK)] : []))
        // Without a second stage there is nothing to give it.
        let unranked = try await search(["a", "b"], initialK: initialK, finalK: finalK, scores: nil)
        #expect(unranked.advice.isEmpty)
    }

    @Test func whatWasCut() async throws {
        let result = try await search(["a", "b", "c"], scores: [score(1, passage: 3), score(2, query: 1), nil])
        #expect(result.advice == [.passagesTruncated(count: 1, candidates: 3), .queryTruncated])
    }

    @Test(
        arguments: [
            ([1, 1], ["a", "b"], true), ([0, -0.0], ["a", "b"], true), ([1, 1, nil], ["a", "b", "c"], false),
            ([1, 2], ["a", "b"], false), ([1], ["a"], false), ([1, nil], ["a", "b"], false),
            ([nil, nil], ["a", "b"], false),
            // The same text twice is the same score twice.
            ([1, 1], ["a", "a"], false),
        ] as [([Float?], [String], Bool)])
    func ties(logits: [Float?], texts: [String], expected: Bool) async throws {
        let result = try await search(texts, scores: logits.map { $0.map { score($0) } })
        #expect(result.advice == (expected ? [.scoresTied(candidates: logits.compactMap { $0 }.count)] : []))
    }

    @Test func nothingFoundNeedsNoAdvice() async throws {
        let result = try await search([], initialK: 5, scores: [])
        #expect(result.advice.isEmpty)
    }

    @Test func ofAnAnswer() async throws {
        let result = try await search(["a", "b"], scores: [score(1), score(2)])
        let context = CitationTests.context(2)
        func answer(_ generated: GeneratedAnswer) -> Answer {
            Answer(
                outcome: .answered(generated), context: context,
                citations: CitationParser.citations(in: generated, context: context), result: result)
        }
        #expect(answer(GeneratedAnswer(text: "Fine [2].")).advice.isEmpty)
        #expect(answer(GeneratedAnswer(text: "Bold.")).advice == [.noCitation(generator: "the generator")])
        #expect(answer(GeneratedAnswer(text: "Quoted.", extracts: [])).advice.isEmpty)
        #expect(
            answer(GeneratedAnswer(text: "Bold [7] [3] [7] [1].")).advice == [
                .citationsInvented(numbers: [3, 7], last: 2)
            ])
    }

    @Test func theBestPassageCut() async throws {
        let result = try await search(["a b c d e f g h", "b"], scores: [score(2), score(1)])
        let context = ContextBuilder(tokenBudget: 6, counter: WordCounter()).context(of: result.hits)
        let answer = Answer(outcome: .abstained(.declined(text: "no")), context: context, result: result)
        #expect(
            answer.advice == [.bestPassageCut(id: "d0"), .passagesLeftOut(count: 1, hits: 2, tokens: context.tokens)])
    }

    /// Each names the fix.
    @Test(arguments: [
        (Advice.fewCandidates(initialK: 6, finalK: 5), "raise initialK to 20"),
        // A trace that was read from a file may hold any number.
        (.fewCandidates(initialK: .max, finalK: .max), "raise initialK to 9223372036854775807"),
        (.passagesTruncated(count: 1, candidates: 3), "1 of 3 candidates"), (.queryTruncated, "ask a shorter one"),
        (.scoresTied(candidates: 4), "all 4 candidates"),
        (.passagesLeftOut(count: 1, hits: 3, tokens: 90), "raise the context"),
        (.bestPassageCut(id: "d\n#1"), "'d #1'"),
        (.citationsInvented(numbers: [3, 7], last: 2), "[3], [7], and the passages end at [2]"),
        (
            .passedOver(.init(within: 1.25, of: 20, passedOver: 18)),
            "18 of 20 candidates were passed over, being more than 1.25"
        ),
        (.sentencesUnscored(.init(scored: 3, of: 40)), "3 of 40 sentences were compared"),
        (.sentencesUnscored(.init(scored: 0, of: 40)), "the best passage's first ones"),
        (.noCitation(generator: "m"), "the answer of m cites no passage"),
    ])
    func messages(_ advice: Advice, contains part: String) {
        #expect(advice.description.contains(part), "\(advice)")
    }
}
