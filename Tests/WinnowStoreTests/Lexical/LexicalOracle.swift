import Foundation
import TestSupport
import WinnowCore
import WinnowStore

/// BM25 by its formula, over terms that are given: every passage looked at, in doubles.
struct LexicalOracle {
    let passages: [[String]]
    let k1: Double
    let b: Double

    /// Rows (from 1) with their scores, best first, equal scores by row; none with a score of 0.
    func ranking(_ query: [String]) -> [(row: Int64, score: Double)] {
        let count = Double(passages.count)
        let mean = Double(passages.reduce(0) { $0 + $1.count }) / count
        var scores: [(row: Int64, score: Double)] = []
        for (index, terms) in passages.enumerated() {
            var score = 0.0
            for term in query {
                let frequency = Double(passages.count { $0.contains(term) })
                let occurrences = Double(terms.count { $0 == term })
                guard occurrences > 0 else { continue }
                let odds = (count - frequency + 0.5) / (frequency + 0.5)
                let idf: Double = log(1 + odds)
                let norm = 1 - b + b * Double(terms.count) / mean
                score += idf * occurrences / (occurrences + k1 * norm)
            }
            if score > 0 { scores.append((Int64(index) + 1, score)) }
        }
        return scores.sorted { $0.score == $1.score ? $0.row < $1.row : $0.score > $1.score }
    }

    /// A corpus of made-up words whose frequencies fall as in language (Zipf), with some passages twice and some empty.
    static func corpus(passages: Int, words: Int, using random: inout SeededGenerator) -> [[String]] {
        var all: [[String]] = []
        for _ in 0..<passages {
            switch Int.random(in: 0..<20, using: &random) {
            case 0 where !all.isEmpty: all.append(all[Int.random(in: 0..<all.count, using: &random)])
            case 1: all.append([])
            default:
                let length = Int.random(in: 1...60, using: &random)
                all.append((0..<length).map { _ in word(words, using: &random) })
            }
        }
        return all
    }

    static func word(_ words: Int, using random: inout SeededGenerator) -> String {
        let place = pow(Double(words), Double.random(in: 0..<1, using: &random))
        return "w\(Int(place))"
    }

    static func passage(_ terms: [String], _ number: Int) -> Passage {
        Passage(id: "p\(number)", documentID: "p\(number)", text: terms.joined(separator: " "))
    }
}
