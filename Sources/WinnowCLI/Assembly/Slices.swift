/// How much of a long job is done between two looks at its progress: as much as takes about half a second.
///
/// Results do not depend on it: a text's vector is the same whatever texts stand beside it.
struct Slices {
    private let count: Int
    private let clock = ContinuousClock()
    private var start: ContinuousClock.Instant?
    private var position = 0
    private var size = 32

    /// Under 32 several processors would wait for one another; over 512 the encoder itself works in parts.
    private static let sizes = 32...512

    init(count: Int) {
        self.count = count
    }

    /// The next part of `0..<count`; nil when there is none left. The time since the last call is that of the part before.
    mutating func next() -> Range<Int>? {
        let now = clock.now
        if let start {
            let took = now - start
            if took < .milliseconds(300) { size = min(size * 2, Self.sizes.upperBound) }
            if took > .milliseconds(900) { size = max(size / 2, Self.sizes.lowerBound) }
        }
        start = now
        guard position < count else { return nil }
        let first = position
        position = min(first + size, count)
        return first..<position
    }
}
