/// Columns of a terminal that text takes.
///
/// Terminals agree on single scalars, and not on clusters: emoji that are joined, or made of a text symbol and a variation selector, take
/// two columns in those that know clusters, which is what is counted here.
public enum DisplayWidth {
    public static func of(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + of($1) } }

    /// Of a grapheme cluster: 0, 1 or 2.
    public static func of(_ character: Character) -> Int {
        let scalars = character.unicodeScalars
        guard let first = scalars.first else { return 0 }
        if scalars.index(after: scalars.startIndex) == scalars.endIndex { return of(first) }
        let isOneEmoji = scalars.dropFirst().contains { scalar in
            switch scalar.value {
            // Joiner, the selector of emoji, skin tones, the second half of a flag.
            case 0x200D, 0xFE0F, 0x1F3FB...0x1F3FF, 0x1F1E6...0x1F1FF: true
            default: false
            }
        }
        if isOneEmoji, first.properties.isEmoji || isFlagLetter(first) { return 2 }
        return min(2, scalars.reduce(0) { $0 + of($1) })
    }

    /// Of a scalar alone: 0 of marks and of what is not seen, 2 of what is wide in East Asia and of emoji, else 1. Controls, which no
    /// terminal shows, have 0.
    public static func of(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x7F { return scalar.value < 0x20 ? 0 : 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .format, .control,
            .lineSeparator, .paragraphSeparator:
            return 0
        default: break
        }
        // Vowels and finals of Korean syllables stand within the first letter's two columns.
        if (0x1160...0x11FF).contains(scalar.value) || (0xD7B0...0xD7FF).contains(scalar.value) { return 0 }
        return WideScalars.contains(scalar) ? 2 : 1
    }

    private static func isFlagLetter(_ scalar: Unicode.Scalar) -> Bool { (0x1F1E6...0x1F1FF).contains(scalar.value) }
}

/// Scalars of two columns.
enum WideScalars {
    static func contains(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        guard value >= 0x1100 else { return false }
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].last < value { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].first <= value
    }
}
