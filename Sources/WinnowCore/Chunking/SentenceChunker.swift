/// Packs whole sentences into passages, and ends passages where the writer ended a section or a paragraph if one is near.
///
/// Headings stay with the text under them; code, tables and the sentence that introduces a list are not torn where they fit
/// into a passage, and else between rows, at blank lines or between lines; a sentence over the budget is cut at white space, a
/// word over the budget between characters. A passage that ends in the middle of a section is followed by one that repeats its
/// last sentences, up to ``overlap``.
///
/// A document that fits in one passage keeps its own id; otherwise passages are `<document>#<n>` with n from 0. The title counts
/// against the budget of each passage that does not begin with it. Where it would take more than a quarter of the budget, the
/// passages of a cut document carry as much of its beginning as fits in that quarter; `metadata["title"]` has it whole.
///
/// Time is linear in the text; ``portions(of:budget:)`` takes a few megabytes besides the document. For that, a passage never
/// spans more than a megabyte, and a block or line beyond a megabyte is cut there first.
public struct SentenceChunker: Chunker {
    /// The most that a passage repeats of the one before, as a share of the budget, in 0…0.5.
    public let overlap: Double
    /// The most tokens of a passage's content by each limit, where the models could read more; nil for what they can read.
    public let size: Int?
    package var longest = TextBlocks.defaultLongest

    /// - Parameter overlap: is brought into 0…0.5.
    public init(overlap: Double = 0.15) {
        self.overlap = min(max(overlap, 0), 0.5)
        size = nil
    }

    /// - Parameters:
    ///   - size: at least 1.
    ///   - overlap: in 0…0.5.
    /// - Throws: ``ChunkingError`` for values outside these ranges.
    public init(size: Int, overlap: Double = 0.15) throws(ChunkingError) {
        guard size >= 1 else { throw .size(size, unit: "tokens") }
        guard (0...0.5).contains(overlap) else { throw .share(overlap) }
        self.overlap = overlap
        self.size = size
    }

    public var identity: String { "sentences" + (size.map { " size=\($0)" } ?? "") + " overlap=\(overlap)" }

    public func chunk(_ document: Document, budget: PassageBudget) throws -> [Passage] {
        try portions(of: document, budget: budget).all()
    }

    public func portions(of document: Document, budget: PassageBudget) throws -> PassagePortions {
        var budget = budget
        if let size {
            for index in budget.limits.indices {
                budget.limits[index].maximum = min(budget.limits[index].maximum, size)
            }
        }
        return try PassagePortions(
            of: document, budget: budget,
            packing: Packing(style: .sentences, ends: .whereTheWriterPaused(overlap: overlap), longest: longest))
    }
}
