import Testing
import WinnowEncoders

/// What is not begun because it would not end in time.
@Suite struct PaceTests {
    @Test func theFirstMeasurementCountsWithHalfOfItsDeviation() {
        let pace = Pace()
        #expect(pace.expected(work: 1e9) == nil)
        pace.add(work: 1e9, took: .milliseconds(10))
        // RFC 6298, 2.2: mean 10, deviation 5; 10 + 4 × 5, for twice the work twice that.
        #expect(isNear(pace.expected(work: 1e9), .milliseconds(30)))
        #expect(isNear(pace.expected(work: 2e9), .milliseconds(60)))
    }

    @Test func laterOnesAreSmoothed() {
        let pace = Pace()
        pace.add(work: 1e9, took: .milliseconds(10))
        pace.add(work: 2e9, took: .milliseconds(36))
        // RFC 6298, 2.3: deviation 3/4 × 5 + 1/4 × |10 − 18| = 5.75, mean 7/8 × 10 + 1/8 × 18 = 11.
        #expect(isNear(pace.expected(work: 1e9), .milliseconds(34)))
    }

    /// A process that was stopped meanwhile has measured nothing: eight times the mean is all that counts.
    @Test func aStopIsNoPace() {
        let pace = Pace()
        pace.add(work: 1e9, took: .milliseconds(10))
        pace.add(work: 1e9, took: .seconds(3600))
        // Deviation 3/4 × 5 + 1/4 × |10 − 80| = 21.25, mean 7/8 × 10 + 1/8 × 80 = 18.75.
        #expect(isNear(pace.expected(work: 1e9), .microseconds(103_750)))
    }

    @Test func aSteadyPaceIsExpectedExactly() {
        let pace = Pace()
        for _ in 0..<200 { pace.add(work: 5e8, took: .milliseconds(4)) }
        #expect(isNear(pace.expected(work: 1e9), .milliseconds(8)))
    }

    /// What was given up takes at least so long, and more than a margin longer; it says nothing where more had been expected.
    @Test func whatWasGivenUpTakesLonger() {
        let pace = Pace()
        pace.add(unfinished: 1e9, after: .milliseconds(8))
        #expect(isNear(pace.expected(work: 1e9), .milliseconds(16)))
        pace.add(unfinished: 1e9, after: .milliseconds(4))
        #expect(isNear(pace.expected(work: 1e9), .milliseconds(16)))
    }

    @Test func aRelaxedPaceExpectsLess() {
        let pace = Pace()
        pace.relax()
        #expect(pace.expected(work: 1) == nil)
        pace.add(work: 1e9, took: .milliseconds(16))
        pace.relax()
        // Mean 16 × 15/16, deviation 8 / 2: 15 + 4 × 4.
        #expect(isNear(pace.expected(work: 1e9), .milliseconds(31)))
    }

    @Test func noWorkIsNoMeasurement() {
        let pace = Pace()
        pace.add(work: 0, took: .milliseconds(1))
        #expect(pace.expected(work: 1) == nil)
    }

    @Test func withoutALimitEverythingIsBegun() {
        let time = TimeLimit(nil)
        #expect(!time.hasPassed && time.allows(.seconds(1_000_000)) && time.allows(nil))
    }

    @Test func nothingIsBegunAfterTheDeadline() {
        let time = TimeLimit(.now)
        #expect(time.hasPassed && !time.allows(nil) && !time.allows(.zero))
    }

    @Test func whatCannotEndInTimeIsNotBegunNorAnythingBehindIt() {
        let time = TimeLimit(.now + .seconds(3600))
        #expect(time.allows(nil) && time.allows(.seconds(60)))
        #expect(!time.allows(.seconds(7200)))
        #expect(!time.allows(.zero) && !time.allows(nil))
        // What was begun may end.
        #expect(!time.hasPassed)
    }

    /// To ask is not to give up.
    @Test func roomIsAskedForWithoutConsequence() {
        let start = ContinuousClock.now
        let time = TimeLimit(start + .seconds(10), now: { start })
        #expect(!time.hasRoom(for: .seconds(11)) && time.hasRoom(for: .seconds(10)) && time.hasRoom(for: nil))
        #expect(time.isLimited && !time.isOver && time.allows(.seconds(10)))
        #expect(!time.allows(.seconds(11)) && time.isOver && !time.hasPassed)
        #expect(!TimeLimit(start, now: { start }).hasRoom(for: nil) && TimeLimit(start, now: { start }).isOver)
        #expect(!TimeLimit(nil).isLimited && !TimeLimit(nil).isOver && TimeLimit(nil).hasRoom(for: .seconds(1e9)))
    }

    /// Nanoseconds are cut off.
    private func isNear(_ duration: Duration?, _ expected: Duration) -> Bool {
        guard let duration else { return false }
        return (expected - .nanoseconds(10)...expected + .nanoseconds(10)).contains(duration)
    }
}
