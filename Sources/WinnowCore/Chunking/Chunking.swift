/// The ways of cutting that have a name.
public enum ChunkingMethod: String, Sendable, Hashable, CaseIterable {
    /// ``SentenceChunker``.
    case sentences
    /// ``TokenChunker``.
    case tokens
    /// ``WordChunker``.
    case words
    /// ``WholeDocumentChunker``.
    case none
}

extension ChunkingMethod {
    /// The chunker with these settings.
    ///
    /// - Parameters:
    ///   - size: the most tokens or words of a passage, at least 1; nil for the method's own: 200 for tokens and words, what the
    ///     models can read for sentences.
    ///   - overlap: the most that a passage repeats of the one before: for sentences a share of the budget in 0…0.5, for tokens
    ///     and words a whole number of them under the size. Nil for the method's own: 0.15, 30 and 50, the latter two at most a
    ///     quarter of a given size.
    /// - Throws: ``ChunkingError`` for settings that the method does not have or that are out of range.
    public func chunker(size: Int? = nil, overlap: Double? = nil) throws(ChunkingError) -> any Chunker {
        switch self {
        case .sentences:
            if let overlap, !(0...0.5).contains(overlap) { throw .share(overlap) }
            guard let size else { return SentenceChunker(overlap: overlap ?? 0.15) }
            return try SentenceChunker(size: size, overlap: overlap ?? 0.15)
        case .tokens:
            let most = size ?? 200
            return try TokenChunker(size: most, overlap: count(overlap) ?? min(30, most / 4))
        case .words:
            let most = size ?? 200
            return try WordChunker(size: most, overlap: count(overlap) ?? min(50, most / 4))
        case .none:
            guard size == nil, overlap == nil else { throw .noSettings(method: rawValue) }
            return WholeDocumentChunker()
        }
    }

    private func count(_ overlap: Double?) throws(ChunkingError) -> Int? {
        guard let overlap else { return nil }
        guard let count = Int(exactly: overlap) else { throw .fractionalOverlap(overlap, unit: rawValue) }
        return count
    }

    /// The chunker that has this ``Chunker/identity``, such as `words size=200 overlap=50`; what is left out has its default.
    ///
    /// - Throws: ``ChunkingError`` for what no named chunker has.
    public static func chunker(identity: String) throws(ChunkingError) -> any Chunker {
        let parts = identity.split(separator: " ")
        guard let name = parts.first, let method = ChunkingMethod(rawValue: String(name)) else {
            throw .unknown(identity)
        }
        var size: Int?
        var overlap: Double?
        for part in parts.dropFirst() {
            if size == nil, part.hasPrefix("size="), let value = Int(part.dropFirst(5)) {
                size = value
            } else if overlap == nil, part.hasPrefix("overlap="), let value = Double(part.dropFirst(8)) {
                overlap = value
            } else {
                throw .unknown(identity)
            }
        }
        return try method.chunker(size: size, overlap: overlap)
    }
}

/// A way of cutting that cannot be.
public enum ChunkingError: Error, Sendable, Hashable {
    /// A size under 1.
    case size(Int, unit: String)
    /// An overlap that is not in `0..<size`.
    case overlap(Int, size: Int, unit: String)
    /// An overlap in tokens or words that is no whole number.
    case fractionalOverlap(Double, unit: String)
    /// An overlap in sentences that is not in 0…0.5.
    case share(Double)
    /// A size or overlap for a method that has none.
    case noSettings(method: String)
    /// No chunker has this identity.
    case unknown(String)

    static func check(size: Int, overlap: Int, unit: String) throws(ChunkingError) {
        guard size >= 1 else { throw .size(size, unit: unit) }
        guard overlap >= 0, overlap < size else { throw .overlap(overlap, size: size, unit: unit) }
    }
}

extension ChunkingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .size(let size, let unit):
            "a passage of \(size) \(unit) holds nothing: the size must be at least 1"
        case .overlap(let overlap, let size, let unit):
            "an overlap of \(overlap) \(unit) in passages of \(size): it must be at least 0 and under the size, or no passage "
                + "would bring anything new; \(size / 4) is a usual overlap for this size"
        case .fractionalOverlap(let overlap, let unit):
            "an overlap of \(overlap) \(unit): it is counted in whole \(unit), such as 50; only chunking by sentences takes "
                + "a share"
        case .share(let overlap):
            "an overlap of \(overlap): chunking by sentences takes it as a share of the passage, from 0 to 0.5, such as 0.15"
        case .noSettings(let method):
            "chunking '\(method)' does not cut, so it takes neither a size nor an overlap: leave them out, or choose "
                + "sentences, tokens or words"
        case .unknown(let identity):
            "no chunking is called \(identity.debugDescription): there are 'sentences', 'tokens', 'words' and 'none', with "
                + "settings such as 'words size=200 overlap=50'"
        }
    }
}
