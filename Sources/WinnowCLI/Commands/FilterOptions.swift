import ArgumentParser
import WinnowCore

/// Which passages may be found.
struct FilterOptions: ParsableArguments {
    @Option(
        name: .customLong("where"), parsing: .singleValue,
        help: ArgumentHelp(
            "Only passages whose metadata satisfy this, such as 'product = \"api\" and version >= 3': = != < <= > >=, in [1, 2], "
                + "exists field, and, or, not, parentheses; dates as \"2026-01-31\". Repeated ones must all hold.",
            valueName: "expression"),
        transform: { try MetadataFilter(parsing: $0) })
    var conditions: [MetadataFilter] = []

    /// nil: all passages.
    var filter: MetadataFilter? { MetadataFilter(all: conditions) }

    /// Refuses fields that no passage has, and values of types that their fields never have.
    ///
    /// - Parameter catalogue: asked for only where there is a filter.
    func check(_ catalogue: () async throws -> FieldCatalogue) async throws {
        guard let filter else { return }
        do {
            try filter.check(against: try await catalogue())
        } catch let error as FilterError {
            throw UnfitFilter(error: error)
        }
    }
}

/// A filter that these passages cannot answer.
struct UnfitFilter: Error, CustomStringConvertible {
    var error: FilterError

    var description: String { "--where: \(error)" }
}
