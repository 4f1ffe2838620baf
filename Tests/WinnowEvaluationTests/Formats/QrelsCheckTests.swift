import TestSupport
import Testing
import WinnowEvaluation

@Suite struct QrelsCheckTests {
    private let queries = IdentifierSet(["q1", "q2", "q3"])
    private let documents = IdentifierSet(["d1", "d2", "d3#0"])

    private func read(_ text: String) throws -> QrelsFile {
        let folder = try TemporaryFolder()
        return try QrelsFile(reading: folder.write("test.tsv", text))
    }

    @Test func whatFitsIsQuiet() throws {
        let file = try read("q1\td1\t1\nq2\td2\t1\nq3\td1\t0\n")
        #expect(try file.check(queries: queries, documents: documents).isEmpty)
        #expect(try file.check(queries: queries).isEmpty)
    }

    @Test func whatFitsInPartIsNamed() throws {
        let file = try read("q1\td1\t1\nq1\tgone\t1\nq2\tlost\t1\nq9\td1\t1\n")
        let warnings = try file.check(queries: queries, documents: documents)
        #expect(warnings.count == 4)
        #expect(warnings[0].text.contains("1 judged query is not among the 3 queries") && warnings[0].line == 4)
        #expect(warnings[1].text.contains("2 of 4 judgements") && warnings[1].line == 2)
        #expect(warnings[2].text.contains("1 query") && warnings[2].text.contains("'q2'"))
        #expect(warnings[3].text.contains("1 of 3 queries have no judgement") && warnings[3].text.contains("'q3'"))
        #expect(try file.check(queries: queries, documents: documents, namesUnjudged: false).count == 3)
    }

    @Test(arguments: [
        ("d1\tq1\t1\nd2\tq2\t1\n", 1, "columns are swapped"),
        ("x1\td1\t1\n", 1, "judges none of the 3 queries"),
        ("q1\tx\t1\nq2\ty\t0\n", 1, "names no document that is there"),
        ("q1\td1#4\t1\n", 1, "--level passage"), ("q1\td3\t1\n", 1, "--level document"),
    ])
    func whatDoesNotFitAtAllIsAnError(text: String, line: Int, message: String) throws {
        let file = try read(text)
        let fault = fault { _ = try file.check(queries: queries, documents: documents) }
        #expect(fault?.line == line)
        #expect(fault?.reason.contains(message) == true, "\(fault?.reason ?? "")")
    }
}
