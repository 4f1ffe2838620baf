import ArgumentParser
import WinnowCore
import WinnowStore

/// Where scores that were computed before are kept.
struct ScoreCacheOptions: ParsableArguments {
    @Option(
        name: .customLong("score-cache"),
        help: ArgumentHelp(
            "Where scores are kept, so that a pair is scored once: a file, which may be deleted at any time, or none. (default: "
                + "STORE.scores.sqlite with --store, where it can be written; else none)", valueName: "file"))
    var path: String?

    func validate() throws {
        if path == "" { throw ValidationError("--score-cache is empty: give a file, or none") }
    }

    /// The reranker with its cache before it, if there is one.
    func cached(_ reranker: LoadedReranker, store: String?) -> LoadedReranker {
        guard path != "none", let file = path ?? store.map(ScoreCache.path(besideStore:)) else { return reranker }
        let cache = ScoreCache(file: file)
        // The one beside the store is left out in silence, as where nothing can be written; a file that was asked for is not.
        if path != nil, !cache.hasFile {
            StandardStreams.note(
                "note: --score-cache \(PathText.quoted(file)) is not used: it cannot be made or read here, or is another program's. Scores "
                    + "are computed and not kept")
        }
        var cached = reranker
        cached.reranker = CachedReranker(reranker.reranker, cache)
        return cached
    }
}
