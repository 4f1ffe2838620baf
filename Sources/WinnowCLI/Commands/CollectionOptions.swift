import ArgumentParser
import WinnowCore
import WinnowEvaluation

/// The labelled queries of eval, sweep and calibrate, and the documents that they are asked of.
struct CollectionOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "A folder in BEIR layout: queries.jsonl, qrels/SPLIT.tsv, and corpus.jsonl or any documents.",
            valueName: "folder"))
    var folder: String?

    @Option(
        help: ArgumentHelp(
            "Queries instead of the folder's: JSONL {\"_id\", \"text\", \"metadata\"}, CSV or TSV; or JSONL {\"query\", "
                + "\"relevant_doc_ids\"}, which holds the judgements too.", valueName: "file"))
    var queries: String?

    @Option(
        help: ArgumentHelp(
            "Judgements instead of the folder's: BEIR or TREC qrels, CSV, or JSONL.", valueName: "file"))
    var qrels: String?

    @Option(
        name: .shortAndLong, parsing: .upToNextOption,
        help: ArgumentHelp("Documents instead of the folder's; more than one may follow.", valueName: "path"))
    var documents: [String] = []

    @Option(
        help: ArgumentHelp(
            "A store that winnow index filled with the documents, instead of embedding them now.", valueName: "file"))
    var store: String?

    @Option(help: ArgumentHelp("Which of the folder's qrels.", valueName: "name"))
    var split = "test"

    @Option(
        help: ArgumentHelp(
            "Only so many of the judged queries, drawn by --seed. (default: all)", valueName: "count"))
    var limit: Int?

    @Option(help: "Of everything that is drawn by chance: sampled queries, resampling, folds.")
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "What is ranked and judged: document (each once, at its best passage) or passage."))
    var level: QueryObservation.Level = .document

    @Option(
        help: ArgumentHelp(
            "The field of the queries' metadata that says which of them belong together, and are resampled together; or none. "
                + "(default: group, where queries have it; else queries with the same relevant documents belong together)",
            valueName: "field"))
    var groupBy: String?

    func validate() throws {
        guard folder != nil || queries != nil else {
            throw ValidationError(
                "give labelled queries: a folder with queries.jsonl and qrels/, or --queries and --qrels")
        }
        guard folder != nil || qrels != nil || queries?.lowercased().hasSuffix(".jsonl") == true else {
            throw ValidationError("--queries without judgements: give --qrels too")
        }
        if let store {
            try StorePath.check(store)
            guard documents.isEmpty else {
                throw ValidationError("--store and --documents are two corpora: give one of them")
            }
        }
        if let limit, limit < 1 { throw ValidationError("--limit is \(limit): it must be at least 1") }
    }
}

extension QueryObservation.Level: ExpressibleByArgument {}

/// The stages of eval, sweep and calibrate.
struct StageOptions: ParsableArguments {
    @Option(
        name: [.customLong("retriever"), .customLong("first-stage")],
        help: ArgumentHelp(
            "Where candidates come from: dense (the bi-encoder), bm25, hybrid (both, fused), judged (the documents that were "
                + "judged for a query, in the bi-encoder's order: a reranking set), or run:FILE (a TREC run of another "
                + "system).",
            valueName: "dense|bm25|hybrid|judged|run:file"),
        transform: FirstStage.init(parsing:))
    var firstStage: FirstStage = .retriever(.standard)

    @OptionGroup var retrieval: RetrievalOptions
    @OptionGroup var analysis: AnalysisOptions
    @OptionGroup var filtering: FilterOptions

    @Option(help: ArgumentHelp("Cross-encoder folder. (default: the built-in one)", valueName: "path"))
    var model: String?

    @Option(help: ArgumentHelp("Bi-encoder folder. (default: the built-in one)", valueName: "path"))
    var embeddingModel: String?

    @OptionGroup var chunking: ChunkingOptions
    @OptionGroup var pair: PairOptions
    @OptionGroup var engine: EngineOptions
}

/// What eval and sweep compare with.
struct SystemOptions: ParsableArguments {
    @Option(
        name: .customLong("system"),
        help: ArgumentHelp(
            "A further system, beside the first stage and its reranking: NAME=FOLDER (a cross-encoder), or NAME=run:FILE (a "
                + "TREC run). Repeatable.", valueName: "name=system"),
        transform: FurtherSystem.init(parsing:))
    var systems: [FurtherSystem] = []

    /// A run was made without a filter, and its places are of all documents.
    func check(beside filtering: FilterOptions) throws {
        if filtering.filter != nil, systems.contains(where: { if case .run = $0.kind { true } else { false } }) {
            throw ValidationError(
                "--where cannot be applied to a further run (--system name=run:…): filter what made it, or leave one of the two out"
            )
        }
    }

    var hasCrossEncoder: Bool { systems.contains { if case .crossEncoder = $0.kind { true } else { false } } }

    /// Names of systems differ.
    func check(beside firstStage: FirstStage) throws {
        var names: Set<String> = [firstStage.name, FurtherSystem.reranked]
        for system in systems where !names.insert(system.name).inserted {
            throw ValidationError("--system \(system.name)=… is a name that another system has: choose another one")
        }
    }
}

/// The first stage of an experiment.
enum FirstStage: Sendable {
    case retriever(RetrieverKind)
    case judged
    case run(path: String)

    init(parsing text: String) throws {
        if let kind = RetrieverKind(rawValue: text) {
            self = .retriever(kind)
            return
        }
        switch text {
        case "judged": self = .judged
        case _ where text.hasPrefix("run:") && text.utf8.count > 4: self = .run(path: String(text.dropFirst(4)))
        default:
            throw ValidationError("'\(text)' is no first stage: give dense, bm25, hybrid, judged or run:FILE")
        }
    }

    /// As a saved evaluation tells it.
    var kind: GateSide.FirstStage {
        switch self {
        case .retriever(.dense): .dense
        case .retriever(.bm25): .bm25
        case .retriever(.hybrid): .hybrid
        case .judged: .judged
        case .run: .run
        }
    }

    /// Whether vectors are compared.
    var needsVectors: Bool {
        switch self {
        case .retriever(let kind): kind.needsEmbedder
        case .judged: true
        case .run: false
        }
    }

    /// What the first stage ranks with, where it is not a run that was read.
    var retrieverKind: RetrieverKind {
        if case .retriever(let kind) = self { kind } else { .dense }
    }

    /// As tables and files name it.
    var name: String {
        switch self {
        case .retriever(let kind): return kind.rawValue
        case .judged: return "judged"
        case .run(let path):
            let file = path.split(separator: "/").last.map(String.init) ?? path
            let stem = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
            let name = String(stem.unicodeScalars.map { FurtherSystem.isPlain($0) ? Character($0) : "_" })
            // The first stage reranked has this name; and BM25 of our own, which needs no model either, has its own.
            let isTaken = name == FurtherSystem.reranked || name == RetrieverKind.bm25.rawValue
            return name.isEmpty ? "run" : isTaken ? "first-" + name : name
        }
    }
}

/// A system to compare with.
struct FurtherSystem: Sendable {
    enum Kind: Sendable {
        case crossEncoder(path: String)
        case run(path: String)
    }

    /// Letters, digits and `._-`: it names a file.
    var name: String
    var kind: Kind

    /// The name of the first stage reranked.
    static let reranked = "reranked"

    init(parsing text: String) throws {
        guard let sign = text.firstIndex(of: "=") else {
            throw ValidationError("'\(text)' has no name: write NAME=FOLDER or NAME=run:FILE")
        }
        name = String(text[..<sign])
        let value = String(text[text.index(after: sign)...])
        guard !name.isEmpty, name.unicodeScalars.allSatisfy(Self.isPlain), name.first != "." else {
            throw ValidationError(
                "'\(name)' cannot name a system: it names a file too, so use letters, digits, '-', '_' and '.'")
        }
        guard !value.isEmpty, value != "run:" else {
            throw ValidationError("--system \(name)= names nothing: give a folder or run:FILE")
        }
        kind = value.hasPrefix("run:") ? .run(path: String(value.dropFirst(4))) : .crossEncoder(path: value)
    }

    static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": true
        default: false
        }
    }
}
