import Testing
import WinnowCore
import WinnowStore

/// A message says what, where and how to mend it.
@Suite struct StoreErrorTests {
    private static func fingerprint(_ digit: Character) -> Fingerprint? {
        Fingerprint(hexadecimal: String(repeating: digit, count: 64))
    }

    @Test(
        arguments: [
            (.notFound(path: "/kb"), ["'/kb'", "winnow index"]),
            (.isFolder(path: "/kb"), ["'/kb' is a folder", "name a file"]),
            (.folderMissing(path: "/no/kb", folder: "/no"), ["'/no/kb'", "'/no' does not exist", "make it first"]),
            (.notAStore(path: "/kb", reason: "it is a text"), ["'/kb'", "it is a text", "name another file"]),
            (
                .newerSchema(path: "/kb", found: 3, supported: 1),
                ["newer Winnow (schema 3, this build reads up to 1)", "new store"]
            ),
            (.olderSchema(path: "/kb", found: 1, supported: 2), ["older Winnow (schema 1", "winnow index"]),
            (.otherChunking(path: "/kb", stored: "words 9", given: "none"), ["'words 9'", "'none'", "new store"]),
            (.locked(path: "/kb", holder: nil, waited: nil), ["another process", "--wait"]),
            (
                .locked(path: "/kb", holder: LockHolder(processID: 7, host: "h", since: "t"), waited: .seconds(3)),
                ["process 7 on h since t", "still", "--wait"]
            ),
            (.locked(path: "/kb", holder: nil, waited: .zero), ["another process: try again later, or wait for it"]),
            (
                .otherPassageLimit(
                    path: "/kb", stored: 254, storedBudget: "254 tokens of mini", given: nil, givenBudget: ""),
                ["at most 254 tokens (254 tokens of mini)", "any length", "--embedding-model, --model", "new store"]
            ),
            (
                .writeFailed(path: "/kb", detail: "Input/output error"),
                ["could not be written: Input/output error", "what was committed before is kept"]
            ),
            (.notWritable(path: "/kb", reason: "because"), ["'/kb' cannot be written: because"]),
            (.notReadable(path: "/kb", reason: "because"), ["'/kb' cannot be read: because"]),
            (.unfinishedJournal(path: "/kb"), ["'/kb-wal'", "run 'winnow index'"]),
            (.changedWhileRead(path: "/kb"), ["'/kb'", "open it again"]),
            (
                .damaged(path: "/kb", detail: "page 3"),
                ["(page 3)", "winnow store verify", "index the documents into a new store"]
            ),
            (.full(path: "/kb", detail: "disk"), ["(disk)", "what was committed before is kept", "free some space"]),
            (.busy(path: "/kb", detail: "locked"), ["(locked)", "close it"]),
            (.failed(path: "/kb", detail: "odd"), ["'/kb'", "odd"]),
            (.metadata(documentID: "d", reason: "too deep"), ["'d'", "too deep"]),
            (.outOfOrder("begin() twice"), ["begin() twice"]),
        ] as [(StoreError, [String])])
    func messageSaysWhatWhereAndHow(error: StoreError, parts: [String]) {
        for part in parts { #expect("\(error)".contains(part)) }
    }

    /// Names come from files, metadata and records of others: none of them may move the cursor or begin a line.
    @Test func hostileTextStaysOnItsLine() throws {
        let evil = "kb\u{1b}[2J\r\nerror: forged\u{9b}31m"
        let (one, two) = (try #require(Self.fingerprint("a")), try #require(Self.fingerprint("b")))
        let errors: [StoreError] = [
            .vectorCount(passages: 1, vectors: 2), .dimension(expected: 1, found: 2), .vectorNotFinite(of: evil),
            .duplicatePassage(id: evil, firstDocument: evil, secondDocument: evil), .notPositive(limit: 0),
            .notFound(path: evil), .isFolder(path: evil), .folderMissing(path: evil, folder: evil),
            .notAStore(path: evil, reason: evil), .newerSchema(path: evil, found: 1, supported: 1),
            .olderSchema(path: evil, found: 1, supported: 1),
            .otherModel(path: evil, stored: evil, storedFingerprint: one, given: evil, givenFingerprint: two),
            .otherChunking(path: evil, stored: evil, given: evil),
            .otherPassageLimit(path: evil, stored: 1, storedBudget: evil, given: 2, givenBudget: evil),
            .locked(path: evil, holder: LockHolder(processID: 1, host: evil, since: evil), waited: nil),
            .notWritable(path: evil, reason: evil), .notReadable(path: evil, reason: evil),
            .unfinishedJournal(path: evil), .changedWhileRead(path: evil), .damaged(path: evil, detail: evil),
            .full(path: evil, detail: evil), .writeFailed(path: evil, detail: evil), .busy(path: evil, detail: evil),
            .failed(path: evil, detail: evil), .metadata(documentID: evil, reason: evil), .outOfOrder(evil),
        ]
        for error in errors {
            let scalars = "\(error)".unicodeScalars
            #expect(scalars.allSatisfy { $0.properties.generalCategory != .control }, "\(error)")
        }
        #expect("\(StoreError.notFound(path: "a\nb"))".contains(#"store at "a\nb":"#))
    }

    @Test func anotherModelIsNamedByNameAndFingerprint() throws {
        let error = StoreError.otherModel(
            path: "/kb", stored: "mini", storedFingerprint: try #require(Self.fingerprint("a")), given: "large",
            givenFingerprint: try #require(Self.fingerprint("b")))
        for part in ["'/kb'", "mini (aaaaaaaaaaaa)", "large (bbbbbbbbbbbb)", "use the store's model", "new store"] {
            #expect("\(error)".contains(part))
        }
    }
}
