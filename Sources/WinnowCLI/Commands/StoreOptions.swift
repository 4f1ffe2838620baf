import ArgumentParser
import WinnowCore
import WinnowStore

/// The store that a command works on.
struct StoreOptions: ParsableArguments {
    @Option(name: .customLong("store"), help: ArgumentHelp("The store's file.", valueName: "file"))
    var path: String
}

enum StorePath {
    static func check(_ path: String) throws {
        guard !path.isEmpty else {
            throw ValidationError("the path of the store is empty: give a file, such as --store kb.sqlite")
        }
    }
}

/// What a command does when another process is writing to the store.
struct WaitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long to wait for another process that is writing to the store, before saying which it is.",
            valueName: "seconds"))
    var wait: Double = 5

    func validate() throws {
        guard wait >= 0, wait.isFinite else {
            throw ValidationError("--wait is \(wait): give seconds, 0 for not waiting")
        }
    }

    var duration: Duration { .milliseconds(Int64(min(wait, 1e9) * 1000)) }

    @Sendable func say(_ holder: LockHolder) {
        if wait > 0 { StandardStreams.note("waiting for \(holder)") }
    }
}

/// How documents are cut.
struct ChunkingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How documents are cut: sentences (whole sentences within what both models read), tokens (fixed numbers of tokens), "
                + "words (fixed numbers of words), or none (each document is one passage). (default: as the store was filled; "
                + "for a new one sentences)"))
    var chunking: ChunkingMethod?

    @Option(
        help: ArgumentHelp(
            "Tokens or words of a passage, for tokens and words. (default: what the method says)", valueName: "count"))
    var chunkSize: Int?

    @Option(
        help: ArgumentHelp(
            "What a passage repeats of the one before: tokens or words; for sentences a share of the budget, 0 to 0.5.",
            valueName: "amount"))
    var chunkOverlap: Double?

    func validate() throws {
        guard chunking != nil || (chunkSize == nil && chunkOverlap == nil) else {
            throw ValidationError("--chunk-size and --chunk-overlap belong to a method: give --chunking too")
        }
        do {
            _ = try (chunking ?? .sentences).chunker(size: chunkSize, overlap: chunkOverlap)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// - Parameter store: where the documents will go: what cut its passages cuts these, unless something else was asked for.
    func chunker(for store: String) throws -> any Chunker {
        if let chunking { return try chunking.chunker(size: chunkSize, overlap: chunkOverlap) }
        guard let profile = try? Store.open(store).profile else { return SentenceChunker() }
        return try ChunkingMethod.chunker(identity: profile.chunking)
    }
}

extension ChunkingMethod: ExpressibleByArgument {}
