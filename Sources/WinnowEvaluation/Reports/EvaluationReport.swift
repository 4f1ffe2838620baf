import WinnowCore

/// Everything that an evaluation says, as values: printed for a person, as JSON and as a page.
public struct EvaluationReport: Sendable {
    public var provenance: Provenance
    public var settings: Settings
    public var counts: Counts
    /// The first one is primary: the verdict is about it.
    public var measures: [Measure]
    /// First stage, reranked, further ones.
    public var systems: [System]
    /// What stood in the way of a better first place, per reranking system, in their order; empty without one.
    public var ceilings: [Ceiling]
    /// By each value of a field of the queries' metadata, in the order of the values' bytes.
    public var slices: [Slice]
    /// One a query in the order of ``MeasuredRun/queryIDs``; nil when each query is its own group.
    public var groupLabels: [String?]?
    /// What a reader must know before believing a number.
    public var warnings: [String]
    /// Against a saved evaluation; nil: none was given.
    public var gate: RegressionGate?

    /// Where the numbers come from.
    public struct Provenance: Sendable {
        /// Of Winnow.
        public var version: String
        /// ISO 8601, UTC.
        public var time: String
        /// As it was typed.
        public var command: String
        /// The folder or files of queries and judgements.
        public var collection: String
        public var corpus: String
        /// SHA-256 of the judgements that were used.
        public var qrelsDigest: String
        public var seed: UInt64
        public var kernels: String
        public var threads: Int
        public var embedder: Trace.Model?

        public init(
            version: String, time: String, command: String, collection: String, corpus: String, qrelsDigest: String,
            seed: UInt64, kernels: String, threads: Int, embedder: Trace.Model?
        ) {
            self.version = version
            self.time = time
            self.command = command
            self.collection = collection
            self.corpus = corpus
            self.qrelsDigest = qrelsDigest
            self.seed = seed
            self.kernels = kernels
            self.threads = threads
            self.embedder = embedder
        }
    }

    public struct Settings: Sendable {
        public var split: String?
        public var level: QueryObservation.Level
        public var firstStage: String
        public var initialK: Int
        /// nil: the whole order is judged.
        public var finalK: Int?
        /// What the final order of every reranked system stands on; nil where nothing is reranked, and where logged orders differ.
        public var order: FinalOrder?
        public var chunking: String?
        /// What queries were grouped by; nil: each is its own.
        public var groupBy: String?
        /// The least difference of the primary measure that matters.
        public var minimumEffect: Double
        /// How many queries were drawn; nil: all.
        public var limit: Int?
        /// Which passages could be found; nil: all.
        public var filter: String?
        /// How far under the best first-stage score candidates were scored, as ``SelectiveReranker`` has it; nil: all were.
        public var rerankWithin: Double?

        public init(
            split: String?, level: QueryObservation.Level, firstStage: String, initialK: Int, finalK: Int?,
            order: FinalOrder? = .reranker, chunking: String?, groupBy: String? = nil, minimumEffect: Double = 0.02,
            limit: Int? = nil, filter: String? = nil, rerankWithin: Double? = nil
        ) {
            self.split = split
            self.level = level
            self.firstStage = firstStage
            self.initialK = initialK
            self.finalK = finalK
            self.order = order
            self.chunking = chunking
            self.groupBy = groupBy
            self.minimumEffect = minimumEffect
            self.limit = limit
            self.filter = filter
            self.rerankWithin = rerankWithin
        }
    }

    public struct Counts: Sendable {
        public var queries: Int
        /// Of judged queries in the collection, before a limit.
        public var judgedQueries: Int
        public var groups: Int
        public var withoutRelevant: Int
        public var documents: Int?
        public var passages: Int?
        public var judgements: Int
        public var relevant: Int
        /// Queries for which the first stage found nothing at all.
        public var withoutCandidates: Int
    }

    public struct System: Sendable {
        public enum Role: String, Sendable {
            case firstStage, reranked, further
        }

        public var name: String
        public var role: Role
        /// nil for the first stage and for a run that was read.
        public var model: Trace.Model?
        public var run: Run
        public var measured: MeasuredRun
        /// Of each measure's mean, 95 %; nil where there are too few queries.
        public var intervals: [Interval?]
        /// To the first stage, one a measure; empty for the first stage itself.
        public var comparisons: [PairedComparison]
        /// The primary measure's p over all systems that were compared, by Holm; nil for the first stage.
        public var adjustedP: Double?
        public var verdict: Verdict?
        /// The primary measure with unjudged documents removed; nil where it is no nDCG.
        public var condensed: Double?
        /// By stage, in the order in which they run; empty for a run that was read.
        public var latencies: [Latency]
        public var pairs: Int
        /// Pairs whose passage was not read whole.
        public var truncatedPairs: Int
        /// Places that relevant documents gained on the first stage as displayed, in the mean over queries: all of them, and the
        /// first one; nil for the first stage and where nothing can be compared.
        public var rankImprovement: (mean: Double?, first: Double?)?
        /// The least and the most that the primary measure could be if the unjudged documents were judged; nil where it is no
        /// nDCG.
        public var unjudgedBounds: ClosedRange<Double>?
        /// Queries that got worse in the primary measure, the worst first; few of them with their passages.
        public var regressions: [QueryChange]
        public var improvements: [QueryChange]
        /// Of the logits of all candidates, by what was judged; nil for the first stage and for a run that was read.
        public var scoreDistributions: ScoreDistributions?
        /// The best candidate's logit, by the queries' ids; empty for the first stage and for a run that was read.
        package var bestLogits: [ExactText: Float] = [:]
    }

    public struct Latency: Sendable {
        public var stage: String
        public var summary: LatencySummary
    }

    /// What the primary measure could be over the same candidates.
    public struct Ceiling: Sendable {
        /// ``System/name``.
        public var system: String
        public var quality: QualityCeiling
        /// Queries that it is over: those with a relevant document. Of others nothing can be found, and nobody is to blame.
        public var queries: Int
        /// Mean recall of the candidates, R@initialK.
        public var candidateRecall: Double
    }

    /// One value of a metadata field.
    public struct Slice: Sendable {
        public var field: String
        public var value: String
        public var queries: Int
        /// Of the primary measure, one a system, in their order.
        public var means: [Double]
        /// Against the first stage, one a system but the first.
        public var comparisons: [PairedComparison]
    }

    /// A query whose primary measure differs between the first stage and a system.
    public struct QueryChange: Sendable {
        public var queryID: String
        public var text: String
        public var before: Double
        public var after: Double
        /// The first few of both orders and the relevant candidates; empty where texts are not kept.
        public var passages: [ChangedPassage]
    }

    public struct ChangedPassage: Sendable {
        public var id: String
        /// nil: not judged.
        public var grade: Int?
        /// Its beginning.
        public var text: String
        /// Places in the two orders, from 1.
        public var before: Int
        public var after: Int
        public var retrievalScore: Double?
        public var logit: Float?
    }
}
