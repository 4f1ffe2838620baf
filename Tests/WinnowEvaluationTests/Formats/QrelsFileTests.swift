import TestSupport
import Testing
import WinnowEvaluation

@Suite struct QrelsFileTests {
    private static let jsonl = #"""
        {"query": "how?", "query_id": "q1", "relevant": {"d1": 2, "d2": 0}}
        {"query": "why?", "query_id": "q2", "relevant": {"d1": 1}}
        """#

    /// The same three judgements in every form, under a name that says the form and under one that does not.
    @Test(arguments: [
        ("test.qrels", "q1 0 d1 2\nq1 Q0 d2 0\nq2\t0\td1\t1\n", QrelsFormat.trec),
        ("qrels", "q1\t0\td1\t2\nq1\t0\td2\t0.0\nq2\t0\td1\t+1.00\n", .trec),
        ("qrels.dev.tsv", "q1\t0\td1\t2\nq1\t0\td2\t0\nq2\t0\td1\t1\n", .trec),
        ("test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq2\td1\t1\n", .tsv),
        ("test.tsv", "q1\td1\t2\nq1\td2\t0\nq2\td1\t1\n", .tsv),
        ("x", "score\tquery-id\titeration\tcorpus-id\n2\tq1\t0\td1\n0\tq1\t0\td2\n1\tq2\t0\td1\n", .tsv),
        ("test.csv", "query_id,doc_id,relevance\nq1,d1,2\nq1,d2,0\nq2,d1,1\n", .csv),
        ("x.csv", "Doc,QID,Rel\nd1,q1,2\nd2,q1,0\nd1,q2,1\n", .csv),
        ("x.tsv", "topic\tdocid\tgrade\nq1\td1\t2\nq1\td2\t0\nq2\td1\t1\n", .tsv),
        ("x", "\"q1\",\"d1\",\"2\"\nq1, d2 ,0\r\nq2,d1,1.0", .csv),
        ("x.csv", "Note;Grade;QID;Corpus ID\n\"a;\"\"b\"\"\nc\";2;q1;d1\n;0;q1;d2\n;1;q2;d1\n", .csv),
        ("x.jsonl", jsonl, .jsonl), ("x.txt", jsonl, .jsonl),
    ])
    func allFormsAreRead(name: String, text: String, format: QrelsFormat) throws {
        let folder = try TemporaryFolder()
        let file = try QrelsFile(reading: folder.write(name, text))
        #expect(file.format == format)
        #expect(file.qrels.queryIDs == ["q1", "q2"])
        #expect(file.qrels.judgementCount == 3)
        #expect(file.qrels.grade(of: "d1", for: "q1") == 2)
        #expect(file.qrels.grade(of: "d2", for: "q1") == 0)
        #expect(file.qrels.grade(of: "d1", for: "q2") == 1)
        #expect(file.warnings.isEmpty)
        #expect(try QrelsFile(reading: folder.path + "/" + name, format: format).qrels == file.qrels)
    }

    @Test(
        arguments: [
            ("q1 0 d1 1\nq1 0 d1\n", QrelsFormat.trec, 2, "has 3 columns, and 4 are wanted"),
            ("q1 0 my doc 1\n", .trec, 1, "percent-encoded"),
            ("q1 0 d1 x\n", .trec, 1, "'x' is no whole number"),
            ("q1 0 d1 0.5\n", .trec, 1, "'0.5'"), ("q1 0 d1 1.\n", .trec, 1, "'1.'"), ("q1 0 d1 -\n", .trec, 1, "'-'"),
            ("q1 0 d1 nan\n", .trec, 1, "'nan'"), ("q1 0 d1 1e0\n", .trec, 1, "'1e0'"),
            ("q1 0 d1 1234567\n", .trec, 1, "'1234567'"), ("q1 0 1 d1\n", .trec, 1, "column 3 holds a number"),
            ("q1 0 d1 1\nq2 0 d1 1\nq1 0 d1 2\n", .trec, 3, "but 1 on line 1"),
            ("query-id\tcorpus-id\n", .tsv, 1, "lacks a column named score"),
            ("query-id\tcorpus-id\tscore\n", .tsv, nil, "only a header"),
            ("query-id\tcorpus-id\tscore\nq1\td1\n", .tsv, 2, "2 columns"),
            ("q1\td1\n", .tsv, 1, "2 columns"), ("q1\td1\tx\n", .tsv, 1, "'x' is no whole number"),
            ("q1\td1\tx\nq1\td2\t1\n", .tsv, 1, "is this line a header? Then its names are not known"),
            // One known name is an id that happens to be a word.
            ("topic\td1\tx\nq1\td2\t1\n", .tsv, 1, "'x' is no whole number"),
            ("question,article,points\nq1,d1,1\n", .csv, 1, "corpus-id (or corpusid, did, doc, doc_id, docid,"),
            ("qid,doc,points\nq1,d1,1\n", .csv, 1, "lacks a column named score"),
            ("q1\td1\t1\nq1\td2\tx\n", .tsv, 2, "1.0 is read as 1)"),
            ("q1\t1\td1\n", .tsv, 1, "column 2 holds a number"), ("q1\td1\t1\tx\n", .tsv, 1, "no header"),
            ("q1\t\t1\n", .tsv, 1, "id of the document is empty"), ("\td1\t1\n", .tsv, 1, "id of the query is empty"),
            ("query_id,doc_id,grade\nq1,\"d1,1\n", .csv, 2, "not closed"),
            ("query_id,doc_id,grade\nq1,\"d1\"x,1\n", .csv, 2, "closing quote"),
            ("query_id,doc_id,grade\n\"a\nb\",d1,1\nq1,d1,y\n", .csv, 4, "'y'"),
            ("{\"query\": \"a\"}\n", .jsonl, 1, "relevant documents are missing"),
            ("{\"relevant_doc_ids\": [\"a\"]}\n", .jsonl, 1, "text of the query is missing"),
            ("{\"query\": \" \u{200B}\", \"relevant_doc_ids\": []}\n", .jsonl, 1, "text of the query is missing"),
            ("{\"query\": \"a\", \"relevant_doc_ids\": [\"x\", null]}\n", .jsonl, 1, "neither text nor"),
            ("{\"query\": \"a\", \"relevant_doc_ids\": 0.5}\n", .jsonl, 1, "neither a list"),
            ("{\"query\": \"a\", \"relevant\": {\"x\": 0.5}}\n", .jsonl, 1, "0.5"),
            ("{\"query\": \"a\", \"relevant\": {\"x\": \"1\"}}\n", .jsonl, 1, "no whole number"),
            ("{\"query\": \"a\", \"query_id\": {}, \"relevant\": {}}\n", .jsonl, 1, "id of the query"),
            ("{\"query\": \"a\", \"metadata\": 1, \"relevant\": {}}\n", .jsonl, 1, "metadata"),
            ("[{\"query\": \"a\"}]\n", .jsonl, 1, "jq -c"), ("{\"query\":\n", .jsonl, 1, "jq -c"),
            (
                "{\"query\": \"a\", \"relevant\": {\"x\": 1}}\n\n{\"query\": \"a\", \"relevant\": {\"x\": 2}}\n",
                .jsonl, 3,
                "line 1 too"
            ),
        ] as [(String, QrelsFormat, Int?, String)])
    func faultsNameTheirLine(text: String, format: QrelsFormat, line: Int?, message: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("file", text)
        let fault = fault { _ = try QrelsFile(reading: path, format: format) }
        #expect(fault?.line == line)
        #expect(fault?.reason.contains(message) == true, "\(fault?.reason ?? "")")
    }

    @Test(arguments: ["only two\n", "no judgements at all, of any kind here;\n", "a b c\n"])
    func whatIsNoJudgementsIsRefused(text: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("qrels.txt", text)
        #expect(fault { _ = try QrelsFile(reading: path) }?.line == 1)
    }

    @Test func repeatsAreWarnings() throws {
        let folder = try TemporaryFolder()
        let trec = try QrelsFile(reading: folder.write("a.qrels", "q1 0 d1 1\nq1 0 d1 1\nq1 0 d2 1\n"))
        #expect(trec.qrels.judgementCount == 2)
        #expect(trec.warnings.map(\.line) == [2])
        #expect(trec.warnings.first?.text.contains("line 1") == true)
        let line = #"{"query": "a", "relevant_doc_ids": ["x", "x"]}"# + "\n"
        let json = try QrelsFile(reading: folder.write("a.jsonl", line + line))
        #expect(json.queries.count == 1)
        #expect(json.warnings.map(\.line) == [1, 2])
    }

    /// The form in which the tutorial keeps its test set.
    @Test func queriesComeWithTheirJudgements() throws {
        let folder = try TemporaryFolder()
        let text = #"""
            {"query": "How do I cancel?", "relevant_doc_ids": ["a", 7]}
            {"query": "Who is the king?", "relevant_doc_ids": [], "id": 12, "metadata": {"group": "x"}}
            {"query": "One?", "relevant_doc_ids": "a"}
            """#
        let file = try QrelsFile(reading: folder.write("test.jsonl", text))
        #expect(file.queries.map(\.text) == ["How do I cancel?", "Who is the king?", "One?"])
        #expect(file.queries[1].id == "12")
        #expect(file.queries[1].metadata == ["group": .string("x")])
        #expect(file.qrels.queryCount == 2)
        let id = file.queries[0].id
        #expect(id == EvaluationQuery.id(of: "How do I cancel?"))
        #expect(id != file.queries[2].id)
        #expect(file.qrels.relevant(to: id) == ["7", "a"])
        // FNV-1a of the empty text is its offset basis, and of "a" as its authors publish it.
        #expect(EvaluationQuery.id(of: "") == "q-cbf29ce484222325")
        #expect(EvaluationQuery.id(of: "a") == "q-af63dc4c8601ec8c")
    }

    @Test func idsKeepTheirBytes() throws {
        let folder = try TemporaryFolder()
        let file = try QrelsFile(reading: folder.write("a.tsv", "q\tcaf\u{E9}\t1\nq\tcafe\u{301}\t2\n"))
        #expect(file.qrels.judgementCount == 2)
        #expect(file.line(of: "cafe\u{301}", for: "q") == 2)
        let json = try QrelsFile(
            reading: folder.write(
                "a.jsonl",
                "{\"query\": \"a\", \"query_id\": \"q\", \"relevant\": {\"caf\u{E9}\": 1, \"cafe\u{301}\": 2}}"))
        #expect(json.qrels.grade(of: "caf\u{E9}", for: "q") == 1)
        #expect(json.qrels.grade(of: "cafe\u{301}", for: "q") == 2)
        #expect(
            fault {
                _ = try QrelsFile(
                    reading: folder.write("b.jsonl", "{\"query\": \"a\", \"relevant\": {\"x\": 1, \"x\": 2}}"))
            }?.reason.contains("twice") == true)
        let quoted = try QrelsFile(reading: folder.write("b.tsv", "q\t\"a\t1\nq\ta b\t1\n"))
        #expect(quoted.qrels.relevant(to: "q") == ["\"a", "a b"])
    }
}
