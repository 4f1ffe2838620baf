import Foundation
import Testing
import WinnowTokenizers

/// What Scripts/make-tokenizer-goldens wrote.
struct Goldens: Decodable {
    struct Golden: Decodable {
        var ids: [Int32]
        /// Start and end in bytes, one after the other.
        var offsets: [Int]
    }

    struct Pair: Decodable, CustomTestStringConvertible {
        var query: String
        var passage: String
        var maxLength: Int
        var ids: [Int32]
        var typeIDs: [Int32]
        var strategy: String
        var queryDropped: Int
        var passageDropped: Int

        var testDescription: String { "\(strategy), \(maxLength): \(query.prefix(20)) | \(passage.prefix(20))" }
    }

    struct Single: Decodable {
        var text: String
        var maxLength: Int
        var ids: [Int32]
        var dropped: Int
    }

    var texts: [String]
    var addedTexts: [String]
    var encodings: [String: [Golden]]
    var pairs: [Pair]
    var singles: [Single]
    var longestFirst: [[Int]]

    static let shared: Goldens = {
        do {
            return try JSONDecoder().decode(Goldens.self, from: Data(Fixture.bytes("goldens.json")))
        } catch {
            fatalError("the golden file cannot be read: \(error)")  // a mistake in the checkout, not in the tests
        }
    }()
}

enum Fixture {
    private static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func bytes(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: repository.appending(path: "Tests/TestSupport/Fixtures/tokenizers/\(name)")))
    }

    static func builtInVocabulary() throws -> [UInt8] {
        try [UInt8](Data(contentsOf: repository.appending(path: "Sources/CWinnowModels/all-MiniLM-L6-v2/vocab.txt")))
    }

    static let names = ["tiny-uncased", "tiny-cased", "tiny-added", "built-in"]

    static func tokenizer(_ name: String) throws -> WordPieceTokenizer {
        name == "built-in"
            ? try WordPieceTokenizer(vocabulary: builtInVocabulary())
            : try WordPieceTokenizer(tokenizerJSON: bytes("\(name).tokenizer.json"), name: name)
    }
}

/// A small fast generator whose seed is in the test: failures come again.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

extension TextTokenizer {
    func ids(_ bytes: [UInt8]) -> [Int32] {
        var ids: [Int32] = []
        bytes.withUnsafeBufferPointer { appendTokenIDs(for: $0, to: &ids) }
        return ids
    }
}
