import WinnowCore

/// What was wrong with a store, or with what was handed to one. Each message says what, where and how to mend it.
public enum StoreError: Error, Sendable, Hashable {
    /// The number of vectors is not the number of passages.
    case vectorCount(passages: Int, vectors: Int)
    /// A vector of another length than the store's.
    case dimension(expected: Int, found: Int)
    /// A vector holds NaN or an infinite value.
    case vectorNotFinite(of: String)
    /// Two passages have one id.
    case duplicatePassage(id: String, firstDocument: String, secondDocument: String)
    /// A limit under 1.
    case notPositive(limit: Int)

    /// There is no file at the path.
    case notFound(path: String)
    /// The path is a folder.
    case isFolder(path: String)
    /// The folder that the store would lie in does not exist.
    case folderMissing(path: String, folder: String)
    /// A file, but none that Winnow made.
    case notAStore(path: String, reason: String)
    /// Written by a later version of Winnow.
    case newerSchema(path: String, found: Int, supported: Int)
    /// Written by an earlier version of Winnow: a writer brings it up to date, a reader never writes.
    case olderSchema(path: String, found: Int, supported: Int)
    /// The embedding model is not the one that filled the store.
    case otherModel(
        path: String, stored: String, storedFingerprint: Fingerprint, given: String, givenFingerprint: Fingerprint)
    /// Passages would be cut otherwise than those that the store holds.
    case otherChunking(path: String, stored: String, given: String)
    /// Passages would be cut for models of another limit; nil: no limit. The budgets name the models.
    case otherPassageLimit(
        path: String, stored: Int?, storedBudget: String, given: Int?, givenBudget: String)
    /// Another process (or this one) is writing.
    case locked(path: String, holder: LockHolder?, waited: Duration?)
    /// The file, or the folder that SQLite needs for its journal, cannot be written.
    case notWritable(path: String, reason: String)
    /// The file cannot be read.
    case notReadable(path: String, reason: String)
    /// The last writer's changes still lie in the journal, in a folder where this process may not write.
    case unfinishedJournal(path: String)
    /// The file changed while it was read from a folder where this process may not write.
    case changedWhileRead(path: String)
    /// The file's content is not what was written.
    case damaged(path: String, detail: String)
    /// No room on the disk, or a limit on file sizes was met.
    case full(path: String, detail: String)
    /// The system refused a write for another reason than want of room.
    case writeFailed(path: String, detail: String)
    /// Another program holds the file.
    case busy(path: String, detail: String)
    /// SQLite failed otherwise.
    case failed(path: String, detail: String)
    /// A parameter of BM25 out of its range.
    case bm25Parameter(name: String, value: Double, range: String)
    /// The store has no lexical index that this build can search: it was written by another version, and a writer makes one.
    case noLexicalIndex(path: String)
    /// More postings than a segment can hold.
    case lexicalIndexTooLarge
    /// Where a copy was to be made there is a file.
    case backupExists(path: String)
    /// Metadata that a store cannot keep.
    case metadata(documentID: String, reason: String)
    /// A writer's methods were called out of their order.
    case outOfOrder(String)
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .vectorCount(let passages, let vectors):
            "\(vectors) vectors were given for \(passages) passages: each passage needs exactly one"
        case .dimension(let expected, let found):
            "a vector has \(found) dimensions where the index has \(expected): embed queries and passages with one model"
        case .vectorNotFinite(let id):
            "the vector of \(line(id)) holds a value that is not finite: the embedding model's weights or its "
                + "arithmetic are broken"
        case .duplicatePassage(let id, let first, let second):
            "passage \(quoted(id)) of document \(quoted(second)) has the id of a passage of document \(quoted(first)): "
                + "rename one of the documents"
        case .notPositive(let limit):
            "the limit of a search is \(limit): it must be at least 1"
        case .bm25Parameter(let name, let value, let range):
            "BM25's \(name) is \(value): it must be \(range)"
        case .noLexicalIndex(let path):
            "the store \(quoted(path)) has no lexical index that this build can search, because another version of Winnow "
                + "wrote it: run 'winnow store compact' on it once, which makes one, or use --retriever dense"
        case .lexicalIndexTooLarge:
            "the lexical index has more postings than one segment can hold (512 GB): split the documents over several stores"
        case .backupExists(let path):
            "there is a file at \(quoted(path)) already: give the copy another name, or move that file away"
        case .metadata(let documentID, let reason):
            "the metadata of document \(quoted(documentID)) cannot be stored: \(line(reason))"
        case .outOfOrder(let what):
            "the store's writer was used out of order: \(line(what))"
        case .notFound(let path):
            "there is no store at \(quoted(path)): make one with 'winnow index PATH --store', or check the path"
        case .isFolder(let path):
            "\(quoted(path)) is a folder and no store: name a file, such as \(quoted(path + "/kb.sqlite"))"
        case .folderMissing(let path, let folder):
            "the store \(quoted(path)) cannot be made: its folder \(quoted(folder)) does not exist; make it first"
        case .notAStore(let path, let reason):
            "\(quoted(path)) is no store of Winnow's: \(line(reason)); nothing in it was touched, name another file"
        case .newerSchema(let path, let found, let supported):
            "the store \(quoted(path)) was made by a newer Winnow (schema \(found), this build reads up to "
                + "\(supported)): use that version, or index into a new store"
        case .olderSchema(let path, let found, let supported):
            "the store \(quoted(path)) was made by an older Winnow (schema \(found), this build reads \(supported)): "
                + "run 'winnow index' on it once, which brings it up to date"
        case .otherModel(let path, let stored, let storedFingerprint, let given, let givenFingerprint):
            "the store \(quoted(path)) was filled with the embedding model \(line(stored)) "
                + "(\(Self.short(storedFingerprint))) and this one is \(line(given)) "
                + "(\(Self.short(givenFingerprint))): their vectors cannot be compared; use the store's model "
                + "(--embedding-model; without it the built-in one), or index the documents into a new store with this "
                + "one: 'winnow index PATH --store OTHER.sqlite --embedding-model MODEL'"
        case .otherChunking(let path, let stored, let given):
            "the store \(quoted(path)) holds passages cut by '\(line(stored))' and these would be cut by "
                + "'\(line(given))': use the store's settings (without --chunking they are), or index the documents "
                + "into a new store: 'winnow index PATH --store OTHER.sqlite'"
        case .otherPassageLimit(let path, let stored, let storedBudget, let given, let givenBudget):
            "the store \(quoted(path)) holds passages of \(Self.limit(stored, storedBudget)) and these would be of "
                + "\(Self.limit(given, givenBudget)): give models of the limits that it was filled for (--embedding-model, "
                + "--model), or index the documents into a new store: 'winnow index PATH --store OTHER.sqlite'"
        case .locked(let path, let holder, let waited):
            "the store \(quoted(path)) is being written by \(holder?.description ?? "another process")"
                + ((waited ?? .zero) > .zero
                    ? ", still after the time to wait: try again later, or wait longer with --wait"
                    : ": try again later, or wait for it with --wait")
        case .notWritable(let path, let reason):
            "the store \(quoted(path)) cannot be written: \(line(reason))"
        case .notReadable(let path, let reason):
            "the store \(quoted(path)) cannot be read: \(line(reason))"
        case .unfinishedJournal(let path):
            "the store \(quoted(path)) has changes in \(quoted(path + "-wal")) that its last writer did not bring "
                + "home, and this process may not write in the folder: run 'winnow index' on it as a user who may, "
                + "then read it here"
        case .changedWhileRead(let path):
            "the store \(quoted(path)) was written while it was read from a folder where this process may not write: "
                + "open it again"
        case .damaged(let path, let detail):
            "the store \(quoted(path)) is damaged (\(line(detail))): 'winnow store verify' says what is wrong; restore "
                + "a copy, or index the documents into a new store"
        case .full(let path, let detail):
            "there is no room left for the store \(quoted(path)) (\(line(detail))): what was committed before is kept; "
                + "free some space and run the same command again, which goes on from there"
        case .writeFailed(let path, let detail):
            "the store \(quoted(path)) could not be written: \(line(detail)); what was committed before is kept: look "
                + "after the disk, and run the same command again, which goes on from there"
        case .busy(let path, let detail):
            "the store \(quoted(path)) is held by another program (\(line(detail))): close it and try again"
        case .failed(let path, let detail):
            "the store \(quoted(path)) could not be used: \(line(detail))"
        }
    }

    /// Such as `at most 254 tokens (254 tokens of all-MiniLM-L6-v2, 381 tokens of ms-marco)`.
    private static func limit(_ tokens: Int?, _ budget: String) -> String {
        guard let tokens else { return "any length" }
        return "at most \(tokens) tokens" + (budget.isEmpty ? "" : " (\(line(budget)))")
    }

    private static func short(_ fingerprint: Fingerprint) -> String { String(fingerprint.hexadecimal.prefix(12)) }
}

/// Who holds a store's lock, as the holder itself wrote it.
public struct LockHolder: Sendable, Hashable, CustomStringConvertible {
    public var processID: Int32
    public var host: String
    /// When it took the lock: ISO 8601, UTC.
    public var since: String

    public init(processID: Int32, host: String, since: String) {
        self.processID = processID
        self.host = host
        self.since = since
    }

    /// On one line, whatever the lock's file held.
    public var description: String {
        "process \(processID) on \(line(host, limit: 255)) since \(line(since, limit: 40))"
    }
}

private func quoted(_ text: String) -> String { PathText.inQuotes(text) }

private func line(_ text: String, limit: Int = .max) -> String { SingleLine.of(text, limit: limit) }
