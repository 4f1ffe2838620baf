/// A SHA-256 digest that names content: a model's weights, a tokenizer's vocabulary, a passage's text.
///
/// `WinnowCore` only carries fingerprints; they are computed where the content is read.
public struct Fingerprint: Sendable, Hashable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public let hexadecimal: String

    /// - Returns: nil unless `hexadecimal` is exactly 64 hexadecimal digits.
    public init?(hexadecimal: String) {
        let digits = hexadecimal.utf8
        guard digits.count == 64,
            digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) || (65...70).contains($0) })
        else { return nil }
        self.hexadecimal = hexadecimal.lowercased()
    }

    /// Of a digest as a hash function returns it.
    ///
    /// - Precondition: 32 bytes, as SHA-256 has.
    package init(digest: some Sequence<UInt8>) {
        let digits = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        precondition(digits.count == 32, "a SHA-256 digest has 32 bytes, not \(digits.count)")
        hexadecimal = digits.joined()
    }

    public var description: String { hexadecimal }
}
