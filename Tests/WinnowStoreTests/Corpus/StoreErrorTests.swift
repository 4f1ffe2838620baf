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

    @Test func anotherModelIsNamedByNameAndFingerprint() throws {
        let error = StoreError.otherModel(
            path: "/kb", stored: "mini", storedFingerprint: try #require(Self.fingerprint("a")), given: "large",
            givenFingerprint: try #require(Self.fingerprint("b")))
        for part in ["'/kb'", "mini (aaaaaaaaaaaa)", "large (bbbbbbbbbbbb)", "use the store's model", "new store"] {
            #expect("\(error)".contains(part))
        }
    }
}
