import WinnowCore

/// A document as it is handed to a ``StoreWriter``; its passages follow.
public struct DocumentRecord: Sendable, Hashable {
    public var id: String
    public var title: String?
    public var metadata: Metadata
    /// The file that it was read from, as an absolute path without links; nil when it came from no file.
    public var origin: String?
    /// Of all that the document's passages depend on; equal hashes make indexing again needless.
    public var contentHash: Fingerprint
    /// The text's length in UTF-8 bytes.
    public var byteCount: Int

    public init(
        id: String, title: String?, metadata: Metadata, origin: String?, contentHash: Fingerprint, byteCount: Int
    ) {
        self.id = id
        self.title = title
        self.metadata = metadata
        self.origin = origin
        self.contentHash = contentHash
        self.byteCount = byteCount
    }
}

/// A passage with what was computed from it.
public struct PassageRecord: Sendable, Hashable {
    public var passage: Passage
    /// Of the store's dimension and of any length but zero's; the writer normalises it.
    public var vector: [Float]
    /// Ids of ``Passage/content`` by the tokenizer of the store's profile; nil when they were not made.
    public var tokens: [Int32]?

    public init(passage: Passage, vector: [Float], tokens: [Int32]?) {
        self.passage = passage
        self.vector = vector
        self.tokens = tokens
    }
}

/// What decides whether a document must be indexed again.
public struct DocumentState: Sendable, Hashable {
    public var contentHash: Fingerprint
    public var origin: String?
    public var passageCount: Int

    public init(contentHash: Fingerprint, origin: String?, passageCount: Int) {
        self.contentHash = contentHash
        self.origin = origin
        self.passageCount = passageCount
    }
}

/// A document as a store holds it.
public struct StoredDocument: Sendable, Hashable, Identifiable {
    public var id: String
    public var title: String?
    public var metadata: Metadata
    /// The file that it was read from; nil when it came from no file.
    public var origin: String?
    public var contentHash: Fingerprint
    /// The text's length in UTF-8 bytes.
    public var byteCount: Int
    public var passageCount: Int
    /// ISO 8601, UTC, to the second.
    public var indexedAt: String
}

/// Sizes and origin of a store.
public struct StoreInfo: Sendable, Hashable {
    public var documents: Int
    public var passages: Int
    public var vectors: Int
    public var profile: StoreProfile
    public var schemaVersion: Int
    /// How many transactions were committed: it grows whenever the content changes.
    public var revision: Int64
    /// Bytes of the database and its journal.
    public var fileBytes: Int
    /// Bytes of the scan cache `STORE.vec`; 0 when there is none.
    public var cacheBytes: Int
    /// UTF-8 bytes of all documents' texts.
    public var textBytes: Int
    /// nil: the store has none that this build can search, or it is damaged.
    public var lexical: LexicalInfo?
}

/// What a store says of its lexical index.
public struct LexicalInfo: Sendable, Hashable {
    public var analysis: LexicalAnalysis
    public var segments: Int
    /// Of all passages, in terms.
    public var tokens: Int
    /// Bytes of its postings, dictionary and lengths, without SQLite's own.
    public var bytes: Int
}

/// What ``StoreWriter/close()`` could do.
///
/// Everything that was committed is safe and found either way. Where one of these is false, bytes of deleted or replaced
/// documents are still in a file, until a writer is opened and closed that can do it.
public struct CloseReport: Sendable, Hashable {
    /// All of the journal `STORE-wal` is in the database file, and the journal is empty. Otherwise a reader held it up or the
    /// disk refused: until it is home, both files may hold deleted text.
    public var journalIsHome: Bool
    /// The scan cache `STORE.vec` holds what is committed and nothing that was deleted. Otherwise it could not be written:
    /// searches are slower, and it may hold what was made of deleted text's vectors, though no text.
    public var scanCacheIsCurrent: Bool
    /// The lexical index holds no term of a document that was deleted by ``StoreWriter/delete(_:)``. Otherwise its segments could not
    /// be written anew: searches leave the document out, and its terms are still in the file.
    public var lexicalIndexIsScrubbed: Bool

    public init(journalIsHome: Bool, scanCacheIsCurrent: Bool, lexicalIndexIsScrubbed: Bool = true) {
        self.journalIsHome = journalIsHome
        self.scanCacheIsCurrent = scanCacheIsCurrent
        self.lexicalIndexIsScrubbed = lexicalIndexIsScrubbed
    }
}

/// The result of ``Store/verify(_:)``.
public struct StoreVerification: Sendable, Hashable {
    /// What is wrong, one line each; empty when nothing is.
    public var faults: [String]
    /// How many were looked at.
    public var documents: Int
    public var passages: Int
    public var vectors: Int

    public var isSound: Bool { faults.isEmpty }
}
