import Crypto
import WinnowCore

/// SHA-256 over all of a document that its passages depend on: when it is the same, indexing again does nothing.
package enum ContentHash {
    /// Raised when a reader or a chunker starts to make other passages of the same document.
    private static let version = "winnow-document-1\n"

    /// Over title, text, where the text begins in its source, its structure, and metadata. Its `source` counts unless it is but the path of
    /// ``Document/origin`` (of a record `path#id`), which can be spelt in several ways. Costs a pass over the text (over 1 GB a second).
    package static func of(_ document: Document) -> Fingerprint {
        var hash = SHA256()
        func add(_ text: String) {
            var text = text
            add(text.utf8.count)
            text.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        }
        func add(_ number: Int) {
            withUnsafeBytes(of: UInt64(bitPattern: Int64(number)).littleEndian) { hash.update(bufferPointer: $0) }
        }
        func tag(_ byte: UInt8) { hash.update(data: [byte]) }
        func add(_ value: MetadataValue) {
            // A tag before each value keeps "1" from 1 and a list from its only element.
            switch value {
            case .null: tag(0)
            case .bool(let value): tag(value ? 2 : 1)
            case .integer(let value):
                tag(3)
                add(Int(value))
            case .number(let value):
                tag(4)
                add(Int(Int64(bitPattern: value.bitPattern)))
            case .string(let value):
                tag(5)
                add(value)
            case .array(let values):
                tag(6)
                add(values.count)
                values.forEach(add)
            case .object(let fields):
                tag(7)
                add(fields.count)
                for (key, value) in fields.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                    add(key)
                    add(value)
                }
            }
        }

        hash.update(data: Array(version.utf8))
        tag(document.title == nil ? 0 : 1)
        add(document.title ?? "")
        add(document.text)
        add(document.textOffset)
        var metadata = document.metadata
        if let origin = document.origin, let source = metadata[MetadataField.source]?.stringValue,
            FilePath.resolved(file(of: source, document.id)) == origin
        {
            metadata[MetadataField.source] = nil
        }
        add(.object(metadata))
        // Prose adds nothing: hashes of before there was anything else stay as they were.
        switch document.structure {
        case .prose: break
        case .pages(let starts):
            tag(8)
            add(starts.count)
            starts.forEach(add)
        case .code(let parts):
            tag(9)
            add(parts.count)
            for part in parts {
                add(part.start)
                add(part.name)
            }
        }
        return Fingerprint(digest: hash.finalize())
    }

    /// A source without the `#id` of a record, or the `#n` that a record without an id of its own has at its id's end too.
    private static func file(of source: String, _ id: String) -> String {
        if source.hasSuffix("#" + id) { return String(source.dropLast(id.count + 1)) }
        guard let sign = id.lastIndex(of: "#"), source.hasSuffix(id[sign...]) else { return source }
        return String(source.dropLast(id[sign...].count))
    }
}
