import ArgumentParser
import WinnowCore
import WinnowEncoders
import WinnowTokenizers

/// How a cross-encoder reads a pair.
struct PairOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What is cut when query and passage are too long together: passage (its end; the query is never cut), "
                + "longest-first (as transformers does), or error."))
    var truncation: Truncation = .passage

    @Option(
        help: ArgumentHelp(
            "Tokens of a pair that the cross-encoder reads at most. (default: what the model says)", valueName: "count")
    )
    var maxLength: Int?

    @Option(
        help: ArgumentHelp(
            "What becomes of a passage that the cross-encoder cannot read in one piece: truncate (cut as --truncation says), window (read "
                + "in overlapping windows of \(PassageWindows.standardSize) tokens at most, the best one counts) or window-top-2 (the mean of the two "
                + "best); window:200 gives windows of 200. (default: \(LongPassages.window); with rerank truncate)",
            valueName: "truncate|window|window-top-2"), transform: { try LongPassages(parsing: $0) })
    var long: LongPassages?

    func validate() throws {
        try Usage.check(maxLength: maxLength)
        if let long, long.windows != nil, truncation != .passage {
            throw ValidationError(
                "--long \(long) cuts nothing, and --truncation \(truncation.rawValue) says how to cut: give one of them"
            )
        }
    }

    /// How long passages are read; nil: they are cut.
    ///
    /// - Parameter standard: where nothing was said.
    func windows(_ standard: LongPassages = .window) -> PassageWindows? {
        truncation == .passage ? (long ?? standard).windows : nil
    }
}

/// What becomes of a passage that does not fit.
struct LongPassages: Sendable, Hashable, CustomStringConvertible {
    /// nil: it is cut.
    var windows: PassageWindows?

    static let truncate = LongPassages(windows: nil)
    static let window = LongPassages(windows: PassageWindows())

    init(windows: PassageWindows?) {
        self.windows = windows
    }

    /// As it is typed: truncate, window, window-top-2, each of the last two with a size behind it or without.
    init(parsing text: String) throws {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let isSized = parts.count == 2
        let size = isSized ? Int(parts[1]) : PassageWindows.standardSize
        switch parts[0] {
        case "truncate" where !isSized: self = .truncate
        case "window": self.init(windows: PassageWindows(score: .best, size: size))
        case "window-top-2": self.init(windows: PassageWindows(score: .topTwoMean, size: size))
        default:
            throw ValidationError(
                "'\(text)' does not say what becomes of long passages: write truncate, window, window-top-2, or window:200 for windows "
                    + "of 200 tokens")
        }
        if isSized, !(size.map { $0 >= Self.leastSize } ?? false) {
            throw ValidationError(
                "'\(text)': the size of a window is a number of tokens, at least \(Self.leastSize)")
        }
    }

    /// Fewer tokens are hardly a sentence.
    private static let leastSize = 16

    var description: String {
        guard let windows else { return "truncate" }
        let name =
            switch windows.score {
            case .best: "window"
            case .topTwoMean: "window-top-2"
            }
        guard let size = windows.size, size != PassageWindows.standardSize else { return name }
        return "\(name):\(size)"
    }
}

/// How results are printed.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print one JSON object on one line; every key is always there, null where there is no value.")
    var json = false

    @Flag(help: "Show all candidates with both stages' scores and the change of rank, and the time of each stage.")
    var explain = false

    /// Prints a search's result, and on standard error what a reader of it should know.
    func print(
        _ result: SearchResult, stages: [Trace.Stage], total: Duration, showsFirstStage: Bool,
        queryCut: QueryCut? = nil, summary: String
    ) throws {
        if json {
            let envelope = Envelope(
                result: result, stages: stages, total: total, explains: explain, queryIsCut: queryCut != nil)
            try StandardStreams.output(envelope.json.text + "\n")
        } else {
            let terminal = Terminal.of(1)
            let tables = ResultTables(result: result, terminal: terminal, showsFirstStage: showsFirstStage)
            var text = tables.orders()
            if explain {
                text += (text.isEmpty ? "" : "\n") + tables.explanation(stages: stages, total: total)
            }
            if !result.hits.isEmpty {
                text += "\n" + terminal.styled("\(summary), \(NumberText.duration(total))", .dim) + "\n"
            }
            try StandardStreams.output(text)
        }
        if let queryCut { StandardStreams.note("note: \(queryCut)") }
        for note in notes(result, showsFirstStage: showsFirstStage) { StandardStreams.note("note: \(note)") }
    }

    private func notes(_ result: SearchResult, showsFirstStage: Bool) -> [String] {
        guard !result.candidates.isEmpty else {
            return [
                result.trace.filter == nil
                    ? "there are no candidates, so there are no results"
                    : "there are no candidates that satisfy --where, so there are no results"
            ]
        }
        return result.advice.compactMap { advice in
            // Candidates that were given are as many as they are.
            if case .fewCandidates = advice, !showsFirstStage { return nil }
            return AdviceText.of(advice, showsCuts: explain && !json)
        }
    }
}

/// A library's refusal of something that stands on the command line is a matter of usage.
enum Usage {
    /// Runs `body`; what it refuses is said in the words of the command line.
    static func check(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch SearchError.notPositive(let parameter, let value) {
            throw ValidationError("\(option(parameter)) is \(value): it must be at least 1")
        } catch SearchError.tooLarge(let parameter, let value, let most) {
            throw ValidationError("\(option(parameter)) is \(value): \(most) is the most")
        } catch SearchError.finalKOverInitialK(let finalK, let initialK) {
            throw ValidationError(
                "--final-k \(finalK) is over --initial-k \(initialK): the second stage cannot return more passages than "
                    + "the first one proposes; raise --initial-k to at least \(finalK) or lower --final-k")
        } catch SearchError.thresholdWithoutReranker(let threshold) {
            throw ValidationError(
                "--threshold \(threshold) is about the reranker's word, and --no-rerank leaves the reranker out: drop one of "
                    + "the two")
        } catch SearchError.orderWithoutReranker(let order) {
            throw ValidationError(
                "--order \(order) is made of the reranker's word and the first stage's, and --no-rerank leaves the reranker out: "
                    + "drop one of the two")
        } catch let error as SearchError {
            throw ValidationError(error.description)
        }
    }

    static func check(maxLength: Int?) throws {
        guard let maxLength, maxLength < 1 else { return }
        throw ValidationError("--max-length is \(maxLength): it must be at least 1, or left out for the model's own")
    }

    /// `finalK` as it is typed.
    private static func option(_ parameter: String) -> String {
        parameter.reduce(into: "--") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
    }
}
