import ArgumentParser
import WinnowCore
import WinnowStore

struct StoreBackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy a store as it is at this moment, also while another process writes to it.",
        discussion: """
            The copy is one file, whole or not there at all, with nothing of what was deleted. Copying the file by other means is right only \
            while nobody writes. The scan cache is not copied: the next writer of the copy makes it; until then dense searches of a \
            large copy are slower.
            """)

    @OptionGroup var store: StoreArgument

    @Option(
        name: [.customLong("to"), .customShort("o")],
        help: ArgumentHelp("The copy: a file that is not there yet.", valueName: "file"))
    var target: String

    @Flag(help: "Print what was done as one JSON object on one line.")
    var json = false

    func validate() throws { try StorePath.check(target) }

    func run() async throws {
        let bytes = try await Store.open(store.path).backup(to: target)
        try StandardStreams.output(
            json
                ? JSONText.object([
                    ("schema", .integer(1)), ("store", .string(store.path)), ("copy", .string(target)),
                    ("bytes", .integer(bytes)),
                ]).text + "\n"
                : "\(PathText.quoted(target)) is a copy of \(PathText.quoted(store.path)), \(NumberText.bytes(bytes))\n"
        )
    }
}

struct StoreCompactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact",
        abstract: "Make the lexical index again as one piece, and give free space back to the system.",
        discussion: """
            Also the way to give a store that an older Winnow made its lexical index. Takes about as much free disk as the \
            store, and nothing is lost when it is stopped.
            """)

    @OptionGroup var store: StoreArgument
    @OptionGroup var waiting: WaitOptions

    @Flag(help: "Print what was done as one JSON object on one line.")
    var json = false

    func run() async throws {
        let before = try await Store.open(store.path).info().fileBytes
        let writer = try await StoreWriter.open(
            store.path, profile: nil, waiting: waiting.duration, onWait: waiting.say)
        let closed: CloseReport
        do {
            try writer.compact()
            closed = try writer.close()
        } catch {
            _ = try? writer.close()
            throw error
        }
        let after = try await Store.open(store.path).info().fileBytes
        try StandardStreams.output(
            json
                ? JSONText.object([
                    ("schema", .integer(1)), ("store", .string(store.path)), ("bytesBefore", .integer(before)),
                    ("bytesAfter", .integer(after)),
                ]).text + "\n"
                : "\(PathText.quoted(store.path)): \(NumberText.bytes(before)) before, \(NumberText.bytes(after)) now\n"
        )
        if !closed.journalIsHome {
            StandardStreams.note(
                "another process reads the store: its journal is still there; run the command again later")
            throw PartialResult.exitCode
        }
    }
}

struct StoreRebuildVectorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild-vectors",
        abstract: "Embed all passages of a store again, with the same bi-encoder or another one.",
        discussion: """
            Documents and passages stay as they are; no file is read again. All vectors change in one transaction: a search sees the old ones or \
            the new ones, and when the command is stopped the store is as it was. Passages that are longer than another model reads are \
            named by their number.

            Examples:
              winnow store rebuild-vectors kb.sqlite --embedding-model bge-small-en-v1.5
              winnow store rebuild-vectors kb.sqlite --precision float32
            """)

    @OptionGroup var store: StoreArgument

    @Option(help: ArgumentHelp("Bi-encoder folder. (default: the built-in one)", valueName: "path"))
    var embeddingModel: String?

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var engine: EngineOptions

    @Flag(help: "Print what was done as one JSON object on one line.")
    var json = false

    func run() async throws {
        let embedder = try Models.embedder(embeddingModel, engine: engine)
        for note in embedder.notes { StandardStreams.note("note: \(note)") }
        let writer = try await StoreWriter.open(
            store.path, profile: nil, waiting: waiting.duration, onWait: waiting.say)
        let progress = Gathered<Progress>()
        let rebuilt: VectorRebuild
        do {
            rebuilt = try await writer.rebuildVectors(embedder.embedder, limit: embedder.limit) { done, total in
                var line = progress.values.first ?? Progress("Embedding", total: total, unit: "passage")
                line.update(done)
                progress.replace(with: [line])
            }
            try writer.close()
        } catch {
            progress.values.first?.finish()
            _ = try? writer.close()
            throw error
        }
        progress.values.first?.finish()
        let name = try embedder.embedder.identity.name
        try StandardStreams.output(
            json
                ? JSONText.object([
                    ("schema", .integer(1)), ("store", .string(store.path)), ("embedder", .string(name)),
                    ("passages", .integer(rebuilt.passages)), ("overBudget", .integer(rebuilt.overBudget)),
                ]).text + "\n"
                : "\(NumberText.plural(rebuilt.passages, "passage")) embedded again with \(name)\n")
        if rebuilt.overBudget > 0 {
            StandardStreams.note(
                "note: \(NumberText.plural(rebuilt.overBudget, "passage is", "passages are")) longer than \(name) reads, and what "
                    + "is beyond was not embedded: index the documents into a new store to cut them for it")
        }
    }
}
