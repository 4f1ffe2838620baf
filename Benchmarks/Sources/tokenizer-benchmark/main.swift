import Foundation
import Winnow
import WinnowModels

// How many tokens a second the built-in tokenizer makes, on one core:
//
//     swift run -c release --package-path Benchmarks tokenizer-benchmark [FILE]
//
// The texts are the lines of FILE, else generated ones. Prints the median of 15 rounds, and the fastest and slowest.

/// A multiplicative congruential generator (Knuth's MMIX constants): good enough to make words.
struct Numbers {
    var state: UInt64 = 1

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }
}

/// Sentences of made-up words; a few words make up most of the text, as in any language.
func generated() -> [String] {
    let syllables = ["ta", "ren", "lo", "mi", "sha", "der", "in", "ou", "st", "ver", "con", "pe", "al", "tion", "s"]
    var numbers = Numbers()
    let words = (0..<5_000).map { _ in
        (0...numbers.below(3)).map { _ in syllables[numbers.below(syllables.count)] }.joined()
    }
    return (0..<4_000).map { _ in
        (0..<(60 + numbers.below(120))).map { _ in
            let rank = numbers.below(words.count)
            let word = words[rank * numbers.below(words.count) / words.count * numbers.below(words.count) / words.count]
            return numbers.below(12) == 0 ? word + "," : word
        }.joined(separator: " ") + "."
    }
}

let texts =
    try CommandLine.arguments.dropFirst().first.map {
        try String(contentsOfFile: $0, encoding: .utf8).split(separator: "\n").map(String.init)
    } ?? generated()
let tokenizer = try ModelSource.builtIn(.biEncoder).tokenizer()
let clock = ContinuousClock()
var rates: [Double] = []
var tokens = 0
for _ in 0..<15 {
    tokens = 0
    let elapsed = clock.measure {
        for text in texts { tokens += tokenizer.tokenIDs(for: text).count }
    }
    rates.append(Double(tokens) / (elapsed / .seconds(1)) / 1e6)
}
rates.sort()
let bytes = texts.reduce(0) { $0 + $1.utf8.count }
print(
    String(
        format: "%d texts, %d bytes, %d tokens: %.1f million tokens/s (%.1f to %.1f)", texts.count, bytes, tokens,
        rates[rates.count / 2], rates[0], rates[rates.count - 1]))
