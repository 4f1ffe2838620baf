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
        var cached = reranker
        cached.reranker = CachedReranker(reranker.reranker, ScoreCache(file: file))
        return cached
    }
}
