import GRDB
import Synchronization
import WinnowCore

/// The lexical index as a reader or a writer of a store holds it.
final class StoreLexicon: Sendable {
    let cache = LexicalCache()
    private let known = Mutex<Known?>(nil)

    private struct Known {
        var revision: Int64
        var segments: [LexicalSegment]
        var deletions: [LexicalRows.Deletion]
        var visible: VisibleRows
    }

    /// What a snapshot of the store sees, read once for all snapshots of one lexical revision.
    ///
    /// - Throws: ``DamagedRow``; ``StoreError/noLexicalIndex(path:)`` by way of `path` when the store has none.
    func snapshot(_ settings: StoreSettings, _ database: Database) throws -> LexicalSnapshot {
        let known = try current(settings, database)
        let passages =
            known.segments.reduce(0) { $0 + $1.header.passages } - known.deletions.reduce(0) { $0 + $1.passages }
        let tokens = known.segments.reduce(0) { $0 + $1.header.tokens } - known.deletions.reduce(0) { $0 + $1.tokens }
        guard passages == settings.counts.passages, tokens >= 0 else {
            throw DamagedRow(
                "the lexical index has \(passages) passages and the store \(settings.counts.passages): make it again "
                    + "with winnow store compact")
        }
        return LexicalSnapshot(
            segments: known.segments, passages: passages, tokens: tokens, visible: known.visible,
            deletions: Int(truncatingIfNeeded: known.revision), blocks: LexicalRows.blocks(database), cache: cache)
    }

    private func current(_ settings: StoreSettings, _ database: Database) throws -> Known {
        let revision = settings.lexical.revision
        if let known = known.withLock({ $0 }), known.revision == revision { return known }
        let segments = try LexicalRows.segments(database, cache)
        let deletions = try LexicalRows.deletions(database)
        let made = Known(
            revision: revision, segments: segments, deletions: deletions,
            visible: VisibleRows(maxRow: .max, deleted: deletions.map(\.rows)))
        known.withLock { known in
            guard known.map({ $0.revision < revision }) ?? true else { return }
            known = made
            // An older snapshot that still reads them has them.
            cache.keep(Set(segments.map(\.id)))
        }
        return made
    }
}

extension LexicalInfo {
    init(_ settings: StoreSettings, _ lexicon: StoreLexicon, _ database: Database) throws {
        let snapshot = try lexicon.snapshot(settings, database)
        self.init(
            analysis: settings.lexical.analysis ?? LexicalAnalysis(), segments: snapshot.segments.count,
            tokens: snapshot.tokens, bytes: try LexicalRows.byteCount(database))
    }
}
