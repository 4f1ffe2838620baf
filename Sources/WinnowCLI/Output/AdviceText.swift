import WinnowCore

/// Advice in the words of the command line.
enum AdviceText {
    /// - Parameter showsCuts: a table beside it shows what was cut.
    static func of(_ advice: Advice, showsCuts: Bool) -> String {
        switch advice {
        case .fewCandidates(let initialK, let finalK):
            "--initial-k \(initialK) is under 4 times --final-k \(finalK): what the first stage misses, reranking cannot bring "
                + "back; raise --initial-k to \(Advice.enough(for: finalK)) or more"
        case .passagesTruncated(let count, let candidates):
            "\(count) of \(NumberText.plural(candidates, "candidate")) did not fit into the cross-encoder and were cut"
                + (showsCuts ? "" : "; the table of --explain shows by how many tokens")
        case .deadlineReached(let deadline):
            "\(deadline.scored) of \(NumberText.plural(deadline.of, "candidate")) were scored in the "
                + "\(NumberText.duration(deadline.limit)) of --deadline; the others stand below them in the first stage's order: allow "
                + "more time, or give fewer candidates to score"
        case .passedOver(let selection):
            "\(selection.passedOver) of \(NumberText.plural(selection.of, "candidate")) were passed over, being more than "
                + "\(PlainNumber.text(selection.within)) (--rerank-within) under the first stage's best score; they stand below the scored "
                + "ones in the first stage's order"
        case .sentencesUnscored(let sentences) where sentences.scored == 0:
            "none of \(NumberText.plural(sentences.of, "sentence")) was compared with the question in the time of --deadline: the extracts "
                + "are the best passage's first ones; allow more time"
        case .sentencesUnscored(let sentences):
            "\(sentences.scored) of \(NumberText.plural(sentences.of, "sentence")) were compared with the question in the time of "
                + "--deadline, and the extracts are the best of those: allow more time, or lower --final-k"
        case .queryTruncated:
            "the query did not fit into the cross-encoder beside some candidates and was cut: ask a shorter question"
        case .passagesLeftOut(let count, let hits, let tokens):
            "\(count) of \(NumberText.plural(hits, "passage")) had no room in the context (\(tokens) tokens are taken): raise "
                + "--context-tokens, or lower --final-k"
        case .bestPassageCut:
            "the best passage is over --context-tokens and only its beginning was read: raise it, or index in smaller passages"
        case .weakEvidence(let best):
            "the cross-encoder gives even the best passage a \(best.score.kind.rawValue) of "
                + "\(NumberText.fixed(Double(best.score.value), 4)): there may be no answer here; --threshold refuses such "
                + "passages, as logit:\(NumberText.fixed(Double(best.logit.value) + 1, 0)) would here"
        case .scoresTied, .improbable, .citationsInvented, .noCitation: "\(advice)"
        }
    }
}
