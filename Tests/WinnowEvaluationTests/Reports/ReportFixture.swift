import Foundation
import TestSupport
import WinnowCore
import WinnowEvaluation

/// A synthetic test collection with one pass over it: as many queries, systems and ties as a test wants.
struct ReportFixture {
    struct System {
        var name: String
        var role: EvaluationReport.System.Role = .further
        /// How much higher a relevant candidate's logit lies, in units of about its noise; nil: the first stage's order
        /// is kept.
        var separation: Double?
    }

    var seed: UInt64 = 7
    var queryCount = 60
    var candidateCount = 12
    var systems = [System(name: "m6", role: .reranked, separation: 3.5)]
    var sliceFields: [String] = []
    var timed = true
    /// Beside ``systems``, one that was read from a file: the candidates in reverse.
    var hasRun = false
    /// What stands in each text, id and name.
    var text: (_ what: String) -> String = { $0 }
    var measures = Measure.defaults(depth: 12)

    private static let subjects = [
        "the retention period for audit logs", "a notice of termination", "the cap on liability", "two-factor sign-in",
        "an export that stops half way", "the renewal of an annual plan", "sub-processors in the agreement",
        "a webhook that is called twice", "the data centre in Frankfurt", "an invoice without a tax number",
    ]
    private static let asks = [
        "How long is", "Who may change", "What happens after", "Where do I find", "Can I cancel", "Why do I see",
    ]

    var queries: [EvaluationQuery] {
        (0..<queryCount).map { index in
            EvaluationQuery(
                id: text("q" + Self.padded(index)),
                text: text(
                    "\(Self.asks[index % Self.asks.count]) \(Self.subjects[index * 7 % Self.subjects.count])?"),
                metadata: ["kind": .string(text(["contract", "support", "billing"][index % 3]))])
        }
    }

    /// Of one width, so that what is appended to an id does not change the order of the ids.
    private static func padded(_ number: Int) -> String { String(String(10_000 + number).dropFirst()) }

    func passageText(_ index: Int) -> String {
        let subject = Self.subjects[index % Self.subjects.count]
        return text(
            "Section \(index + 1). This part is about \(subject). It says what either party has to do, within "
                + "which time, and "
                + "what follows when it is not done; see also the schedule on \(Self.subjects[(index + 3) % 10]).")
    }

    /// Everything for a report, and the judgements.
    func input() throws -> EvaluationReport.Input {
        var random = SeededGenerator(seed: seed)
        func unit() -> Double { Double(random.floats(1)[0]) + 0.5 }
        func normal() -> Double { (0..<12).reduce(0) { sum, _ in sum + unit() } - 6 }
        var qrels = Qrels()
        let queries = queries
        var observations: [QueryObservation] = []
        for (index, query) in queries.enumerated() {
            var grades = [Int?](repeating: nil, count: candidateCount)
            for rank in 0..<candidateCount {
                let chance = unit()
                if chance < 0.5 / Double(rank + 2) {
                    grades[rank] = 1 + Int(unit() * 2)
                } else if chance > 0.7 {
                    grades[rank] = 0
                }
            }
            let ids = (0..<candidateCount).map { text("d\(Self.padded(index))-\(Self.padded($0))") }
            for (id, grade) in zip(ids, grades) { if let grade { qrels.judge(id, for: query.id, grade: grade) } }
            if unit() < 0.8 || !grades.contains(where: { $0 != nil }) {
                qrels.judge(text("elsewhere" + Self.padded(index)), for: query.id, grade: 1)
            }
            let candidates = ids.enumerated().map { rank, id in
                Candidate(
                    passage: Passage(
                        id: id, documentID: id, title: text("Clause \(rank + 1)"), text: passageText(index + rank)),
                    rank: rank + 1, retrievalScore: 0.9 - 0.03 * Double(rank) - 0.01 * unit())
            }
            let scorings = systems.map { system in
                QueryObservation.Scoring(
                    scores: grades.enumerated().map { rank, grade in
                        var logit = Float(-rank)
                        if let separation = system.separation {
                            logit = Float(
                                (grade ?? 0) > 0 ? separation + normal() * 1.5 - 1 : normal() * 1.6 - 2)
                        }
                        return PairScore(logit: Logit(logit), score: Score(logit, kind: .identity))
                    }, time: timed ? .microseconds(Int(30_000 + unit() * 20_000)) : .zero)
            }
            observations.append(
                QueryObservation(
                    id: query.id, text: query.text, metadata: query.metadata, candidates: candidates,
                    retrievalTime: timed ? .microseconds(Int(2_000 + unit() * 1_500)) : .zero, scorings: scorings))
        }
        var added: [EvaluationReport.SystemInput] = []
        if hasRun {
            var run = Run(name: "reversed")
            for observation in observations {
                let entries = observation.candidates.map {
                    Run.Entry(documentID: $0.passage.documentID, score: Float($0.rank))
                }
                try run.setEntries(entries, for: observation.id)
            }
            added.append(EvaluationReport.SystemInput(name: text("reversed"), role: .further, order: .run(run)))
        }
        return EvaluationReport.Input(
            provenance: EvaluationReport.Provenance(
                version: "0.5.0", time: "2026-11-23T18:00:00Z",
                command: text("winnow eval support-kb --store kb.db --html report.html"),
                collection: text("support-kb"),
                corpus: text("support-kb/corpus.jsonl"), qrelsDigest: String(repeating: "a1", count: 32), seed: 42,
                kernels: "avx512-vnni", threads: 2, embedder: nil),
            settings: EvaluationReport.Settings(
                split: "test", level: .document, firstStage: "dense", initialK: candidateCount, finalK: nil,
                chunking: "sentences of at most 200 tokens"),
            queries: queries, observations: observations, qrels: qrels, judgedQueries: queryCount + 40,
            documents: 5183, passages: 7012, firstStageName: text("dense"),
            systems: systems.enumerated().map { index, system in
                EvaluationReport.SystemInput(
                    name: text(system.name), role: system.role,
                    order: .scoring(index, model: Self.model(text(system.name))))
            } + added,
            measures: measures, sliceFields: sliceFields)
    }

    static func model(_ name: String) -> Trace.Model? {
        Fingerprint(hexadecimal: String(repeating: "5e", count: 32)).map {
            Trace.Model(
                ModelIdentity(
                    name: "winnow-reranker-" + name, fingerprint: $0, precision: "int8", kernels: "avx512-vnni",
                    truncation: "passage:512"))
        }
    }

    func report() throws -> EvaluationReport { try EvaluationReport(try input()) }

    func sweep(timed: Bool = true) throws -> SweepReport {
        let input = try input()
        var times = SweepTimes()
        let depths = [2, 4, 6, 8, 12].filter { $0 <= candidateCount }
        if timed {
            for depth in depths {
                times.set((0..<80).map { .microseconds(2_000 + 10 * $0) }, system: nil, initialK: depth)
                for (index, system) in systems.enumerated() {
                    times.set(
                        (0..<80).map { .microseconds(2_000 + depth * 2_600 * (index + 1) + 40 * $0) },
                        system: text(system.name), initialK: depth)
                }
            }
        }
        let settings = SweepSettings(
            initialKs: depths, finalKs: [1, 3, 5].filter { $0 <= candidateCount },
            thresholds: [nil, .logit(-1), .logit(1)],
            systems: systems.enumerated().map { .init(name: text($1.name), scoring: $0) })
        return try Sweep(
            settings, measure: SweepMeasure(.primaryDefault, qrels: input.qrels), qrels: input.qrels, times: times
        ).report(on: input.observations)
    }

    func labelled() throws -> [LabelledQuery] {
        let input = try input()
        return try input.observations.enumerated().map { index, observation in
            try LabelledQuery(
                observation, system: 0, qrels: input.qrels, labels: .unjudgedAsNegative,
                answerable: index % 5 == 0
                    && !observation.candidates.contains {
                        (input.qrels.grade(of: $0.passage.documentID, for: observation.id) ?? 0) > 0
                    } ? false : nil)
        }
    }

    func calibration() throws -> CalibrationReport {
        try Calibrator().fit(
            try labelled(),
            settings: CalibrationSettings(
                collection: text("support-kb"), firstStage: text("dense"), chunking: text("sentences"),
                initialK: candidateCount, labels: .unjudgedAsNegative))
    }

    func page(everything: Bool = true) throws -> String {
        guard everything else { return try HTMLReport(evaluation: report()).page }
        let labelled = try labelled()
        let calibration = try calibration()
        return HTMLReport(
            evaluation: try report(), sweep: try sweep(), calibration: calibration,
            riskCoverage: RiskCoverage(labelled),
            thresholds: [
                try ThresholdChooser(target: .precision(0.8)).choose(labelled, map: calibration.map),
                try ThresholdChooser(target: .precision(0.99)).choose(labelled, map: calibration.map),
            ]
        ).page
    }
}
