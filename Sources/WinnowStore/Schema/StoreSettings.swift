import GRDB
import WinnowCore

/// The table `setting`: what the store is, and counts that would else need a walk over all rows.
package struct StoreSettings: Sendable, Hashable {
    /// 16 random bytes made with the store: a scan cache of another store is told by them.
    var storeID: [UInt8]
    var profile: StoreProfile
    /// Grows by one with every transaction.
    var revision: Int64 = 0
    /// The table `deletion` names every deletion of later revisions.
    var deletionsSince: Int64 = 0
    /// The last revision at which something was deleted for good: a scan cache begun before it may hold traces.
    var scrubRevision: Int64 = 0
    var counts = Counts()
    var lexical = Lexical()
    /// ``FieldRows/identity`` of the build that made the tables of metadata values; empty: there are none.
    var fieldIdentity = ""

    /// Filters can be answered from the tables of metadata values.
    var hasFields: Bool { fieldIdentity == FieldRows.identity }

    /// The lexical index.
    struct Lexical: Sendable, Hashable {
        /// How its terms were made; nil: there is none yet.
        var analysis: LexicalAnalysis?
        /// ``LexicalAnalysis/identity`` of the build that made it.
        var identity = ""
        /// Grows whenever a segment or a deletion is added or taken away.
        var revision: Int64 = 0

        /// The index is there and this build can search it.
        var isUsable: Bool { analysis.map { $0.identity == identity } ?? false }
    }

    struct Counts: Sendable, Hashable {
        var documents = 0
        var passages = 0
        var vectors = 0
        var textBytes = 0
    }

    init(new profile: StoreProfile) {
        self.profile = profile
        storeID = Self.randomID()
    }

    /// Makes every scan cache there is another store's.
    mutating func renewStoreID() { storeID = Self.randomID() }

    private static func randomID() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    private enum Key: String, CaseIterable {
        case storeID = "store_id"
        case embedder
        case embedderFingerprint = "embedder_fingerprint"
        case dimension, precision, chunking
        case passageTokens = "passage_tokens"
        case budget, tokenizer, revision
        case deletionsSince = "deletions_since"
        case scrubRevision = "scrub_revision"
        case documents, passages, vectors
        case textBytes = "text_bytes"
        case lexicalWords = "lexical_words"
        case lexicalStemming = "lexical_stemming"
        case lexicalIdentity = "lexical_identity"
        case lexicalRevision = "lexical_revision"
        case fieldIdentity = "field_identity"
        case checksum
    }

    /// - Throws: ``DamagedRow`` when a setting is missing or senseless.
    package init(_ database: Database) throws {
        var values: [String: [UInt8]] = [:]
        let rows = try Row.fetchCursor(database, sql: "SELECT key, value FROM setting")
        while let row = try rows.next() {
            let cells = Cells(row, "setting")
            values[try cells.text(0)] = try cells.optionalBytes(1)
        }
        let checksum = values.removeValue(forKey: Key.checksum.rawValue)
        guard checksum == Self.checksum(of: values) else { throw DamagedRow("the settings do not have their checksum") }
        func text(_ key: Key) throws -> String {
            guard let bytes = values[key.rawValue], let text = String(validating: bytes, as: UTF8.self) else {
                throw DamagedRow("setting '\(key.rawValue)' is missing or no text")
            }
            return text
        }
        func number(_ key: Key, from least: Int64) throws -> Int64 {
            guard let number = Int64(try text(key)), number >= least else {
                throw DamagedRow("setting '\(key.rawValue)' is no number from \(least)")
            }
            return number
        }
        func fingerprint(_ key: Key) throws -> Fingerprint {
            guard let fingerprint = Fingerprint(hexadecimal: try text(key)) else {
                throw DamagedRow("setting '\(key.rawValue)' is no fingerprint")
            }
            return fingerprint
        }
        guard let storeID = values[Key.storeID.rawValue], storeID.count == 16 else {
            throw DamagedRow("setting 'store_id' is missing or not 16 bytes long")
        }
        self.storeID = storeID
        let dimension = try number(.dimension, from: 1)
        guard dimension <= ScanCacheLayout.maximumDimension else {
            throw DamagedRow("setting 'dimension' is \(dimension)")
        }
        profile = StoreProfile(
            embedder: try text(.embedder), embedderFingerprint: try fingerprint(.embedderFingerprint),
            dimension: Int(dimension), precision: try text(.precision), chunking: try text(.chunking),
            passageTokens: values[Key.passageTokens.rawValue] == nil
                ? nil : Int(try number(.passageTokens, from: .min)),
            budget: try text(.budget),
            tokenizer: values[Key.tokenizer.rawValue] == nil ? nil : try fingerprint(.tokenizer))
        revision = try number(.revision, from: 0)
        deletionsSince = try number(.deletionsSince, from: 0)
        scrubRevision = try number(.scrubRevision, from: 0)
        counts.documents = Int(try number(.documents, from: 0))
        counts.passages = Int(try number(.passages, from: 0))
        counts.vectors = Int(try number(.vectors, from: 0))
        counts.textBytes = Int(try number(.textBytes, from: 0))
        if values[Key.fieldIdentity.rawValue] != nil { fieldIdentity = try text(.fieldIdentity) }
        if values[Key.lexicalWords.rawValue] != nil {
            guard let words = LexicalAnalysis.Words(rawValue: try text(.lexicalWords)),
                let stemming = LexicalAnalysis.Stemming(rawValue: try text(.lexicalStemming))
            else { throw DamagedRow("setting 'lexical_words' or 'lexical_stemming' is unknown") }
            lexical = Lexical(
                analysis: LexicalAnalysis(words: words, stemming: stemming), identity: try text(.lexicalIdentity),
                revision: try number(.lexicalRevision, from: 0))
        }
    }

    /// Numbers are text too: one form for all, readable in SQLite's shell.
    private var values: [String: [UInt8]] {
        let texts: [(Key, String?)] = [
            (.embedder, profile.embedder), (.embedderFingerprint, profile.embedderFingerprint.hexadecimal),
            (.dimension, "\(profile.dimension)"), (.precision, profile.precision), (.chunking, profile.chunking),
            (.passageTokens, profile.passageTokens.map(String.init)), (.budget, profile.budget),
            (.tokenizer, profile.tokenizer?.hexadecimal), (.revision, "\(revision)"),
            (.deletionsSince, "\(deletionsSince)"), (.scrubRevision, "\(scrubRevision)"),
            (.documents, "\(counts.documents)"), (.lexicalWords, lexical.analysis?.words.rawValue),
            (.lexicalStemming, lexical.analysis?.stemming.rawValue),
            (.lexicalIdentity, lexical.analysis == nil ? nil : lexical.identity),
            (.lexicalRevision, lexical.analysis == nil ? nil : "\(lexical.revision)"),
            (.fieldIdentity, fieldIdentity.isEmpty ? nil : fieldIdentity),
            (.passages, "\(counts.passages)"), (.vectors, "\(counts.vectors)"), (.textBytes, "\(counts.textBytes)"),
        ]
        var values = [Key.storeID.rawValue: storeID]
        for (key, text) in texts { values[key.rawValue] = text.map { Array($0.utf8) } }
        return values
    }

    private static func checksum(of values: [String: [UInt8]]) -> [UInt8] {
        var checksum = Checksum()
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            checksum.add(key)
            checksum.add(value)
        }
        return Array("\(checksum.finished())".utf8)
    }

    /// Writes what differs from `before`: a transaction changes a few of them.
    func write(to database: Database, over before: StoreSettings? = nil) throws {
        var values = values
        values[Key.checksum.rawValue] = Self.checksum(of: values)
        let old = before?.values ?? [:]
        let statement = try database.cachedStatement(sql: "INSERT OR REPLACE INTO setting VALUES (?, ?)")
        for (key, value) in values where old[key] != value {
            try statement.execute(arguments: [key, StoredBytes.data(value)])
        }
    }
}
