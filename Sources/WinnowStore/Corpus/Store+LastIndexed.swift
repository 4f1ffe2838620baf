import GRDB
import WinnowCore

extension Store {
    /// When a document was last added or replaced: ISO 8601, UTC, to the second; nil where there is no document. A deletion leaves no time
    /// behind: that something changed is seen by ``StoreInfo/revision``.
    ///
    /// Costs a look at every document's row.
    public func lastIndexed() async throws -> String? {
        try await read { try String.fetchOne($0, sql: "SELECT max(indexed_at) FROM document") }
    }
}
