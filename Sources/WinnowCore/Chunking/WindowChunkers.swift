/// Cuts a text into windows of as many tokens each, with overlap, wherever that falls: at white space, and within words only
/// where they alone would leave a window much emptier, as in languages that set no spaces.
///
/// Tokens are counted by the budget's first limit; a budget without limits leaves a document whole. The title is not part of a
/// window but of the budget: a window with its title over the budget ends earlier. Ids, titles, `section` and memory are as with
/// ``SentenceChunker``; a window's section is that of its first text that the window before has not.
public struct TokenChunker: Chunker {
    /// The most tokens of a passage's text, at least 1.
    public let size: Int
    /// The most tokens that a passage repeats of the one before, in `0..<size`.
    public let overlap: Int
    package var longest = TextBlocks.defaultLongest

    /// - Throws: ``ChunkingError`` for a size under 1 or an overlap that is not in `0..<size`.
    public init(size: Int = 200, overlap: Int = 30) throws(ChunkingError) {
        try ChunkingError.check(size: size, overlap: overlap, unit: "tokens")
        self.size = size
        self.overlap = overlap
    }

    public var identity: String { "tokens size=\(size) overlap=\(overlap)" }

    public func chunk(_ document: Document, budget: PassageBudget) throws -> [Passage] {
        try portions(of: document, budget: budget).all()
    }

    public func portions(of document: Document, budget: PassageBudget) throws -> PassagePortions {
        // Pieces of an eighth fill windows well and leave most names and addresses whole.
        let longestWord = min(size, max(8, size / 8))
        return try PassagePortions(
            of: document, budget: budget,
            packing: Packing(
                style: .words(longest: longestWord), ends: .whenFull(overlap: overlap), window: .tokens(size),
                longest: longest))
    }
}

/// Cuts a text into windows of as many words each, with overlap, wherever that falls: a common way of tutorials. Words are what
/// stands between ASCII white space.
///
/// A window over the budget ends earlier, and a word over the budget is cut and counts as several. Ids, titles, `section` and
/// memory are as with ``TokenChunker``.
public struct WordChunker: Chunker {
    /// The most words of a passage, at least 1.
    public let size: Int
    /// The most words that a passage repeats of the one before, in `0..<size`.
    public let overlap: Int
    package var longest = TextBlocks.defaultLongest

    /// - Throws: ``ChunkingError`` for a size under 1 or an overlap that is not in `0..<size`.
    public init(size: Int = 200, overlap: Int = 50) throws(ChunkingError) {
        try ChunkingError.check(size: size, overlap: overlap, unit: "words")
        self.size = size
        self.overlap = overlap
    }

    public var identity: String { "words size=\(size) overlap=\(overlap)" }

    public func chunk(_ document: Document, budget: PassageBudget) throws -> [Passage] {
        try portions(of: document, budget: budget).all()
    }

    public func portions(of document: Document, budget: PassageBudget) throws -> PassagePortions {
        try PassagePortions(
            of: document, budget: budget,
            packing: Packing(
                style: .words(longest: nil), ends: .whenFull(overlap: overlap), window: .words(size), longest: longest))
    }
}
