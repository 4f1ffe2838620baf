import Testing
import WinnowEvaluation

@Suite struct BinomialProportionTests {
    @Test func boundsAreThoseOfScipy() throws {
        for row in try CalibrationGoldens.read().lowerBounds {
            let proportion = BinomialProportion(successes: Int(row[0]), trials: Int(row[1]))
            #expect(abs(proportion.lowerBound() - row[2]) < 1e-9, "\(row)")
            #expect(abs(proportion.lowerBound(confidence: 0.99) - row[3]) < 1e-9, "\(row)")
            guard row[2] > 0 else { continue }
            #expect(proportion.shows(rateOfAtLeast: row[2] - 1e-7))
            #expect(!proportion.shows(rateOfAtLeast: min(0.999_999_9, row[2] + 1e-7)))
        }
    }

    @Test func tailsAreThoseOfScipy() throws {
        for row in try CalibrationGoldens.read().tails {
            let chance = BinomialProportion.chance(ofAtLeast: Int(row[0]), in: Int(row[1]), rate: row[2])
            #expect(abs(chance - row[3]) <= 1e-10 * row[3] + 1e-300, "\(row): \(chance)")
        }
    }

    @Test func trialsNeeded() throws {
        let goldens = try CalibrationGoldens.read()
        for row in goldens.leastTrials {
            #expect(BinomialProportion.leastTrials(toShow: row[0]) == Int(row[1]), "\(row)")
            #expect(BinomialProportion(successes: Int(row[1]), trials: Int(row[1])).shows(rateOfAtLeast: row[0]))
            #expect(
                !BinomialProportion(successes: Int(row[1]) - 1, trials: Int(row[1]) - 1).shows(rateOfAtLeast: row[0]))
        }
        for row in goldens.trialsNeeded {
            #expect(BinomialProportion.trials(toShow: row[0], truth: row[1]) == Int(row[2]), "\(row)")
        }
        #expect(BinomialProportion.trials(toShow: 0.9, truth: 0.9) == nil)
        #expect(BinomialProportion.trials(toShow: 0.9, truth: 0.5) == nil)
        #expect(BinomialProportion.trials(toShow: 0.9, truth: 1) == 29)
        // Where the exact search ends, its approximation goes on.
        let many = try #require(BinomialProportion.trials(toShow: 0.9, truth: 0.905))
        #expect(many > 20_000 && many < 24_000, "\(many)")
        #expect(BinomialProportion.leastTrials(toShow: 1) == nil)
        #expect(BinomialProportion.leastTrials(toShow: 0) == nil)
    }

    @Test func nothingSeenShowsNothing() {
        let none = BinomialProportion(successes: 0, trials: 0)
        #expect(none.rate == nil && none.lowerBound() == 0 && !none.shows(rateOfAtLeast: 0.1))
        #expect(BinomialProportion(successes: 0, trials: 9).lowerBound() == 0)
    }
}
