import ArgumentParser
import Winnow
import WinnowIngest

/// The documents of an experiment: a store, or files that are read and cut now.
struct ExperimentCorpus {
    /// As reports name it.
    var name: String
    /// What cut it.
    var chunking: String
    var documentCount: Int
    var passageCount: Int
    /// What could not be read.
    var skipped: [SkippedRecord]
    /// The passages of a document, or the one passage of that id; none when there is neither.
    var passages: @Sendable (String) async throws -> [Passage]
    private var kind: Kind
    private var firstPassages: [Passage] = []

    private enum Kind {
        case store(Store)
        case memory(MemoryIndex)
    }

    static func open(
        _ options: CollectionOptions, _ stages: StageOptions, judgedIn readings: [Qrels], embedder: LoadedEmbedder,
        budget: PassageBudget
    ) async throws -> ExperimentCorpus {
        if let path = options.store {
            guard stages.analysis.stem == nil, stages.analysis.words == nil else {
                throw ValidationError(
                    "--stem and --words are for documents that are read now; a store's terms were made by winnow index: give "
                        + "them to that, or leave them out here")
            }
            let store = try Store.open(path)
            if let method = stages.chunking.chunking {
                let asked = try method.chunker(size: stages.chunking.chunkSize, overlap: stages.chunking.chunkOverlap)
                    .identity
                guard asked == store.profile.chunking else {
                    throw ValidationError(
                        "the documents of '\(path)' were cut by '\(store.profile.chunking)' when they were indexed, and --chunking asks for "
                            + "'\(asked)': leave it out, or index the documents into another store with it")
                }
            }
            try await stages.filtering.check(store.fields)
            let info = try await store.info()
            return ExperimentCorpus(
                name: path, chunking: store.profile.chunking, documentCount: info.documents,
                passageCount: info.passages, skipped: [],
                passages: { id in
                    let found = try await store.passages(of: id)
                    guard found.isEmpty, let sign = id.utf8.lastIndex(of: UInt8(ascii: "#")) else { return found }
                    return try await store.passages(of: String(id[..<sign])).filter {
                        ExactText($0.id) == ExactText(id)
                    }
                },
                kind: .store(store))
        }
        let paths = options.documents.isEmpty ? [options.folder].compactMap { $0 } : options.documents
        guard !paths.isEmpty else {
            throw ValidationError("there are no documents: give a folder, --documents or --store")
        }
        let method = stages.chunking.chunking ?? .sentences
        let chunker = try method.chunker(size: stages.chunking.chunkSize, overlap: stages.chunking.chunkOverlap)
        // Only judged documents can be candidates of a reranking set, so only they are embedded.
        let wanted = stages.firstStage.isJudged ? Self.judged(readings) : nil
        let corpus: CorpusPassages
        do {
            corpus = try CorpusPassages.make(of: paths, budget: budget, chunker: chunker) { document in
                wanted?.contains(document.id) ?? true
            }
        } catch let error as IngestError {
            guard case .nothingToRead = error, options.documents.isEmpty else { throw error }
            throw NoCorpus(reason: error)
        }
        try await stages.filtering.check { FieldCatalogue(corpus.passages) }
        let index = try await MemoryIndex.make(
            of: corpus, embedder: stages.firstStage.needsVectors ? embedder.embedder : nil,
            analysis: stages.analysis.analysis(over: nil))
        var byDocument: [ExactText: [Passage]] = [:]
        var byPassage: [ExactText: Passage] = [:]
        for passage in corpus.passages {
            byDocument[ExactText(passage.documentID), default: []].append(passage)
            byPassage[ExactText(passage.id)] = passage
        }
        let (documents, pieces) = (byDocument, byPassage)
        return ExperimentCorpus(
            name: paths.joined(separator: " "), chunking: chunker.identity, documentCount: byDocument.count,
            passageCount: corpus.passages.count, skipped: corpus.skipped,
            passages: { id in documents[ExactText(id)] ?? pieces[ExactText(id)].map { [$0] } ?? [] },
            kind: .memory(index), firstPassages: Array(corpus.passages.prefix(3)))
    }

    private func exampleIDs(_ level: QueryObservation.Level) -> [String] {
        firstPassages.map { level == .document ? $0.documentID : $0.id }
    }

    private static func judged(_ readings: [Qrels]) -> IdentifierSet {
        var wanted = IdentifierSet()
        for qrels in readings {
            for judgement in qrels.queryIDs.flatMap({ qrels.judgements(of: $0) }) {
                wanted.insert(judgement.documentID)
                // Judged passages: their documents.
                if let sign = judgement.documentID.utf8.lastIndex(of: UInt8(ascii: "#")) {
                    wanted.insert(String(judgement.documentID[..<sign]))
                }
            }
        }
        return wanted
    }

    /// - Throws: when the store was filled by another model.
    func retriever(_ stages: StageOptions, _ embedder: LoadedEmbedder) throws -> any Retriever {
        switch kind {
        case .store(let store):
            try stages.retrieval.retriever(stages.firstStage.retrieverKind, over: store, embedder)
        case .memory(let index):
            try stages.retrieval.retriever(stages.firstStage.retrieverKind, over: index, embedder)
        }
    }

    /// A few ids, to show what ids look like.
    private func examples(_ level: QueryObservation.Level) async throws -> [String] {
        switch kind {
        case .store(let store):
            let documents = try await store.documents(limit: 3).map(\.id)
            guard level == .passage, let first = documents.first else { return documents }
            return try await store.passages(of: first).prefix(3).map(\.id)
        case .memory: return exampleIDs(level)
        }
    }

    /// Which of the judged documents, or passages, are there, and one that is in any case: what the judgements are checked
    /// against.
    func known(_ level: QueryObservation.Level, in qrels: Qrels) async throws -> IdentifierSet {
        var known = IdentifierSet()
        try await addKnown(level, in: qrels, to: &known)
        if known.isEmpty { for id in try await examples(level) { known.insert(id) } }
        return known
    }

    /// Which of the judged documents, or passages, are there, by the other level's name where that is all there is.
    func addKnown(_ level: QueryObservation.Level, in qrels: Qrels, to known: inout IdentifierSet) async throws {
        var asked = IdentifierSet()
        for queryID in qrels.queryIDs {
            for judgement in qrels.judgements(of: queryID) where asked.insert(judgement.documentID) {
                let found = try await passages(judgement.documentID)
                let id = ExactText(judgement.documentID)
                let isThere = found.contains {
                    ExactText(level == .document ? $0.documentID : $0.id) == id
                }
                if isThere {
                    known.insert(judgement.documentID)
                } else if let first = found.first {
                    // The other level's name for it: a message can then say what is mixed up.
                    known.insert(level == .document ? first.documentID : first.id)
                }
            }
        }
    }
}

/// A folder of labelled queries without the documents, as `winnow judge tickets` writes it.
struct NoCorpus: Error, CustomStringConvertible {
    var reason: IngestError

    var description: String {
        "\(reason); where the documents are elsewhere, name them: --store FILE (a store that winnow index filled), or "
            + "--documents PATH"
    }
}
