/// The terms of a query, each once, in the order in which they first come.
struct LexicalQuery: Sendable, Hashable {
    struct Term: Sendable, Hashable {
        let bytes: [UInt8]
        /// Made once, for the many tables that are asked for it.
        let hash: UInt64
        /// How often the query has it.
        fileprivate(set) var count: Int
    }

    private(set) var terms: [Term] = []

    init(_ text: String, _ analysis: LexicalAnalysis) {
        var analyzer = LexicalAnalyzer(analysis)
        var indices: [[UInt8]: Int] = [:]
        var terms: [Term] = []
        analyzer.forEachTerm(in: text) { buffer in
            let bytes = Array(buffer)
            if let index = indices[bytes] {
                terms[index].count += 1
            } else {
                indices[bytes] = terms.count
                terms.append(Term(bytes: bytes, hash: TermTable.hash(buffer), count: 1))
            }
        }
        self.terms = terms
    }
}
