import Winnow
import WinnowCore

/// What is to be indexed again for the documents of a store to have the ids that they have.
enum SourceFolder {
    private static let page = 1000
    /// Documents that are looked at; more come from too many files to say so in no time.
    private static let most = 100_000

    /// The file that all documents came from, or the folder under which each is the file of its id; nil where they are from several
    /// places, or came from no file.
    static func of(_ store: Store) async throws -> String? {
        var (looked, last): (Int, String?) = (0, nil)
        var file: String?
        var root: String?
        while true {
            let documents = try await store.documents(after: last, limit: page)
            for document in documents {
                guard let origin = document.origin, origin.hasPrefix("/") else { return nil }
                let above = folder(above: document.id, in: origin)
                if looked == 0 {
                    root = above
                    // Given by itself, a file has its name for an id.
                    file = above != nil && document.id.utf8.contains(UInt8(ascii: "/")) ? nil : origin
                }
                if file != origin { file = nil }
                if root != above { root = nil }
                guard file != nil || root != nil else { return nil }
                looked += 1
            }
            guard documents.count == page, looked < most else {
                return documents.count == page ? nil : file ?? root
            }
            last = documents.last?.id
        }
    }

    /// The folder that a file was found in by the path that is its id; nil for a record, whose id does not say that, and for the root.
    private static func folder(above id: String, in origin: String) -> String? {
        let tail = "/" + id
        let length = origin.utf8.count - tail.utf8.count
        guard length > 0, origin.utf8.dropFirst(length).elementsEqual(tail.utf8) else { return nil }
        return String(decoding: origin.utf8.prefix(length), as: UTF8.self)
    }
}
