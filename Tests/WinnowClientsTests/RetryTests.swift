import TestSupport
import Testing
import WinnowClients

@Suite struct RetryTests {
    @Test(
        arguments: [
            // Golden values: `date -u -d … +%s`.
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
            ("Sun Nov  6 08:49:37 1994", 784_111_777),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Thu, 29 Feb 2024 23:59:60 GMT", 1_709_251_200),
            ("Mon, 23 Nov 2026 14:48:00 GMT", 1_795_445_280),
            ("Friday, 01-Jan-77 00:00:00 GMT", 220_924_800),
            ("Friday, 01-Jan-76 00:00:00 GMT", 3_345_062_400),
        ] as [(String, Int64)])
    func readsTheDatesOfHTTP(text: String, seconds: Int64) {
        // In 2026, the year 76 is fifty years ahead and 77 is fifty-one: it was in 1977.
        #expect(HTTPDate.seconds(text, now: 1_795_445_280) == seconds)
    }

    @Test(arguments: [
        "", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nnn 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994 08:-1:37 GMT", "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 99999999999999999999 08:49:37 GMT", "a b c d e f g",
    ])
    func refusesOtherDates(text: String) {
        #expect(HTTPDate.seconds(text, now: 1_795_445_280) == nil)
    }

    @Test(
        arguments: [
            (nil, nil, nil), (nil, "7", .seconds(7)), (nil, " 1.5", .milliseconds(1500)), (nil, "0", .zero),
            (nil, "-1", nil),
            (nil, "nan", nil), (nil, "soon", nil), ("250", "7", .milliseconds(250)), ("x", "7", .seconds(7)),
            (nil, "Mon, 23 Nov 2026 14:49:30 GMT", .seconds(90)), (nil, "Mon, 23 Nov 2026 14:47:00 GMT", .zero),
            (nil, "1e300", .seconds(1_000_000_000)),
        ] as [(String?, String?, Duration?)])
    func readsWhenToComeBack(milliseconds: String?, header: String?, delay: Duration?) {
        #expect(RetryAfter.delay(milliseconds: milliseconds, header: header, now: 1_795_445_280) == delay)
    }

    @Test func backsOffWithFullJitterUpToTheCap() {
        let policy = RetryPolicy(attempts: 8)
        let bounds = (1...7).map { policy.delay(after: $0, retryAfter: nil, random: 1) }
        #expect(
            bounds == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)]
                + Array(repeating: .seconds(8), count: 3))
        #expect(policy.delay(after: 3, retryAfter: nil, random: 0) == .zero)
        #expect(policy.delay(after: 3, retryAfter: nil, random: 0.25) == .milliseconds(500))
    }

    @Test func neverWaitsLessThanTheServerAsksNorMoreThanTheLimit() {
        let policy = RetryPolicy(attempts: 4, longestRetryAfter: .seconds(60))
        var random = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let asked = Duration.milliseconds(Int.random(in: 0...70_000, using: &random))
            let delay = policy.delay(after: 1, retryAfter: asked, random: Double.random(in: 0..<1, using: &random))
            if asked > .seconds(60) {
                #expect(delay == nil, "seed 7, \(asked)")
            } else if let delay {
                #expect(delay >= asked && delay <= max(asked, .milliseconds(500)), "seed 7, \(asked): \(delay)")
            } else {
                Issue.record("seed 7: \(asked) is within the limit")
            }
        }
    }

    @Test(arguments: [(1, 1), (4, 4), (4, 5)])
    func endsWithTheLastAttempt(attempts: Int, attempt: Int) {
        #expect(RetryPolicy(attempts: attempts).delay(after: attempt, retryAfter: .zero, random: 0.5) == nil)
    }

    @Test func aHugeNumberOfAttemptsDoesNotOverflow() {
        let policy = RetryPolicy(attempts: .max)
        #expect(policy.delay(after: .max - 1, retryAfter: nil, random: 1) == .seconds(8))
        #expect(
            RetryPolicy(attempts: .max, initialBackoff: .zero).delay(after: 90, retryAfter: nil, random: 1) == .zero)
    }
}
