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

            A folder that holds corpus.jsonl is read as a BEIR collection. Any other folder gives its .md, .txt and .jsonl \
            files, recursively, without hidden files, README*, queries.jsonl and qrels/. The front matter and headings of \
            Markdown become metadata.

            Examples:
              winnow index docs/ --store kb.sqlite
              winnow index docs/ --store kb.sqlite --prune
              winnow index faq.jsonl policies/ --store kb.sqlite --chunking tokens --chunk-size 128

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

    func validate() throws {
        guard !paths.isEmpty else { throw ValidationError("give at least one folder or file to index") }
        try StorePath.check(store.path)
    }

    func run() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let skipped = Gathered<SkippedRecord>()
        let documents = try CorpusReader().documents(in: paths) { record in
            StandardStreams.note("left out: \(record)")
            skipped.append(record)
        }
        let embedder = try Models.embedder(embeddingModel, engine: engine)
        let pair = try Models.pairTokenizer(model)
        for note in embedder.notes + pair.notes { StandardStreams.note("note: \(note)") }
        let indexer = Indexer(
            embedder: embedder.embedder, chunker: try chunking.chunker(for: store.path),
            budget: try Models.passageBudget([embedder.limit, pair.limit]), tokenizer: pair.tokenizer)

        let writer = try await StoreWriter.open(
            store.path, profile: try indexer.profile(), waiting: waiting.duration, onWait: waiting.say)
        let (report, pruned, info): (IndexReport, Int, StoreInfo)
        do {
            let progress = IndexProgress(total: documents.totalBytes, done: { documents.progress.bytesRead })
            defer { progress.finish() }
            report = try await indexer.index(documents, into: writer, roots: paths.compactMap(RealPath.of)) {
                progress.update($0)
            }
            pruned = prune ? try removeMissing(from: writer, report: report, skipped: skipped.values) : 0
            // Before the writer closes: the last one to close a store takes SQLite's own files away.
            info = try await Store.open(store.path).info()
            try writer.close()
        } catch {
            let kept = (try? await Store.open(store.path).info())?.documents
            _ = try? writer.close()
            if let kept {
                StandardStreams.note(
                    "\(PathText.quoted(store.path)) holds \(NumberText.plural(kept, "document")); the same command goes on from "
                        + "there")
            }
            throw error
        }
        for document in report.failed {
            StandardStreams.note(
                "left out: \(PathText.quoted(document.origin ?? document.id)): document "
                    + "\(PathText.quoted(document.id)): \(document.reason)")
        }
        let outcome = IndexOutcome(
            report: report, pruned: pruned, skipped: skipped.values, info: info, store: store.path,
            duration: clock.now - start)
        try StandardStreams.output(json ? outcome.json.text + "\n" : outcome.text)
        if report.overBudget > 0 {
            StandardStreams.note(
                "note: \(NumberText.plural(report.overBudget, "passage is", "passages are")) longer than the models read, and "
                    + "what is beyond was not embedded: use --chunking sentences")
        }
        if !outcome.isComplete { throw PartialResult.exitCode }
    }

    /// Deletes documents below the given paths that this run did not see. What could not be read is still there; what was read
    /// and has nothing in it is not.
    private func removeMissing(from writer: StoreWriter, report: IndexReport, skipped: [SkippedRecord]) throws -> Int {
        let unread = skipped.filter { !$0.isEmpty }
        let kept = unread.compactMap(\.origin)
        guard kept.count == unread.count else {
            throw ValidationError(
                "nothing was pruned: it is not known which documents belong to what was left out; what was read is indexed"
            )
        }
        var missing: [ExactText: String] = [:]
        for path in paths {
            guard let real = RealPath.of(path) else { continue }
            for (id, origin) in try writer.documentIDs(originUnder: real)
            where !report.hasSeen(id) && !kept.contains(where: { origin == $0 || origin.hasPrefix($0 + "/") }) {
                missing[ExactText(id)] = id
            }
        }
        return try writer.delete(Array(missing.values))
    }
}
