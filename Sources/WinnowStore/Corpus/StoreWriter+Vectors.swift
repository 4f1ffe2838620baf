import GRDB
import WinnowCore

/// What ``StoreWriter/rebuildVectors(_:limit:progress:)`` did.
public struct VectorRebuild: Sendable, Hashable {
    public var passages = 0
    /// Passages that the model does not read whole.
    public var overBudget = 0
}

extension StoreWriter {
    /// Embeds all passages again and makes the store the embedder's, in one transaction: until it is committed searches see the old
    /// vectors, and when anything stops it the store is as it was.
    ///
    /// - Parameters:
    ///   - limit: the most of a passage that the embedder reads.
    ///   - progress: called with the passages that are done and their number.
    /// - Throws: ``StoreError``, what the embedder throws, `CancellationError`.
    public func rebuildVectors(
        _ embedder: any Embedder, limit: PassageBudget.Limit,
        progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> VectorRebuild {
        let identity = try embedder.identity
        let dimension = embedder.dimension
        guard dimension <= ScanCacheLayout.maximumDimension else {
            throw StoreError.dimension(expected: ScanCacheLayout.maximumDimension, found: dimension)
        }
        let budget = PassageBudget([limit])
        try begin()
        do {
            let total = try beginNewVectors()
            var rebuilt = VectorRebuild()
            var last: Int64 = 0
            while case let portion = try passages(after: last, limit: 64), let end = portion.last?.row {
                try Task.checkCancellation()
                let contents = portion.map(\.content)
                let vectors = try await embedder.embed(contents, as: .passage)
                guard vectors.count == portion.count else {
                    throw StoreError.vectorCount(passages: portion.count, vectors: vectors.count)
                }
                try replace(portion.map(\.row), with: vectors, dimension: dimension)
                rebuilt.passages += portion.count
                rebuilt.overBudget += contents.count { !budget.admits($0) }
                last = end
                progress(rebuilt.passages, total)
            }
            try finishNewVectors(identity, dimension: dimension)
            try commit()
            return rebuilt
        } catch {
            rollback()
            throw error
        }
    }

    /// - Returns: how many passages there are.
    private func beginNewVectors() throws -> Int {
        try perform { state, database in
            try database.execute(sql: "DELETE FROM vector")
            return state.settings.counts.passages
        }
    }

    private func passages(after row: Int64, limit: Int) throws -> [(row: Int64, content: String)] {
        try perform { _, database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: "SELECT row, title, text FROM passage WHERE row > ? ORDER BY row LIMIT ?"),
                arguments: [row, limit])
            var found: [(row: Int64, content: String)] = []
            while let row = try rows.next() {
                let cells = Cells(row, "passage")
                let passage = Passage(
                    id: "", documentID: "", title: try cells.optionalText(1), text: try cells.text(2))
                found.append((try cells.integer(0), passage.content))
            }
            return found
        }
    }

    private func replace(_ rows: [Int64], with vectors: Vectors, dimension: Int) throws {
        try perform { _, database in
            for (place, row) in rows.enumerated() {
                guard vectors.dimension == dimension else {
                    throw StoreError.dimension(expected: dimension, found: vectors.dimension)
                }
                let vector = try ExactVectorIndex.normalised(vectors[place], of: "row \(row)")
                try VectorRow.insert(database, row: row, vector: vector)
            }
        }
    }

    private func finishNewVectors(_ identity: ModelIdentity, dimension: Int) throws {
        try perform { state, database in
            guard var transaction = state.transaction else { throw StoreError.outOfOrder("no transaction is open") }
            transaction.settings.profile.embedder = identity.name
            transaction.settings.profile.embedderFingerprint = identity.fingerprint
            transaction.settings.profile.precision = identity.precision
            transaction.settings.profile.dimension = dimension
            // No scan cache of before may be used: it holds the old vectors of the same rows.
            transaction.settings.deletionsSince = transaction.settings.revision + 1
            transaction.settings.scrubRevision = transaction.settings.revision + 1
            transaction.settings.renewStoreID()
            // Earlier deletions were noted for those caches. A killed writer may not have come to bringing one up to date.
            try database.execute(sql: "DELETE FROM deletion")
            state.transaction = transaction
        }
    }
}
