import GRDB
import WinnowCore

extension Store {
    /// The metadata fields that the store's passages have, with the types of their values: what ``MetadataFilter/check(against:)``
    /// wants to know.
    ///
    /// Costs a few reads a field. A store that no writer of this version has opened yet is read whole.
    public func fields() async throws -> FieldCatalogue {
        try await read { database in
            let settings = try StoreSettings(database)
            let hasPassages = settings.counts.passages > 0
            if settings.hasFields { return try FieldRows.catalogue(database, hasPassages: hasPassages) }
            var types: [ExactText: Set<FieldType>] = [:]
            let documents = try Row.fetchCursor(database, sql: "SELECT row FROM document ORDER BY row")
            while let document = try documents.next() {
                try PassageRow.forEach(database, ofDocument: try Cells(document, "document").integer(0)) { row in
                    FieldLeaves.forEach(of: row.passage) { types[$0, default: []].insert($1.type) }
                }
            }
            return FieldCatalogue(
                fields: types.map { .init(name: $0.key.text, types: $0.value) }, hasPassages: hasPassages)
        }
    }
}
