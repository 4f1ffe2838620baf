/// Finds texts that have nearly all of their ``TextShingles`` in common, in 128 bytes a text: a million take 140 MB.
///
/// One permutation is cut into 64 bins (Li, Owen and Zhang 2012), empty bins take another one's value (Shrivastava 2017), 16 bits of each
/// are kept (Li and König 2010). The share of equal values estimates the Jaccard similarity of two texts' sets of shingles, with a
/// standard error of 0.05 at 0.8. Only texts that agree in one of 16 bands of four values are compared: of pairs at 0.8 that misses
/// 2 in 10,000.
package struct NearDuplicates: Sendable {
    /// From this similarity on two texts are near duplicates.
    package static let threshold = 0.8
    /// Texts of fewer shingles are left out: their similarity takes few values, and one word decides.
    package static let fewestShingles = 16

    package static let bins = 64
    private static let bandSize = 4
    /// Texts of one band that others are compared with: bounds the time where very many share a beginning.
    private static let mostRepresentatives = 16

    private var values: [UInt16] = []

    package init() {}

    /// Texts that were added.
    package var count: Int { values.count / Self.bins }

    /// Adds a text, whose number is the ``count`` before.
    ///
    /// - Parameter shingles: at least one.
    package mutating func add(_ shingles: [UInt64]) { values += Self.signature(shingles) }

    /// - Parameter shingles: at least one.
    package static func signature(_ shingles: [UInt64]) -> [UInt16] {
        var least = [UInt64](repeating: .max, count: bins)
        for hash in shingles {
            let bin = Int(hash >> 58)
            least[bin] = min(least[bin], hash & (1 << 58 - 1))
        }
        return least.indices.map { bin in
            var source = bin
            var attempt: UInt64 = 0
            while least[source] == .max, attempt < 1 << 16 {
                attempt += 1
                source = Int(TextShingles.mixed(UInt64(bin) << 32 | attempt) >> 58)
            }
            return UInt16(truncatingIfNeeded: least[source])
        }
    }

    /// The estimated Jaccard similarity of two texts that were added.
    package func similarity(_ first: Int, _ second: Int) -> Double {
        var equal = 0
        for bin in 0..<Self.bins where values[first * Self.bins + bin] == values[second * Self.bins + bin] {
            equal += 1
        }
        return Double(equal) / Double(Self.bins)
    }

    /// The exact Jaccard similarity of two sets of shingles; 0 of two empty ones.
    package static func jaccard(_ first: [UInt64], _ second: [UInt64]) -> Double {
        let (first, second) = (Set(first), Set(second))
        let common = first.intersection(second).count
        let all = first.count + second.count - common
        return all == 0 ? 0 : Double(common) / Double(all)
    }

    /// Texts that are near duplicates of one another, directly or by others between: each group ascending, the largest group first.
    package func groups() -> [[Int]] {
        var parents = Array(0..<count)
        func root(_ text: Int) -> Int {
            var text = text
            while parents[text] != text {
                parents[text] = parents[parents[text]]
                text = parents[text]
            }
            return text
        }
        for band in 0..<Self.bins / Self.bandSize {
            let keyed = (0..<count).map { (key: key($0, band), text: $0) }.sorted {
                ($0.key, $0.text) < ($1.key, $1.text)
            }
            var start = 0
            while start < keyed.count {
                var end = start + 1
                while end < keyed.count, keyed[end].key == keyed[start].key { end += 1 }
                var representatives = [keyed[start].text]
                for place in start + 1..<max(end, start + 1) {
                    let text = keyed[place].text
                    if let found = representatives.first(where: { similarity($0, text) >= Self.threshold }) {
                        let (a, b) = (root(found), root(text))
                        parents[max(a, b)] = min(a, b)
                    } else if representatives.count < Self.mostRepresentatives {
                        representatives.append(text)
                    }
                }
                start = end
            }
        }
        var members: [Int: [Int]] = [:]
        for text in 0..<count { members[root(text), default: []].append(text) }
        return members.values.filter { $0.count > 1 }.sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }
    }

    private func key(_ text: Int, _ band: Int) -> UInt64 {
        let first = text * Self.bins + band * Self.bandSize
        return values[first..<first + Self.bandSize].reduce(0) { $0 << 16 | UInt64($1) }
    }
}
