import Dispatch
import GRDB
import Synchronization
import WinnowCore

/// Merges a store's lexical segments while its writer goes on: computed on a thread of its own from a snapshot, put in place by the
/// writer between two of its transactions.
final class LexicalUpkeep: Sendable {
    private let path: StorePath
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "winnow.store.merge", qos: .utility)

    private struct State {
        var isRunning = false
        var finished: LexicalMerge?
    }

    init(_ path: StorePath) { self.path = path }

    /// Puts a merge that is ready in its place, and begins the next one when there is something to merge.
    ///
    /// - Returns: the settings, changed when something was put in place.
    func run(_ settings: StoreSettings, _ database: Database) throws -> StoreSettings {
        var settings = settings
        if let ready = state.withLock({ state in
            defer { state.finished = nil }
            return state.finished
        }) {
            settings = try Self.apply(ready, settings, database)
        }
        let begins = state.withLock { state in
            guard !state.isRunning, state.finished == nil else { return false }
            state.isRunning = true
            return true
        }
        if begins { queue.async { [self] in merge() } }
        return settings
    }

    /// Waits for a merge that is under way, and then does all that is left to do.
    func finish(_ settings: StoreSettings, _ lexicon: StoreLexicon, _ database: Database) throws -> StoreSettings {
        queue.sync {}
        var settings = settings
        if let ready = state.withLock({ state in
            defer { state.finished = nil }
            return state.finished
        }) {
            settings = try Self.apply(ready, settings, database)
        }
        while let merge = try LexicalMerge.next(database, lexicon.cache, closing: true) {
            settings = try Self.apply(merge, settings, database)
        }
        return settings
    }

    /// Forgets a merge that is under way or ready: its inputs are about to go.
    func abandon() {
        queue.sync {}
        state.withLock { $0.finished = nil }
    }

    static func apply(_ merge: LexicalMerge, _ settings: StoreSettings, _ database: Database) throws -> StoreSettings {
        var new = settings
        new.lexical.revision += 1
        try database.inTransaction(.immediate) {
            try merge.apply(database)
            try new.write(to: database, over: settings)
            return .commit
        }
        return new
    }

    /// As well as it goes: what could not be merged now is merged later, and damage shows where it matters.
    private func merge() {
        var configuration = Configuration()
        configuration.label = "winnow.store.merge"
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        let merge = try? DatabaseQueue(path: path.database, configuration: configuration).read { database in
            try LexicalMerge.next(database, LexicalCache(), closing: false)
        }
        state.withLock { state in
            state.isRunning = false
            state.finished = merge ?? nil
        }
    }
}

/// Makes the lexical index of a store's passages again.
enum LexicalRebuild {
    /// Lends what is indexed of each passage in a range of rows, in their order.
    static func forEachPassage(
        of rows: ClosedRange<Int64>, _ database: Database, _ body: (String, Int64) throws -> Void
    ) throws {
        let found = try Row.fetchCursor(
            database, sql: "SELECT row, title, text FROM passage WHERE row BETWEEN ? AND ? ORDER BY row",
            arguments: [rows.lowerBound, rows.upperBound])
        while let row = try found.next() {
            let cells = Cells(row, "passage")
            let passage = Passage(id: "", documentID: "", title: try cells.optionalText(1), text: try cells.text(2))
            try body(passage.content, try cells.integer(0))
        }
    }

    /// Makes it whole. Inside a transaction.
    static func run(_ analysis: LexicalAnalysis, _ database: Database) throws {
        try LexicalRows.deleteAll(database)
        var builder = SegmentBuilder()
        var analyzer = LexicalAnalyzer(analysis)
        try forEachPassage(of: 1...Int64.max, database) { content, row in
            builder.add(content, row: row, analyzer: &analyzer)
            if builder.byteCount > LexicalBuffer.mostBytes, let segment = builder.take() {
                try LexicalRows.insert(segment, database)
            }
        }
        if let segment = builder.take() { try LexicalRows.insert(segment, database) }
    }
}
