import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// BM25 as Lucene computes it: a passage's score is the sum over the query's terms, each as often as the query has it, of
///
///     idf · tf / (tf + K),   K = k1 · (1 − b + b · length / mean length),   idf = ln(1 + (N − df + ½) / (df + ½))
///
/// with the exact length in terms. Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with the idf of Lucene's
/// BM25Similarity, which is never negative, and without the constant factor k1 + 1, which changes no order. `N` and `df` count
/// the passages that are there, deleted ones never.
public struct BM25: Sendable, Hashable {
    /// How soon a further occurrence of a term stops to count; 0: at once.
    public let k1: Double
    /// How much a longer passage needs more occurrences for the same score: 0 not at all, 1 in proportion.
    public let b: Double

    /// - Throws: ``StoreError/bm25Parameter(name:value:range:)`` when `k1` is below 0 or not finite, or `b` outside 0…1.
    public init(k1: Double = BM25.standardK1, b: Double = BM25.standardB) throws {
        guard k1 >= 0, k1.isFinite else {
            throw StoreError.bm25Parameter(name: "k1", value: k1, range: "a number from 0")
        }
        guard b >= 0, b <= 1 else { throw StoreError.bm25Parameter(name: "b", value: b, range: "a number from 0 to 1") }
        self.k1 = k1
        self.b = b
    }

    private init(checkedK1 k1: Double, _ b: Double) {
        self.k1 = k1
        self.b = b
    }

    /// Chosen on the dev splits (Documentation/quality.md).
    public static let standard = BM25(checkedK1: standardK1, standardB)
    public static let standardK1 = 0.9
    public static let standardB = 0.4

    /// - Parameters:
    ///   - passages: all that are searched, those without a term among them; at least 1.
    ///   - frequency: in how many of them the term is.
    static func idf(passages: Int, frequency: Int) -> Double {
        log(1 + (Double(passages) - Double(frequency) + 0.5) / (Double(frequency) + 0.5))
    }
}

/// ``BM25`` over passages of a known mean length.
struct BM25Weights: Sendable, Hashable {
    let bm25: BM25
    /// In terms; 0 only when no passage has any.
    let meanLength: Double

    /// K of the formula.
    func saturation(length: UInt32) -> Double {
        bm25.k1 * (1 - bm25.b + (meanLength > 0 ? bm25.b * Double(length) / meanLength : 0))
    }

    /// tf / (tf + K): between 0 and 1, and 1 only where `k1` is 0.
    func weight(count: UInt32, length: UInt32) -> Double {
        let count = Double(count)
        return count / (count + saturation(length: length))
    }
}
