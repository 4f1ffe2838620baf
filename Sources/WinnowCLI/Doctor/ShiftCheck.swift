import Winnow
import WinnowCore

/// Whether questions' best logits lie where those of the evaluation lay.
struct ShiftCheck {
    /// Best logits, and how they came about.
    struct Sample {
        var logits: [Double]
        /// nil: not known.
        var model: Model?
        /// Candidates a question; nil: not known, or several.
        var initialK: Int?
        /// Such as `hybrid`; nil: not known, or several.
        var firstStage: String?
        var name: String
    }

    /// A reranker as a trace tells it: logits of two of them mean different things.
    struct Model: Hashable, CustomStringConvertible {
        var fingerprint, precision, truncation: String

        init(fingerprint: String, precision: String, truncation: String) {
            (self.fingerprint, self.precision, self.truncation) = (fingerprint, precision, truncation)
        }

        init(_ identity: ModelIdentity) {
            self.init(
                fingerprint: identity.fingerprint.hexadecimal, precision: identity.precision,
                truncation: identity.truncation)
        }

        var description: String { "\(fingerprint.prefix(12)) \(precision) \(truncation)" }
    }

    /// Questions that are run at most: enough to see a difference that matters.
    static let mostRun = 300
    static let mostRunQuick = 60

    static func finding(_ sample: Sample, reference: Sample, given: GivenOptions) -> Finding {
        let evaluate =
            "winnow eval LABELLED-FOLDER\(given.storeOption)\(given.stages) --json > reference.json"
        if let own = sample.model, let other = reference.model, own != other {
            return Finding(
                "queries.shift", .warning,
                "\(reference.name) was measured with another cross-encoder, precision or truncation than \(sample.name): their logits "
                    + "cannot be compared",
                [
                    ("questionsModel", .text(own.description)), ("referenceModel", .text(other.description)),
                ], command: evaluate)
        }
        if let own = sample.firstStage, let other = reference.firstStage, own != other {
            return Finding(
                "queries.shift", .note,
                "whether the questions look like the evaluation's cannot be told: \(reference.name) has its candidates from another first "
                    + "stage than \(sample.name), and other candidates have another best logit",
                [("firstStage", .text(own)), ("referenceFirstStage", .text(other))], command: evaluate)
        }
        guard let shift = ScoreShift(sample.logits, reference: reference.logits) else {
            return Finding(
                "queries.shift", .note,
                "whether the questions look like the evaluation's cannot be told: no question has a logit",
                [("questions", .count(sample.logits.count)), ("reference", .count(reference.logits.count))])
        }
        var evidence: [(String, Evidence)] = [
            ("questions", .count(shift.count)), ("reference", .count(shift.referenceCount)),
            ("median", .number(shift.median)), ("referenceMedian", .number(shift.referenceMedian)),
            ("shareBelow", .share(shift.shareBelow)), ("lowerQuantile", .number(shift.lowerQuantile)),
            ("distance", .number(shift.test.distance, decimals: 3)), ("p", .pValue(shift.test.pValue)),
            ("exact", .text(shift.test.isExact ? "yes" : "no")),
        ]
        if let own = sample.initialK, let other = reference.initialK, own != other {
            evidence += [("initialK", .count(own)), ("referenceInitialK", .count(other))]
        }
        let below =
            "\(Evidence.share(shift.shareBelow).text) of them have a best passage below what all but 5 % of the evaluation's have"
        switch shift.verdict {
        case .tooFew:
            return Finding(
                "queries.shift", .note,
                "whether the questions look like the evaluation's cannot be told of so few: \(ScoreShift.fewest) and more on both sides "
                    + "are wanted", evidence)
        case .noDifferenceSeen:
            return Finding(
                "queries.shift", .ok,
                "no difference to the evaluation's questions is seen; one of a distance under "
                    + "\(NumberText.fixed(shift.criticalDistance, 2)) would mostly not be", evidence)
        case .small:
            return Finding(
                "queries.shift", .note,
                "the questions' best logits differ from the evaluation's, and by little", evidence)
        case .lower:
            return Finding(
                "queries.shift", .warning,
                "your questions look unlike those the model was evaluated on: \(below). What was measured there says little of them: label "
                    + "some of these", evidence, command: "winnow judge pool --help")
        case .different:
            return Finding(
                "queries.shift", .note,
                "your questions look unlike those the model was evaluated on, and not harder: their best logits lie elsewhere (\(below))",
                evidence)
        }
    }
}
