import Synchronization
import WinnowCore

/// The documents of a corpus, read as they are asked for: what ``CorpusReader/documents(in:onSkip:)`` gives.
public struct CorpusDocuments: AsyncSequence, Sendable {
    public typealias Element = Document

    /// How far the last iteration that was begun has come.
    public let progress = CorpusProgress()

    private let listing: CorpusListing
    private let limits: ReadingLimits
    private let onSkip: @Sendable (SkippedRecord) -> Void
    private let onNote: @Sendable (ReadingNote) -> Void

    init(
        listing: CorpusListing, limits: ReadingLimits, onSkip: @escaping @Sendable (SkippedRecord) -> Void,
        onNote: @escaping @Sendable (ReadingNote) -> Void
    ) {
        self.listing = listing
        self.limits = limits
        self.onSkip = onSkip
        self.onNote = onNote
    }

    /// Bytes of all files that are to be read, by their sizes when they were listed.
    public var totalBytes: Int { listing.totalBytes }

    /// How many files are to be read.
    public var fileCount: Int { listing.files.count }

    public func makeAsyncIterator() -> Iterator {
        Iterator(
            cursor: CorpusCursor(
                listing, progress, limits: limits, events: ReadingEvents(onSkip: onSkip, onNote: onNote)))
    }

    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let cursor: CorpusCursor

        /// The next document; nil at the end, and from then on. Reads on the thread that calls it.
        public mutating func next() async throws -> Document? { try cursor.next() }

        /// The next document; nil at the end, and from then on. Reads on the thread that calls it.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> Document? {
            try cursor.next()
        }
    }
}

/// How far the reading of a corpus has come; to be read from any thread.
public final class CorpusProgress: Sendable {
    private let bytes = Atomic(0)

    init() {}

    /// Bytes of files up to the end of the last document that was handed out, what was left out before it included; at the end
    /// ``CorpusDocuments/totalBytes``. The documents before the last are surely done with; of the last it says nothing.
    public var bytesRead: Int { bytes.load(ordering: .relaxed) }

    func set(_ count: Int) { bytes.store(count, ordering: .relaxed) }
}
