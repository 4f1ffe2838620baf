import Crypto
import WinnowCore

/// What a pair's score depends on, as SHA-256: the reranker's identity, the query, the passage's content. A changed text, model,
/// precision, kernel variant or truncation is another key, so nothing has ever to be thrown away to be right.
struct ScoreKey: Sendable, Hashable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    static let byteCount = 32

    /// - Parameter bytes: ``byteCount`` of them.
    init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var words = [UInt64](repeating: 0, count: 4)
        for (index, byte) in bytes.enumerated() { words[index / 8] = words[index / 8] << 8 | UInt64(byte) }
        self.words = (words[0], words[1], words[2], words[3])
    }

    var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
    }

    static func == (left: ScoreKey, right: ScoreKey) -> Bool { left.words == right.words }
    func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

    /// Keys of one query's pairs: what they share is hashed once.
    struct Maker {
        private var hasher = SHA256()

        /// Raised when what stands in a key changes.
        private static let version = "winnow-score-3"

        init(_ identity: ModelIdentity, _ query: Query) {
            // The name is for people: two folders with the same weights give the same scores.
            let parts = [
                Self.version, identity.fingerprint.hexadecimal, identity.precision, identity.kernels,
                identity.truncation, query.text,
            ]
            for part in parts { Self.add(part, to: &hasher) }
        }

        func key(of passage: Passage) -> ScoreKey? {
            var hasher = hasher
            // Windows begin with the title, or with the heading that the text opens with: where it ends in the content makes a difference.
            Self.add(passage.title ?? "", to: &hasher)
            Self.add(passage.heading, to: &hasher)
            Self.add(passage.text, to: &hasher)
            return ScoreKey(Array(hasher.finalize()))
        }

        private static func add(_ text: String, to hasher: inout SHA256) {
            var text = text
            text.withUTF8 { text in
                withUnsafeBytes(of: UInt64(text.count).littleEndian) { hasher.update(bufferPointer: $0) }
                hasher.update(bufferPointer: UnsafeRawBufferPointer(text))
            }
        }
    }
}
