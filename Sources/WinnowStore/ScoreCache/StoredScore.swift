import WinnowCore

/// A score as the file holds it: 25 bytes, the last four a CRC-32C over key, time and the rest, so that a damaged row is no score.
enum StoredScore {
    static let byteCount = 25

    static func encode(_ score: PairScore, key: ScoreKey, created: Int64) -> [UInt8]? {
        guard let passage = UInt32(exactly: score.passageTokensDropped),
            let query = UInt32(exactly: score.queryTokensDropped), let window = Int32(exactly: score.window ?? -1)
        else { return nil }
        var bytes: [UInt8] = []
        append(score.logit.value.bitPattern, to: &bytes)
        append(score.score.value.bitPattern, to: &bytes)
        bytes.append(code(of: score.score.kind))
        append(passage, to: &bytes)
        append(query, to: &bytes)
        append(UInt32(bitPattern: window), to: &bytes)
        append(checksum(bytes, key, created), to: &bytes)
        return bytes
    }

    /// - Returns: nil for what ``encode(_:key:created:)`` did not write.
    static func decode(_ bytes: [UInt8], key: ScoreKey, created: Int64) -> PairScore? {
        guard bytes.count == byteCount, word(bytes, 21) == checksum(Array(bytes[..<21]), key, created),
            let kind = kind(of: bytes[8])
        else { return nil }
        let logit = Float(bitPattern: word(bytes, 0))
        let window = Int32(bitPattern: word(bytes, 17))
        guard logit.isFinite, window >= -1 else { return nil }
        return PairScore(
            logit: Logit(logit), score: Score(Float(bitPattern: word(bytes, 4)), kind: kind),
            passageTokensDropped: Int(word(bytes, 9)), queryTokensDropped: Int(word(bytes, 13)),
            window: window < 0 ? nil : Int(window))
    }

    private static func append(_ word: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(shift))) }
    }

    private static func word(_ bytes: [UInt8], _ place: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
    }

    private static func checksum(_ bytes: [UInt8], _ key: ScoreKey, _ created: Int64) -> UInt32 {
        var all = key.bytes + bytes
        append(UInt32(truncatingIfNeeded: created), to: &all)
        append(UInt32(truncatingIfNeeded: created >> 32), to: &all)
        return all.withUnsafeBytes { CRC32C.of($0) }
    }

    private static func code(of kind: ScoreKind) -> UInt8 {
        switch kind {
        case .sigmoid: 1
        case .identity: 2
        }
    }

    private static func kind(of code: UInt8) -> ScoreKind? {
        switch code {
        case 1: .sigmoid
        case 2: .identity
        default: nil
        }
    }
}
