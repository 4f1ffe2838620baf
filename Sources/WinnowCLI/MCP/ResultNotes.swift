import WinnowCore

/// What a reader of a result should know, in the words of the tools.
enum ResultNotes {
    static func of(_ result: SearchResult, _ threshold: Ranking.Threshold?) -> [String] {
        leftOut(result, threshold) + result.advice.map(text)
    }

    static func of(_ answer: Answer, _ threshold: Ranking.Threshold?) -> [String] {
        var notes = leftOut(answer.result, threshold) + answer.advice.map(text)
        if case .answered(let generated) = answer.outcome, generated.cutOff {
            notes.append("the answer was cut off: the LLM reached a token limit, or ended without saying so")
        }
        return notes
    }

    /// Of documents that a caller brought: as many as they are.
    static func ofGiven(_ result: SearchResult, _ threshold: Ranking.Threshold?) -> [String] {
        let advice = result.advice.filter {
            if case .fewCandidates = $0 { return false }
            return true
        }
        return leftOut(result, threshold) + advice.map(text)
    }

    /// What the server's threshold keeps back, which no call can change.
    private static func leftOut(_ result: SearchResult, _ threshold: Ranking.Threshold?) -> [String] {
        guard let threshold else { return [] }
        let below = result.candidates.count { !threshold.admits($0) }
        return below == 0
            ? []
            : [
                "\(below) of \(NumberText.plural(result.candidates.count, "candidate")) did not reach the threshold \(threshold) of this "
                    + "server and \(below == 1 ? "is" : "are") left out"
            ]
    }

    private static func text(_ advice: Advice) -> String {
        switch advice {
        case .fewCandidates(let initialK, let finalK):
            "initial_k \(initialK) is under 4 times final_k \(finalK): what the first stage misses, reranking cannot bring back; "
                + "raise initial_k to \(Advice.enough(for: finalK)) or more"
        case .passagesTruncated(let count, let candidates):
            "\(count) of \(NumberText.plural(candidates, "candidate")) did not fit into the reranker and were cut at their end"
        case .deadlineReached(let deadline):
            "\(deadline.scored) of \(NumberText.plural(deadline.of, "candidate")) were scored in the "
                + "\(NumberText.duration(deadline.limit)) that this server gives a call; the others stand behind them in the first stage's order"
        case .passedOver(let selection):
            "\(selection.passedOver) of \(NumberText.plural(selection.of, "candidate")) were not read by the reranker, being more than "
                + "\(PlainNumber.text(selection.within)) under the first stage's best score; they stand behind the others in the first "
                + "stage's order"
        case .sentencesUnscored(let sentences) where sentences.scored == 0:
            "none of \(NumberText.plural(sentences.of, "sentence")) was compared with the question in the time that this server gives a "
                + "call: the extracts are the best passage's first ones"
        case .sentencesUnscored(let sentences):
            "\(sentences.scored) of \(NumberText.plural(sentences.of, "sentence")) were compared with the question in the time that this "
                + "server gives a call: the extracts are the best of those"
        case .queryTruncated:
            "the query did not fit into the reranker beside some candidates and was cut: ask a shorter one"
        case .passagesLeftOut(let count, let hits, let tokens):
            "\(count) of \(NumberText.plural(hits, "passage")) had no room in the answer's context (\(tokens) tokens are taken): "
                + "lower final_k, or start winnow mcp with more --context-tokens"
        case .bestPassageCut:
            "the best passage is over the answer's context and only its beginning was read: search shows it whole"
        case .weakEvidence(let best):
            "the reranker gives even the best passage a \(best.score.kind.rawValue) of "
                + "\(NumberText.fixed(Double(best.score.value), 4)) (logit \(NumberText.fixed(Double(best.logit.value), 2))): the "
                + "documents may hold no answer"
        case .improbable(let best):
            "by the calibration even the best passage is relevant with a probability of only "
                + "\(NumberText.fixed(best.value, 3)): the documents may hold no answer"
        case .scoresTied, .citationsInvented, .noCitation: "\(advice)"
        }
    }
}
