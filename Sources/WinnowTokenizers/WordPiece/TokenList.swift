/// A vocabulary as a file lists it: spellings in one pool, by id.
struct TokenList {
    /// A longer token is refused: no word could be split against it in sensible time.
    static let maximumTokenBytes = 1024
    /// A higher id is refused as damage: the table of tokens would take more than 32 MB.
    static let maximumID = 4_000_000

    /// The file, for messages.
    let file: String
    /// Whether a spelling that comes again takes the place of the earlier one, as in vocab.txt; an error otherwise.
    let laterWins: Bool
    private(set) var pool: [UInt8] = []
    /// By id.
    private(set) var entries: [TokenEntry] = []
    private(set) var tokenCount = 0

    init(file: String, laterWins: Bool, capacity: Int) {
        self.file = file
        self.laterWins = laterWins
        pool.reserveCapacity(capacity + TokenHash.padding)
        entries.reserveCapacity(capacity / 7)
    }

    /// - Throws: ``TokenizerError`` when the id is taken or out of range, or the spelling too long.
    mutating func append(_ spelling: UnsafeBufferPointer<UInt8>, id: Int) throws {
        guard id >= 0, id <= Self.maximumID else {
            throw error("the token \"\(Self.text(spelling))\" has the id \(id), not one of 0 to \(Self.maximumID)")
        }
        guard spelling.count <= Self.maximumTokenBytes else {
            throw error("the token of id \(id) has \(spelling.count) bytes, more than \(Self.maximumTokenBytes)")
        }
        let entry = TokenEntry(start: UInt32(pool.count), length: UInt32(spelling.count))
        if id == entries.count {  // as files list them
            entries.append(entry)
        } else {
            if id > entries.count {
                entries.append(contentsOf: repeatElement(.absent, count: id + 1 - entries.count))
            }
            guard entries[id].isAbsent else {
                throw error("the id \(id) is given to \"\(self.spelling(id))\" and to \"\(Self.text(spelling))\"")
            }
            entries[id] = entry
        }
        pool.append(contentsOf: spelling)
        tokenCount += 1
    }

    /// For messages.
    func spelling(_ id: Int) -> String {
        let entry = entries[id]
        return pool[Int(entry.start)..<Int(entry.start + entry.length)].withUnsafeBufferPointer(Self.text)
    }

    func error(_ problem: String) -> TokenizerError { .malformed(file, problem) }

    private static func text(_ spelling: UnsafeBufferPointer<UInt8>) -> String {
        TokenizerError.quoted(String(decoding: spelling.prefix(240), as: UTF8.self))
    }
}

/// Where a token's spelling lies in the pool.
struct TokenEntry: BitwiseCopyable, Sendable {
    var start: UInt32
    var length: UInt32

    /// An id that no token has.
    static let absent = TokenEntry(start: 0, length: .max)

    @inline(__always)
    var isAbsent: Bool { length == .max }
}
