import WinnowCore

extension EvaluationReport {
    /// What a report is made of: one pass of observations and how to read them.
    public struct Input: Sendable {
        public var provenance: Provenance
        /// `groupBy` is filled in.
        public var settings: Settings
        /// Every query that counts, each judged; one observation each, in this order.
        public var queries: [EvaluationQuery]
        public var observations: [QueryObservation]
        /// Of these queries.
        public var qrels: Qrels
        /// Of judged queries in the collection.
        public var judgedQueries: Int
        public var documents: Int?
        public var passages: Int?
        public var firstStageName: String
        public var systems: [SystemInput]
        /// The first one is primary.
        public var measures: [Measure]
        public var groups: QueryGroups.Rule
        /// Fields of the queries' metadata to cut by.
        public var sliceFields: [String]
        /// How many of the queries that changed most are shown with their passages, each way.
        public var shownChanges: Int

        public init(
            provenance: Provenance, settings: Settings, queries: [EvaluationQuery], observations: [QueryObservation],
            qrels: Qrels, judgedQueries: Int, documents: Int?, passages: Int?, firstStageName: String,
            systems: [SystemInput], measures: [Measure], groups: QueryGroups.Rule = .automatic,
            sliceFields: [String] = [], shownChanges: Int = 5
        ) {
            self.provenance = provenance
            self.settings = settings
            self.queries = queries
            self.observations = observations
            self.qrels = qrels
            self.judgedQueries = judgedQueries
            self.documents = documents
            self.passages = passages
            self.firstStageName = firstStageName
            self.systems = systems
            self.measures = measures
            self.groups = groups
            self.sliceFields = sliceFields
            self.shownChanges = shownChanges
        }
    }

    /// A system beside the first stage.
    public struct SystemInput: Sendable {
        public enum Order: Sendable {
            /// Index into ``QueryObservation/scorings``.
            case scoring(Int, model: Trace.Model?)
            /// Read from a file.
            case run(Run)
        }

        public var name: String
        public var role: System.Role
        public var order: Order

        public init(name: String, role: System.Role, order: Order) {
            self.name = name
            self.role = role
            self.order = order
        }
    }

    /// Computes everything.
    ///
    /// - Throws: ``EvaluationError`` when the input does not fit together.
    public init(_ input: Input) throws {
        let groups = try QueryGroups(input.queries, qrels: input.qrels, by: input.groups)
        let build = try ReportBuilder(input, groups: groups)
        let systems = try build.systems()
        provenance = input.provenance
        settings = input.settings
        settings.groupBy = groups.name
        measures = build.measures
        self.systems = systems
        ceilings = try build.ceilings(of: systems)
        slices = try build.slices(of: systems)
        counts = build.counts(systems)
        groupLabels = build.groups
        warnings = build.warnings(systems, counts, settings)
        gate = nil
    }
}
