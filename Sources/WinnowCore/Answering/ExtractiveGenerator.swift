/// Answers with the sentences of the passages that answer the question best, word for word, chosen by the reranker itself, or by
/// the embedder where there is no reranker.
///
/// Needs no language model and invents nothing, and for the same reason does not say that there is no answer: that is for the
/// pipeline's threshold. Each sentence is scored as a passage of its own under its title and headings. Taken are
///
/// - the one with the highest logit (or cosine), always;
/// - others, best first, that are within ``closeness`` of it, but none that mostly repeats one that is taken already.
///
/// They are shown by the numbers of their passages, those of one passage in its order, each with its citation.
public struct ExtractiveGenerator: AnswerGenerator {
    /// Who judges sentences.
    public var judge: Judge
    /// The most sentences of an answer; under 1 counts as 1.
    public var maxSentences: Int
    /// How far under the best sentence's logit (or cosine) another's may be. A logit of a model trained on yes and no is a log
    /// odds: 2 under the best is odds 7 times lower.
    public var closeness: Float
    /// The most sentences that are scored, those of the best passages first; under 1 counts as 1.
    public var maxScored: Int
    /// How long scoring may take; nil: as long as it takes. Without any score the best passage's first sentences are the answer.
    public var timeLimit: Duration?

    public init(
        reranker: any Reranker, maxSentences: Int = 3, closeness: Float = 2, maxScored: Int = 64,
        timeLimit: Duration? = nil
    ) {
        judge = .reranker(reranker)
        self.maxSentences = maxSentences
        self.closeness = closeness
        self.maxScored = maxScored
        self.timeLimit = timeLimit
    }

    /// Chooses by the cosine of question and sentence: quicker and less exact than a reranker's reading.
    public init(embedder: any Embedder, maxSentences: Int = 3, closeness: Float = 0.1, maxScored: Int = 64) {
        judge = .embedder(embedder)
        self.maxSentences = maxSentences
        self.closeness = closeness
        self.maxScored = maxScored
    }

    /// What sentences are compared with the question by.
    public enum Judge: Sendable {
        /// Its logits must be comparable with each other, as a cross-encoder's are.
        case reranker(any Reranker)
        /// Extracts then have no ``PairScore``: a cosine is no logit.
        case embedder(any Embedder)
    }

    public var name: String { "extractive" }

    /// - Throws: what the reranker throws, ``SearchError/scoreCount(candidates:scores:)``, `CancellationError`.
    public func generate(
        _ query: Query, from context: Context, onText: @Sendable (String) async throws -> Void
    ) async throws -> GeneratedAnswer {
        try await generate(query, from: context, until: nil, onText: onText)
    }

    /// The same by a deadline, or by the end of ``timeLimit`` where that comes first.
    public func generate(
        _ query: Query, from context: Context, until deadline: ContinuousClock.Instant?,
        onText: @Sendable (String) async throws -> Void
    ) async throws -> GeneratedAnswer {
        let deadline = [deadline, timeLimit.map { ContinuousClock.now + $0 }].compactMap { $0 }.min()
        let items = context.items.sorted { $0.number < $1.number }
        let units = candidates(items)
        guard !units.isEmpty else { return try await withoutSentences(items, onText) }

        let passages = units.map { unit in
            Passage(
                id: "\(unit.documentID)@\(unit.range.lowerBound)", documentID: unit.documentID, title: unit.about,
                text: unit.text, range: unit.range)
        }
        let pairScores: [PairScore?]
        let values: [Float?]
        let compared: Int
        switch judge {
        case .reranker(let reranker):
            pairScores = try await scores(query, passages, reranker, until: deadline)
            values = pairScores.map { $0?.logit.value }
            compared = values.count { $0 != nil }
        case .embedder(let embedder):
            pairScores = Array(repeating: nil, count: units.count)
            let cosines = try await cosines(query, passages, embedder, until: deadline)
            compared = cosines.count
            values = cosines + Array(repeating: nil, count: units.count - cosines.count)
        }
        let extracts = chosen(units, values).map { index in
            GeneratedAnswer.Extract(
                number: units[index].number, documentID: units[index].documentID, text: units[index].text,
                range: units[index].range, pairScore: pairScores[index])
        }
        var answer = try await answer(extracts, onText)
        answer.sentences = .init(scored: compared, of: units.count)
        return answer
    }

    // MARK: - Judging

    private func scores(
        _ query: Query, _ passages: [Passage], _ reranker: any Reranker, until deadline: ContinuousClock.Instant?
    ) async throws -> [PairScore?] {
        let candidates = passages.enumerated().map { Candidate(passage: $1, rank: $0 + 1) }
        let scores = try await reranker.score(query, candidates, until: deadline)
        guard scores.count == candidates.count else {
            throw SearchError.scoreCount(candidates: candidates.count, scores: scores.count)
        }
        return scores
    }

    /// Sentences that are embedded in one go when there is a deadline.
    private static let sentencesPerBatch = 8

    /// - Returns: one for each of the first passages, those that were compared in time; nil for one without a direction.
    private func cosines(
        _ query: Query, _ passages: [Passage], _ embedder: any Embedder, until deadline: ContinuousClock.Instant?
    ) async throws -> [Float?] {
        func isOver() -> Bool { deadline.map { ContinuousClock.now >= $0 } ?? false }
        var cosines: [Float?] = []
        guard !isOver() else { return [] }
        let question = try await embedder.embed([query.text], as: .query)
        let size = deadline == nil ? passages.count : Self.sentencesPerBatch
        for first in stride(from: 0, to: passages.count, by: max(1, size)) where !isOver() {
            cosines += try await Self.cosines(
                question, Array(passages[first..<min(first + size, passages.count)]), embedder)
        }
        return cosines
    }

    private static func cosines(
        _ question: Vectors, _ passages: [Passage], _ embedder: any Embedder
    ) async throws -> [Float?] {
        let sentences = try await embedder.embed(passages.map(\.content), as: .passage)
        guard question.count == 1, sentences.count == passages.count, sentences.dimension == question.dimension else {
            throw SearchError.scoreCount(candidates: passages.count, scores: sentences.count)
        }
        func product(_ left: ArraySlice<Float>, _ right: ArraySlice<Float>) -> Double {
            zip(left, right).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let length = product(question[0], question[0]).squareRoot()
        return (0..<sentences.count).map { row in
            let norms = length * product(sentences[row], sentences[row]).squareRoot()
            return norms > 0 ? Float(product(question[0], sentences[row]) / norms) : nil
        }
    }

    // MARK: - Choosing

    // A passage's own logit is not added to those of its sentences: where it was tried (SelQA, five sections of an article a
    // question), the best sentence was wrong more often the more it weighed.

    /// What is scored: no text twice, and what is weak only where there is nothing else.
    private func candidates(_ items: [Context.Item]) -> [ExtractUnit] {
        var units: [ExtractUnit] = []
        var weak: [ExtractUnit] = []
        var seen: Set<String> = []
        for item in items {
            for unit in ExtractUnit.units(of: item) where seen.insert(unit.text).inserted {
                // A label ("**Splunk.**") names a thing and says nothing of it.
                let isWeak = unit.isWeak || (unit.text.hasPrefix("**") && unit.text.hasSuffix("**"))
                if isWeak { weak.append(unit) } else { units.append(unit) }
            }
            if units.count >= max(1, maxScored) { break }
        }
        return Array((units.isEmpty ? weak : units).prefix(max(1, maxScored)))
    }

    /// Indices into `units`, in the order in which they are shown, which is that of the units.
    private func chosen(_ units: [ExtractUnit], _ values: [Float?]) -> [Int] {
        let ranked = units.indices.compactMap { index in
            values[index].flatMap { $0.isFinite ? (index: index, value: $0) : nil }
        }.sorted { ($0.value, $1.index) > ($1.value, $0.index) }
        guard let best = ranked.first else { return Array(units.indices.prefix(max(1, maxSentences))) }

        var chosen: [(index: Int, words: Set<String>)] = []
        for (index, value) in ranked
        where chosen.isEmpty || (chosen.count < maxSentences && best.value - value <= closeness) {
            let unit = units[index]
            let words = Self.words(of: unit.text)
            let isNew = chosen.allSatisfy { earlier in
                let other = units[earlier.index]
                let overlaps = other.documentID == unit.documentID && other.range.overlaps(unit.range)
                return !overlaps && !Self.repeats(words, earlier.words)
            }
            if isNew { chosen.append((index, words)) }
        }
        return chosen.map(\.index).sorted()
    }

    private static func words(of text: String) -> Set<String> {
        Set(text.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init))
    }

    /// Most of the words of the shorter one are in the other: four of five, or both of two.
    private static func repeats(_ left: Set<String>, _ right: Set<String>) -> Bool {
        let shorter = min(left.count, right.count)
        guard shorter > 2 else { return left.isSubset(of: right) || right.isSubset(of: left) }
        return left.intersection(right).count * 5 >= shorter * 4
    }

    // MARK: - Showing

    private func answer(
        _ extracts: [GeneratedAnswer.Extract], _ onText: @Sendable (String) async throws -> Void
    ) async throws -> GeneratedAnswer {
        var text = ""
        for extract in extracts {
            let shown = extract.displayText
            // Behind a sentence there is a space. A list, a table or code has lines of its own, before and after.
            let isBlock = shown.utf8.contains(UInt8(ascii: "\n"))
            if !text.isEmpty { text += isBlock || text.hasSuffix("\n") ? "\n" : " " }
            text += shown + (isBlock ? "\n" : " ") + "[\(extract.number)]" + (isBlock ? "\n" : "")
        }
        if text.hasSuffix("\n") { text.removeLast() }
        try await onText(text)
        return GeneratedAnswer(text: text, extracts: extracts)
    }

    /// The context is nothing but headings and titles: they are what there is to say.
    private func withoutSentences(
        _ items: [Context.Item], _ onText: @Sendable (String) async throws -> Void
    ) async throws -> GeneratedAnswer {
        guard let item = items.first else { return GeneratedAnswer(text: "", extracts: []) }
        if let heading = ExtractUnit.headings(of: item).first {
            let extract = GeneratedAnswer.Extract(
                number: heading.number, documentID: heading.documentID, text: heading.text, range: heading.range)
            return try await answer([extract], onText)
        }
        let text = (item.title ?? item.source ?? item.documentID) + " [\(item.number)]"
        try await onText(text)
        return GeneratedAnswer(text: text, extracts: [])
    }
}

extension GeneratedAnswer.Extract {
    /// The text as an answer shows it: a sentence on one line, a list, a table or code as it stands.
    public var displayText: String {
        let bytes = Array(text.utf8)
        let blocks = TextBlock.blocks(in: bytes)
        guard blocks.count == 1, blocks[0].kind == .paragraph else { return text }
        return text.split(whereSeparator: \.isNewline).map { line in
            let bytes = Array(line.utf8)
            return ByteText.string(ByteText.trimmed(bytes.indices, in: bytes), in: bytes)
        }.joined(separator: " ")
    }
}
