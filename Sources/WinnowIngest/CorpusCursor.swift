import WinnowCore

/// The files that a corpus is made of, each once.
struct CorpusListing: Sendable {
    let paths: [String]
    private(set) var files: [CorpusFile] = []
    /// What was left out already.
    private(set) var skipped: [SkippedRecord] = []

    var totalBytes: Int { files.reduce(0) { $0 + $1.size } }

    /// A mistyped path is better said before minutes of reading than after.
    init(_ paths: [String]) throws {
        self.paths = paths
        var seen: Set<FileIdentity> = []
        for path in paths {
            for file in try add(path) where seen.insert(file.identity).inserted { files.append(file) }
        }
    }

    private mutating func add(_ path: String) throws -> [CorpusFile] {
        guard let status = try FolderListing.status(path) else { throw IngestError.notFound(path: path) }
        if status.isFolder {
            let listing = try FolderListing(path)
            skipped += listing.skipped
            return listing.files
        }
        guard status.isFile else {
            throw IngestError.unsupported(path: path, reason: FolderListing.noRegularFile)
        }
        guard let format = FileFormat(path: path) else {
            throw IngestError.unsupported(
                path: path, reason: "is no folder and no .md, .txt or .jsonl file, which are the formats that are read")
        }
        // By bytes: to a string, a slash and a combining mark after it are one character that is no slash.
        let start = path.utf8.lastIndex(of: UInt8(ascii: "/")).map(path.utf8.index(after:)) ?? path.startIndex
        let folder = start == path.startIndex ? "." : String(path[..<start])
        let name = String(path[start...])
        let origin = FolderListing.join(try FolderListing.realPath(folder), name)
        return [CorpusFile(path: path, relativePath: name, origin: origin, format: format, status: status)]
    }
}

/// One reading of a corpus, a document at a time.
final class CorpusCursor {
    private let listing: CorpusListing
    private let progress: CorpusProgress
    private let longestLine: Int
    private let onSkip: (SkippedRecord) -> Void

    private var upcoming = 0
    private var isStarted = false
    private var isDone = false
    /// The file that is open, and its lines where it has records.
    private var file: CorpusFile?
    private var lines: LineReader?
    /// Bytes of the files before it.
    private var bytesBefore = 0
    private var hasDocuments = false
    /// For the error when there is no document: what was left out until there is one.
    private var skipped: [SkippedRecord] = []
    /// Where each id was first seen.
    private var places: [ExactText: Place] = [:]

    private struct Place: CustomStringConvertible {
        var path: String
        var line: Int?

        var description: String { PathText.quoted(path) + (line.map { ":\($0)" } ?? "") }
    }

    /// Why a record or file is left out.
    private struct Refusal: Error {
        var reason: String
        var isEmpty = false
    }

    init(
        _ listing: CorpusListing, _ progress: CorpusProgress, longestLine: Int,
        onSkip: @escaping (SkippedRecord) -> Void
    ) {
        self.listing = listing
        self.progress = progress
        self.longestLine = longestLine
        self.onSkip = onSkip
    }

    /// - Returns: nil at the end, and after an error.
    func next() throws -> Document? {
        guard !isDone else { return nil }
        do {
            if !isStarted {
                isStarted = true
                progress.set(0)
                listing.skipped.forEach(skip)
            }
            while true {
                try Task.checkCancellation()
                if let file {
                    if let document = try document(of: file) {
                        hasDocuments = true
                        skipped = []
                        return document
                    }
                } else if upcoming < listing.files.count {
                    open(listing.files[upcoming])
                    upcoming += 1
                } else {
                    guard hasDocuments else { throw IngestError.nothingToRead(paths: listing.paths, skipped: skipped) }
                    isDone = true
                    return nil
                }
            }
        } catch {
            isDone = true
            lines = nil
            throw error
        }
    }

    private func skip(_ record: SkippedRecord) {
        // An index of ten million documents is no place for a list of all that was left out.
        if !hasDocuments { skipped.append(record) }
        onSkip(record)
    }

    // MARK: - Files

    private func open(_ file: CorpusFile) {
        do {
            if file.format == .records { lines = try LineReader(path: file.path, longestLine: longestLine) }
            self.file = file
        } catch {
            leaveOut(file, error)
        }
    }

    private func leaveOut(_ file: CorpusFile, _ error: any Error) {
        skip(SkippedRecord(path: file.path, reason: IngestError.reason(of: error), origin: file.origin))
        close(file)
    }

    private func close(_ file: CorpusFile) {
        self.file = nil
        lines = nil
        bytesBefore += file.size
        progress.set(bytesBefore)
    }

    /// The next document of the open file; nil when it has no more, and is closed.
    private func document(of file: CorpusFile) throws -> Document? {
        do {
            if file.format == .records {
                while let line = try nextLine(of: file) {
                    progress.set(bytesBefore + min(file.size, lines?.offset ?? 0))
                    try Task.checkCancellation()
                    if line.bytes.allSatisfy(ByteText.isSpace) { continue }
                    if let document = document(line, of: file) { return document }
                }
                close(file)
                return nil
            }
            let text = try TextFile(file)
            close(file)
            return document(text, of: file)
        } catch let error as CancellationError {
            throw error
        } catch {
            leaveOut(file, error)
            return nil
        }
    }

    private func nextLine(of file: CorpusFile) throws -> LineReader.Line? {
        while true {
            do {
                return try lines?.next()
            } catch let error as LineReader.TooLong {
                skip(SkippedRecord(path: file.path, line: error.number, reason: "\(error)", origin: file.origin))
            }
        }
    }

    // MARK: - Documents

    private func document(_ line: LineReader.Line, of file: CorpusFile) -> Document? {
        do throws(Refusal) {
            let document = try Self.document(line, of: file)
            try claim(document.id, Place(path: file.path, line: line.number))
            return document
        } catch {
            skip(SkippedRecord(path: file.path, line: line.number, reason: error.reason, origin: file.origin))
            return nil
        }
    }

    private func document(_ text: TextFile, of file: CorpusFile) -> Document? {
        do throws(Refusal) {
            let document = try Self.document(text, of: file)
            try claim(document.id, Place(path: file.path))
            return document
        } catch {
            skip(
                SkippedRecord(path: file.path, reason: error.reason, origin: file.origin, isEmpty: error.isEmpty))
            return nil
        }
    }

    private func claim(_ id: String, _ place: Place) throws(Refusal) {
        let key = ExactText(id)
        guard let first = places.updateValue(place, forKey: key) else { return }
        places[key] = first
        throw Refusal(
            reason:
                "the id '\(PathText.quoted(id))' is taken by \(first): ids must be unique in all that is read together"
                + (place.line == nil
                    ? "; a file's is its path below the folder given: give a folder above both" : ""))
    }

    private static func document(_ line: LineReader.Line, of file: CorpusFile) throws(Refusal) -> Document {
        let record: InputRecord
        do {
            record = try InputRecord(line)
        } catch {
            throw Refusal(reason: error.description)
        }
        guard let id = record.id else { throw Refusal(reason: "the record has neither `_id` nor `id`") }
        guard !record.isBlank else {
            throw Refusal(reason: InputRecord.blankReason(id: id))
        }
        var metadata = record.metadata
        // A file of records holds many documents: its path alone would cite none of them.
        if metadata[MetadataField.source] == nil { metadata[MetadataField.source] = .string(file.path + "#" + id) }
        return Document(
            id: id, title: record.title.flatMap { $0.isEmpty ? nil : $0 }, text: record.text, metadata: metadata,
            origin: file.origin, sharesOrigin: true)
    }

    private static func document(_ content: TextFile, of file: CorpusFile) throws(Refusal) -> Document {
        let isBlank = VisibleText.isAbsent(from: content.text)
        guard !isBlank || content.frontMatter != nil else {
            throw Refusal(reason: "the file is empty", isEmpty: true)
        }
        var document =
            file.format == .markdown
            ? MarkdownReader.document(
                content.text, content.frontMatter, offset: content.offset, defaultID: file.relativePath)
            : Document(id: file.relativePath, text: content.text, textOffset: content.offset)
        guard document.title != nil || !isBlank else {
            throw Refusal(reason: "there is nothing but front matter without a title", isEmpty: true)
        }
        if document.metadata[MetadataField.source] == nil {
            document.metadata[MetadataField.source] = .string(file.path)
        }
        document.origin = file.origin
        return document
    }
}
