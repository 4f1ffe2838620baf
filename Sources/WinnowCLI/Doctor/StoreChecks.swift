import Winnow
import WinnowCore

/// Whether a store and the files beside it are in shape, and belong to the models.
struct StoreChecks {
    let store: Store
    let isQuick: Bool
    /// nil where the model could not be loaded.
    let embedder: BiEncoder?
    let reranker: CrossEncoder?
    let given: GivenOptions

    private var name: String { ShellText.quoted(store.path) }

    /// Why a store cannot be looked at.
    struct Fault: Error {
        var finding: Finding
    }

    /// The store, opened; else why it cannot be.
    static func open(_ path: String) -> Result<Store, Fault> {
        do {
            return .success(try Store.open(path))
        } catch let error as StoreError {
            let command: String? =
                switch error {
                case .notFound: "winnow index DOCUMENTS --store \(ShellText.quoted(path))"
                default: nil
                }
            return .failure(
                Fault(finding: Finding("store.open", .error, "\(error)", [("store", .text(path))], command: command)))
        } catch {
            return .failure(Fault(finding: Finding("store.open", .error, "\(error)", [("store", .text(path))])))
        }
    }

    func findings() async throws -> [Finding] {
        var findings: [Finding] = []
        do {
            let condition = try await store.condition()
            findings.append(schema(condition))
            findings.append(scanCache(condition))
            findings += space(condition)
            findings.append(lexical(condition))
            if !condition.hasFields {
                findings.append(
                    Finding(
                        "store.fields", .note, "there are no tables of metadata values: --where looks at every passage",
                        command: "winnow store compact \(name)"))
            }
        } catch let error as StoreError {
            findings.append(Self.finding(error, of: store.path))
        }
        findings += model()
        findings += tokenizer()
        findings += calibration()
        findings.append(scoreCache())
        if !isQuick {
            do {
                findings += try await verification()
            } catch let error as StoreError {
                findings.append(Self.finding(error, of: store.path))
            }
        }
        return findings
    }

    /// What it means that an open store could not be read on.
    static func finding(_ error: StoreError, of path: String) -> Finding {
        let name = ShellText.quoted(path)
        let evidence: [(String, Evidence)] = [("store", .text(path))]
        return switch error {
        case .damaged:
            Finding("store.damage", .error, "\(error)", evidence, command: "winnow store verify \(name)")
        case .changedWhileRead, .busy, .locked:
            Finding("store.busy", .warning, "\(error)", evidence, command: "winnow doctor --store \(name)")
        default: Finding("store.open", .error, "\(error)", evidence)
        }
    }

    // MARK: Files

    private func schema(_ condition: StoreCondition) -> Finding {
        let evidence: [(String, Evidence)] = [
            ("schema", .count(condition.schemaVersion)), ("current", .count(condition.currentSchemaVersion)),
            ("bytes", .bytes(condition.pages * condition.pageBytes)),
        ]
        return condition.schemaVersion == condition.currentSchemaVersion
            ? Finding("store.schema", .ok, "its format is this version's", evidence)
            : Finding(
                "store.schema", .warning,
                "its format is an older one: the next command that writes brings it up to date", evidence,
                command: "winnow store compact \(name)")
    }

    private func scanCache(_ condition: StoreCondition) -> Finding {
        let file = store.path + ".vec"
        let vectors: (String, Evidence) = ("vectors", .count(condition.vectors))
        // Each search reads these from the database; a writer that closes leaves none.
        let isLarge = condition.vectors > Self.manyVectors
        switch condition.scanCache {
        case .missing where condition.vectors == 0:
            return Finding("store.scan-cache", .ok, "there are no vectors, and no scan cache", [vectors])
        case .missing:
            return Finding(
                "store.scan-cache", isLarge ? .warning : .note,
                "there is no scan cache: each dense search reads every vector from the database", [vectors],
                command: "winnow store compact \(name)")
        case .unusable(let reason):
            return Finding(
                "store.scan-cache", .warning, "the scan cache cannot be used, so dense searches do without: \(reason)",
                [vectors],
                command: "rm -f \(ShellText.quoted(file)) && winnow store compact \(name)")
        case .otherTime:
            return Finding(
                "store.scan-cache", .warning,
                "the scan cache is stale: it is of another time of the store than the database, as when one of the two was put back "
                    + "from a copy. Searches leave it aside and read every vector", [vectors],
                command: "rm -f \(ShellText.quoted(file)) && winnow store compact \(name)")
        case .usable(let behind, let dead):
            let evidence = [vectors, ("behind", .count(behind)), ("deleted", .count(dead))]
            return behind > Self.manyVectors
                ? Finding(
                    "store.scan-cache", .warning,
                    "the scan cache lacks \(NumberText.plural(behind, "vector")), which each dense search reads from the database: a "
                        + "writer ended before it could add them", evidence, command: "winnow store compact \(name)")
                : Finding("store.scan-cache", .ok, "the scan cache is the store's, and of this time", evidence)
        }
    }

    /// What a writer leaves to searches on purpose, at most (`ScanCacheUpkeep`).
    private static let manyVectors = 8192
    private static let muchFree = 0.25
    private static let fewPages = 64
    private static let largeJournal = 64 << 20

    private func space(_ condition: StoreCondition) -> [Finding] {
        var findings: [Finding] = []
        let share = condition.pages == 0 ? 0 : Double(condition.freePages) / Double(condition.pages)
        let evidence: [(String, Evidence)] = [
            ("free", .bytes(condition.freePages * condition.pageBytes)), ("share", .share(share)),
        ]
        if share >= Self.muchFree, condition.freePages >= Self.fewPages {
            findings.append(
                Finding(
                    "store.free-pages", .note,
                    "\(evidence[1].1.text) of the file is free: it is used again, or given back by compacting",
                    evidence, command: "winnow store compact \(name)"))
        }
        if condition.journalBytes > Self.largeJournal {
            findings.append(
                Finding(
                    "store.journal", .warning,
                    "the journal is large: a reader has held up its way into the database, or a writer was stopped. Any command that "
                        + "writes takes it home", [("journal", .bytes(condition.journalBytes))],
                    command: "winnow store compact \(name)"))
        }
        return findings
    }

    private func lexical(_ condition: StoreCondition) -> Finding {
        guard let lexical = condition.lexical else {
            return Finding(
                "store.lexical-index", .warning,
                "there is no lexical index that this version can search: bm25 and hybrid searches fail", [],
                command: "winnow store compact \(name)")
        }
        let evidence: [(String, Evidence)] = [
            ("segments", .count(lexical.segments)), ("deleted", .count(lexical.deleted)),
        ]
        return lexical.awaitsMerge
            ? Finding(
                "store.lexical-index", .note,
                "the lexical index has segments that wait to be merged: the next writer does it", evidence,
                command: "winnow store compact \(name)")
            : Finding(
                "store.lexical-index", .ok, "the lexical index is there, and nothing waits to be merged", evidence)
    }

    // MARK: Models

    private func model() -> [Finding] {
        guard let embedder, let identity = try? embedder.identity else { return [] }
        let evidence: [(String, Evidence)] = [
            ("store", .text("\(store.profile.embedder) \(store.profile.embedderFingerprint.hexadecimal.prefix(12))")),
            ("model", .text("\(identity.name) \(identity.fingerprint.hexadecimal.prefix(12))")),
        ]
        guard identity.fingerprint == store.profile.embedderFingerprint else {
            // A folder that was forgotten is the likelier mistake, and the cheaper one to mend.
            let own = SingleLine.of(store.profile.embedder, limit: 80)
            let first =
                given.embeddingModel == nil
                ? "give the folder of \(own) with --embedding-model"
                : "give that of \(own) instead (the built-in one without --embedding-model)"
            let rebuild = "winnow store rebuild-vectors \(name)\(given.embedder)"
            return [
                Finding(
                    "store.model", .error,
                    "another bi-encoder filled the store than this one: their vectors cannot be compared, and every dense search is "
                        + "refused. Either \(first), or fill the store with this one's vectors"
                        + (given.embeddingModel == nil ? ": \(rebuild)" : ""), evidence,
                    command: given.embeddingModel == nil
                        ? "winnow doctor --store \(name)\(given.reranker) --embedding-model BI-ENCODER-FOLDER" : rebuild
                )
            ]
        }
        return [Finding("store.model", .ok, "this bi-encoder filled it", evidence)]
    }

    private func tokenizer() -> [Finding] {
        guard let reranker, let own = try? reranker.tokenizerFingerprint else { return [] }
        let stored = store.profile.tokenizer
        guard stored != own else {
            return [Finding("store.tokenizer", .ok, "the passages' tokens are stored as the cross-encoder wants them")]
        }
        return [
            Finding(
                "store.tokenizer", .note,
                stored == nil
                    ? "no tokens are stored: passages are tokenised at every question"
                    : "the stored tokens are another cross-encoder's: passages are tokenised at every question",
                [
                    ("stored", .text(stored.map { String($0.hexadecimal.prefix(12)) } ?? "none")),
                    ("wanted", .text(String(own.hexadecimal.prefix(12)))),
                ])
        ]
    }

    private func calibration() -> [Finding] {
        guard let reranker, let identity = try? reranker.identity else { return [] }
        let path = CalibrationOptions.path(beside: store.path)
        guard AtomicFile.exists(path) else {
            return [
                Finding(
                    "store.calibration", .note,
                    "there is no calibration: scores are no probabilities, and no threshold has a promise",
                    [("file", .text(path))], command: "winnow calibrate LABELLED-FOLDER --store \(name)\(given.stages)")
            ]
        }
        do {
            let file = try CalibrationFile.read(path)
            if let entry = file.entry(for: identity) {
                return [
                    Finding(
                        "store.calibration", .ok, "its calibration was fitted for this cross-encoder",
                        [
                            ("queries", .count(entry.data.queries)), ("pairs", .count(entry.data.pairs)),
                            ("date", .text(entry.date)),
                        ])
                ]
            }
            return [
                Finding(
                    "store.calibration", .warning,
                    "its calibration is stale: \(file.explanation(whyNotFor: identity) ?? "it is another model's")",
                    [
                        ("fitted", .texts(file.entries.map { "\($0.reranker.name) \($0.reranker.precision)" })),
                        ("model", .text("\(identity.name) \(identity.precision) \(identity.truncation)")),
                    ], command: "winnow calibrate LABELLED-FOLDER --store \(name)\(given.stages)")
            ]
        } catch {
            return [
                Finding(
                    "store.calibration", .error, "\(error)", [("file", .text(path))],
                    command: "mv \(ShellText.quoted(path)) \(ShellText.quoted(path + ".broken"))")
            ]
        }
    }

    // MARK: Scores

    private func scoreCache() -> Finding {
        let path = ScoreCache.path(besideStore: store.path)
        let file: (String, Evidence) = ("file", .text(path))
        switch ScoreCache.condition(ofFile: path) {
        case .missing: return Finding("store.score-cache", .ok, "no scores are kept yet")
        case .usable(let entries, let bytes):
            return Finding(
                "store.score-cache", .ok,
                "kept scores are found by hashes of model, question and text: those of other models or of texts that have changed are "
                    + "never used", [("entries", .count(entries)), ("bytes", .bytes(bytes))])
        case .older:
            return Finding(
                "store.score-cache", .note, "the file of kept scores is of another version, and is made anew", [file])
        case .foreign:
            return Finding(
                "store.score-cache", .warning,
                "where scores are to be kept lies a file that is not Winnow's: it is left alone, and every pair is scored each time",
                [file], command: "mv \(ShellText.quoted(path)) \(ShellText.quoted(path + ".aside"))")
        case .unreadable(let reason):
            return Finding(
                "store.score-cache", .warning,
                "the file of kept scores cannot be read, and every pair is scored each time: \(reason)", [file],
                command: "rm -f \(ShellText.quoted(path))")
        }
    }

    // MARK: Rows

    private func verification() async throws -> [Finding] {
        let progress = Gathered<Progress>()
        defer { progress.values.first?.finish() }
        let result = try await store.verify { done, total in
            var line = progress.values.first ?? Progress("Verifying", total: total, unit: "passage")
            line.update(done)
            progress.replace(with: [line])
        }
        let evidence: [(String, Evidence)] = [
            ("documents", .count(result.documents)), ("passages", .count(result.passages)),
            ("vectors", .count(result.vectors)), ("faults", .count(result.faults.count)),
        ]
        guard !result.faults.isEmpty else {
            return [Finding("store.damage", .ok, "every row, vector and index is what was written", evidence)]
        }
        return [
            Finding(
                "store.damage", .error, "the store is damaged: \(result.faults[0])",
                evidence + [("first", .texts(Array(result.faults.prefix(3))))], command: "winnow store verify \(name)")
        ]
    }
}
