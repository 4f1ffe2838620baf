import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// One query's list, best first, with the grades in the place of the documents: all that a measure looks at.
///
/// Every sum is a double's, added in the order of ranks, as trec_eval adds.
struct GradedList {
    /// In the place of a grade: nobody said anything about the document.
    static let unjudged = Int.min

    /// Negative grades: pooled and not judged.
    let grades: [Int]
    /// ``grades`` without what is under 0.
    let condensed: [Int]
    /// Grades from 0 on of all judged documents, retrieved or not, best first.
    let judged: [Int]

    init(_ entries: [Run.Entry], judgements: [ExactText: Int]) {
        grades = entries.map { judgements[ExactText($0.documentID)] ?? Self.unjudged }
        condensed = grades.filter { $0 >= 0 }
        judged = judgements.values.filter { $0 >= 0 }.sorted(by: >)
    }

    /// - Returns: in 0…1.
    func value(of measure: Measure) -> Double {
        let whole = measure.judgedOnly ? condensed : grades
        let list = whole.prefix(measure.cutoff ?? .max)
        let level = measure.level
        switch measure.kind {
        case .nDCG:
            let ideal = Self.gain(of: judged.prefix(measure.cutoff ?? .max), measure.gain)
            return ideal > 0 ? Self.gain(of: list, measure.gain) / ideal : 0
        case .RR:
            return list.firstIndex { $0 >= level }.map { 1 / Double($0 + 1) } ?? 0
        case .AP:
            var (found, sum) = (0, 0.0)
            for (index, grade) in list.enumerated() where grade >= level {
                found += 1
                sum += Double(found) / Double(index + 1)
            }
            return over(relevantCount(level), sum)
        case .P:
            return Double(Self.count(list, level)) / Double(measure.cutoff ?? 1)
        case .R, .SetR:
            return over(relevantCount(level), Double(Self.count(list, level)))
        case .Success:
            return list.contains { $0 >= level } ? 1 : 0
        case .Rprec:
            let relevant = relevantCount(level)
            return over(relevant, Double(Self.count(list.prefix(relevant), level)))
        case .Bpref:
            return bpref(level)
        case .Judged:
            return over(list.count, Double(list.count { $0 != Self.unjudged }))
        }
    }

    /// R: documents judged at least `level`.
    func relevantCount(_ level: Int) -> Int { judged.firstIndex { $0 < level } ?? judged.count }

    private func bpref(_ level: Int) -> Double {
        let relevant = relevantCount(level)
        let smaller = min(relevant, judged.count - relevant)
        var (irrelevantBefore, sum) = (0, 0.0)
        for grade in condensed {
            if grade < level {
                irrelevantBefore += 1
            } else if irrelevantBefore == 0 {
                sum += 1
            } else {
                sum += 1 - Double(min(irrelevantBefore, relevant)) / Double(smaller)
            }
        }
        return over(relevant, sum)
    }

    private func over(_ count: Int, _ sum: Double) -> Double { count > 0 ? sum / Double(count) : 0 }

    private static func count(_ list: ArraySlice<Int>, _ level: Int) -> Int { list.count { $0 >= level } }

    /// Σ gain / log₂(rank + 1).
    static func gain(of grades: ArraySlice<Int>, _ gain: Measure.Gain) -> Double {
        var sum = 0.0
        for (index, grade) in grades.enumerated() where grade > 0 {
            sum += gain.value(of: grade) / Discount.at(rank: index + 1)
        }
        return sum
    }
}

extension Measure.Gain {
    /// - Parameter grade: over 0.
    func value(of grade: Int) -> Double {
        self == .linear ? Double(grade) : exp2(Double(min(grade, 1000))) - 1
    }
}

/// By what a gain is divided at its rank.
enum Discount {
    static func at(rank: Int) -> Double { rank <= table.count ? table[rank - 1] : log2(Double(rank + 1)) }

    private static let table = (1...1024).map { log2(Double($0 + 1)) }
}
