/// The primary measure of a sweep: a name, and a function of what is ranked.
public struct SweepMeasure: Sendable {
    /// Of the ids in their order, best first, each once, and the query's id: a finite value, larger is better.
    public typealias Value = @Sendable (_ ids: [String], _ queryID: String) throws -> Double

    /// As ir_measures writes it, such as `nDCG@10`.
    public var name: String
    /// How deep it looks; nil: as deep as the list goes.
    public var cutoff: Int?
    /// Called for each query, system, initialK and threshold, once for settings that obviously rank the same.
    public var value: Value
    /// How much of what the measure looks at was judged, so that a verdict can tell a better ranking from better
    /// judgements; nil leaves that out.
    public var coverage: Coverage?

    /// The two figures that show whether judgements are uneven.
    public struct Coverage: Sendable {
        /// The depth of Judged@k.
        public var cutoff: Int
        /// Judged@k.
        public var judged: Value
        /// The measure itself on the list without what nobody judged.
        public var condensed: Value

        public init(cutoff: Int, judged: @escaping Value, condensed: @escaping Value) {
            self.cutoff = cutoff
            self.judged = judged
            self.condensed = condensed
        }
    }

    public init(name: String, cutoff: Int? = nil, coverage: Coverage? = nil, value: @escaping Value) {
        self.name = name
        self.cutoff = cutoff
        self.coverage = coverage
        self.value = value
    }

    /// A measure of trec_eval's kind; with ``coverage`` where it has a cutoff and a condensed form.
    public init(_ measure: Measure, qrels: Qrels) {
        func value(of measure: Measure) -> Value {
            { ids, queryID in
                let entries = ids.map { Run.Entry(documentID: $0, score: 0) }
                return GradedList(entries, judgements: qrels.gradesByDocument(of: queryID)).value(of: measure)
            }
        }
        self.init(name: measure.name, cutoff: measure.cutoff, value: value(of: measure))
        if let cutoff = measure.cutoff, let condensed = measure.condensed, !measure.judgedOnly,
            let judged = try? Measure(parsing: "Judged@\(cutoff)")
        {
            coverage = Coverage(cutoff: cutoff, judged: value(of: judged), condensed: value(of: condensed))
        }
    }
}
