import ArgumentParser
import Winnow

struct JudgePoolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pool",
        abstract: "Write out what several systems rank high, for people to judge.",
        usage: "winnow judge pool [<folder>] --run <file> ... --output <file> [<options>]",
        discussion: """
            Takes the first --depth documents of each run, leaves out what was judged before, and writes one pair of a query and \
            a document a row, with both texts and an empty grade. Pairs on which the systems differ come first, as they decide a \
            comparison; within that the order is drawn by --seed, and nothing says which system found what. A few pairs come \
            twice, to see how far the judge agrees with himself.

            Runs are TREC run files: winnow eval --export-runs writes them, and so do other engines. A folder in BEIR layout \
            gives queries, documents and judgements (qrels/SPLIT.tsv, where it is there).

            Examples:
              winnow judge pool my-set --run dense.run --run bm25.run --output pool.csv
              winnow judge pool --queries q.jsonl --store kb.sqlite \\
                --run a.run --run b.run --depth 20 --output pool.jsonl

            Fill in the column grade: 0 irrelevant, 1 relevant, 2 and more for better documents; then go on with winnow judge read.
            """)

    @Argument(help: ArgumentHelp("A folder in BEIR layout.", valueName: "folder"))
    var folder: String?

    @Option(
        name: .customLong("run"), parsing: .singleValue,
        help: ArgumentHelp("A system's run, at least two of them. Repeatable.", valueName: "file"))
    var runs: [String] = []

    @Option(help: ArgumentHelp("Queries instead of the folder's, labelled or not.", valueName: "file"))
    var queries: String?

    @OptionGroup var corpus: JudgedCorpusOptions

    @Option(
        help: ArgumentHelp(
            "Judgements that are there already, instead of the folder's: their pairs are left out.", valueName: "file"))
    var qrels: String?

    @Option(help: ArgumentHelp("Which of the folder's qrels.", valueName: "name"))
    var split = "test"

    @Option(help: ArgumentHelp("How many of a query's documents each system gives.", valueName: "count"))
    var depth = 10

    @Option(
        help: ArgumentHelp(
            "Only so many of the queries, drawn by --seed. (default: all that have a run)", valueName: "count"))
    var limit: Int?

    @Option(help: ArgumentHelp("Share of the pairs that come twice, 0 to 1.", valueName: "share"))
    var repeats = 0.05

    @Option(help: "Of everything that is drawn by chance: the order, the repeated pairs, sampled queries.")
    var seed: UInt64 = 1

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to be judged.", valueName: "file"))
    var output: String

    @Option(help: "csv (for a spreadsheet) or jsonl. (default: jsonl where the output's name ends so, else csv)")
    var format: JudgingPool.Format?

    @Flag(help: "Replace the output where it is there; grades that were filled in are lost.")
    var overwrite = false

    @Flag(help: "Print one JSON object on one line.")
    var json = false

    func validate() throws {
        guard runs.count >= 2 else {
            throw ValidationError(
                "a pool wants at least two systems (--run a.run --run b.run): one alone finds only what it finds, and makes every "
                    + "other look bad")
        }
        if let twice = runs.first(where: { run in runs.count { $0 == run } > 1 }) {
            throw ValidationError("--run \(twice) is given twice: it is one system")
        }
        guard folder != nil || queries != nil else {
            throw ValidationError("the queries' texts are wanted: give a folder with queries.jsonl, or --queries")
        }
        guard folder != nil || !corpus.documents.isEmpty || corpus.store != nil else {
            throw ValidationError("the documents' texts are wanted: give a folder, --documents or --store")
        }
        guard depth >= 1 else { throw ValidationError("--depth is \(depth): it must be at least 1") }
        guard (0...1).contains(repeats) else {
            throw ValidationError("--repeats is \(repeats): give a share from 0 to 1")
        }
        if let limit, limit < 1 { throw ValidationError("--limit is \(limit): it must be at least 1") }
        guard !output.isEmpty else { throw ValidationError("--output is empty: give a file, such as pool.csv") }
    }

    private var chosenFormat: JudgingPool.Format { format ?? (output.lowercased().hasSuffix(".jsonl") ? .jsonl : .csv) }

    func run() async throws {
        if !overwrite {
            try OutputIsThere.refuse(
                output, hint: "give another --output, or --overwrite, which loses the grades that were filled in")
        }
        let asked = try JudgedQueries.read(queries, folder: folder)
        guard let corpus = try JudgedCorpus.open(corpus, folder: folder) else {
            throw ValidationError("the documents' texts are wanted: give a folder, --documents or --store")
        }
        var texts = PoolTexts(corpus: corpus, format: chosenFormat)
        let systems = try await readRuns(asked, texts)
        let (ids, absent) = drawn(asked, systems)
        guard !ids.isEmpty else { throw NoKnownQuery(run: runs[0], example: systems.lazy.flatMap(\.queryIDs).first) }
        let existing = try await judged(asked, texts)
        let whole = try JudgingPool(systems, depth: depth, over: ids, seed: seed, repeats: 0)
        let pool = try JudgingPool(
            systems, depth: depth, over: ids, leavingOut: existing, seed: seed, repeats: repeats)
        try await texts.look(up: pool, showing: corpus.skipped)
        let found = texts
        try pool.write(
            to: output, format: chosenFormat, overwriting: overwrite, queryText: { asked.text(of: $0) },
            passageText: { _, id in found.text(of: id) })

        let single = pool.pairs.filter { !$0.isRepeat }
        let summary = Summary(
            queries: Set(single.map { ExactText($0.queryID) }).count, pairs: single.count,
            contested: single.count(where: \.isContested), repeats: pool.pairs.count - single.count,
            judgedBefore: whole.pairs.count - single.count)
        for note in notes(systems, ids, absent) + texts.notes { StandardStreams.note("note: \(note)") }
        try StandardStreams.output(json ? self.json(summary, systems).text + "\n" : text(summary, systems))
    }

    private struct Summary {
        var queries: Int
        var pairs: Int
        var contested: Int
        var repeats: Int
        var judgedBefore: Int
    }

    /// Runs whose ids are those of the queries and documents: winnow's own are percent-encoded, those of others seldom.
    private func readRuns(_ asked: JudgedQueries, _ texts: PoolTexts) async throws -> [Run] {
        var systems: [Run] = []
        for path in runs {
            let file = try RunFile(reading: path)
            var run = file.run
            if let decoded = try? RunFile(reading: path, decodingIDs: true).run,
                try await Self.isEncoded(run, as: decoded, asked, texts)
            {
                run = decoded
            }
            for warning in file.warnings { StandardStreams.note("note: \(warning)") }
            systems.append(run)
        }
        return systems
    }

    /// Whether the first ids that differ when they are decoded are known only then.
    private static func isEncoded(
        _ run: Run, as decoded: Run, _ asked: JudgedQueries, _ texts: PoolTexts
    ) async throws -> Bool {
        let known = Set(run.queryIDs.map(ExactText.init))
        for id in decoded.queryIDs where !known.contains(ExactText(id)) { return asked.text(of: id) != nil }
        for queryID in run.queryIDs {
            let ids = Set((run.entries(for: queryID) ?? []).map { ExactText($0.documentID) })
            for entry in decoded.entries(for: queryID) ?? [] where !ids.contains(ExactText(entry.documentID)) {
                return try await texts.isKnown(entry.documentID)
            }
        }
        return false
    }

    /// Queries of the runs whose text is there, or so many of them; and how many have none.
    private func drawn(_ asked: JudgedQueries, _ systems: [Run]) -> (ids: [String], absent: Int) {
        let all = IdentifierSet(systems.flatMap(\.queryIDs)).sorted
        let known = all.filter { asked.text(of: $0) != nil }
        guard let limit, limit < known.count else { return (known, all.count - known.count) }
        var random = SplitMix64(seed: seed)
        return (Array(known.shuffled(using: &random).prefix(limit)), all.count - known.count)
    }

    private func judged(_ asked: JudgedQueries, _ texts: PoolTexts) async throws -> Qrels? {
        let path: String
        if let qrels {
            path = qrels
        } else if let own = asked.qrels {
            return own
        } else if let folder, let found = try? TestCollection.qrelsPath(folder, split) {
            path = found
        } else {
            return nil
        }
        let file = try QrelsFile(reading: path)
        // Ids that were percent-encoded for TREC's columns.
        guard file.decoded() != nil else { return file.qrels }
        var there = IdentifierSet()
        for id in file.possibleDocumentIDs.sorted where try await texts.isKnown(id) { there.insert(id) }
        return file.matching(queries: asked.ids, documents: there).qrels
    }

    private func notes(_ systems: [Run], _ ids: [String], _ absent: Int) -> [String] {
        var notes: [String] = []
        if absent > 0 {
            notes.append(
                "\(NumberText.plural(absent, "query", "queries")) of the runs are left out: their text is not there")
        }
        for (path, run) in zip(runs, systems) {
            let missing = ids.count { run.entries(for: $0) == nil }
            if missing > 0 {
                notes.append(
                    "\(PathText.quoted(path)) has no list for \(missing) of \(NumberText.plural(ids.count, "query", "queries")): what "
                        + "other systems find there is judged all the same")
            }
        }
        return notes
    }

    private func text(_ summary: Summary, _ systems: [Run]) -> String {
        let twice = summary.repeats > 0 ? ", \(NumberText.grouped(summary.repeats)) of them twice" : ""
        return """
            \(PathText.quoted(output)): \(NumberText.plural(summary.pairs, "pair")) of \
            \(NumberText.plural(summary.queries, "query", "queries")) to be judged\(twice)
              from the first \(depth) of \(systems.count) systems; on \(NumberText.grouped(summary.contested)) they differ, and those come first
              \(NumberText.grouped(summary.judgedBefore)) were judged before and are left out
            Fill in the grades (0 irrelevant, 1 relevant, 2 and more for better documents), then run winnow judge read.

            """
    }

    private func json(_ summary: Summary, _ systems: [Run]) -> JSONText {
        .object([
            ("schema", .integer(1)), ("output", .string(output)), ("format", .string(chosenFormat.rawValue)),
            ("systems", .array(systems.map { .string($0.name) })), ("depth", .integer(depth)),
            ("seed", .seed(seed)), ("queries", .integer(summary.queries)), ("pairs", .integer(summary.pairs)),
            ("contested", .integer(summary.contested)), ("repeats", .integer(summary.repeats)),
            ("judgedBefore", .integer(summary.judgedBefore)),
        ])
    }
}

extension JudgingPool.Format: ExpressibleByArgument {}

/// The runs answer other queries than those that were given.
struct NoKnownQuery: Error, CustomStringConvertible {
    var run: String
    var example: String?

    var description: String {
        "\(PathText.quoted(run)): none of the runs' queries is among the queries that were given"
            + (example.map { ", such as '\(PathText.quoted($0))'" } ?? "")
            + ": give the queries that the systems were asked (--queries)"
    }
}
