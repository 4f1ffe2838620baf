import TestSupport
import Testing
import WinnowEvaluation

@Suite struct TestCollectionTests {
    private let queries = """
        {"_id": "q1", "text": "first?", "metadata": {"group": "a"}}
        {"_id": 2, "text": "second?", "title": "ignored"}
        {"id": "q3", "text": "third?"}

        """

    @Test func aFolderIsRead() throws {
        let folder = try TemporaryFolder()
        try folder.write("queries.jsonl", queries)
        try folder.write("qrels/test.tsv", "query-id\tcorpus-id\tscore\n2\td1\t1\nq1\td1\t2\n")
        try folder.write("qrels/dev.tsv", "query-id\tcorpus-id\tscore\nq3\td1\t1\nother\td1\t1\n")
        let test = try TestCollection.read(folder: folder.path)
        #expect(test.queries.map(\.id) == ["q1", "2", "q3"])
        #expect(test.queries[0].metadata == ["group": .string("a")])
        #expect(test.judgedQueries.map(\.id) == ["q1", "2"])
        #expect(test.warnings.isEmpty)
        let dev = try TestCollection.read(folder: folder.path, split: "dev")
        #expect(dev.judgedQueries.map(\.id) == ["q3"])
        #expect(dev.warnings.count == 1)
    }

    @Test func whatIsMissingIsNamedWithWhatIsThere() throws {
        let folder = try TemporaryFolder()
        #expect(fault { _ = try TestCollection.read(folder: folder.path + "/x") }?.reason == "does not exist")
        #expect(fault { _ = try TestCollection.read(folder: folder.path) }?.path.hasSuffix("qrels/test.tsv") == true)
        try folder.write("my-qrels.tsv", "q1\td1\t1\n")
        #expect(
            fault { _ = try TestCollection.read(folder: folder.path) }?.reason.contains("'my-qrels.tsv' may be") == true
        )
        try folder.write("qrels/train.tsv", "q1\td1\t1\n")
        try folder.write("qrels/.hidden.tsv", "q1\td1\t1\n")
        #expect(
            fault { _ = try TestCollection.read(folder: folder.path) }?.reason.contains("there is 'train' (--split")
                == true)
        try folder.write("qrels/dev.tsv", "q1\td1\t1\n")
        #expect(
            fault { _ = try TestCollection.read(folder: folder.path) }?.reason.contains("there are 'dev', 'train'")
                == true)
        #expect(
            fault { _ = try TestCollection.read(folder: folder.path, split: "../x") }?.reason.contains("no name")
                == true)
        #expect(
            fault { _ = try TestCollection.read(folder: folder.path, split: "dev") }?.path.hasSuffix("queries.jsonl")
                == true)
        let file = try folder.write("file", "x")
        #expect(fault { _ = try TestCollection.read(folder: file) }?.reason.contains("is a file") == true)
    }

    @Test func twoFilesOrOneAreRead() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("queries.csv", "id,text\nq1,\"first, or\nsecond?\"\nq2,x\n")
        let qrels = try folder.write("qrels.txt", "q1 0 d1 1\n")
        let test = try TestCollection.read(queries: path, qrels: qrels)
        #expect(test.queries.map(\.text) == ["first, or\nsecond?", "x"])
        #expect(test.warnings.count == 1)
        #expect(
            fault { _ = try TestCollection.read(queries: nil, qrels: qrels) }?.reason.contains("queries too") == true)
        let both = try folder.write(
            "both.jsonl", #"{"query": "a", "relevant_doc_ids": ["d"]}"# + "\n" + #"{"query": "b", "relevant": {}}"#)
        let one = try TestCollection.read(queries: nil, qrels: both)
        #expect(one.queries.count == 2)
        #expect(one.judgedQueries.count == 1)
        #expect(one.warnings.isEmpty)
    }

    @Test(
        arguments: [
            ("q.jsonl", #"{"_id": "a", "text": "x"}"# + "\n" + #"{"_id": "a", "text": "y"}"#, 2, "line 1 too"),
            ("q.jsonl", #"{"text": "x"}"#, 1, "no \"_id\""), ("q.jsonl", #"{"_id": "a"}"#, 1, "no \"text\""),
            ("q.jsonl", #"{"_id": "a", "text": " "}"#, 1, "has no text"), ("q.jsonl", "{\"_id\": }", 1, "column 9"),
            ("q.csv", "id,text\n", nil, "only a header"), ("q.csv", "id,text\n,x\n", 2, "id of the query is empty"),
            ("q.csv", "id,text\nq1\n", 2, "1 column"), ("q.csv", "a,b,c\n", 1, "a header that names"),
            ("q.tsv", "q1\tx\nq1\ty\n", 2, "unique"),
        ] as [(String, String, Int?, String)])
    func faultyQueriesAreNamed(name: String, text: String, line: Int?, message: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(name, text)
        let fault = fault { _ = try QueriesFile(reading: path) }
        #expect(fault?.line == line)
        #expect(fault?.reason.contains(message) == true, "\(fault?.reason ?? "")")
    }

    @Test func repeatedQueriesAreWarnings() throws {
        let folder = try TemporaryFolder()
        let file = try QueriesFile(reading: folder.write("q.tsv", "q1\tx\nq1\tx\n"))
        #expect(file.queries.count == 1)
        #expect(file.warnings.map(\.line) == [2])
    }
}
