/// A map from a reranker's logits to probabilities, fitted on labelled pairs of that reranker and of no other.
///
/// It changes no order: passages are ranked by their logits, probabilities stand beside them and can be held against a
/// threshold.
public protocol ScoreCalibration: Sendable {
    /// Whose logits it was fitted on. A pipeline refuses it for another one: see ``ModelIdentity/sharesLogits(with:)``.
    var reranker: ModelIdentity { get }
    /// The probability that a passage of this logit is relevant, in the sense of the labels it was fitted on. Never falls when
    /// the logit rises.
    func probability(of logit: Logit) -> Probability
}

extension ModelIdentity {
    /// Whether what was learnt of one's logits holds for the other's: the same weights, arithmetic and truncation.
    ///
    /// The kernel variant may differ, because it moves only the last bits, and so may the name.
    public func sharesLogits(with other: ModelIdentity) -> Bool {
        fingerprint == other.fingerprint && precision == other.precision && truncation == other.truncation
    }
}
