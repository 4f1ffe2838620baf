import TestSupport
import Testing
import WinnowEvaluation

/// Judgements that were exported come back with the ids that they had, and those of others with theirs.
@Suite struct QrelsDecodingTests {
    private func read(_ text: String, _ name: String = "qrels.trec") throws -> QrelsFile {
        let folder = try TemporaryFolder()
        return try QrelsFile(reading: folder.write(name, text))
    }

    private func documents(_ file: QrelsFile, _ queryID: String = "q") -> [String] {
        file.qrels.judgements(of: queryID).map(\.documentID)
    }

    @Test func whatWasExportedComesBack() throws {
        var qrels = Qrels()
        qrels.judge("my file.md", for: "q", grade: 1)
        qrels.judge("100%.md", for: "q", grade: 0)
        qrels.judge("plain.md", for: "#7 x", grade: 2)
        let file = try read(qrels.trecText())
        let known = IdentifierSet(["my file.md", "100%.md", "plain.md"])
        let matched = file.matching(queries: IdentifierSet(["q", "#7 x"]), documents: known)
        #expect(matched.qrels == qrels && matched.isDecoded && matched.warnings.isEmpty)
        // Queries in order of their bytes: line 1 is of '#7 x'.
        #expect(matched.line(of: "plain.md", for: "#7 x") == 1)
        #expect(matched.line(of: "my file.md", for: "q") == 3)
        #expect(file.possibleDocumentIDs.contains("my file.md") && file.possibleDocumentIDs.contains("my%20file.md"))
        #expect(file.possibleDocumentIDs.count == 5)
    }

    /// Only documents can tell here, and queries alone decide nothing.
    @Test func documentsDecide() throws {
        let file = try read("q 0 a%20b 1\nq 0 c 1\n")
        let queries = IdentifierSet(["q"])
        #expect(documents(file.matching(queries: queries)) == ["a%20b", "c"])
        #expect(documents(file.matching(queries: queries, documents: IdentifierSet(["a b", "c"]))) == ["a b", "c"])
        #expect(
            documents(file.matching(queries: queries, documents: IdentifierSet(["a%20b", "c"]))) == ["a%20b", "c"])
        #expect(documents(file.matching(queries: queries, documents: IdentifierSet(["c"]))) == ["a%20b", "c"])
    }

    /// Addresses are ids too, and may hold what we would decode.
    @Test(arguments: ["https://x.org/a%20b", "https://x.org/a%2Fb%20c", "100%25", "%C3%A9"])
    func addressesStayAsTheyAre(id: String) throws {
        let file = try read("q 0 \(id) 1\n")
        let matched = file.matching(queries: IdentifierSet(["q"]), documents: IdentifierSet([id, "other"]))
        #expect(documents(matched) == [id] && matched.warnings.isEmpty && !matched.isDecoded)
    }

    /// An escape that we never write shows that the file is of another program, all of it.
    @Test(arguments: ["a%2Fb", "a%2fb", "50%", "%zz", "%FF", "%0a"])
    func oneForeignEscapeShowsAForeignFile(id: String) throws {
        let file = try read("q 0 \(id) 1\nq 0 a%20b 1\n")
        #expect(file.decoded() == nil)
        let matched = file.matching(queries: IdentifierSet(["q"]), documents: IdentifierSet(["a b"]))
        #expect(documents(matched).contains("a%20b"))
    }

    /// All ids of a file are of one kind: id by id, "a%20b" would be taken for the document of that name.
    @Test func aFileIsDecodedAsAWhole() throws {
        var qrels = Qrels()
        qrels.judge("a b", for: "q", grade: 1)
        qrels.judge("a%20b", for: "q", grade: 2)
        let file = try read(qrels.trecText())
        let matched = file.matching(queries: IdentifierSet(["q"]), documents: IdentifierSet(["a b", "a%20b"]))
        #expect(matched.qrels == qrels)
    }

    @Test func whatCannotBeToldIsSaid() throws {
        let file = try read("q 0 a%20b 1\n")
        let matched = file.matching(queries: IdentifierSet(["q"]), documents: IdentifierSet(["a b", "a%20b"]))
        #expect(documents(matched) == ["a%20b"])
        #expect(matched.warnings.count == 1)
        #expect(matched.warnings.first?.text.contains("'a b' is known too") == true)
    }

    /// Tables hold white space as it is, so a `%` there is one.
    @Test func tablesAreNeverDecoded() throws {
        let file = try read("q\ta%20b\t1\n", "qrels.tsv")
        #expect(file.format == .tsv && file.decoded() == nil)
        let matched = file.matching(queries: IdentifierSet(["q"]), documents: IdentifierSet(["a b"]))
        #expect(documents(matched) == ["a%20b"])
    }

    @Test func aCollectionIsReadWithItsExportedJudgements() throws {
        let folder = try TemporaryFolder()
        let queries = try folder.write(
            "queries.jsonl", #"{"_id": "q 1", "text": "first?"}"# + "\n" + #"{"_id": "q2", "text": "second?"}"#)
        var qrels = Qrels()
        qrels.judge("my file", for: "q 1", grade: 1)
        qrels.judge("d", for: "q2", grade: 1)
        let path = folder.path + "/qrels.trec"
        try qrels.write(to: path)
        // The queries' ids tell already.
        let test = try TestCollection.read(queries: queries, qrels: path)
        #expect(test.qrels.qrels == qrels && test.warnings.isEmpty)

        // Here the documents' do, and only where they are known.
        let plain = try folder.write("plain.trec", "q2 0 my%20file 1\n")
        let open = try TestCollection.read(queries: queries, qrels: plain)
        #expect(documents(open.qrels, "q2") == ["my%20file"])
        #expect(documents(open.matching(documents: IdentifierSet(["my file"])).qrels, "q2") == ["my file"])
        #expect(documents(open.matching(documents: IdentifierSet(["my%20file"])).qrels, "q2") == ["my%20file"])
        let both = open.matching(documents: IdentifierSet(["my file", "my%20file"]))
        #expect(both.warnings.count == open.warnings.count + 1)
    }
}
