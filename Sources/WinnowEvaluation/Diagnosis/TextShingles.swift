/// Runs of five words of a text, as hashes: what near duplicates have in common.
///
/// A word is a run of letters and digits, ASCII in lower case; where a script has no spaces (from U+3000 on) each character is one.
/// The hashes are of 64 bits and of our own: the same in every run, so what was found once is found again.
package enum TextShingles {
    package static let words = 5

    /// - Returns: one a run, repeats included; of fewer than five words one for all of them; none where there is no word.
    package static func hashes(of text: String) -> [UInt64] {
        var text = text
        return text.withUTF8 { bytes in
            let words = wordHashes(bytes)
            guard words.count > Self.words else { return words.isEmpty ? [] : [combined(words[...])] }
            return (0...words.count - Self.words).map { combined(words[$0..<$0 + Self.words]) }
        }
    }

    /// Words of a text.
    package static func wordCount(_ text: String) -> Int {
        var text = text
        return text.withUTF8 { wordHashes($0).count }
    }

    /// The last step of SplitMix64: each bit of the result depends on each of the argument's.
    static func mixed(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    private static func combined(_ words: ArraySlice<UInt64>) -> UInt64 {
        words.reduce(UInt64(words.count)) { mixed($0 ^ $1) }
    }

    private static let offset: UInt64 = 0xCBF2_9CE4_8422_2325
    private static let prime: UInt64 = 0x100_0000_01B3

    /// FNV-1a of each word.
    private static func wordHashes(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt64] {
        var hashes: [UInt64] = []
        var hash = offset
        var isInside = false
        func end() {
            if isInside { hashes.append(hash) }
            (hash, isInside) = (offset, false)
        }
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case 48...57, 97...122: hash = (hash ^ UInt64(byte)) &* prime
            case 65...90: hash = (hash ^ UInt64(byte | 0x20)) &* prime
            case 0xE3...0xFF:
                end()
                let last = min(bytes.count, index + (byte >= 0xF0 ? 4 : 3))
                while index < last {
                    hash = (hash ^ UInt64(bytes[index])) &* prime
                    index += 1
                }
                isInside = true
                end()
                continue
            case 0x80...: hash = (hash ^ UInt64(byte)) &* prime
            default:
                end()
                index += 1
                continue
            }
            isInside = true
            index += 1
        }
        end()
        return hashes
    }
}
