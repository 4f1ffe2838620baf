import Foundation
import Testing
import WinnowCore
import WinnowEvaluation

@Suite struct HTMLReportTests {
    @Test func everySectionStandsThereWithItsInputAndOnlyThen() throws {
        var fixture = ReportFixture()
        fixture.measures = [.primaryDefault]
        fixture.sliceFields = ["kind"]
        let evaluation = try fixture.report()
        let (sweep, calibration) = (try fixture.sweep(), try fixture.calibration())
        let own = ["verdict", "measures", "ceiling", "queries", "scores", "slices", "latency"]
        func sections(_ report: HTMLReport) -> [String] { PageReader(report.page).sections }
        #expect(sections(HTMLReport()) == [])
        #expect(sections(HTMLReport(evaluation: evaluation)) == own + ["warnings", "provenance"])
        #expect(sections(HTMLReport(sweep: sweep)) == ["sweep"])
        #expect(sections(HTMLReport(calibration: calibration)) == ["calibration"])
        #expect(
            sections(HTMLReport(sweep: sweep, calibration: calibration, provenance: evaluation.provenance))
                == ["sweep", "calibration", "provenance"])
        #expect(
            sections(HTMLReport(evaluation: evaluation, sweep: sweep, calibration: calibration))
                == own + ["sweep", "calibration", "warnings", "provenance"])
        let told = HTMLReport(
            sweep: sweep, provenance: evaluation.provenance, rerankers: [ReportFixture.model("m6")].compactMap { $0 },
            warnings: ["of the first kind"])
        #expect(sections(told) == ["sweep", "warnings", "provenance"])
        let words = PageReader(told.page).text
        #expect(words.contains("of the first kind") && words.contains("winnow-reranker-m6, int8, passage:512"))
        #expect(sections(HTMLReport(riskCoverage: RiskCoverage(try fixture.labelled()))) == ["calibration"])

        fixture.sliceFields = []
        fixture.timed = false
        var less = try fixture.report()
        less.warnings = []
        #expect(
            sections(HTMLReport(evaluation: less)) == own.filter { $0 != "slices" && $0 != "latency" } + ["provenance"])
        fixture.systems = []
        let alone = try fixture.report()
        #expect(!sections(HTMLReport(evaluation: alone)).contains("queries"))
        #expect(!sections(HTMLReport(evaluation: alone)).contains("scores"))
    }

    @Test func sameInputSamePage() throws {
        let fixture = ReportFixture()
        #expect(try fixture.page() == fixture.page())
    }

    @Test func sayWhatTheReportSays() throws {
        var fixture = ReportFixture()
        fixture.systems.append(.init(name: "tiny", separation: 0.5))
        let report = try fixture.report()
        let text = PageReader(HTMLReport(evaluation: report).page).text
        for system in report.systems.dropFirst() {
            let verdict = try #require(system.verdict)
            #expect(text.contains(verdict.headline))
            #expect(text.lowercased().contains(verdict.evidence.lowercased()))
            #expect(verdict.sentence.hasPrefix(verdict.headline) && verdict.sentence.hasSuffix(verdict.evidence))
        }
        for system in report.systems {
            for (place, measure) in report.measures.enumerated() {
                let mean = try #require(system.measured.mean(of: measure))
                #expect(text.contains(FigureText.fixed(mean, 3)), "\(system.name) \(measure.name)")
                if system.comparisons.indices.contains(place) {
                    let comparison = system.comparisons[place]
                    #expect(text.contains(FigureText.signed(comparison.difference)))
                    let tally = comparison.units
                    #expect(text.contains("\(tally.wins) / \(tally.ties) / \(tally.losses)"))
                }
            }
            #expect(text.contains(report.ceilings[0].quality.sentence(measure: "nDCG@10")))
        }
        for fact in [report.provenance.command, report.provenance.qrelsDigest, "avx512-vnni", "Seed42"] {
            #expect(text.contains(fact), "\(fact)")
        }
        for warning in report.warnings { #expect(text.contains(warning)) }
    }

    /// Under the title of every page: on what, of what, when.
    @Test func aLineSaysWhatWasMeasured() throws {
        let fixture = ReportFixture()
        let evaluation = try fixture.report()
        let (sweep, calibration) = (try fixture.sweep(), try fixture.calibration())
        func summary(_ report: HTMLReport) throws -> String? {
            let page = report.page
            guard let start = page.range(of: #"<p class="summary">"#), let end = page.range(of: "</header>") else {
                return nil
            }
            return PageReader("<x>" + page[start.lowerBound..<end.lowerBound] + "</x>").text
        }
        let provenance = evaluation.provenance
        #expect(
            try summary(HTMLReport(sweep: sweep, provenance: provenance))?.hasPrefix(
                "60 queries · 10 settings of the first stage and a reranker, initialK 2 to 12 · ranked by document · 2026-"
            ) == true)
        #expect(
            try summary(HTMLReport(calibration: calibration, provenance: provenance))?.hasPrefix(
                "60 queries · 720 labelled pairs · first stage dense, 12 candidates · judged by document · 2026-")
                == true)
        #expect(try summary(HTMLReport(sweep: sweep))?.hasSuffix("ranked by document") == true)
        // An evaluation's page is about the evaluation.
        let all = HTMLReport(evaluation: evaluation, sweep: sweep, calibration: calibration)
        #expect(try summary(all)?.hasPrefix("60 queries · 5,183 documents · first stage dense") == true)
        #expect(try summary(HTMLReport()) == nil)
    }

    /// Where groups are counted, the column says so.
    @Test func talliesSayWhatTheyCount() throws {
        var fixture = ReportFixture()
        fixture.sliceFields = ["kind"]
        var input = try fixture.input()
        input.groups = .none
        let single = PageReader(HTMLReport(evaluation: try EvaluationReport(input)).page)
        #expect(!single.text.contains("groups W / T / L"))
        input.groups = .field("kind")
        let grouped = PageReader(HTMLReport(evaluation: try EvaluationReport(input)).page)
        #expect(grouped.text.components(separatedBy: "groups W / T / L").count == 3)
    }

    /// Further measures stand in a table of their own, as wide a one as fits on a page, and only where there are some.
    @Test func otherMeasuresOfASweepHaveTheirTable() throws {
        let input = try ReportFixture().input()
        func tables(_ measures: [Measure]) throws -> [String] {
            let sweep = try Sweep(
                SweepSettings(initialKs: [4, 12], finalKs: [1], systems: [.init(name: "m6", scoring: 0)]),
                measure: SweepMeasure(.primaryDefault, qrels: input.qrels),
                secondary: measures.map { SweepMeasure($0, qrels: input.qrels) }, qrels: input.qrels
            ).report(on: input.observations)
            let reader = PageReader(HTMLReport(sweep: sweep).page)
            #expect(reader.fault == nil)
            for measure in measures { #expect(reader.text.contains(measure.name)) }
            return reader.elements.filter { $0.attributes["class"] == "scroll" }.compactMap {
                $0.attributes["aria-label"]
            }
        }
        #expect(try !tables([]).contains { $0.hasPrefix("Other measures") })
        let some = try tables(Array(Measure.defaults(depth: 12).dropFirst()))
        #expect(some.filter { $0.hasPrefix("Other measures") }.count == 1)
    }

    @Test func gateFindingsAreShown() throws {
        let fixture = ReportFixture()
        var report = try fixture.report()
        let first = report.systems[0]
        let side = GateSide(
            queryIDs: first.measured.queryIDs,
            valuesByMeasure: ["nDCG@10": first.measured.values(of: .primaryDefault) ?? []], qrelsDigest: "a")
        report.gate = try RegressionGate([GateRule(measure: "nDCG@10", margin: -0.01)], baseline: side, current: side)
        #expect(PageReader(HTMLReport(evaluation: report).page).text.contains("Passed: nDCG@10 stays"))
    }

    /// One query, no candidate, nothing that differs, nothing to compare: each is said, and nothing is drawn of
    /// nothing.
    @Test func littleInputGivesAPageThatSaysSo() throws {
        func page(_ change: (inout ReportFixture) -> Void) throws -> PageReader {
            var fixture = ReportFixture()
            fixture.queryCount = 12
            change(&fixture)
            return PageReader(HTMLReport(evaluation: try fixture.report()).page)
        }
        let one = try page { $0.queryCount = 1 }
        #expect(one.fault == nil)
        #expect(one.text.contains("cannot be told"))
        #expect(one.text.contains("too few queries differ for an interval"))

        let ties = try page { $0.systems = [.init(name: "same", role: .reranked, separation: nil)] }
        #expect(ties.fault == nil)
        #expect(ties.text.contains("rose for 0 queries, fell for 0 and stayed for 12"))
        #expect(ties.count("g", class: "slope") == 0)

        let alone = try page { $0.systems = [] }
        #expect(alone.fault == nil)
        #expect(alone.text.contains("Nothing was compared with it"))
        #expect(!alone.text.contains("Differences to"))

        let nothing = try page { $0.candidateCount = 0 }
        #expect(nothing.fault == nil)
        #expect(nothing.text.contains("found nothing at all"))
        #expect(!nothing.sections.contains("scores"))

        let run = try page {
            $0.systems = []
            $0.hasRun = true
        }
        #expect(run.fault == nil)
        #expect(run.text.contains("reversed"))
        #expect(!run.sections.contains("scores"))
    }

    @Test(arguments: [(58, false), (59, true), (60, true)])
    func percentilesWaitForTheirSamples(_ queries: Int, _ isSupported: Bool) throws {
        var fixture = ReportFixture()
        fixture.queryCount = queries
        fixture.measures = [.primaryDefault]
        let reader = PageReader(HTMLReport(evaluation: try fixture.report()).page)
        #expect(reader.text.contains("p95 of \(queries), total") == isSupported)
        #expect(reader.text.contains("longest of \(queries), total") == !isSupported)
        #expect((reader.count("rect", class: "hollow") > 0) == !isSupported)
    }

    @Test func sweepWithoutTimesIsDrawnByDepth() throws {
        let fixture = ReportFixture()
        let reader = PageReader(HTMLReport(sweep: try fixture.sweep(timed: false)).page)
        #expect(reader.fault == nil)
        #expect(reader.text.contains("initialK (no latency measured)"))
        #expect(reader.count("line", class: "front") == 0)
        #expect(PageReader(HTMLReport(sweep: try fixture.sweep()).page).count("line", class: "front") > 0)
    }
}
