import ArgumentParser
import Winnow

struct JudgeReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Read a judged pool back, as judgements that an evaluation reads.",
        usage: "winnow judge read <pool> --output <file> [--qrels <file>] [<options>]",
        discussion: """
            Rows without a grade are left for later. Of a pair that was judged twice the first grade counts; how far the two \
            agree is said. With --qrels the grades are added to judgements that are there; two that contradict each other are an \
            error with both lines. Spreadsheets change ids (1-2 becomes a date): with --queries, and --documents or --store, an \
            unknown id is an error with its line.

            Examples:
              winnow judge read pool.csv --output my-set/qrels/test.tsv
              winnow judge read pool2.csv --qrels test.tsv --output test.tsv
            """)

    @Argument(help: ArgumentHelp("A pool of winnow judge pool, with grades.", valueName: "pool"))
    var pool: String

    @Option(help: ArgumentHelp("Judgements to add these to.", valueName: "file"))
    var qrels: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where all go, in BEIR's form; it may be the file of --qrels.", valueName: "file"))
    var output: String

    @Option(help: ArgumentHelp("The queries, to check ids.", valueName: "file"))
    var queries: String?

    @OptionGroup var corpus: JudgedCorpusOptions

    @Flag(help: "Replace the output where it is there, and is not the file of --qrels.")
    var overwrite = false

    @Flag(help: "Print one JSON object on one line.")
    var json = false

    func validate() throws {
        guard !output.isEmpty else { throw ValidationError("--output is empty: give a file, such as qrels/test.tsv") }
    }

    func run() async throws {
        // Judgements that were merged in are not lost.
        let mayReplace = overwrite || qrels.map { isSame($0, output) } ?? false
        if !mayReplace {
            try OutputIsThere.refuse(
                output,
                hint:
                    "give --qrels \(PathText.quoted(output)) too, which adds to it, or --overwrite, which loses what it says"
            )
        }
        let judged = try await read()
        // Ids that were percent-encoded for TREC's columns are what the pool's queries and documents say they are.
        let existing = try qrels.map { path in
            try QrelsFile(reading: path).matching(
                queries: IdentifierSet(judged.qrels.queryIDs), documents: judged.documentIDs)
        }
        let merged = try existing.map { try judged.merged(into: $0) } ?? judged.qrels
        try merged.writeBEIR(to: output, overwriting: mayReplace)

        let added = merged.judgementCount - (existing?.qrels.judgementCount ?? 0)
        for warning in existing?.warnings ?? [] { StandardStreams.note("note: \(warning)") }
        for disagreement in judged.disagreements { StandardStreams.note("judged twice: \(disagreement)") }
        try StandardStreams.output(
            json ? self.json(judged, merged, added).text + "\n" : text(judged, merged, added))
    }

    private func read() async throws -> PoolJudgements {
        let known = try queries.map { try JudgedQueries.read($0, folder: nil).ids }
        let judged = try PoolJudgements(reading: pool, queries: known)
        guard let corpus = try JudgedCorpus.open(corpus) else { return judged }
        var documents = IdentifierSet()
        for id in judged.documentIDs.sorted where try await corpus.text(of: id) != nil { documents.insert(id) }
        // Again, now that it is known which ids are: an unknown one is then an error that names its line.
        return try PoolJudgements(reading: pool, queries: known, documents: documents)
    }

    private func isSame(_ left: String, _ right: String) -> Bool {
        guard let left = RealPath.of(left), let right = RealPath.of(right) else { return false }
        return ExactText(left) == ExactText(right)
    }

    private func text(_ judged: PoolJudgements, _ merged: Qrels, _ added: Int) -> String {
        var lines = [
            "\(PathText.quoted(output)): \(NumberText.plural(merged.judgementCount, "judgement")) of "
                + "\(NumberText.plural(merged.queryCount, "query", "queries")), \(NumberText.grouped(added)) of them new"
        ]
        let agreement = judged.agreement
        if let observed = agreement.observed {
            lines.append(
                "  \(NumberText.plural(agreement.count, "pair was", "pairs were")) judged twice: "
                    + "\(NumberText.fixed(observed * 100, 0)) % alike, "
                    + (agreement.kappa.map { "kappa \(NumberText.fixed($0, 2))" }
                        ?? "kappa unknown, as all got one grade"))
        }
        if judged.unjudged > 0 {
            lines.append("  \(NumberText.plural(judged.unjudged, "row has", "rows have")) no grade yet")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func json(_ judged: PoolJudgements, _ merged: Qrels, _ added: Int) -> JSONText {
        .object([
            ("schema", .integer(1)), ("output", .string(output)), ("queries", .integer(merged.queryCount)),
            ("judgements", .integer(merged.judgementCount)), ("added", .integer(added)),
            ("unjudged", .integer(judged.unjudged)),
            (
                "agreement",
                .object([
                    ("count", .integer(judged.agreement.count)),
                    ("observed", .optional(judged.agreement.observed, JSONText.number)),
                    ("kappa", .optional(judged.agreement.kappa, JSONText.number)),
                ])
            ),
            (
                "disagreements",
                .array(
                    judged.disagreements.map {
                        .object([("line", .optional($0.line) { .integer($0) }), ("text", .string($0.text))])
                    })
            ),
        ])
    }
}
