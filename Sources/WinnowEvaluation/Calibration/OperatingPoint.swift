/// What a threshold does to questions: a question is answered when a passage reaches it, and rightly so when the one that is then
/// shown first is relevant.
public struct OperatingPoint: Sendable, Hashable {
    /// A logit. What reaches it is answered.
    public var threshold: Float
    public var answerable: Int
    public var answerableAnswered: Int
    /// Of the answered answerable ones: those whose first passage is relevant.
    public var correct: Int
    public var unanswerable: Int
    public var unanswerableAnswered: Int

    public init(
        threshold: Float, answerable: Int, answerableAnswered: Int, correct: Int, unanswerable: Int,
        unanswerableAnswered: Int
    ) {
        self.threshold = threshold
        self.answerable = answerable
        self.answerableAnswered = answerableAnswered
        self.correct = correct
        self.unanswerable = unanswerable
        self.unanswerableAnswered = unanswerableAnswered
    }

    /// Counts what happens to the queries. Those without candidates are not answered.
    public init(threshold: Float, _ queries: some Sequence<LabelledQuery>) {
        self.init(
            threshold: threshold, answerable: 0, answerableAnswered: 0, correct: 0, unanswerable: 0,
            unanswerableAnswered: 0)
        for query in queries {
            let first = query.first(reaching: threshold)
            if query.answerable {
                answerable += 1
                answerableAnswered += first == nil ? 0 : 1
                correct += first?.relevant == true ? 1 : 0
            } else {
                unanswerable += 1
                unanswerableAnswered += first == nil ? 0 : 1
            }
        }
    }

    public var queries: Int { answerable + unanswerable }
    public var answered: Int { answerableAnswered + unanswerableAnswered }

    /// The share of all questions that is answered; nil without questions.
    public var coverage: Double? { Self.ratio(answered, queries) }
    /// The share of the answerable questions that is answered, rightly or not.
    public var answerableCoverage: Double? { Self.ratio(answerableAnswered, answerable) }
    /// The share of the answers that is right, at the questions' own share of unanswerable ones; nil without an answer.
    public var precision: Double? { Self.ratio(correct, answered) }
    /// The share of the unanswerable questions that is rightly not answered; nil without such questions.
    public var abstentionRate: Double? { Self.ratio(unanswerable - unanswerableAnswered, unanswerable) }

    /// What ``precision`` would be among questions of which this share has no answer, if each kind behaves as here.
    ///
    /// - Returns: nil when a kind that would be asked was not seen here, when nothing would be answered, and for a share
    ///   outside 0…1.
    public func precision(unanswerableShare share: Double) -> Double? {
        guard share >= 0, share <= 1, share == 1 || answerable > 0, share == 0 || unanswerable > 0 else { return nil }
        let right = (1 - share) * (Self.ratio(correct, answerable) ?? 0)
        let answers =
            (1 - share) * (answerableCoverage ?? 0) + share * (Self.ratio(unanswerableAnswered, unanswerable) ?? 0)
        return answers > 0 ? right / answers : nil
    }

    private static func ratio(_ part: Int, _ whole: Int) -> Double? { whole > 0 ? Double(part) / Double(whole) : nil }
}
