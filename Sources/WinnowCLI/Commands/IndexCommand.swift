import ArgumentParser
import WinnowCore
import WinnowIngest
import WinnowStore

struct IndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Fill a store with documents, to search and ask later.",
        usage: "winnow index <path> ... --store <file> [<options>]",
        discussion: """
            Reads documents, cuts them into passages that both models can read whole, embeds them, and writes each document \
            with all that belongs to it in one transaction. The store is one SQLite file, with FILE.vec, which can be made \
            again from it, and FILE.lock beside it.

            Indexing the same again does nothing, a changed document replaces its passages, and whatever stops the work, \
            Ctrl-C, a full disk or a power cut, the store stays whole and the next run goes on.

            A folder that holds corpus.jsonl is read as a BEIR collection. Any other folder gives its files of these formats, \
            recursively, without hidden files, README*, queries.jsonl, qrels/, and what tools put there: .md and .txt, .jsonl, \
            .html, .pdf (with pdftotext of poppler), .csv and .tsv (a row is a document), .json, .docx, and source code (cut at its \
            functions). Front matter, headings, pages and names of functions become metadata.

            Examples:
              winnow index docs/ --store kb.sqlite
              winnow index docs/ --store kb.sqlite --prune
              winnow index faq.jsonl policies/ --store kb.sqlite --chunking tokens --chunk-size 128
              winnow index docs/ --store kb.sqlite --prune --watch

            A file or record that cannot be read is left out and named, and the exit code is then 3.
            """)

    @Argument(help: ArgumentHelp("Folders and files to index.", valueName: "path"))
    var paths: [String]

    @OptionGroup var store: StoreOptions

    @Flag(
        help: ArgumentHelp(
            "Then delete the documents that were indexed from these paths and are not there any more.",
            discussion:
                "A file that is there and cannot be read keeps its documents, and when there is nothing to read at all "
                + "nothing is pruned: the folder may be a disk that is not there."))
    var prune = false

    @OptionGroup var chunking: ChunkingOptions
    @OptionGroup var analysis: AnalysisOptions

    @Option(
        help: ArgumentHelp(
            "Cross-encoder folder whose limit passages keep and whose tokens are stored. (default: the built-in one)",
            valueName: "path"))
    var model: String?

    @Option(help: ArgumentHelp("Bi-encoder folder. (default: the built-in one)", valueName: "path"))
    var embeddingModel: String?

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var engine: EngineOptions

    @Flag(help: "Print what was done as one JSON object on one line.")
    var json = false

    @Flag(
        help: ArgumentHelp(
            "Then stay, and index again what changes, until Ctrl-C or SIGTERM.",
            discussion:
                "A look every --interval seconds at names, sizes and times; a file counts as changed when two looks after another "
                + "saw the same of it. With --prune the documents of files that are gone are deleted, but not when a path that "
                + "was given, or all that is in it, is gone: that may be a disk that is not there for a while."))
    var watch = false

    @Option(help: ArgumentHelp("Between two looks of --watch. (default: 2)", valueName: "seconds"))
    var interval: Double?

    func validate() throws {
        guard !paths.isEmpty else { throw ValidationError("give at least one folder or file to index") }
        try StorePath.check(store.path)
        if let interval {
            guard watch else { throw ValidationError("--interval is that of --watch: give that too, or leave it out") }
            guard interval >= 0.05, interval <= 86_400 else {
                throw ValidationError("--interval is \(interval): give seconds, from 0.05 to 86400")
            }
        }
    }

    func run() async throws {
        guard watch else {
            let outcome = try await first(try makeRound())
            if !outcome.isComplete { throw PartialResult.exitCode }
            return
        }
        Interruption.endsWell()
        try await WatchedCorpus.untilTermination {
            // Before anything is read: what changes meanwhile is seen by the next look.
            let seen = try CorpusWatch(paths)
            let round = try makeRound()
            do {
                _ = try await first(round)
            } catch is CancellationError {
                return
            }
            StandardStreams.note("watching \(paths.map(PathText.quoted).joined(separator: ", ")); Ctrl-C ends it")
            var corpus = WatchedCorpus(
                round: round, prunes: prune, interval: .milliseconds(Int64((interval ?? 2) * 1000)), json: json,
                watch: seen)
            try await corpus.follow()
        }
    }

    private func makeRound() throws -> IndexingRound {
        // A mistyped path is better said before models are loaded.
        _ = try CorpusReader().documents(in: paths)
        let embedder = try Models.embedder(embeddingModel, engine: engine)
        let pair = try Models.pairTokenizer(model)
        for note in embedder.notes + pair.notes { StandardStreams.note("note: \(note)") }
        let indexer = Indexer(
            embedder: embedder.embedder, chunker: try chunking.chunker(for: store.path),
            budget: try Models.passageBudget([embedder.limit, pair.limit]), tokenizer: pair.tokenizer)
        let stored = (try? Store.open(store.path))?.lexicalAnalysis
        let analysis = analysis.analysis(over: stored)
        if let stored, let analysis, stored != analysis {
            StandardStreams.note("note: the lexical index is made again, with \(analysis.identity)")
        }
        return IndexingRound(
            indexer: indexer, profile: try indexer.profile(), lexical: analysis, store: store.path, waiting: waiting)
    }

    /// All that is there.
    private func first(_ round: IndexingRound) async throws -> IndexOutcome {
        let roots = paths.compactMap(RealPath.of)
        let outcome = try await round.run(roots: roots, pruned: prune ? roots : nil, mayBeEmpty: watch) {
            try CorpusReader().documents(in: paths, onSkip: $0, onNote: $1)
        }
        try StandardStreams.output(json ? outcome.json.text + "\n" : outcome.text)
        return outcome
    }
}
