import ArgumentParser
import WinnowCore
import WinnowStore

struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Look into a store, delete from it, check it, keep it in shape.",
        subcommands: [
            StoreInfoCommand.self, StoreDocumentsCommand.self, StoreDeleteCommand.self, StoreVerifyCommand.self,
            StoreBackupCommand.self, StoreCompactCommand.self, StoreRebuildVectorsCommand.self,
        ])
}

/// A store named by option or as the only argument.
struct StoreArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The store's file.", valueName: "file"))
    var file: String?

    @Option(name: .customLong("store"), help: ArgumentHelp("The store's file, by name.", valueName: "file"))
    var option: String?

    func validate() throws {
        guard (file == nil) != (option == nil) else {
            throw ValidationError(
                file == nil ? "give the store's file: --store kb.sqlite" : "the store is given twice: once is enough")
        }
        try StorePath.check(path)
    }

    var path: String { file ?? option ?? "" }
}

struct StoreInfoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "What a store holds, what filled it, and how large it is.")

    @OptionGroup var store: StoreArgument

    @Flag(help: "Print one JSON object on one line.")
    var json = false

    func run() async throws {
        let info = try await Store.open(store.path).info()
        try StandardStreams.output(json ? Self.json(info, store.path).text + "\n" : Self.text(info))
    }

    private static func text(_ info: StoreInfo) -> String {
        var table = Table(columns: [.init(title: ""), .init(title: "")])
        table.rows = [
            ["documents", .init(NumberText.grouped(info.documents))],
            ["passages", .init(NumberText.grouped(info.passages))],
            ["vectors", .init("\(NumberText.grouped(info.vectors)) of \(info.profile.dimension) dimensions")],
            [
                "embedding model",
                .init("\(info.profile.embedder) (\(info.profile.embedderFingerprint.hexadecimal.prefix(12)))"),
            ],
            ["chunking", .init(info.profile.chunking)],
            ["passages at most", .init(info.profile.budget.isEmpty ? "any length" : info.profile.budget)],
            ["tokens stored", .init(info.profile.tokenizer == nil ? "no" : "yes")],
            ["lexical index", .init(lexical(info.lexical))],
            ["revision", .init(NumberText.grouped(Int(info.revision)))],
            ["schema", .init("\(info.schemaVersion)")],
            ["size", .init("\(NumberText.bytes(info.fileBytes)), scan cache \(NumberText.bytes(info.cacheBytes))")],
        ]
        return table.text(Terminal.of(1), showsHeader: false)
    }

    private static func lexical(_ lexical: LexicalInfo?) -> String {
        guard let lexical else { return "none that this build can search: run winnow store compact" }
        return "\(lexical.analysis.identity); \(NumberText.grouped(lexical.tokens)) terms in "
            + "\(NumberText.plural(lexical.segments, "segment")), \(NumberText.bytes(lexical.bytes))"
    }

    private static func json(_ info: StoreInfo, _ path: String) -> JSONText {
        .object([
            ("schema", .integer(1)),
            ("store", .string(path)),
            ("documents", .integer(info.documents)),
            ("passages", .integer(info.passages)),
            ("vectors", .integer(info.vectors)),
            ("dimension", .integer(info.profile.dimension)),
            (
                "embedder",
                .object([
                    ("name", .string(info.profile.embedder)),
                    ("fingerprint", .string(info.profile.embedderFingerprint.hexadecimal)),
                    ("precision", .string(info.profile.precision)),
                ])
            ),
            ("chunking", .string(info.profile.chunking)),
            ("passageTokens", .optional(info.profile.passageTokens, JSONText.integer)),
            ("budget", .string(info.profile.budget)),
            ("tokenizer", .optional(info.profile.tokenizer, { .string($0.hexadecimal) })),
            ("revision", .integer(info.revision)),
            ("schemaVersion", .integer(info.schemaVersion)),
            ("fileBytes", .integer(info.fileBytes)),
            ("cacheBytes", .integer(info.cacheBytes)),
            (
                "lexical",
                .optional(info.lexical) { lexical in
                    .object([
                        ("analysis", .string(lexical.analysis.identity)),
                        ("words", .string(lexical.analysis.words.rawValue)),
                        ("stem", .string(lexical.analysis.stemming.rawValue)), ("segments", .integer(lexical.segments)),
                        ("tokens", .integer(lexical.tokens)), ("bytes", .integer(lexical.bytes)),
                    ])
                }
            ),
        ])
    }
}

struct StoreDocumentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "documents", abstract: "List the documents of a store in the order of their ids.")

    @OptionGroup var store: StoreArgument

    @Flag(help: "Print one JSON object a document, one a line.")
    var json = false

    private static let pageSize = 1000

    func run() async throws {
        let store = try Store.open(store.path)
        let terminal = Terminal.of(1)
        var last: String?
        while true {
            try Task.checkCancellation()
            let page = try await store.documents(after: last, limit: Self.pageSize)
            if json {
                try StandardStreams.output(page.map { Self.json($0).text + "\n" }.joined())
            } else {
                var table = Table(columns: [
                    .id("document"), .init(title: "passages", right: true), .init(title: "size", right: true),
                    .init(title: "indexed"), .init(title: "title"),
                ])
                table.rows = page.map { document in
                    [
                        .init(DisplayText.flattened(document.id)), .init("\(document.passageCount)"),
                        .init(NumberText.bytes(document.byteCount)), .init(document.indexedAt),
                        .init(DisplayText.flattened(document.title ?? ""), .dim),
                    ]
                }
                try StandardStreams.output(table.text(terminal, showsHeader: last == nil))
            }
            guard page.count == Self.pageSize, let end = page.last?.id else { return }
            last = end
        }
    }

    private static func json(_ document: StoredDocument) -> JSONText {
        .object([
            ("id", .string(document.id)),
            ("title", .optional(document.title, JSONText.string)),
            ("origin", .optional(document.origin, JSONText.string)),
            ("metadata", JSONText(document.metadata)),
            ("contentHash", .string(document.contentHash.hexadecimal)),
            ("passages", .integer(document.passageCount)),
            ("bytes", .integer(document.byteCount)),
            ("indexedAt", .string(document.indexedAt)),
        ])
    }
}

struct StoreDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete documents with all that belongs to them.",
        usage: "winnow store delete <id> ... --store <file> [<options>]",
        discussion: """
            Ids are those of `winnow store documents`. An id that the store does not have is named, the others are deleted, \
            and the exit code is then 3.
            """)

    @Argument(help: ArgumentHelp("Documents to delete.", valueName: "id"))
    var ids: [String]

    @OptionGroup var store: StoreOptions
    @OptionGroup var waiting: WaitOptions

    @Flag(help: "Print what was done as one JSON object on one line.")
    var json = false

    func validate() throws {
        guard !ids.isEmpty else { throw ValidationError("give at least one id: winnow store documents lists them") }
        try StorePath.check(store.path)
    }

    func run() async throws {
        let writer = try await StoreWriter.open(
            store.path, profile: nil, waiting: waiting.duration, onWait: waiting.say)
        var missing: [String] = []
        var deleted = 0
        let closed: CloseReport
        do {
            missing = try ids.filter { try writer.state(of: $0) == nil }
            deleted = try writer.delete(ids)
            closed = try writer.close()
        } catch {
            _ = try? writer.close()
            throw error
        }
        for id in missing { StandardStreams.note("there is no document \(PathText.quoted(id)) in the store") }
        try StandardStreams.output(
            json
                ? JSONText.object([
                    ("schema", .integer(1)), ("store", .string(store.path)), ("deleted", .integer(deleted)),
                    ("missing", .array(missing.map(JSONText.string))),
                ]).text + "\n"
                : "\(NumberText.plural(deleted, "document")) deleted\n")
        if !closed.journalIsHome || !closed.scanCacheIsCurrent || !closed.lexicalIndexIsScrubbed {
            StandardStreams.note(
                "another process reads the store or the disk refused: deleted text may still lie in its files; run the command "
                    + "again later, or any that writes to the store")
            throw PartialResult.exitCode
        }
        if !missing.isEmpty { throw PartialResult.exitCode }
    }
}

struct StoreVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check a store from end to end: SQLite's own check, then every document, passage and vector.",
        discussion: "The exit code is 1 when anything is wrong.")

    @OptionGroup var store: StoreArgument

    @Flag(help: "Print one JSON object on one line.")
    var json = false

    func run() async throws {
        let store = try Store.open(store.path)
        let progress = Gathered<Progress>()
        let verification = try await store.verify { done, total in
            var line = progress.values.first ?? Progress("Checking", total: total, unit: "passage")
            line.update(done)
            progress.replace(with: [line])
        }
        progress.values.first?.finish()
        if json {
            try StandardStreams.output(
                JSONText.object([
                    ("schema", .integer(1)), ("store", .string(store.path)), ("ok", .bool(verification.faults.isEmpty)),
                    ("documents", .integer(verification.documents)), ("passages", .integer(verification.passages)),
                    ("vectors", .integer(verification.vectors)),
                    ("faults", .array(verification.faults.map(JSONText.string))),
                ]).text + "\n")
        } else if verification.faults.isEmpty {
            try StandardStreams.output(
                "\(PathText.quoted(store.path)) is whole: \(NumberText.plural(verification.documents, "document")), "
                    + "\(NumberText.plural(verification.passages, "passage")), "
                    + "\(NumberText.plural(verification.vectors, "vector"))\n")
        } else {
            try StandardStreams.output(verification.faults.map { "\(DisplayText.flattened($0))\n" }.joined())
        }
        if !verification.faults.isEmpty {
            throw DamagedStore(path: store.path, faults: verification.faults.count)
        }
    }
}

struct DamagedStore: Error, CustomStringConvertible {
    var path: String
    var faults: Int

    var description: String {
        "\(PathText.quoted(path)): \(NumberText.plural(faults, "fault")) found. What concerns the scan cache alone is mended by "
            + "deleting \(PathText.quoted(path + ".vec")); otherwise keep the file for a look, and index the documents into a new "
            + "store"
    }
}
