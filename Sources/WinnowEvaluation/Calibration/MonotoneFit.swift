/// Least squares under "never falls": the pool-adjacent-violators algorithm on counts, in one pass.
///
/// Shares are compared as fractions of integers, so pooling does not depend on rounding.
enum MonotoneFit {
    /// Observations with one and the same place on the axis.
    struct Tie: Hashable {
        var count: Int
        var positives: Int
    }

    /// Neighbouring ties that share one value.
    struct Block: Hashable {
        /// Of ties.
        var range: ClosedRange<Int>
        var count: Int
        var positives: Int

        var value: Double { Double(positives) / Double(count) }
    }

    /// - Parameter ties: in ascending order of their places, each of at least one observation.
    /// - Returns: blocks in order, their values strictly rising.
    static func blocks(of ties: some Sequence<Tie>) -> [Block] {
        var blocks: [Block] = []
        for (index, tie) in ties.enumerated() {
            var block = Block(range: index...index, count: tie.count, positives: tie.positives)
            while let last = blocks.last, last.positives * block.count >= block.positives * last.count {
                blocks.removeLast()
                block = Block(
                    range: last.range.lowerBound...block.range.upperBound, count: last.count + block.count,
                    positives: last.positives + block.positives)
            }
            blocks.append(block)
        }
        return blocks
    }
}
