import Winnow
import WinnowCore

/// Where a store's documents came from.
enum SourceFolder {
    private static let looked = 1000

    /// The deepest folder above all of the first documents' files; nil where one came from no file, or nothing but the root is above all.
    static func of(_ store: Store) async throws -> String? {
        let documents = try await store.documents(limit: looked)
        var common: [Substring]?
        for document in documents {
            guard let origin = document.origin, origin.hasPrefix("/") else { return nil }
            let folders = origin.split(separator: "/").dropLast()
            common = common.map { known in zip(known, folders).prefix { $0.0 == $0.1 }.map(\.0) } ?? Array(folders)
        }
        guard let common, !common.isEmpty else { return nil }
        return "/" + common.joined(separator: "/")
    }
}
