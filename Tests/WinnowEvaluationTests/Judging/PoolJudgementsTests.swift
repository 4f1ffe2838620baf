import TestSupport
import Testing
import WinnowEvaluation

@Suite struct PoolJudgementsTests {
    @Test func gradesAreReadAndRepeatsCompared() throws {
        let folder = try TemporaryFolder()
        let text = """
            pair;query_id;document_id;query;passage;grade
            1;q1;a;x;"y;
            z";1
            2;q1;b;x;y;
            3;q1;a;x;y;2
            4;q2;a;x;y;0.0
            5;q2;a;x;y;0

            """
        let judged = try PoolJudgements(reading: folder.write("pool.csv", text))
        #expect(judged.qrels.grade(of: "a", for: "q1") == 1)
        #expect(judged.qrels.grade(of: "a", for: "q2") == 0)
        #expect(judged.qrels.judgementCount == 2)
        #expect(judged.unjudged == 1)
        #expect(judged.agreement == Agreement([(1, 2), (0, 0)]))
        #expect(judged.agreement.observed == 0.5)
        #expect(judged.disagreements.map(\.line) == [5])
        #expect(judged.disagreements.first?.text.contains("but 1 on line 2") == true)
    }

    @Test(
        arguments: [
            ("query_id,document_id,grade\nq1,a,good\n", 2, "'good'"),
            ("query_id,document_id,grade\nq1,b,1\n", 2, "spreadsheet"),
            ("query_id,document_id,grade\nq9,a,1\n", 2, "no query 'q9'"), ("query_id,grade\nq1,1\n", 1, "document_id"),
            ("query_id,document_id,grade\nq1\n", 2, "1 column"), ("{\"query_id\": \"q1\"}\n", 1, "document_id"),
            ("{\"query_id\": \"q1\", \"document_id\": \"a\", \"grade\": 0.5}\n", 1, "0.5"),
            ("query_id,document_id,grade\nq1,a,\n", nil, "not one of 1"),
        ] as [(String, Int?, String)])
    func faultsNameTheirLine(text: String, line: Int?, message: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("pool", text)
        let fault = fault {
            _ = try PoolJudgements(reading: path, queries: IdentifierSet(["q1"]), documents: IdentifierSet(["a"]))
        }
        #expect(fault?.line == line)
        #expect(fault?.reason.contains(message) == true, "\(fault?.reason ?? "")")
    }

    @Test func judgementsAreMergedAndContradictionsNamed() throws {
        let folder = try TemporaryFolder()
        let existing = try QrelsFile(reading: folder.write("old.qrels", "q1 0 a 1\nq1 0 c 2\n"))
        let judged = try PoolJudgements(
            reading: folder.write("new.csv", "query_id,document_id,grade\nq1,a,1\nq1,b,0\nq2,a,1\n"))
        let merged = try judged.merged(into: existing)
        #expect(merged.judgementCount == 4)
        #expect(merged.grade(of: "c", for: "q1") == 2)
        let other = try PoolJudgements(
            reading: folder.write("other.csv", "query_id,document_id,grade\nq2,a,1\nq1,c,0\n"))
        let fault = fault { _ = try other.merged(into: existing) }
        #expect(fault?.line == 3)
        #expect(fault?.reason.contains("old.qrels line 2") == true, "\(fault?.reason ?? "")")
    }

    @Test(arguments: ["document_id", "doc_id", "docid", "Doc"])
    func theDocumentsColumnHasSeveralNames(name: String) throws {
        let folder = try TemporaryFolder()
        let table = try PoolJudgements(
            reading: folder.write("t.csv", "query_id,\(name),document,grade\nq,d,the text,1\n"))
        #expect(table.qrels.grade(of: "d", for: "q") == 1)
        let line = "{\"query_id\": \"q\", \"\(name.lowercased())\": \"d\", \"grade\": 1}"
        #expect(try PoolJudgements(reading: folder.write("t.jsonl", line)).qrels.grade(of: "d", for: "q") == 1)
    }

    private struct Goldens: Decodable {
        struct Case: Decodable {
            var first: [Int]
            var second: [Int]
            var kappa: Double?
        }

        var cases: [Case]
    }

    @Test func kappaIsScikitLearns() throws {
        let goldens: Goldens = try Fixtures.json("evaluation/agreement.json")
        #expect(goldens.cases.contains { $0.kappa == nil } && goldens.cases.count == 8)
        for sample in goldens.cases {
            let kappa = Agreement(Array(zip(sample.first, sample.second))).kappa
            let difference = kappa.flatMap { kappa in sample.kappa.map { abs(kappa - $0) } }
            #expect(difference.map { $0 < 1e-12 } ?? (kappa == nil && sample.kappa == nil))
        }
        #expect(Agreement([]).observed == nil)
        #expect(Agreement([(0, 1), (1, 0)]).kappa == -1)
    }
}
