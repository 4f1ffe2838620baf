/// One retriever's list, as it enters a ``Fusion``.
public struct FusionInput: Sendable {
    /// What the list is called in ``Candidate/retrievals``; no two lists of one fusion share a name.
    public var name: String
    /// At least 0 and finite; only the ratio to the other lists' weights matters. 0: as if the list were absent.
    public var weight: Double
    /// Best first. The place in this order is the rank that counts, from 1; a passage that stands twice keeps its best place, and
    /// those behind it move up.
    public var candidates: [Candidate]
    /// Scores of passages that other lists found and this one did not, by passage id, where the retriever can compute them.
    ///
    /// They take part in a fusion of scores, so that "just missed this list" and "has nothing to do with it" are not
    /// taken for the same; they have no rank and take no part in a fusion of ranks. Scores of passages that are in
    /// ``candidates``, or in no list, are not looked at.
    package var absentScores: [ExactText: Double]

    /// - Parameter computed: scores of passages that the list does not have, by passage id, where the retriever can compute them:
    ///   they take part in a fusion of scores.
    public init(
        name: String, weight: Double = 1, candidates: [Candidate], computed: [String: Double] = [:]
    ) {
        self.name = name
        self.weight = weight
        self.candidates = candidates
        absentScores = Dictionary(uniqueKeysWithValues: computed.map { (ExactText($0.key), $0.value) })
    }

    package init(name: String, weight: Double, candidates: [Candidate], absentScores: [ExactText: Double]) {
        self.name = name
        self.weight = weight
        self.candidates = candidates
        self.absentScores = absentScores
    }
}
