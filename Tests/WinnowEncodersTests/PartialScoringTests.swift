import Synchronization
import TestSupport
import Testing
import WinnowCore
import WinnowEncoders
import WinnowModels

/// What a real encoder leaves out when time runs out, by a clock of the test's.
@Suite struct PartialScoringTests {
    private let query = Query("When are refunds issued?")

    /// Time for so many looks at a clock that moves on by an hour with each: beside that, what computing takes is nothing.
    private static func looks(_ count: Int) -> TimeLimit {
        let start = ContinuousClock.now
        let looks = Counter()
        return TimeLimit(start + .seconds(3600 * count + 1800)) { start + .seconds(3600 * looks.next()) }
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    /// One thread: groups begin in order by promise, and with several they are looked at in any.
    private func load(_ windows: PassageWindows? = nil, maxLength: Int? = nil) throws -> CrossEncoder {
        try CrossEncoder.load(
            .builtIn(.crossEncoder),
            options: EncoderOptions(precision: .float32, threads: 1, maxLength: maxLength, windows: windows))
    }

    private func candidates(_ texts: [String]) -> [Candidate] {
        texts.enumerated().map { Candidate(passage: Passage(id: "p\($0)", documentID: "d", text: $1), rank: $0 + 1) }
    }

    /// How many were scored: the first ones, each as without a limit.
    private func scoredCount(_ scores: [PairScore?], of all: [PairScore?]) -> Int {
        let count = scores.prefix { $0 != nil }.count
        #expect(scores.count == all.count)
        #expect(scores == all.prefix(count) + Array(repeating: nil, count: all.count - count))
        return count
    }

    /// Over the edge of a batch, which is at 64.
    @Test func theFirstCandidatesAreScored() async throws {
        let encoder = try load()
        let candidates = candidates((0..<70).map { "Answer \($0): refunds are issued within \($0) days." })
        let all = try await encoder.score(query, candidates)
        var counts: [Int] = []
        for looks in stride(from: 0, through: 960, by: 40) {
            let scoring = try await encoder.scoring(query, candidates, within: Self.looks(looks))
            counts.append(scoredCount(scoring.scores, of: all))
            if counts.last == candidates.count { break }
        }
        #expect(counts == counts.sorted() && counts.first == 0 && counts.last == 70, "\(counts)")
        #expect(Set(counts).count > 4, "\(counts)")
    }

    /// What is behind one that is not expected to end in time is not begun, also where it is shorter and of another batch.
    @Test func nothingIsBegunBehindWhatWasNot() async throws {
        let encoder = try load(maxLength: 64)
        let long = String(repeating: "Refunds are issued within ten business days of a request. ", count: 8)
        let candidates = candidates(Array(repeating: long, count: 64) + ["Yes."])
        // The pace is known after it.
        let all = try await encoder.score(query, candidates)
        var counts: [Int] = []
        for exponent in 0..<24 {
            let start = ContinuousClock.now
            let time = TimeLimit(start + .microseconds(Int64(50) << exponent)) { start }
            counts.append(scoredCount(try await encoder.scoring(query, candidates, within: time).scores, of: all))
            if counts.last == candidates.count { break }
        }
        #expect(counts.first == 0 && counts.last == candidates.count, "\(counts)")
    }

    /// A pace that was slow once does not keep every later request from being begun.
    @Test func aSlowMomentDoesNotDecideForGood() async throws {
        let encoder = try load()
        let candidates = candidates(["Refunds are issued within ten days."])
        let all = try await encoder.score(query, candidates)
        var requests = 0
        while requests < 1000 {
            requests += 1
            // A microsecond that never passes: too little by every measurement.
            let start = ContinuousClock.now
            let time = TimeLimit(start + .microseconds(1)) { start }
            if try await encoder.scoring(query, candidates, within: time).scores == all { break }
        }
        #expect((2..<1000).contains(requests), "\(requests)")
    }

    /// A passage is scored when all of its windows were read, and windows are counted that were.
    @Test(arguments: PassageWindows.Score.allCases)
    func windowsInTime(score: PassageWindows.Score) async throws {
        let encoder = try load(PassageWindows(score: score), maxLength: 64)
        let filler = String(repeating: "The archive keeps copper lanterns and violet paint. ", count: 16)
        let answer = "Refunds are issued within ten business days."
        // The best window is the first one of some, the last one of others.
        let candidates = candidates([answer + filler, "Short.", filler + answer, answer + filler])
        let full = try await encoder.scoring(query, candidates)
        var windows: [Int] = []
        for candidate in candidates {
            windows.append(try await encoder.scoring(query, [candidate]).counts["windows"] ?? -1)
        }
        #expect(windows[1] == 0 && windows[0] > 3 && windows[2] > 3)
        #expect(full.counts == ["windowed": 3, "windows": windows.reduce(0, +)])
        var counts: [Int] = []
        var isPartial = false
        for looks in stride(from: 0, through: 600, by: 9) {
            let scoring = try await encoder.scoring(query, candidates, within: Self.looks(looks))
            let count = scoredCount(scoring.scores, of: full.scores)
            counts.append(count)
            let read = try #require(scoring.counts["windows"])
            let ofScored = windows.prefix(count).reduce(0, +)
            // Those of the passage that was cut short are fewer than it has, and behind it none was begun.
            let most = count < windows.count ? max(windows[count] - 1, 0) : 0
            #expect((ofScored...ofScored + most).contains(read), "\(read) read, \(count) scored")
            let windowed = windows.prefix(count).count { $0 > 0 } + (read > ofScored ? 1 : 0)
            #expect(scoring.counts["windowed"] == windowed)
            if read > ofScored { isPartial = true }
            if count == windows.count { break }
        }
        #expect(isPartial && counts == counts.sorted() && counts.last == windows.count, "\(counts)")
    }

    /// Texts are not tokenised that will not be scored.
    @Test func tokenisingEndsWithTheTime() async throws {
        let runtime = try EncoderRuntime(
            .builtIn(.crossEncoder), kind: .crossEncoder, options: EncoderOptions(precision: .float32, threads: 1))
        let texts = (0..<20).map { "Text \($0). " + String(repeating: "More words. ", count: 50) }
        let all = try await runtime.tokenize(texts)
        for looks in [0, 1, 5] {
            let made = try await runtime.tokenize(texts, within: Self.looks(looks))
            // Each task of eight looks by itself when it begins, in vain.
            #expect(made == all.prefix(looks).map { $0 } + [[Int32]?](repeating: nil, count: 20 - looks))
        }
        #expect(try await runtime.tokenize(texts, within: Self.looks(1000)) == all)
    }

    /// One text is too much for the time, by the pace of earlier ones: those before it are scored, none behind it.
    @Test func aTextThatIsTooLongEndsIt() async throws {
        let encoder = try load(maxLength: 64)
        let words = String(repeating: "Refunds are issued. ", count: 100)
        let candidates = candidates([
            "One. " + words, "Two. " + words, "Three. " + String(repeating: words, count: 500), "Four.",
        ])
        let all = try await encoder.score(query, candidates)
        var counts: Set<Int> = []
        for exponent in 0..<24 {
            let start = ContinuousClock.now
            let time = TimeLimit(start + .microseconds(Int64(20) << exponent)) { start }
            counts.insert(scoredCount(try await encoder.scoring(query, candidates, within: time).scores, of: all))
        }
        #expect(counts.contains(0) && counts.contains(4), "\(counts)")
    }
}
