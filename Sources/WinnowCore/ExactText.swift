/// A text that is equal to another only byte for byte: Swift compares strings by canonical equivalence, files and SQLite do not.
package struct ExactText: Sendable, Hashable {
    package let bytes: [UInt8]

    package init(_ text: String) { bytes = Array(text.utf8) }

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// What it was made of.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// In the order of unsigned bytes, a prefix before what it begins.
    package func precedes(_ other: ExactText) -> Bool { bytes.lexicographicallyPrecedes(other.bytes) }
}
