import TestSupport
import Testing
import WinnowCore
import WinnowEvaluation

@Suite struct SavedEvaluationTests {
    private func json(
        _ value: String = "0.5", level: String = "document", firstStage: String = "dense", embedder: String = "{}",
        seed: String = "1", order: String? = nil, within: String? = nil
    ) -> String {
        """
        {"schema": 1, "kind": "evaluation", "provenance": {"qrels": "d", "seed": \(seed), "embedder": \(embedder)},
         "settings": {"level": "\(level)", "firstStage": "\(firstStage)", "limit": 10\(order.map { ", \"order\": \($0)" } ?? "")\(within.map { ", \"rerankWithin\": \($0)" } ?? "")},
         "systems": [{"name": "reranked", "queries": [{"id": "q", "measures": {"nDCG@10": \(value)}}]}]}
        """
    }

    private func read(_ text: String) throws -> SavedEvaluation {
        let folder = try TemporaryFolder()
        return try SavedEvaluation(reading: folder.write("saved.json", text))
    }

    private func refusal(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    /// What a report writes is read back with its level and first stage, and may be compared with itself.
    @Test func aReportIsReadBack() throws {
        let report = try ReportFixture().report()
        let saved = try read(report.json.text)
        let system = report.systems[1]
        let side = report.gateSide(of: system)
        #expect(saved.conditions == side.conditions && side.conditions != nil)
        #expect(try saved.side(of: system.name).valuesByMeasure == side.valuesByMeasure)
        let rule = GateRule(measure: "nDCG@10", margin: 0)
        #expect(try RegressionGate([rule], baseline: saved.side(of: system.name), current: side).passes)
        var other = report
        other.settings.level = .passage
        #expect(throws: EvaluationError.self) {
            try RegressionGate([rule], baseline: saved.side(of: system.name), current: other.gateSide(of: system))
        }
    }

    @Test(arguments: [
        ("dense", "{}", GateSide.FirstStage.dense), ("judged", "{}", .judged), ("logged", "null", .logged),
        ("bm25", "null", .bm25), ("hybrid", "{}", .hybrid),
        // A run goes by its file's name, and dense.run is a run.
        ("dense", "null", .run), ("judged", "null", .run), ("hybrid", "null", .run),
    ])
    func theKindOfFirstStageIsTold(name: String, embedder: String, kind: GateSide.FirstStage) throws {
        #expect(try read(json(firstStage: name, embedder: embedder)).conditions?.firstStage == kind)
    }

    @Test func otherConditionsAreRefusedBeforeAnythingRuns() throws {
        let saved = try read(json())
        #expect(refusal { try saved.check(.init(level: .document, firstStage: .dense)) } == "no error")
        let level = refusal { try saved.check(.init(level: .passage, firstStage: .dense)) }
        #expect(level.contains("saved.json was measured with --level document, and this is with --level passage"))
        let stage = refusal { try saved.check(.init(level: .document, firstStage: .run)) }
        #expect(stage.contains("a dense first stage") && stage.contains("run:FILE"), "\(stage)")
        // A file that does not say is compared as before.
        let silent = try read(json(level: "paragraph"))
        #expect(silent.conditions == nil)
        #expect(refusal { try silent.check(.init(level: .passage, firstStage: .run)) } == "no error")
    }

    /// A change of the final order is compared like any other, and said.
    @Test(
        arguments: [
            (nil, FinalOrder.reranker, nil), (nil, .blend(weight: 0.7), "is 'reranker' and this one is 'blend:0.7'"),
            ("\"blend:0.7\"", .blend(weight: 0.7), nil),
            ("\"rrf:60\"", .reranker, "is 'rrf:60' and this one is 'reranker'"),
            ("null", .reranker, nil), ("\"blend:0.7\"", nil, nil),
        ] as [(String?, FinalOrder?, String?)])
    func anotherOrderIsSaid(saved: String?, now: FinalOrder?, said: String?) throws {
        let note = try read(json(order: saved)).orderNote(now)
        #expect(said.map { note?.contains($0) == true } ?? (note == nil), "\(note ?? "")")
    }

    @Test(
        arguments: [
            (nil, nil, nil), ("null", nil, nil), ("1.25", 1.25, nil), ("1", 1, nil),
            (nil, 1.25, "all candidates and this one candidates within 1.25 of the best"),
            ("1.25", nil, "candidates within 1.25 of the best and this one all candidates"), ("1", 2, "within 1 of"),
        ] as [(String?, Double?, String?)])
    func anotherSelectionIsSaid(saved: String?, now: Double?, said: String?) throws {
        let note = try read(json(within: saved)).selectionNote(now)
        #expect(said.map { note?.contains($0) == true } ?? (note == nil), "\(note ?? "")")
        // A baseline that reranked nothing.
        #expect(try read(json(order: "null", within: saved)).selectionNote(now) == nil)
    }

    @Test func aReportSaysItsOrder() throws {
        var report = try ReportFixture().report()
        #expect(try read(report.json.text).order == "reranker")
        report.settings.order = .blend(weight: 0.25)
        #expect(try read(report.json.text).order == "blend:0.25")
        report.settings.order = nil
        #expect(try read(report.json.text).order == nil)
    }

    @Test(arguments: ["1.5", "-0.1", "17", "1e300", "null", "\"0.5\""])
    func valuesThatAreNoneAreRefused(value: String) {
        let said = refusal { _ = try read(json(value)) }
        #expect(said.contains("nDCG@10 of query 'q'") && said.contains("save it again"), "\(said)")
    }

    @Test(arguments: ["0", "1", "0.5", "1.0"])
    func valuesThatAreSomeAreRead(value: String) throws {
        #expect(try read(json(value)).side(of: "reranked").valuesByMeasure["nDCG@10"]?.count == 1)
    }

    /// Seeds were written as text and as numbers, and are both read.
    @Test(arguments: [("1", UInt64(1)), ("\"1\"", 1), ("\"18446744073709551615\"", .max)])
    func seedsAreReadInBothForms(text: String, seed: UInt64) throws {
        let saved = try read(json(seed: text))
        #expect(refusal { try saved.checkDrawn(limit: 10, seed: seed) } == "no error")
        #expect(refusal { try saved.checkDrawn(limit: 10, seed: seed - 1) }.contains("--seed"))
    }
}
