import WinnowCore

/// What a reading tells besides documents.
struct ReadingEvents {
    var onSkip: (SkippedRecord) -> Void
    var onNote: (ReadingNote) -> Void
}

/// One reading of a corpus, a document at a time.
final class CorpusCursor {
    private let listing: CorpusListing
    private let progress: CorpusProgress
    private let limits: ReadingLimits
    private let events: ReadingEvents

    private var upcoming = 0
    private var isStarted = false
    private var isDone = false
    /// The file that is open, and what comes out of it.
    private var open: (file: CorpusFile, stream: any DocumentStream)?
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

    init(_ listing: CorpusListing, _ progress: CorpusProgress, limits: ReadingLimits, events: ReadingEvents) {
        self.listing = listing
        self.progress = progress
        self.limits = limits
        self.events = events
    }

    /// - Returns: nil at the end, and after an error.
    func next() throws -> Document? {
        guard !isDone else { return nil }
        do {
            if !isStarted {
                isStarted = true
                progress.set(0)
                listing.skipped.forEach(skip)
                listing.notes.forEach(events.onNote)
            }
            while true {
                try Task.checkCancellation()
                if let open {
                    if let document = try document(of: open.file, open.stream) {
                        hasDocuments = true
                        skipped = []
                        return document
                    }
                } else if upcoming < listing.files.count {
                    let file = listing.files[upcoming]
                    upcoming += 1
                    try reading(file) { open = (file, try file.format.reader.open(file, limits: limits)) }
                } else {
                    guard hasDocuments else { throw IngestError.nothingToRead(paths: listing.paths, skipped: skipped) }
                    isDone = true
                    return nil
                }
            }
        } catch {
            isDone = true
            open = nil
            throw error
        }
    }

    private func skip(_ record: SkippedRecord) {
        // An index of ten million documents is no place for a list of all that was left out.
        if !hasDocuments { skipped.append(record) }
        events.onSkip(record)
    }

    // MARK: - Files

    /// Does something with a file; where that fails, the file is closed and it is said why.
    private func reading(_ file: CorpusFile, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as CancellationError {
            throw error
        } catch let error as NotMeantToBeRead {
            events.onNote(ReadingNote(path: file.path, text: "not read: \(error)"))
            close(file)
        } catch {
            skip(
                SkippedRecord(
                    path: file.path, reason: IngestError.reason(of: error), origin: file.origin,
                    isEmpty: error is NothingThere))
            close(file)
        }
    }

    private func close(_ file: CorpusFile) {
        open = nil
        bytesBefore += file.size
        progress.set(bytesBefore)
    }

    /// The next document of the open file; nil when it has no more, and is closed.
    private func document(of file: CorpusFile, _ stream: any DocumentStream) throws -> Document? {
        var found: Document?
        try reading(file) {
            while found == nil {
                try Task.checkCancellation()
                guard let item = try stream.next() else { return close(file) }
                progress.set(bytesBefore + min(file.size, stream.offset))
                switch item {
                case .document(let document, let line): found = claim(document, line: line, of: file)
                case .leftOut(let line, let reason): leaveOut(line, of: file, reason)
                case .note(let text): events.onNote(ReadingNote(path: file.path, text: text))
                }
            }
        }
        return found
    }

    private func leaveOut(_ line: Int?, of file: CorpusFile, _ reason: String) {
        skip(SkippedRecord(path: file.path, line: line, reason: reason, origin: file.origin))
    }

    /// The document with what the corpus adds to it; nil where another one has its id.
    private func claim(_ document: Document, line: Int?, of file: CorpusFile) -> Document? {
        var document = document
        document.origin = file.origin
        if document.metadata[MetadataField.source] == nil {
            document.metadata[MetadataField.source] = .string(file.path)
        }
        let key = ExactText(document.id)
        guard let first = places.updateValue(Place(path: file.path, line: line), forKey: key) else { return document }
        places[key] = first
        leaveOut(
            line, of: file,
            "the id '\(PathText.quoted(document.id))' is taken by \(first): ids must be unique in all that is read together"
                + (document.sharesOrigin
                    ? "" : "; a file's is its path below the folder given: give a folder above both"))
        return nil
    }
}
