import CWinnowKernels
import WinnowCore
import WinnowTokenizers

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A cross-encoder: reads query and passage together and says with one logit how relevant the passage is.
///
/// `BertForSequenceClassification` with one label: `[CLS]` of the last layer → pooler → tanh → classifier. Scores are bitwise
/// the same whatever candidates stand beside, in whichever order, on however many threads, for one kernel variant.
public final class CrossEncoder: Reranker {
    /// What the model's files say.
    public var description: ModelDescription { runtime.description }
    /// What the user should know about the model as it was loaded: of its files, and of weights that were rounded.
    public var notes: [String] { runtime.notes }
    public var tokenizer: any TextTokenizer { runtime.tokenizer }
    /// Tokens of a pair at most, special tokens included.
    public var maxLength: Int { runtime.maxLength }

    let runtime: EncoderRuntime
    private let pooler: PackedLinear
    private let classifier: PackedLinear

    /// What is tokenised and scored in one go; cancellation is noticed between and, unstarted, inside. With a deadline it is less: no time is
    /// spent on the tokens of pairs that will not be scored. The bytes bound what is held of passages that are read in windows.
    private struct BatchSize {
        /// At most.
        var pairs: Int
        /// Of texts together, beside those of the first passage.
        var bytes: Int

        static let unhurried = BatchSize(pairs: 512, bytes: 4 << 20)
        static let hurried = BatchSize(pairs: 64, bytes: 128 << 10)

        /// How many of the candidates make a batch, at least 1.
        func count(of candidates: ArraySlice<Candidate>) -> Int {
            var bytes = 0
            let end = candidates.prefix(pairs).firstIndex { candidate in
                bytes += candidate.passage.text.utf8.count + (candidate.passage.title?.utf8.count ?? 0)
                return bytes > self.bytes
            }
            return max(1, (end ?? min(candidates.endIndex, candidates.startIndex + pairs)) - candidates.startIndex)
        }
    }

    /// Reads a model. Weights of a folder are mapped and repacked for the kernels (4 bytes a weight of the layers).
    /// - Throws: ``ModelError`` for the files, `TokenizerError` for the tokenizer's, ``EncoderError`` for the options.
    public static func load(_ source: ModelSource, options: EncoderOptions = EncoderOptions()) throws -> CrossEncoder {
        let runtime = try EncoderRuntime(source, kind: .crossEncoder, options: options)
        guard let pooler = runtime.weights.pooler, let classifier = runtime.weights.classifier else {
            throw ModelError(.invalidWeights, at: source.location, "the pooler or the classifier is missing")
        }
        return CrossEncoder(runtime, pooler: pooler, classifier: classifier)
    }

    private init(_ runtime: EncoderRuntime, pooler: LinearWeights, classifier: LinearWeights) {
        self.runtime = runtime
        self.pooler = PackedLinear([pooler])
        self.classifier = PackedLinear([classifier])
    }

    public var identity: ModelIdentity {
        get throws {
            var identity = try runtime.identity()
            if let windows { identity.truncation = "\(windows.name):\(maxLength)" }
            return identity
        }
    }

    private var windows: PassageWindows? {
        runtime.options.truncation == .passage ? runtime.options.windows : nil
    }

    /// Scores each candidate's ``Passage/content`` against the query.
    /// - Returns: one score a candidate, in the order given; nil only where it, or its last window, could not be scored before `deadline`.
    /// - Throws: `TokenizerError` when the query takes more than half of the budget, or a pair is too long under
    ///   ``Truncation/error``; ``EncoderError/notFinite(model:item:)``; `CancellationError`.
    public func score(
        _ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant? = nil
    ) async throws -> [PairScore?] {
        try await scoring(query, candidates, until: deadline).scores
    }

    /// The same. Under ``EncoderOptions/windows`` there are counts: `windowed` candidates were read in so many `windows`.
    public func scoring(
        _ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant? = nil
    ) async throws -> Scoring {
        try await scoring(query, candidates, within: TimeLimit(deadline))
    }

    package func scoring(_ query: Query, _ candidates: [Candidate], within time: TimeLimit) async throws -> Scoring {
        let queryIDs = try await runtime.tokenize([query.text])[0]
        var scoring = Scoring(scores: [], counts: windows == nil ? [:] : ["windowed": 0, "windows": 0])
        scoring.scores.reserveCapacity(candidates.count)
        let size = time.isLimited ? BatchSize.hurried : .unhurried
        var rest = candidates[...]
        // What was not scored for want of time ends it: what comes later is less wanted.
        var isCut = false
        while !rest.isEmpty, !isCut, !time.isOver {
            let batch = rest.prefix(size.count(of: rest))
            rest = rest.dropFirst(batch.count)
            let part = try await score(queryIDs, Array(batch), within: time)
            isCut = part.scores.contains { $0 == nil }
            scoring.scores += part.scores
            scoring.counts.merge(part.counts) { $0 + $1 }
        }
        scoring.scores += repeatElement(nil, count: rest.count)
        return scoring
    }

    /// What of a candidate stands in which inputs.
    private struct Reading {
        /// Of its inputs.
        var inputs: Range<Int>
        var isInWindows: Bool
    }

    private func score(
        _ queryIDs: [Int32], _ candidates: [Candidate], within time: TimeLimit
    ) async throws -> Scoring {
        let passages = try await tokens(of: candidates, within: time)
        guard !passages.isEmpty else { return Scoring(scores: Array(repeating: nil, count: candidates.count)) }
        var inputs: [ModelInput] = []
        inputs.reserveCapacity(candidates.count)
        var readings: [Reading] = []
        var owners: [Int] = []
        for (candidate, ids) in zip(candidates, passages) {
            let pieces = try await pieces(of: candidate, ids, beside: queryIDs.count)
            let first = inputs.count
            for piece in pieces ?? [ids] {
                do {
                    inputs.append(
                        try tokenizer.template.pair(
                            query: queryIDs, passage: piece, maxLength: maxLength,
                            truncation: runtime.options.truncation))
                } catch let error as TokenizerError where error.kind == .wouldTruncate {
                    throw EncoderError.unusable(item: "candidate \"\(candidate.passage.id)\"", reason: "\(error)")
                }
                owners.append(readings.count)
            }
            readings.append(Reading(inputs: first..<inputs.count, isInWindows: pieces != nil))
        }
        func name(_ input: Int) -> String { "candidate \"\(candidates[owners[input]].passage.id)\"" }
        let logits = try await logits(inputs, name: name, within: time)
        var scores = try readings.map { reading -> PairScore? in
            let own = logits[reading.inputs].compactMap { $0 }
            guard own.count == reading.inputs.count else { return nil }
            if let index = own.firstIndex(where: { !$0.isFinite }) {
                throw EncoderError.notFinite(model: description.name, item: name(reading.inputs.lowerBound + index))
            }
            guard let judged = (windows ?? PassageWindows()).judged(own) else { return nil }
            let input = inputs[reading.inputs.lowerBound + judged.window]
            return PairScore(
                logit: Logit(judged.logit), score: description.activation.apply(Logit(judged.logit)),
                passageTokensDropped: input.passageTokensDropped, queryTokensDropped: input.queryTokensDropped,
                window: reading.isInWindows ? judged.window : nil)
        }
        scores += repeatElement(nil, count: candidates.count - passages.count)
        guard windows != nil else { return Scoring(scores: scores) }
        // What was read, whether or not it came to a score.
        let read = readings.filter(\.isInWindows).map { logits[$0.inputs].count { $0 != nil } }
        return Scoring(scores: scores, counts: ["windowed": read.count { $0 > 0 }, "windows": read.reduce(0, +)])
    }

    /// The windows of a passage that does not fit beside a query; nil for one that does, and where long ones are cut.
    private func pieces(of candidate: Candidate, _ ids: [Int32], beside query: Int) async throws -> [[Int32]]? {
        let room = maxLength - tokenizer.template.pairSpecialCount
        // A query that leaves a passage less than half is refused with its pair.
        guard let windows, query <= room / 2, ids.count > room - query else { return nil }
        let title = try await runtime.tokenize([candidate.passage.heading])[0]
        let count = ids.starts(with: title) ? title.count : 0
        let cut = windows.ranges(count: ids.count, title: count, room: room - query)
        return cut.ranges.map { Array(ids[..<cut.title] + ids[$0]) }
    }

    /// The head's output for sequences as the model takes them.
    /// - Parameter name: how an error names the sequence of that index.
    /// - Returns: one logit a sequence; nil where there was no time for it.
    package func logits(
        _ inputs: [ModelInput], name: (Int) -> String = { "sequence \($0 + 1)" },
        within time: TimeLimit = TimeLimit(nil)
    ) async throws -> [Float?] {
        let collected = Collected<Float>(count: inputs.count)
        let pooler = pooler
        let classifier = classifier
        let kernels = runtime.bert.kernels
        try await runtime.forward(
            inputs, wanted: .firstTokens, name: name, within: time
        ) { members, _, workspace in
            // One row a sequence; the context buffer is free once the last layer is done.
            let pooled = workspace.context
            pooler(
                workspace.hidden, stride: workspace.hiddenStride, rows: members.count,
                into: pooled, stride: workspace.hiddenStride, kernels: kernels)
            for row in members.indices {
                let values = pooled + row * workspace.hiddenStride
                for column in 0..<pooler.outputs { values[column] = tanhf(values[column]) }
                var logit: Float = 0
                classifier(values, stride: 0, rows: 1, into: &logit, stride: 1, kernels: kernels)
                collected.store(logit, at: members[row])
            }
        }
        return collected.values
    }

    /// Token ids of the candidates' texts; those made at ingest by this very tokenizer are taken as they are.
    /// - Returns: one a candidate, up to the first that there was no time for.
    private func tokens(of candidates: [Candidate], within time: TimeLimit) async throws -> [[Int32]] {
        let own = candidates.contains { $0.tokens != nil } ? try runtime.tokenizerFingerprint() : nil
        var ids = candidates.map { candidate -> [Int32]? in
            guard let tokens = candidate.tokens, tokens.tokenizer == own else { return nil }
            return tokens.ids
        }
        let missing = ids.indices.filter { ids[$0] == nil }
        let made = try await runtime.tokenize(missing.map { candidates[$0].passage.content }, within: time)
        for (index, tokens) in zip(missing, made) { ids[index] = tokens }
        return Array(ids.prefix { $0 != nil }.compactMap(\.self))
    }
}

extension ScoreKind {
    /// The model's own activation of a logit.
    public func apply(_ logit: Logit) -> Score {
        switch self {
        case .sigmoid: Score(1 / (1 + expf(-logit.value)), kind: .sigmoid)
        case .identity: Score(logit.value, kind: .identity)
        }
    }
}
