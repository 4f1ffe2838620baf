import ArgumentParser
import Winnow

struct JudgeTicketsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tickets",
        abstract: "Make a test set of resolved tickets: the question, and the document that resolved it.",
        usage: "winnow judge tickets <file> --output <folder> [<options>]",
        discussion: """
            Reads CSV, a table between tabs, or JSONL, and writes queries.jsonl and qrels/SPLIT.tsv into the folder. Several \
            documents of a ticket stand between | or ;, or as a JSON array. A question that was asked again is one query. \
            Columns that are not named are left behind: tickets hold names of customers.

            Only what resolved a ticket is judged relevant by this, and nothing is judged irrelevant: go on with winnow judge \
            pool.

            Examples:
              winnow judge tickets resolved.csv --output my-set/
              winnow judge tickets resolved.csv --output my-set/ \\
                --question subject --document kb_article --metadata product

            Exit code 3: tickets were left out (blank question, no document); each is named.
            """)

    @Argument(help: ArgumentHelp("The tickets.", valueName: "file"))
    var tickets: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder of the test set.", valueName: "folder"))
    var output: String

    @Option(
        help: ArgumentHelp(
            "The question's column. (default: question, query, subject, title or text)", valueName: "column"))
    var question: String?

    @Option(
        help: ArgumentHelp(
            "The column of the document's id. (default: document, document_id, article, resolution or the like)",
            valueName: "column"))
    var document: String?

    @Option(
        name: .customLong("id"),
        help: ArgumentHelp(
            "The ticket's id, which names the query. (default: id, ticket_id or the like; else made from the question)",
            valueName: "column"))
    var idColumn: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A column to keep with the query, to group or cut results by. Repeatable.", valueName: "column"))
    var metadata: [String] = []

    @OptionGroup var corpus: JudgedCorpusOptions

    @Option(help: ArgumentHelp("The name of the qrels.", valueName: "name"))
    var split = "test"

    @Flag(help: "Replace a test set that is there.")
    var overwrite = false

    @Flag(help: "Print one JSON object on one line.")
    var json = false

    func validate() throws {
        guard !output.isEmpty else { throw ValidationError("--output is empty: give a folder, such as my-set") }
        guard !split.isEmpty, !split.utf8.contains(UInt8(ascii: "/")) else {
            throw ValidationError("--split '\(split)' is no name of a split, such as test or dev")
        }
        for (option, value) in [("--question", question), ("--document", document), ("--id", idColumn)]
        where value == "" {
            throw ValidationError("\(option) is empty: give the name of a column")
        }
    }

    private var folder: String {
        var folder = output
        while folder.utf8.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        return folder
    }

    func run() async throws {
        if !overwrite {
            for path in ["\(folder)/queries.jsonl", "\(folder)/qrels/\(split).tsv"] {
                try OutputIsThere.refuse(path, hint: "give another --output, or --overwrite, which loses what it says")
            }
        }
        let corpus = try JudgedCorpus.open(corpus)
        for record in corpus?.skipped ?? [] { StandardStreams.note("left out: \(record)") }
        let imported = try TicketImport(
            reading: tickets,
            columns: .init(question: question, document: document, id: idColumn, metadata: metadata),
            documents: try await corpus?.documentIDs())
        try imported.write(to: folder, split: split, overwriting: overwrite)

        for refused in imported.refused { StandardStreams.note("left out: \(refused)") }
        for warning in imported.warnings { StandardStreams.note("note: \(warning)") }
        try StandardStreams.output(json ? self.json(imported).text + "\n" : text(imported))
        if !imported.refused.isEmpty { throw PartialResult.exitCode }
    }

    private func text(_ imported: TicketImport) -> String {
        let used = imported.queries.count + imported.merged
        return """
            \(PathText.quoted(folder)): \(NumberText.plural(imported.queries.count, "query", "queries")) with \
            \(NumberText.plural(imported.qrels.judgementCount, "judgement")), from \(NumberText.plural(used, "ticket"))

            """
                + (imported.merged > 0
                    ? "  \(NumberText.plural(imported.merged, "ticket")) asked again what another had asked\n" : "")
                + (imported.refused.isEmpty
                    ? "" : "  \(NumberText.plural(imported.refused.count, "ticket was", "tickets were")) left out\n")
                + "next: winnow eval \(PathText.quoted(folder)) --store FILE, with a store of the documents\n"
    }

    private func json(_ imported: TicketImport) -> JSONText {
        .object([
            ("schema", .integer(1)), ("output", .string(folder)), ("split", .string(split)),
            ("queries", .integer(imported.queries.count)), ("judgements", .integer(imported.qrels.judgementCount)),
            ("merged", .integer(imported.merged)),
            (
                "leftOut",
                .array(
                    imported.refused.map {
                        .object([
                            ("path", .string($0.path)), ("line", .optional($0.line) { .integer($0) }),
                            ("reason", .string($0.text)),
                        ])
                    })
            ),
            ("warnings", .array(imported.warnings.map { .string($0.description) })),
        ])
    }
}
