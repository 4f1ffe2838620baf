import WinnowTokenizers

/// Queries and passages to look at a model with: for calibration, or to measure what quantising cost.
public struct SampleTexts: Sendable, Hashable {
    public struct Query: Sendable, Hashable {
        public var text: String
        /// Places in ``SampleTexts/passages`` of those that are read together with it.
        public var passages: [Int]

        public init(_ text: String, passages: [Int]) {
            self.text = text
            self.passages = passages
        }
    }

    /// As a model's card calls them.
    public var name: String
    public var queries: [Query]
    public var passages: [String]

    public init(name: String, queries: [Query], passages: [String]) {
        self.name = name
        self.queries = queries
        self.passages = passages
    }

    public var pairCount: Int { queries.reduce(0) { $0 + $1.passages.count } }

    /// Without the queries and passages that also stand in other texts.
    func excluding(_ other: SampleTexts) -> SampleTexts {
        let (queries, passages) = (Set(other.queries.map(\.text)), Set(other.passages))
        let kept = self.passages.indices.filter { !passages.contains(self.passages[$0]) }
        let places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        return SampleTexts(
            name: name,
            queries: self.queries.compactMap { query in
                let places = query.passages.compactMap { places[$0] }
                return queries.contains(query.text) || places.isEmpty ? nil : Query(query.text, passages: places)
            }, passages: kept.map { self.passages[$0] })
    }

    /// As the model takes them: pairs for a cross-encoder, single texts with their prompts for a bi-encoder; what is longer than
    /// `maxLength` tokens is cut. Sequences of special tokens alone are left out.
    func inputs(
        _ description: ModelDescription, tokenizer: any TextTokenizer, maxLength: Int
    ) throws -> [ModelInput] {
        let template = tokenizer.template
        switch description.kind {
        case .crossEncoder:
            let ids = passages.map { tokenizer.tokenIDs(for: $0) }
            return try queries.flatMap { query in
                let own = tokenizer.tokenIDs(for: query.text)
                return try query.passages.map { place in
                    try template.pair(query: own, passage: ids[place], maxLength: maxLength, truncation: .longestFirst)
                }
            }
        case .biEncoder:
            let texts =
                passages.map { description.passagePrompt + $0 } + queries.map { description.queryPrompt + $0.text }
            return try texts.map { text in
                try template.single(tokenizer.tokenIDs(for: text), maxLength: maxLength, truncation: .longestFirst)
            }.filter { !$0.ids.isEmpty }
        }
    }
}
