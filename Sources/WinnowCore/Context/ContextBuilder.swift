/// Turns hits into a numbered context within a token budget.
public struct ContextBuilder: Sendable {
    /// The most tokens of ``Context/text``.
    public var tokenBudget: Int
    /// How tokens are counted.
    public var counter: any TokenCounter
    public var order: Order

    /// In which order the prompt shows the passages.
    public enum Order: String, Sendable, Hashable, CaseIterable {
        case bestFirst = "best-first"
        /// The best ones at both ends, the weakest in the middle, where long prompts are read worst
        /// (Liu et al. 2024, "Lost in the Middle").
        case bestAtBothEnds = "best-at-both-ends"
    }

    public init(tokenBudget: Int = 2048, counter: any TokenCounter, order: Order = .bestFirst) {
        self.tokenBudget = tokenBudget
        self.counter = counter
        self.order = order
    }

    /// - Parameter hits: best first.
    public func context(of hits: [Hit]) -> Context {
        Context(items: [])
    }
}
