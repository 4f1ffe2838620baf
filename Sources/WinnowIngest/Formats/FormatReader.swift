import WinnowCore

/// One format's way from a file to documents. Every format is a small value of this kind; ``FileFormat`` has the table.
protocol FormatReader: Sendable {
    /// Opens a file; formats of one document a file may read all of it here.
    ///
    /// - Throws: whatever keeps all of the file from being read; its description is the reason that is told, behind the path.
    ///   `NothingThere` for a file that was read and holds nothing; `CancellationError`.
    func open(_ file: CorpusFile, limits: ReadingLimits) throws -> any DocumentStream
}

/// The documents of an open file, one at a time.
protocol DocumentStream: AnyObject {
    /// Bytes of the file that are done with; may be more than it has.
    var offset: Int { get }

    /// - Returns: nil at the end.
    /// - Throws: what keeps the rest of the file from being read, as ``FormatReader/open(_:limits:)``.
    func next() throws -> ReadItem?
}

/// What comes out of a file.
enum ReadItem {
    /// - Parameter line: where it begins, from 1; nil where the file is the document.
    case document(Document, line: Int? = nil)
    /// A record that cannot be read.
    case leftOut(line: Int?, reason: String)
    /// What its owner may want to know of a file that is read all the same.
    case note(String)
}

/// The file was read and there is nothing in it.
struct NothingThere: Error, CustomStringConvertible {
    var description: String
}

/// A file that nobody wrote to be read, such as minified code: it is no fault that it is left out.
struct NotMeantToBeRead: Error, CustomStringConvertible {
    var description: String
}

/// Why a file cannot be read.
struct ReadFailure: Error, CustomStringConvertible {
    var description: String
}

/// What a file may take. Tests make it small.
package struct ReadingLimits: Sendable {
    /// Bytes of a line of records, and of a row of a table.
    package var longestLine = LineReader.longestLine
    /// Bytes of a file that must be in memory whole to be read, such as JSON.
    package var mostBytes = 1 << 28
    /// Bytes of a page of HTML: its elements take several times that.
    package var mostHTML = 1 << 26
    /// Bytes of source code: a longer file was written by a program.
    package var mostCode = 1 << 24
    /// Bytes of text that come out of a PDF or a Word file.
    package var mostExtracted = 1 << 28
    /// How long an external program may take for a file.
    package var longestRun = Duration.seconds(120)

    package init() {}
}

/// The only document of a file, which is read already.
final class SingleDocument: DocumentStream {
    private var items: [ReadItem]

    /// - Parameter notes: told ahead of the document.
    init(_ document: Document, notes: [String] = []) {
        items = [.document(document)] + notes.reversed().map { .note($0) }
    }

    var offset: Int { .max }

    func next() -> ReadItem? { items.popLast() }
}
