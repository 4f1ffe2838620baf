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

    /// Takes hits, best first, while they fit.
    ///
    /// - A hit that says word for word what a better one says, title and text, is set aside (``Context/duplicates``): the
    ///   same page in two places is read once, and cited where it ranked best.
    /// - Passages of one document that overlap, touch, or have only white space between them become one item, in the order
    ///   of the text, what they share once. Its number goes by the best of them.
    /// - A hit that does not fit is left out (``Context/leftOut``); a later, shorter one may still come in. Headers count.
    /// - The best hit is always there. Where it alone is over the budget, as much of its beginning is as fits, cut after a
    ///   sentence, at least at a word (``Context/Item/truncated``), and nothing else. Only a budget in which not even the
    ///   header and one character fit is exceeded.
    ///
    /// Costs a count of each hit's text and one of the whole.
    /// - Parameter hits: best first.
    public func context(of hits: [Hit]) -> Context {
        var seen: Set<String> = []
        var unique: [Hit] = []
        var duplicates: [Hit] = []
        for hit in hits {
            if seen.insert(Self.said(by: hit.passage)).inserted { unique.append(hit) } else { duplicates.append(hit) }
        }
        guard let best = unique.first else { return Context(items: []) }

        // Places in `unique`.
        var taken: [Int] = []
        var leftOut: [Int] = []
        var drafts: [Draft] = []
        var spent = 0
        for (place, hit) in unique.enumerated() {
            let next = Self.adding(hit, rank: taken.count, to: drafts)
            let others = spent - next.absorbed.reduce(0) { $0 + $1.tokens }
            let cost = tokens(of: next.joined, isFirst: next.others.isEmpty)
            if let cost, others + cost <= tokenBudget {
                drafts = next.others + [Draft(hits: next.joined.hits, rank: next.joined.rank, tokens: cost)]
                spent = others + cost
                taken.append(place)
            } else {
                leftOut.append(place)
                if taken.isEmpty { break }
            }
        }

        // Tokenizers need not add up: what the parts are less than, the whole may be over.
        while !taken.isEmpty {
            let context = Context(items: arranged(items(of: drafts)))
            let tokens = counter.tokenCount(context.text)
            if tokens <= tokenBudget {
                return Context(
                    items: context.items, leftOut: leftOut.sorted().map { unique[$0] }, duplicates: duplicates,
                    tokens: tokens)
            }
            leftOut.append(taken.removeLast())
            drafts = []
            for (rank, place) in taken.enumerated() {
                let next = Self.adding(unique[place], rank: rank, to: drafts)
                drafts = next.others + [next.joined]
            }
        }
        let items = [beginning(of: best)]
        return Context(
            items: items, leftOut: Array(unique.dropFirst()), duplicates: duplicates,
            tokens: counter.tokenCount(Context(items: items).text))
    }

    /// What a model reads of a passage, the amount of white space aside.
    private static func said(by passage: Passage) -> String {
        passage.content.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    // MARK: - Items

    /// Hits that will be one item.
    private struct Draft {
        var hits: [Hit]
        /// The best one's place among those taken, from 0.
        var rank: Int
        var tokens = 0
    }

    /// The drafts with one more hit: the draft that it joins or makes, those that this draft takes in, and all others.
    private static func adding(
        _ hit: Hit, rank: Int, to drafts: [Draft]
    ) -> (joined: Draft, absorbed: [Draft], others: [Draft]) {
        var joined = Draft(hits: [hit], rank: rank)
        var absorbed: [Draft] = []
        var others: [Draft] = []
        for draft in drafts {
            if draft.hits.contains(where: { MergedPassages.adjoin($0.passage, hit.passage) }),
                MergedPassages.agree((joined.hits + draft.hits).map(\.passage))
            {
                joined.hits += draft.hits
                joined.rank = min(joined.rank, draft.rank)
                absorbed.append(draft)
            } else {
                others.append(draft)
            }
        }
        return (joined, absorbed, others)
    }

    /// What a draft costs in the context; nil when it is too long to be worth counting.
    private func tokens(of draft: Draft, isFirst: Bool) -> Int? {
        guard !draft.hits.contains(where: { $0.passage.text.utf8.count > bytesWorthCounting }) else { return nil }
        let prompt = Self.item(of: draft.hits, number: draft.rank + 1).prompt
        return counter.tokenCount(isFirst ? prompt : Context.separator + prompt)
    }

    /// No natural text of more bytes has so few tokens. Spares counting a whole book that was not cut.
    private var bytesWorthCounting: Int {
        let (bytes, overflow) = max(0, tokenBudget).multipliedReportingOverflow(by: 32)
        return overflow ? .max : max(bytes, 4096)
    }

    private func items(of drafts: [Draft]) -> [Context.Item] {
        drafts.sorted { $0.rank < $1.rank }.enumerated().map { Self.item(of: $1.hits, number: $0 + 1) }
    }

    static func item(of hits: [Hit], number: Int) -> Context.Item {
        let merged = MergedPassages(hits)
        let passages = merged.hits.map(\.passage)
        func first(_ field: String) -> String? {
            passages.lazy.compactMap { $0.metadata[field]?.stringValue }.first { !$0.isEmpty }
        }
        return Context.Item(
            number: number, documentID: passages.first?.documentID ?? "",
            title: first(MetadataField.title) ?? passages.lazy.compactMap(\.title).first { !$0.isEmpty },
            source: first(MetadataField.source), section: passages.first?.metadata[MetadataField.section]?.stringValue,
            text: merged.text, range: merged.range, hits: merged.hits)
    }

    /// - Parameter items: best first.
    private func arranged(_ items: [Context.Item]) -> [Context.Item] {
        switch order {
        case .bestFirst: items
        case .bestAtBothEnds:
            items.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
                + items.enumerated().filter { $0.offset % 2 == 1 }.map(\.element).reversed()
        }
    }

    // MARK: - The best one cut

    /// As much of one hit's beginning as fits the budget.
    private func beginning(of hit: Hit) -> Context.Item {
        let whole = Self.item(of: [hit], number: 1)
        let bytes = TextCuts.prefix(of: whole.text, bytes: bytesWorthCounting)
        func cut(_ end: Int) -> Context.Item {
            var item = whole
            item.text = ByteText.string(0..<end, in: bytes)
            item.range = whole.range.lowerBound..<min(whole.range.upperBound, whole.range.lowerBound + end)
            item.truncated = end < whole.text.utf8.count
            return item
        }
        /// The last of `ends` at which the text fits. By halves: near enough for tokenizers that are not quite monotonic, and
        /// what it gives has been counted.
        func last(of ends: [Int]) -> Int? {
            var good: Int?
            var low = 0
            var high = ends.count
            while low < high {
                let middle = (low + high) / 2
                if counter.tokenCount(cut(ends[middle]).prompt) <= tokenBudget {
                    good = ends[middle]
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            return good
        }
        let ends = TextCuts.sentenceEnds(in: bytes)
        if let end = last(of: ends) { return cut(end) }
        let sentence = bytes[..<(ends.first ?? bytes.count)]
        let words = TextCuts.wordEnds(in: sentence)
        if let end = last(of: words) { return cut(end) }
        let characters = TextCuts.characterEnds(in: sentence.prefix(words.first ?? sentence.count))
        return cut(last(of: characters) ?? characters.first ?? 0)
    }
}
