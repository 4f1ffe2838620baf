import WinnowEvaluation
import WinnowTokenizers

/// Texts of an exact number of tokens, the same from the same seed: sequences of words that are one token each.
struct BenchTexts {
    private let words: [String]
    private var random = SplitMix64(seed: 1)

    /// - Throws: ``BenchError/noWords(model:)`` for a vocabulary of another language.
    init(_ tokenizer: any TextTokenizer, model: String) throws {
        words = Self.all.filter { tokenizer.tokenIDs(for: $0).count == 1 }
        guard words.count >= 20 else { throw BenchError.noWords(model: model) }
    }

    mutating func text(tokens: Int) -> String {
        (0..<tokens).map { _ in words[random.index(below: words.count)] }.joined(separator: " ")
    }

    private static let all: [String] = """
        the a of to in and for on with by from at is was are were has had will can may must not no all each some more most \
        other one two three four five six seven eight nine ten first last next new old small large long short high low open \
        closed early late good water river road bridge house door window wall garden field hill stone wood iron glass paper \
        book page letter word name number list table chair room floor roof street town city village market shop school \
        office station train car boat ship plane engine wheel machine tool hand arm foot eye head heart voice music song \
        game ball team player coach winner day night week month year hour morning evening summer winter spring rain snow \
        wind sun moon star light dark heat cold fire smoke ground sea lake island coast forest tree leaf flower fruit bread \
        milk salt sugar fish bird horse dog cat farm farmer worker teacher doctor judge lawyer writer reader friend family \
        child parent brother sister question answer reason result change order price cost value money bank account payment \
        contract law rule right duty court party member group council state country border north south east west
        """.split(separator: " ").map(String.init)
}

enum BenchError: Error, CustomStringConvertible {
    case noWords(model: String)
    case tooLong(model: String, tokens: Int, maximum: Int)
    case tooShort(model: String, tokens: Int, least: Int)

    var description: String {
        switch self {
        case .noWords(let model):
            "\(model): its tokenizer keeps too few plain English words whole, so texts of an exact length cannot be made"
        case .tooLong(let model, let tokens, let maximum):
            "\(model) reads \(maximum) tokens at most, and --tokens asks for \(tokens)"
        case .tooShort(let model, let tokens, let least):
            "\(model): with query, special tokens and one token of text a sequence has \(least) tokens at least, and --tokens asks "
                + "for \(tokens)"
        }
    }
}
