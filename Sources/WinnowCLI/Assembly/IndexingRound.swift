import ArgumentParser
import WinnowCore
import WinnowIngest
import WinnowStore

/// What `winnow index` does once, and with `--watch` again and again: reads documents into a store, says what was left out, and deletes
/// what is gone where that is asked for. The store's lock is held for the round only.
struct IndexingRound {
    let indexer: Indexer
    let profile: StoreProfile
    /// nil: as the store has it.
    let lexical: LexicalAnalysis?
    let store: String
    let waiting: WaitOptions

    /// - Parameters:
    ///   - makeDocuments: is given what to tell of files.
    ///   - roots: as ``Indexer/index(_:into:roots:onProgress:)``.
    ///   - pruned: paths whose documents are deleted where this round did not meet them; nil: none are.
    ///   - mayBeEmpty: that there is nothing to read is no error.
    /// - Throws: what stopped the work; what was committed before stays.
    func run(
        roots: [String], pruned: [String]?, mayBeEmpty: Bool = false,
        _ makeDocuments: (
            _ onSkip: @escaping @Sendable (SkippedRecord) -> Void, _ onNote: @escaping @Sendable (ReadingNote) -> Void
        ) throws -> CorpusDocuments
    ) async throws -> IndexOutcome {
        let clock = ContinuousClock()
        let start = clock.now
        let skipped = Gathered<SkippedRecord>()
        let documents = try makeDocuments(
            { record in
                StandardStreams.note("left out: \(record)")
                skipped.append(record)
            },
            { note in StandardStreams.note("note: \(note)") })
        let writer = try await StoreWriter.open(
            store, profile: profile, lexical: lexical, waiting: waiting.duration, onWait: waiting.say)
        let (report, deleted, info): (IndexReport, Int, StoreInfo)
        do {
            let progress = IndexProgress(total: documents.totalBytes, done: { documents.progress.bytesRead })
            defer { progress.finish() }
            report = try await index(documents, into: writer, roots: roots, mayBeEmpty: mayBeEmpty, progress)
            deleted = try pruned.map { try removeMissing(below: $0, from: writer, report, skipped.values) } ?? 0
            // Before the writer closes: the last one to close a store takes SQLite's own files away.
            info = try await Store.open(store).info()
            try writer.close()
        } catch {
            let kept = (try? await Store.open(store).info())?.documents
            _ = try? writer.close()
            if let kept {
                StandardStreams.note(
                    "\(PathText.quoted(store)) holds \(NumberText.plural(kept, "document")); the same command goes on from "
                        + "there")
            }
            throw error
        }
        for document in report.failed {
            StandardStreams.note(
                "left out: \(PathText.quoted(document.origin ?? document.id)): document "
                    + "\(PathText.quoted(document.id)): \(document.reason)")
        }
        if report.overBudget > 0 {
            StandardStreams.note(
                "note: \(NumberText.plural(report.overBudget, "passage is", "passages are")) longer than the models read, and "
                    + "what is beyond was not embedded: use --chunking sentences")
        }
        return IndexOutcome(
            report: report, pruned: deleted, skipped: skipped.values, info: info, store: store,
            duration: clock.now - start)
    }

    private func index(
        _ documents: CorpusDocuments, into writer: StoreWriter, roots: [String], mayBeEmpty: Bool,
        _ progress: IndexProgress
    ) async throws -> IndexReport {
        do {
            return try await indexer.index(documents, into: writer, roots: roots) { progress.update($0) }
        } catch IngestError.nothingToRead where mayBeEmpty {
            return IndexReport()
        }
    }

    /// Deletes documents below the given paths that this round did not see. What could not be read is still there; what was read
    /// and has nothing in it is not.
    private func removeMissing(
        below paths: [String], from writer: StoreWriter, _ report: IndexReport, _ skipped: [SkippedRecord]
    ) throws -> Int {
        let unread = skipped.filter { !$0.isEmpty }
        let kept = unread.compactMap(\.origin)
        guard kept.count == unread.count else {
            throw ValidationError(
                "nothing was pruned: it is not known which documents belong to what was left out; what was read is indexed"
            )
        }
        var missing: [ExactText: String] = [:]
        for path in paths {
            for (id, origin) in try writer.documentIDs(originUnder: path)
            where !report.hasSeen(id) && !kept.contains(where: { origin == $0 || origin.hasPrefix($0 + "/") }) {
                missing[ExactText(id)] = id
            }
        }
        return try writer.delete(Array(missing.values))
    }
}
