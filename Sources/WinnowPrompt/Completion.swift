/// What may stand at the cursor.
public struct Completion: Sendable, Hashable {
    /// The first character of what is completed; it ends at the cursor.
    public var start: Int
    /// Whole words that may stand there.
    public var candidates: [String]
    /// Behind a word that is the only one.
    public var suffix: String

    public init(start: Int, candidates: [String], suffix: String = " ") {
        self.start = start
        self.candidates = candidates
        self.suffix = suffix
    }

    /// What all candidates begin with, in whole characters.
    var commonBeginning: String {
        guard var common = candidates.first.map(Array.init) else { return "" }
        for candidate in candidates.dropFirst() {
            common = Array(zip(common, candidate).prefix { $0 == $1 }.map(\.0))
        }
        return String(common)
    }
}
