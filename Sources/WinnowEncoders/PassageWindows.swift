import WinnowTokenizers

/// How a passage is judged that the model cannot read in one piece: in windows of its tokens that overlap, each under the passage's
/// title or the heading that it opens with, each a pair with the query like any other.
public struct PassageWindows: Sendable, Hashable {
    /// What the passage's score is made of.
    public enum Score: String, Sendable, Hashable, CaseIterable {
        /// The logit of the best window (MaxP; Dai and Callan, SIGIR 2019).
        case best = "max"
        /// The mean of the two best windows' logits: one window that is good by chance counts for less.
        case topTwoMean = "top-2"
    }

    public var score: Score
    /// Tokens of a window at most, the title's included; nil: as many as fit beside the query.
    public var size: Int?
    /// What ``size`` is where nothing is said. Of 128, 192, 256 and as many as fit the best on development questions: models are trained
    /// with passages of about this length, and a longer window dilutes what answers (`Documentation/reranking.md`).
    public static let standardSize = 128
    /// Tokens that a window repeats of the one before; at most a quarter of a window.
    public var overlap: Int

    public init(score: Score = .best, size: Int? = standardSize, overlap: Int = 64) {
        self.score = score
        self.size = size
        self.overlap = overlap
    }

    /// As it stands in an identity: scores of windows are other scores. It changes with what a window begins with.
    var name: String {
        (["titled-window", score.rawValue]
            + [size.map { max(1, $0) }, max(0, overlap)].compactMap { $0.map(String.init) })
            .joined(separator: "-")
    }

    /// The windows over a passage's tokens.
    ///
    /// The last one ends with the passage and is as long as the others: it repeats more rather than seeing less around it.
    ///
    /// - Parameters:
    ///   - count: tokens of the passage, more than `room`.
    ///   - title: how many of them, the first ones, are its title's. Every window begins with the title, unless that would take more than a
    ///     quarter of the room: then it is text like the rest, and stands in the first window.
    ///   - room: tokens that fit beside the query, the title's included, at least 1.
    /// - Returns: how many tokens of title stand ahead of each window, and the ranges of the others.
    func ranges(count: Int, title: Int, room: Int) -> (title: Int, ranges: [Range<Int>]) {
        let room = min(room, max(1, size ?? room))
        let title = title * 4 <= room ? title : 0
        let size = max(1, room - title)
        let step = max(1, size - min(max(0, overlap), size / 4))
        var ranges: [Range<Int>] = []
        var start = title
        while start + size < count {
            ranges.append(start..<start + size)
            start += step
        }
        ranges.append(max(title, count - size)..<count)
        return (title, ranges)
    }

    /// Which window the score is of, and the score's logit.
    ///
    /// - Parameter logits: of all windows, finite, at least one.
    func judged(_ logits: [Float]) -> (window: Int, logit: Float)? {
        guard var best = logits.indices.first else { return nil }
        for index in logits.indices where logits[index] > logits[best] { best = index }
        switch score {
        case .best: return (best, logits[best])
        case .topTwoMean:
            let second = logits.indices.lazy.filter { $0 != best }.map { logits[$0] }.max()
            return (best, second.map { (logits[best] + $0) / 2 } ?? logits[best])
        }
    }
}
