import ArgumentParser
import WinnowCore

/// How long a query may take.
struct DeadlineOptions: ParsableArguments {
    @Option(
        name: .customLong("deadline"),
        help: ArgumentHelp(
            "How long a question may take, from its way into the loaded pipeline to its results: candidates are scored in the first "
                + "stage's order until then; the others stay below the scored ones in that order, without a logit. (default: no limit)",
            valueName: "duration"), transform: DurationText.init(parsing:))
    var limit: DurationText?

    /// For a query that comes in now.
    var deadline: Deadline? { limit.map { Deadline($0.duration) } }
}

/// How many candidates a question is worth.
struct SelectionOptions: ParsableArguments {
    @Option(
        name: .customLong("rerank-within"),
        help: ArgumentHelp(
            "Score only candidates whose first-stage score is at most so far under the best one's, in the retriever's units; the others "
                + "stay below the scored ones, without a logit. (default: all are scored)", valueName: "difference"))
    var within: Double?

    func validate() throws {
        guard let within, !(within.isFinite && within >= 0) else { return }
        throw ValidationError("--rerank-within is \(within): give a finite number, at least 0")
    }

    func check(reranks: Bool) throws {
        guard within != nil, !reranks else { return }
        throw ValidationError(
            "--rerank-within says which candidates are reranked, and --no-rerank leaves the reranker out: drop one of the two"
        )
    }

    /// The reranker as it is asked.
    func selective(_ reranker: LoadedReranker) throws -> LoadedReranker {
        guard let within else { return reranker }
        var selective = reranker
        selective.reranker = try SelectiveReranker(reranker.reranker, within: within)
        return selective
    }
}

/// A duration as it is typed: 50ms, 1.5s.
struct DurationText {
    var duration: Duration

    init(parsing text: String) throws {
        let units: [(suffix: String, milliseconds: Double)] = [("ms", 1), ("s", 1000)]
        for (suffix, scale) in units where text.hasSuffix(suffix) {
            if let value = Double(text.dropLast(suffix.count)), value > 0, value * scale < 1e9 {
                duration = .microseconds(Int64((value * scale * 1000).rounded()))
                return
            }
        }
        throw ValidationError("'\(text)' is no duration: write 50ms or 1.5s")
    }
}
