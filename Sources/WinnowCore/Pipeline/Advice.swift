/// Something that a user had better know of a search or an answer, with what mends it: guard rails, not errors.
public enum Advice: Sendable, Hashable {
    /// The second stage can only reorder what the first proposes: under four times the results, there is little to choose from.
    case fewCandidates(initialK: Int, finalK: Int)
    /// The reranker did not read so many of the candidates to their end.
    case passagesTruncated(count: Int, candidates: Int)
    /// The deadline left candidates unscored.
    case deadlineReached(Trace.Deadline)
    /// Candidates were passed over for what the first stage says of them.
    case passedOver(Selection)
    /// The reranker did not read the whole question.
    case queryTruncated
    /// All candidates, so many of them, got the same logit.
    case scoresTied(candidates: Int)
    /// The reranker's own activation makes next to nothing of even the best hit.
    case weakEvidence(best: PairScore)
    /// By the calibration, even the best hit is hardly relevant.
    case improbable(best: Probability)
    /// The extracts are the best of fewer sentences than there were to compare with the question.
    case sentencesUnscored(GeneratedAnswer.Sentences)
    /// So many hits had no room in the context, whose tokens are those it took.
    case passagesLeftOut(count: Int, hits: Int, tokens: Int)
    /// The best passage alone was over the context's budget.
    case bestPassageCut(id: String)
    /// The answer cites numbers that no passage has; the passages' numbers end at `last`.
    case citationsInvented(numbers: [Int], last: Int)
    /// The generator wrote an answer and cited nothing.
    case noCitation(generator: String)

    /// Candidates among which a second stage has something to choose from for so many results.
    public static func enough(for finalK: Int) -> Int {
        let (product, overflow) = finalK.multipliedReportingOverflow(by: 4)
        return overflow ? .max : product
    }
}

extension Advice: CustomStringConvertible {
    public var description: String {
        switch self {
        case .fewCandidates(let initialK, let finalK):
            "initialK (\(initialK)) is under 4 times finalK (\(finalK)): what the first stage misses, reranking cannot bring "
                + "back; raise initialK to \(Self.enough(for: finalK)) or more"
        case .passagesTruncated(let count, let candidates):
            "\(count) of \(candidates) candidates did not fit into the reranker and were cut at their end: index with "
                + "passages no longer than it reads"
        case .deadlineReached(let deadline):
            "\(deadline.scored) of \(deadline.of) candidates were scored in the \(deadline.limit.milliseconds) ms that there were; the "
                + "others stand below them in the first stage's order: allow more time, or give fewer candidates to score"
        case .passedOver(let selection):
            "\(selection.passedOver) of \(selection.of) candidates were passed over, being more than \(selection.within) under the first "
                + "stage's best score; they stand below the scored ones in the first stage's order"
        case .sentencesUnscored(let sentences) where sentences.scored == 0:
            "none of \(sentences.of) sentences was compared with the question in time: the answer is the best passage's first ones; "
                + "allow more time"
        case .sentencesUnscored(let sentences):
            "\(sentences.scored) of \(sentences.of) sentences were compared with the question in time, and the answer is the best of "
                + "those: allow more time, or lower finalK"
        case .queryTruncated:
            "the question did not fit into the reranker beside some candidates and was cut: ask a shorter one"
        case .scoresTied(let candidates):
            "all \(candidates) candidates got the same score, so reranking changed nothing: is the model a cross-encoder, "
                + "and one trained to rank?"
        case .weakEvidence(let best):
            "the reranker gives even the best passage a score of \(best.score.value) (logit \(best.logit.value)): there may be "
                + "no answer here; a threshold refuses such passages"
        case .improbable(let best):
            "by the calibration even the best passage is relevant with a probability of only "
                + "\((best.value * 1000).rounded() / 1000): there may be no answer here; a threshold refuses such passages"
        case .passagesLeftOut(let count, let hits, let tokens):
            "\(count) of \(hits) passages had no room in the context (\(tokens) tokens are taken): raise the context's token "
                + "budget, or lower finalK"
        case .bestPassageCut(let id):
            "the best passage, '\(SingleLine.of(id, limit: 200))', is over the context's token budget and only its beginning "
                + "was read: raise the budget, or index in smaller passages"
        case .citationsInvented(let numbers, let last):
            "the answer cites \(numbers.map { "[\($0)]" }.joined(separator: ", ")), and the passages end at [\(last)]: do not "
                + "rely on what is said there"
        case .noCitation(let generator):
            "the answer of \(SingleLine.of(generator, limit: 60)) cites no passage, so nothing shows that it rests on them: "
                + "check it against the sources, or use a model that follows the instruction to cite"
        }
    }
}

extension SearchResult {
    /// What its user had better know. Empty for a search without a reranker: all of it is about the second stage.
    public var advice: [Advice] {
        guard trace.models["reranker"] != nil, !candidates.isEmpty else { return [] }
        var advice: [Advice] = []
        if trace.initialK < Advice.enough(for: trace.finalK) {
            advice.append(.fewCandidates(initialK: trace.initialK, finalK: trace.finalK))
        }
        if let deadline = trace.deadline, deadline.wasReached { advice.append(.deadlineReached(deadline)) }
        if let selection = trace.selection, selection.passedOver > 0 { advice.append(.passedOver(selection)) }
        let truncated = candidates.filter(\.truncated).count
        if truncated > 0 { advice.append(.passagesTruncated(count: truncated, candidates: candidates.count)) }
        if candidates.contains(where: \.queryTruncated) { advice.append(.queryTruncated) }
        // The rest is about the best of all candidates: while some are unscored nobody knows which that is.
        guard unscoredCount == 0 else { return advice }
        // The same text twice ties by right.
        if candidates.count >= 2, Set(candidates.map(\.logit)).count == 1,
            Set(candidates.map(\.passage.content)).count > 1
        {
            advice.append(.scoresTied(candidates: candidates.count))
        }
        // By the reranker's word, which these are about: a blend may show another one first.
        let best = hits.strongest
        if let probability = best?.probability {
            // Probabilities have a meaning of their own, so the guess at what a weak sigmoid is has no say beside them.
            if probability.value < Self.lowProbability { advice.append(.improbable(best: probability)) }
        } else if let best = best?.pairScore, best.score.kind == .sigmoid, best.score.value < Self.weakScore {
            advice.append(.weakEvidence(best: best))
        }
        return advice
    }

    /// Of thirty questions that the articles of `Examples/support-kb` answer, none has a best passage below it; of thirty medical
    /// ones more than half do. A hint and no calibration.
    private static let weakScore: Float = 0.0045
    /// One in ten. Labels that leave passages unjudged make probabilities too low, so no more than that is called unlikely.
    private static let lowProbability = 0.1
}

extension Answer {
    /// What its reader had better know, the search's advice first.
    public var advice: [Advice] {
        var advice = result.advice
        if let cut = context.items.first(where: \.truncated), let hit = cut.hits.first {
            advice.append(.bestPassageCut(id: hit.id))
        }
        if !context.leftOut.isEmpty {
            advice.append(
                .passagesLeftOut(
                    count: context.leftOut.count, hits: usedCount + context.leftOut.count, tokens: context.tokens))
        }
        let invented = Set(invalidCitations.map(\.number)).sorted()
        if !invented.isEmpty {
            advice.append(.citationsInvented(numbers: invented, last: context.items.map(\.number).max() ?? 0))
        }
        if case .answered(let generated) = outcome, let sentences = generated.sentences, sentences.scored < sentences.of
        {
            advice.append(.sentencesUnscored(sentences))
        }
        if case .answered(let generated) = outcome, generated.extracts == nil, citations.isEmpty {
            advice.append(.noCitation(generator: result.trace.answer?.generator ?? "the generator"))
        }
        return advice
    }
}
