/// What a search, its configuration or its input did wrong. Each message says what, where and how to mend it.
public enum SearchError: Error, Sendable, Hashable {
    /// The query has no text, or white space and invisible characters only.
    case emptyQuery
    /// `finalK` or `initialK` is under 1.
    case notPositive(parameter: String, value: Int)
    /// `initialK` is over ``SearchPipeline/mostCandidates``.
    case tooLarge(parameter: String, value: Int, most: Int)
    /// More results were asked for than candidates.
    case finalKOverInitialK(finalK: Int, initialK: Int)
    /// A first stage returned the same passage twice; ranks are from 1.
    case duplicateCandidate(id: String, ranks: [Int])
    /// A reranker returned another number of scores than it got candidates.
    case scoreCount(candidates: Int, scores: Int)
    /// A reranker returned NaN or an infinite logit.
    case scoreNotFinite(passageID: String, logit: Float)
    /// A passage budget under which not one character of a text fits.
    case budgetTooSmall(documentID: String, budget: String)
    /// A document too long to be one passage, in bytes.
    case passageTooLong(documentID: String, bytes: Int, most: Int)
    /// A threshold that is not a space and a number.
    case thresholdSpelling(String)
    /// A threshold's number is not finite, or a probability is outside 0…1.
    case thresholdOutOfRange(String)
    /// A threshold in probability, where nothing makes probabilities.
    case thresholdWithoutCalibration(Ranking.Threshold)
    /// A calibration that was fitted on the logits of another model, or of another precision or truncation of this one.
    case calibrationOfAnotherReranker(fitted: ModelIdentity, reranker: ModelIdentity)
    /// A threshold, and no reranker whose word could reach it.
    case thresholdWithoutReranker(Ranking.Threshold)
    /// A way of fusing that is none of those there are.
    case fusionSpelling(String)
    /// The constant of a reciprocal rank fusion is not a finite number above 0.
    case fusionConstant(Double)
    /// A list's weight in a fusion is negative or not finite, or so large that sums overflow.
    case fusionWeight(list: String, weight: Double)
    /// Two lists of one fusion have the same name.
    case fusionListTwice(String)
    /// A score in a list that is fused is NaN or infinite.
    case fusionScoreNotFinite(list: String, passageID: String, score: Double)
    /// A list without scores in a fusion that is made of scores.
    case fusionScoreMissing(list: String, passageID: String, fusion: Fusion)
    /// A final order that is none of those there are.
    case orderSpelling(String)
    /// A blend's weight outside 0…1, or the constant of reciprocal ranks is not a finite number above 0.
    case orderOutOfRange(FinalOrder)
    /// How far under the best first-stage score candidates are scored is negative or not finite.
    case selectionOutOfRange(within: Double)
    /// An order of two stages' words, and no reranker.
    case orderWithoutReranker(FinalOrder)
    /// A blend of candidates that came without first-stage scores.
    case blendWithoutRetrievalScore(passageID: String, order: FinalOrder)
    /// A first stage returned NaN or an infinite score, and the order is made of it.
    case retrievalScoreNotFinite(passageID: String, score: Double)
    /// A generator returned a text without a visible character.
    case emptyAnswer(generator: String)
}

extension SearchError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .emptyQuery:
            "the query is empty: give a question with at least one visible character"
        case .notPositive(let parameter, let value):
            "\(parameter) is \(value): it must be at least 1"
        case .tooLarge(let parameter, let value, let most):
            "\(parameter) is \(value): \(most) is the most"
        case .finalKOverInitialK(let finalK, let initialK):
            "finalK (\(finalK)) is over initialK (\(initialK)): the second stage cannot return more passages than the "
                + "first one proposes; raise initialK to at least \(finalK) or lower finalK"
        case .duplicateCandidate(let id, let ranks):
            "the first stage proposed passage '\(id)' \(ranks.count) times, at ranks "
                + ranks.map(String.init).joined(separator: ", ") + ": a retriever must return each passage once"
        case .scoreCount(let candidates, let scores):
            "the reranker returned \(scores) scores for \(candidates) candidates: it must return one each, nil where it "
                + "did not score"
        case .scoreNotFinite(let passageID, let logit):
            "the reranker's logit for passage '\(passageID)' is \(logit): a number that is not finite cannot be ranked; "
                + "the model's weights or its arithmetic are broken"
        case .passageTooLong(let documentID, let bytes, let most):
            "document '\(PathText.quoted(documentID))' has \(bytes) bytes and would be one passage: \(most) are the most; cut it "
                + "into passages (sentences)"
        case .budgetTooSmall(let documentID, let budget):
            "document '\(documentID)' cannot be cut: not one character fits the passage budget (\(budget)); use a larger "
                + "maximum length"
        case .thresholdSpelling(let text):
            "the threshold '\(SingleLine.of(text, limit: 60))' is not a space and a number: write score:0.3 (the reranker's "
                + "own activation), logit:-2 (its raw output) or probability:0.5 (from a calibration); a bare number would "
                + "mean something else in each of them"
        case .thresholdOutOfRange(let text):
            "the threshold '\(SingleLine.of(text, limit: 60))' cannot be reached or missed: its number must be finite"
                + (text.hasPrefix("probability") ? " and in 0…1" : "")
        case .thresholdWithoutCalibration(let threshold):
            "the threshold \(threshold) needs probabilities, and there is no calibration for this reranker: fit one on labelled "
                + "queries with winnow calibrate, or use score: or logit:"
        case .calibrationOfAnotherReranker(let fitted, let reranker):
            "the calibration was fitted for \(fitted.inMessages), and the reranker is "
                + "\(reranker.inMessages): its probabilities would mean nothing; run winnow calibrate again"
        case .thresholdWithoutReranker(let threshold):
            "the threshold \(threshold) is about the reranker's word, and there is no reranker: rerank, or leave the "
                + "threshold out"
        case .fusionSpelling(let text):
            "'\(SingleLine.of(text, limit: 60))' is no way to fuse lists: write rrf, rrf:20 (reciprocal ranks with another "
                + "constant than 60), relative (scores from least to largest) or distribution (scores by mean and deviation)"
        case .fusionConstant(let constant):
            "the constant of reciprocal rank fusion is \(PlainNumber.text(constant)): it must be a finite number above 0; 60 is "
                + "usual"
        case .fusionWeight(let list, let weight):
            "the weight of the list '\(SingleLine.of(list, limit: 60))' is \(PlainNumber.text(weight)): a weight is a finite "
                + "number, at least 0, and their sum is finite too; 0 leaves the list out"
        case .fusionListTwice(let name):
            "two lists of one fusion are named '\(SingleLine.of(name, limit: 60))': give each a name of its own, as their ranks and "
                + "scores are told apart by it"
        case .fusionScoreNotFinite(let list, let passageID, let score):
            "the score of passage '\(passageID)' in the list '\(SingleLine.of(list, limit: 60))' is \(score): a number that is not "
                + "finite cannot be fused; the retriever's arithmetic is broken"
        case .fusionScoreMissing(let list, let passageID, let fusion):
            "passage '\(passageID)' has no score in the list '\(SingleLine.of(list, limit: 60))', and '\(fusion)' fuses scores: "
                + "fuse by rank (rrf), or let the retriever give scores"
        case .orderSpelling(let text):
            "'\(SingleLine.of(text, limit: 60))' is no final order: write reranker (its logit alone), blend:0.7 (0.7 of the reranker's "
                + "word and 0.3 of the first stage's), rrf or rrf:20 (by both ranks)"
        case .selectionOutOfRange(let within):
            "candidates within \(within) of the best first-stage score cannot be chosen: give a finite number, at least 0"
        case .orderOutOfRange(let order):
            switch order {
            case .reciprocalRank:
                "the order '\(order)' cannot be computed: its constant must be a finite number above 0; 60 is usual"
            default:
                "the order '\(order)' cannot be computed: its weight must be in 0 to 1, the share of the reranker's word"
            }
        case .orderWithoutReranker(let order):
            "the order '\(order)' is made of the reranker's word and the first stage's, and there is no reranker: rerank, or leave "
                + "the order out"
        case .blendWithoutRetrievalScore(let passageID, let order):
            "passage '\(passageID)' came without a first-stage score, and the order '\(order)' blends scores: use rrf, which "
                + "needs ranks only, or reranker"
        case .retrievalScoreNotFinite(let passageID, let score):
            "the first stage's score of passage '\(passageID)' is \(score): a number that is not finite cannot be blended; the "
                + "retriever's arithmetic is broken"
        case .emptyAnswer(let generator):
            "\(SingleLine.of(generator, limit: 60)) returned an empty answer: ask again, or look at the model's settings "
                + "(a limit of tokens that its reasoning uses up gives this)"
        }
    }
}

extension ModelIdentity {
    /// What calibrations are told apart by, for a message.
    package var inMessages: String {
        "\(SingleLine.of(name, limit: 80)) (fingerprint \(fingerprint.hexadecimal.prefix(8))…, "
            + "\(SingleLine.of(precision, limit: 40)), \(SingleLine.of(truncation, limit: 40)))"
    }
}
