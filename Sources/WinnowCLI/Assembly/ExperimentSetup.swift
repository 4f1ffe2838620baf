import ArgumentParser
import Winnow
import WinnowIngest

/// The queries, corpus, first stage and systems of eval, sweep and calibrate, ready to run.
struct ExperimentSetup {
    /// Judged, and drawn where a limit was given.
    var queries: [EvaluationQuery]
    /// Those of them that are of the other split.
    var otherQueryIDs: [String]
    /// Of these queries.
    var qrels: Qrels
    /// Judged queries in the collection.
    var judgedQueries: Int
    var collection: String
    var corpus: ExperimentCorpus
    var experiment: Experiment
    var firstStage: FirstStage
    var initialKUnit: InitialKUnit
    var systems: [EvaluationReport.SystemInput]
    var embedder: Trace.Model?
    /// Of each of the experiment's systems.
    var rerankers: [ModelIdentity]
    /// What was put up with in the files.
    var warnings: [String]

    /// What a search proposes at most when nothing was said; the judged documents of a query are all proposed.
    static let initialK = 20

    /// - Parameters:
    ///   - reranks: false leaves the built-in or named cross-encoder out.
    ///   - order: of that one and of every further cross-encoder; a run that was read keeps its own.
    ///   - includesUnanswerable: also runs queries without judgements that are said to have no answer.
    ///   - otherSplit: a second split of the folder, whose judged queries are run too.
    static func make(
        _ options: CollectionOptions, _ stages: StageOptions, _ further: [FurtherSystem] = [], initialK: Int,
        reranks: Bool, order: FinalOrder = .reranker, selection: SelectionOptions? = nil,
        includesUnanswerable: Bool = false, otherSplit: String? = nil
    ) async throws -> ExperimentSetup {
        var collection = try read(options)
        var judged = collection.judgedQueries
        guard !judged.isEmpty else { throw NoJudgedQuery(collection: options.name) }
        var unanswerableNote: String?
        if !includesUnanswerable {
            let asked = judged.count
            judged = try judged.filter { query in
                guard query.metadata["answerable"] == .bool(false) else { return true }
                guard collection.qrels.qrels.relevant(to: query.id).isEmpty else {
                    throw EvaluationError.unanswerableHasRelevant(queryID: query.id)
                }
                return false
            }
            guard !judged.isEmpty else { throw NoJudgedQuery(collection: options.name) }
            if judged.count < asked {
                unanswerableNote =
                    "\(NumberText.plural(asked - judged.count, "query is", "queries are")) marked as unanswerable and left out: no "
                    + "order of documents is right for them (winnow calibrate uses them)"
            }
        }
        var queries = sample(judged, options)
        let reportedIDs = queries.map(\.id)
        if includesUnanswerable { queries += unanswerable(in: collection) }
        var others: [EvaluationQuery] = []
        var otherCollection: TestCollection?
        if let otherSplit, let folder = options.folder {
            let other = try TestCollection.read(folder: folder, split: otherSplit)
            let reported = IdentifierSet(queries.map(\.id))
            if let both = other.judgedQueries.first(where: { reported.contains($0.id) }) {
                throw SplitsOverlap(first: options.split, second: otherSplit, queryID: both.id)
            }
            others = sample(other.judgedQueries, options)
            otherCollection = other
        }
        /// What is judged of the drawn queries, of both splits.
        func judgements(_ file: QrelsFile, _ other: QrelsFile?) -> Qrels {
            var qrels = file.qrels.restricted(to: reportedIDs)
            for query in others {
                for judgement in other?.qrels.judgements(of: query.id) ?? [] {
                    qrels.judge(judgement.documentID, for: query.id, grade: judgement.grade)
                }
            }
            return qrels
        }
        // Ids in TREC's form may be percent-encoded. The documents will tell; until they are read, both readings count.
        var readings = [judgements(collection.qrels, otherCollection?.qrels)]
        if collection.qrels.decoded() != nil || otherCollection?.qrels.decoded() != nil {
            readings.append(
                judgements(
                    collection.qrels.decoded() ?? collection.qrels,
                    otherCollection.map { $0.qrels.decoded() ?? $0.qrels }))
        }

        let embedder = try Models.embedder(stages.embeddingModel, engine: stages.engine)
        var rerankers: [(name: String, loaded: LoadedReranker)] = []
        var systems: [EvaluationReport.SystemInput] = []
        var warnings = collection.warnings.map(\.description) + (unanswerableNote.map { [$0] } ?? [])
        func add(_ name: String, _ role: EvaluationReport.System.Role, _ path: String?) throws {
            let loaded = try Models.reranker(
                path, engine: stages.engine, maxLength: stages.pair.maxLength, truncation: stages.pair.truncation,
                windows: stages.pair.windows())
            warnings += loaded.notes
            systems.append(
                .init(
                    name: name, role: role,
                    order: .scoring(rerankers.count, model: Trace.Model(try loaded.reranker.identity))))
            rerankers.append((name, loaded))
        }
        if reranks { try add(FurtherSystem.reranked, .reranked, stages.model) }
        for system in further {
            switch system.kind {
            case .crossEncoder(let path): try add(system.name, .further, path)
            case .run(let path):
                // Read below, when it is known which documents there are.
                systems.append(.init(name: system.name, role: .further, order: .run(Run(name: path))))
            }
        }
        warnings += embedder.notes

        let limits = [embedder.limit] + rerankers.map(\.loaded.limit)
        let corpus = try await ExperimentCorpus.open(
            options, stages, judgedIn: readings, embedder: embedder, budget: try Models.passageBudget(limits))
        if readings.count > 1 {
            var there = IdentifierSet()
            for reading in readings { try await corpus.addKnown(options.level, in: reading, to: &there) }
            let before = collection.warnings.count
            collection = collection.matching(documents: there)
            otherCollection = otherCollection?.matching(documents: there)
            warnings += collection.warnings.dropFirst(before).map(\.description)
        }
        var qrels = judgements(collection.qrels, otherCollection?.qrels)
        let known = try await corpus.known(options.level, in: qrels)
        warnings += try collection.qrels.restricted(to: queries.map(\.id)).check(
            queries: IdentifierSet(collection.queries.map(\.id)), documents: known, namesUnjudged: false
        ).map(\.description)
        let filter = stages.filtering.filter
        if let filter {
            let filtered = try await FilteredJudgements(qrels, filter, corpus, level: options.level)
            qrels = filtered.qrels
            queries.removeAll { filtered.emptied.contains($0.id) }
            others.removeAll { filtered.emptied.contains($0.id) }
            guard !queries.isEmpty else { throw NothingLeftToMeasure(filter: filter) }
            warnings += [filtered.warning].compactMap { $0 }
        }
        let reading = GivenRun(corpus: corpus, queries: IdentifierSet(queries.map(\.id)), level: options.level)
        for index in systems.indices {
            guard case .run(let named) = systems[index].order else { continue }
            let (run, notes) = try await reading.read(named.name, name: systems[index].name)
            systems[index].order = .run(run)
            warnings += notes
        }
        let source: any CandidateSource
        switch stages.firstStage {
        case .retriever: source = RetrieverSource(try corpus.retriever(stages, embedder), filter: filter)
        case .judged: source = RetrieverSource(try corpus.retriever(stages, embedder), judgedIn: qrels, filter: filter)
        case .run(let path):
            let (run, notes) = try await reading.read(path, name: nil)
            warnings += notes
            let level = options.level
            source = RunSource(run, filter: filter) { id in
                let found = try await corpus.passages(id)
                return level == .document ? found : found.filter { ExactText($0.id) == ExactText(id) }
            }
        }
        return ExperimentSetup(
            queries: queries + others, otherQueryIDs: others.map(\.id), qrels: qrels, judgedQueries: judged.count,
            collection: options.name, corpus: corpus,
            experiment: Experiment(
                source: source,
                systems: try rerankers.map {
                    let asked = try selection?.selective($0.loaded) ?? $0.loaded
                    return .init(name: $0.name, reranker: asked.reranker, order: order)
                },
                initialK: stages.firstStage.isJudged ? max(1, corpus.passageCount) : initialK, seed: options.seed),
            firstStage: stages.firstStage,
            initialKUnit: stages.firstStage.isRun && options.level == .document ? .documents : .passages,
            systems: systems,
            embedder: !stages.firstStage.needsVectors ? nil : Trace.Model(try embedder.embedder.identity),
            rerankers: try rerankers.map { try $0.loaded.reranker.identity }, warnings: warnings)
    }

    /// Runs all queries, with a line of progress.
    func observe() async throws -> [QueryObservation] {
        var progress = Progress("Evaluating", total: queries.count, unit: "query", units: "queries")
        defer { progress.finish() }
        progress.update(0)
        return try await experiment.observe(queries) { progress.update($0) }
    }

    static func read(_ options: CollectionOptions) throws -> TestCollection {
        if let qrels = options.qrels {
            let queries = try options.queries ?? options.folder.map { try queriesFile(of: $0) }
            return try TestCollection.read(queries: queries, qrels: qrels)
        }
        if let queries = options.queries {
            if let folder = options.folder {
                return try TestCollection.read(
                    queries: queries, qrels: try TestCollection.qrelsPath(folder, options.split))
            }
            return try TestCollection.read(queries: nil, qrels: queries)
        }
        return try TestCollection.read(folder: options.folder ?? ".", split: options.split)
    }

    private static func queriesFile(of folder: String) throws -> String { folder + "/queries.jsonl" }

    /// Queries whose metadata says `"answerable": false`, or whose list of relevant documents was given and is empty.
    private static func unanswerable(in collection: TestCollection) -> [EvaluationQuery] {
        let listed = IdentifierSet(collection.qrels.queries.map(\.id))
        return collection.queries.filter { query in
            !collection.qrels.qrels.contains(queryID: query.id)
                && (query.metadata["answerable"] == .bool(false) || listed.contains(query.id))
        }
    }

    /// Judged queries in the order of their bytes, or so many of them drawn by the seed.
    static func sample(_ judged: [EvaluationQuery], _ options: CollectionOptions) -> [EvaluationQuery] {
        let sorted = judged.sorted { ExactText($0.id).precedes(ExactText($1.id)) }
        guard let limit = options.limit, limit < sorted.count else { return sorted }
        var random = SplitMix64(seed: options.seed)
        return random.shuffled(sorted).prefix(limit).sorted { ExactText($0.id).precedes(ExactText($1.id)) }
    }
}

extension CollectionOptions {
    /// As reports name the collection.
    var name: String { [folder, queries, qrels].compactMap { $0 }.joined(separator: " ") }

    var groups: QueryGroups.Rule {
        switch groupBy {
        case nil: .automatic
        case "none": .none
        case let field?: .field(field)
        }
    }
}

extension EvaluationReport.Provenance {
    /// Of this process.
    static func of(
        _ collection: CollectionOptions, _ stages: StageOptions, corpus: String, qrels: Qrels, embedder: Trace.Model?
    ) -> Self {
        Self(
            version: Version.current, time: UTCTime.now, command: CommandText.asTyped, collection: collection.name,
            corpus: corpus, qrelsDigest: qrels.digest.hexadecimal, seed: collection.seed, kernels: Models.kernels,
            threads: stages.engine.threads ?? Models.processorCount, embedder: embedder)
    }
}

extension FirstStage {
    var isJudged: Bool { if case .judged = self { true } else { false } }
    var isRun: Bool { if case .run = self { true } else { false } }
}

/// There is nothing to measure.
struct NoJudgedQuery: Error, CustomStringConvertible {
    var collection: String

    var description: String {
        "\(PathText.quoted(collection)): no query has a judgement, so nothing can be measured: judge some "
            + "(winnow judge pool), or check that queries and qrels name the queries alike"
    }
}

/// What is chosen on one split is reported on another.
struct SplitsOverlap: Error, CustomStringConvertible {
    var first: String
    var second: String
    var queryID: String

    var description: String {
        "query '\(PathText.quoted(queryID))' is in both splits, '\(PathText.quoted(first))' and '\(PathText.quoted(second))': what is "
            + "chosen on a query must not be reported on it"
    }
}
