import Foundation
import TestSupport
import Testing
import WinnowEvaluation

@Suite struct TicketImportTests {
    private func read(
        _ name: String, _ text: String, _ columns: TicketImport.Columns = .init(), documents: IdentifierSet? = nil
    ) throws -> TicketImport {
        let folder = try TemporaryFolder()
        return try TicketImport(reading: folder.write(name, text), columns: columns, documents: documents)
    }

    @Test func aTableIsRead() throws {
        let tickets = try read(
            "t.csv",
            """
            Ticket ID,Question,Document,Agent
            7,"How do I cancel,
            please?",kb-1 | kb-2;kb-3,Ann
            8,Where is my invoice?,"[""kb-4"", 5]",Bob
            ,No number?,kb-1,Bob

            """)
        #expect(tickets.queries.map(\.id) == ["7", "8", EvaluationQuery.id(of: "no number?")])
        #expect(tickets.queries[0].text == "How do I cancel,\nplease?")
        #expect(tickets.qrels.relevant(to: "7") == ["kb-1", "kb-2", "kb-3"])
        #expect(tickets.qrels.relevant(to: "8") == ["5", "kb-4"])
        #expect(tickets.queries.allSatisfy { $0.metadata.isEmpty })
        #expect(tickets.refused.isEmpty && tickets.warnings.isEmpty && tickets.merged == 0)
    }

    @Test func recordsAreRead() throws {
        let tickets = try read(
            "t.jsonl",
            """
            {"subject": "How?", "article": ["a", "b"], "product": "mail", "who": "Ann"}
            {"subject": "Why?", "article": 12, "id": 3}
            {"subject": "how?", "article": "c|a"}
            """, .init(metadata: ["product"]))
        #expect(tickets.queries.map(\.text) == ["How?", "Why?"])
        #expect(tickets.merged == 1)
        #expect(tickets.qrels.relevant(to: tickets.queries[0].id) == ["a", "b", "c"])
        #expect(tickets.qrels.relevant(to: "3") == ["12"])
        #expect(tickets.queries[0].metadata == ["product": .string("mail")])
    }

    @Test(arguments: ["doc", "DocID", "doc id"])
    func theDocumentsColumnHasSeveralNames(name: String) throws {
        #expect(try read("t.csv", "id,question,\(name)\n1,How?,kb-1\n").qrels.relevant(to: "1") == ["kb-1"])
        let record = "{\"id\": 1, \"question\": \"How?\", \"\(name)\": \"kb-1\"}"
        #expect(try read("t.jsonl", record).qrels.relevant(to: "1") == ["kb-1"])
    }

    @Test func whatCannotBeUsedIsNamedWithItsLine() throws {
        let tickets = try read(
            "t.csv", "id,question,document\n1,,a\n2,ok?,\n3,fine?,b\n3,other?,b\n4,\u{200B},c\n5,last?,| ;\n")
        #expect(tickets.queries.map(\.id) == ["3"])
        #expect(tickets.refused.map(\.line) == [2, 3, 5, 6, 7])
        #expect(tickets.refused[0].text.contains("question is blank"))
        #expect(tickets.refused[1].text.contains("document is blank"))
        #expect(tickets.refused[2].text.contains("line 4 too"))
    }

    @Test func columnsMayBeNamed() throws {
        let text = "Betreff;Artikel;Frage\nx;kb;Wie?\n"
        let tickets = try read("t.csv", text, .init(question: "frage", document: "ARTIKEL", metadata: ["Betreff"]))
        #expect(tickets.queries.map(\.text) == ["Wie?"])
        #expect(tickets.queries[0].metadata == ["Betreff": .string("x")])
        let folder = try TemporaryFolder()
        let path = try folder.write("t.csv", text)
        for columns in [TicketImport.Columns(), .init(question: "Frage"), .init(question: "Frag", document: "Artikel")]
        {
            let fault = fault { _ = try TicketImport(reading: path, columns: columns) }
            #expect(fault?.line == 1)
            #expect(fault?.reason.contains("'Betreff', 'Artikel', 'Frage'") == true, "\(fault?.reason ?? "")")
        }
    }

    @Test func unknownDocumentsAreNamedAndKnownOnesNotDivided() throws {
        let known = IdentifierSet(["a;b", "c"])
        let tickets = try read("t.tsv", "question\tdocument\nx?\ta;b\ny?\tc;d\n", documents: known)
        #expect(tickets.qrels.relevant(to: tickets.queries[0].id) == ["a;b"])
        #expect(tickets.qrels.relevant(to: tickets.queries[1].id) == ["c", "d"])
        #expect(tickets.warnings.map(\.line) == [3])
        #expect(tickets.warnings.first?.text.contains("'d'") == true)
    }

    @Test func nothingUsableIsAnError() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("t.csv", "question,document\n,a\n")
        #expect(fault { _ = try TicketImport(reading: path) }?.line == 2)
        let header = try folder.write("h.csv", "question,document\n")
        #expect(fault { _ = try TicketImport(reading: header) }?.reason.contains("only a header") == true)
    }

    @Test func theCollectionIsWrittenAndReadBack() throws {
        let tickets = try read(
            "t.jsonl", #"{"question": "a \"b\"\n?", "document": ["x y", "z"], "team": 1}"#, .init(metadata: ["team"]))
        let folder = try TemporaryFolder()
        let path = folder.path + "/new/set"
        try tickets.write(to: path)
        let collection = try TestCollection.read(folder: path)
        #expect(collection.queries == tickets.queries)
        #expect(collection.qrels.qrels == tickets.qrels)
        #expect(fault { try tickets.write(to: path) }?.reason.contains("is there already") == true)
        try tickets.write(to: path, overwriting: true)
        // Where one of the two is there, the other is not written either.
        #expect(fault { try tickets.write(to: path, split: "dev") }?.path.hasSuffix("queries.jsonl") == true)
        #expect(!FileManager.default.fileExists(atPath: path + "/qrels/dev.tsv"))
        #expect(fault { try tickets.write(to: path, split: "a/b") } != nil)
    }
}
