import ArgumentParser
import Winnow

/// How passages are found.
enum RetrieverKind: String, CaseIterable, Sendable, ExpressibleByArgument {
    case dense, bm25, hybrid

    var needsEmbedder: Bool { self != .bm25 }

    /// What a search takes when nothing was said.
    static let standard = RetrieverKind.hybrid
}

/// What a first stage is made of beside its models.
struct RetrievalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How hybrid makes one list of two: rrf, rrf:K (reciprocal ranks), relative (scores from the least to the largest of "
                + "each list) or distribution (scores by mean and deviation).", valueName: "method"),
        transform: { try Fusion(parsing: $0) })
    var fusion: Fusion = HybridSettings().fusion

    @Option(help: ArgumentHelp("What the dense list counts in hybrid, where BM25's counts 1.", valueName: "weight"))
    var denseWeight: Double = HybridSettings().denseWeight

    @Option(
        name: .customLong("bm25-k1"),
        help: ArgumentHelp("BM25: how soon a further occurrence of a term stops to count; 0: at once.", valueName: "k1")
    )
    var k1 = BM25.standardK1

    @Option(
        name: .customLong("bm25-b"),
        help: ArgumentHelp("BM25: how much longer passages need more occurrences, from 0 to 1.", valueName: "b"))
    var b = BM25.standardB

    func validate() throws {
        do { try settings().validate() } catch { throw ValidationError("\(error)") }
    }

    func settings() throws -> HybridSettings {
        HybridSettings(bm25: try BM25(k1: k1, b: b), fusion: fusion, denseWeight: denseWeight)
    }

    func retriever(_ kind: RetrieverKind, over store: Store, _ embedder: LoadedEmbedder?) throws -> any Retriever {
        let settings = try settings()
        switch kind {
        case .bm25: return store.lexicalRetriever(settings.bm25)
        case .dense: return try store.retriever(try Self.required(embedder))
        case .hybrid: return try store.hybridRetriever(try Self.required(embedder), settings)
        }
    }

    func retriever(_ kind: RetrieverKind, over index: MemoryIndex, _ embedder: LoadedEmbedder) throws -> any Retriever {
        let settings = try settings()
        if kind == .bm25 { return LexicalRetriever(index: index.lexical, bm25: settings.bm25) }
        let dense = try DenseRetriever(
            embedder: embedder.embedder,
            index: index.dense ?? ExactVectorIndex(dimension: embedder.embedder.dimension))
        guard kind == .hybrid else { return dense }
        return try HybridRetriever(dense: dense, lexical: index.lexical, settings: settings)
    }

    private static func required(_ embedder: LoadedEmbedder?) throws -> any Embedder {
        guard let embedder else { throw ValidationError("a dense first stage without a bi-encoder") }
        return embedder.embedder
    }
}

/// How the lexical index makes its terms.
struct AnalysisOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Whether BM25 takes words of one stem for one word: english or none. (default: as the store has it; english for a "
                + "new one)", valueName: "language"))
    var stem: LexicalAnalysis.Stemming?

    @Option(
        help: ArgumentHelp(
            "What BM25 takes for a word: unicode (words of all scripts, identifiers whole and in parts), or ascii "
                + "([a-z0-9]+ less 33 English stop words, as other systems are often measured). (default: as the store has "
                + "it; unicode for a new one)", valueName: "kind"))
    var words: LexicalAnalysis.Words?

    /// - Parameter stored: of the store that there is.
    func analysis(over stored: LexicalAnalysis?) -> LexicalAnalysis? {
        guard stem != nil || words != nil else { return stored }
        var analysis = stored ?? LexicalAnalysis()
        analysis.stemming = stem ?? analysis.stemming
        analysis.words = words ?? analysis.words
        return analysis
    }
}

extension LexicalAnalysis.Stemming: ExpressibleByArgument {}
extension LexicalAnalysis.Words: ExpressibleByArgument {}
