/// What one passage of a document may hold: the budget of its content, and the window of its text where the chunker has one.
struct PassageSpace {
    let source: SourceText
    let budget: PassageBudget
    /// The most that the text alone, without the title, may count.
    let window: PassageBudget.Limit?
    /// What units are counted by: the budget's limits in order, then the window where it counts otherwise.
    let counters: [any TokenCounter]
    /// Which of the counters is the window's.
    let windowIndex: Int?
    /// What goes before each passage that does not begin with it.
    private(set) var title: String?
    /// By each limit of the budget.
    private(set) var titleTokens: [Int]

    init(source: SourceText, budget: PassageBudget, window: Packing.Window?) {
        self.source = source
        self.budget = budget
        var counters = budget.limits.map(\.counter)
        switch window {
        case .words(let size):
            self.window = PassageBudget.Limit(name: "words", counter: WhiteSpaceWords(), maximum: size)
            windowIndex = counters.count
            counters.append(WhiteSpaceWords())
        case .tokens(let size):
            self.window = budget.limits.first.map { .init(name: $0.name, counter: $0.counter, maximum: size) }
            windowIndex = budget.limits.isEmpty ? nil : 0
        case nil:
            self.window = nil
            windowIndex = nil
        }
        self.counters = counters
        titleTokens = budget.limits.map { _ in 0 }
    }

    mutating func setTitle(_ title: String?) {
        self.title = title
        titleTokens = budget.limits.map { limit in title.map { limit.counter.tokenCount($0) } ?? 0 }
    }

    /// What the text of a passage may count by each counter.
    func limits(besideTitle: Bool) -> [Int] {
        var limits = zip(budget.limits, titleTokens).map { $0.maximum - (besideTitle ? $1 : 0) }
        guard let window, let windowIndex else { return limits }
        if windowIndex == limits.count {
            limits.append(window.maximum)
        } else {
            limits[windowIndex] = min(limits[windowIndex], window.maximum)
        }
        return limits
    }

    /// More bytes than this are rarely so few tokens that one passage holds them: not worth counting whole.
    var bytesWorthTrying: Int {
        guard let least = (budget.limits.map(\.maximum) + [window?.maximum].compactMap(\.self)).min() else {
            return .max
        }
        return 1024 + 16 * max(0, least)
    }

    func fits(_ range: Range<Int>, _ title: String?) -> Bool {
        if counters.isEmpty { return true }
        let text = source.string(range)
        if let window, window.counter.tokenCount(text) > window.maximum { return false }
        guard let title, !begins(range, with: title) else { return budget.admits(text) }
        return budget.admits(title + "\n" + text)
    }

    /// Whether the passage opens with the title, so that it is not put before it again.
    func begins(_ range: Range<Int>, with title: String) -> Bool {
        TitlePrefix.begins(source.utf8(range), with: title.utf8)
    }

    /// As much of a title's beginning, cut at white space, as takes at most `share` of each limit; nil when no word does.
    func shortened(_ title: String, share: Double) -> String? {
        var words = title.split(whereSeparator: \.isWhitespace)[...]
        var candidate = title
        while true {
            let fits = budget.limits.allSatisfy { limit in
                limit.counter.tokenCount(candidate) <= Int(Double(limit.maximum) * share)
            }
            if fits { return candidate }
            // Halving first keeps a title of a million words from being counted a million times.
            words = words.prefix(words.count > 512 ? words.count / 2 : words.count - 1)
            guard !words.isEmpty else { return nil }
            candidate = words.joined(separator: " ")
        }
    }
}

/// Words as their writer set them apart, by ASCII white space.
struct WhiteSpaceWords: TokenCounter {
    func tokenCount(_ text: String) -> Int {
        var count = 0
        var inWord = false
        for byte in text.utf8 {
            let isSpace = ByteText.isSpace(byte)
            if !isSpace, !inWord { count += 1 }
            inWord = !isSpace
        }
        return count
    }
}
