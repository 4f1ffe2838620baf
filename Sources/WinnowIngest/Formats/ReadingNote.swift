import WinnowCore

/// What the owner of a file may want to know of how it was read, or that it was not meant to be: no fault, unlike a
/// ``SkippedRecord``.
public struct ReadingNote: Sendable, Hashable {
    /// Of a file, or of a folder that was given.
    public var path: String
    public var text: String

    public init(path: String, text: String) {
        self.path = path
        self.text = text
    }
}

extension ReadingNote: CustomStringConvertible {
    /// `path: text`.
    public var description: String { PathText.quoted(path) + ": " + text }
}
