/// A text that is equal to another only byte for byte: Swift compares strings by canonical equivalence, files and SQLite do not.
package struct ExactText: Sendable, Hashable {
    package let bytes: [UInt8]

    package init(_ text: String) { bytes = Array(text.utf8) }
}
