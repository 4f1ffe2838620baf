import WinnowCore

/// A query of a test set.
public struct EvaluationQuery: Sendable, Hashable, Identifiable {
    public var id: String
    public var text: String
    public var metadata: Metadata

    public init(id: String, text: String, metadata: Metadata = [:]) {
        self.id = id
        self.text = text
        self.metadata = metadata
    }

    /// An id for a query that came without one: always the same for the same text, whatever stands around it, so that
    /// results of two evaluations can be compared after lines were added. 64 bits of FNV-1a behind `q-`.
    public static func id(of text: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return "q-" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}
