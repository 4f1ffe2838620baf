import WinnowCore

/// What is said of an answer on standard error, below it.
enum AnswerNotes {
    /// - Parameters:
    ///   - generator: its name.
    ///   - showsCuts: a table beside it shows what was cut.
    /// - Returns: whether the generator failed.
    static func show(_ answer: Answer, generator: String, queryCut: QueryCut?, showsCuts: Bool) -> Bool {
        if let queryCut { StandardStreams.note("note: \(queryCut)") }
        for advice in answer.advice {
            StandardStreams.note("note: \(AdviceText.of(advice, showsCuts: showsCuts))")
        }
        if case .answered(let generated) = answer.outcome, generated.cutOff {
            StandardStreams.note(
                "note: the answer was cut off: the LLM reached a token limit, or ended without saying so")
        }
        guard case .failed(let error, _) = answer.outcome else { return false }
        StandardStreams.note("error: no answer from \(generator): \(LLMHint.text(error))")
        return true
    }
}
