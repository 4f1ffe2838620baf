import GRDB
import WinnowCore

/// A passage as a survey of the whole corpus meets it.
package struct SurveyedPassage: Sendable {
    package var row: Int64
    /// The row of its document: passages of one document come one after the other.
    package var document: Int64
    package var passage: Passage
    /// As they are stored; nil: none are.
    package var tokens: TokenizedPassage?
}

extension Store {
    /// A page of the passages, in the order of their rows. Pages that are read one after the other may be of different states of the
    /// store; a passage that was there all the time is met once.
    ///
    /// - Parameters:
    ///   - row: the last one of the page before; 0 for the first page.
    ///   - step: one row of so many neighbouring numbers, drawn by chance but each time the same; at least 1. Rows between them are
    ///     not read.
    ///   - limit: how many at most, at least 1.
    /// - Throws: ``StoreError``.
    package func survey(after row: Int64 = 0, every step: Int = 1, limit: Int) async throws -> [SurveyedPassage] {
        guard limit >= 1 else { throw StoreError.notPositive(limit: limit) }
        let tokenizer = profile.tokenizer
        return try await read { database in
            try PassageRow.page(database, after: row, every: Int64(max(1, step)), limit: limit).map { found in
                let tokens = found.row.tokens.flatMap { ids in
                    tokenizer.map { TokenizedPassage(ids: ids, tokenizer: $0) }
                }
                return SurveyedPassage(
                    row: found.row.row, document: found.document, passage: found.row.passage, tokens: tokens)
            }
        }
    }
}
