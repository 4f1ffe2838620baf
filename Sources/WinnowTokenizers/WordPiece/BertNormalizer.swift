/// BERT's normalisation: cleaning, spaces around CJK ideographs, stripping of accents, lower case; in this order.
///
/// This is the exact form, which carries the place of every byte in the original text. ``WordPieceScanner`` does the
/// same in one pass, without places, for the texts that need no reordering of marks.
struct BertNormalizer: Sendable, Hashable {
    /// Removes control characters and U+FFFD; makes every white space U+0020.
    var cleanText = true
    /// Makes each ideograph a word of its own.
    var handleChineseChars = true
    /// NFD, then removal of nonspacing marks.
    var stripAccents = true
    /// Lower case scalar by scalar, without context: no final sigma.
    var lowercase = true

    /// No normalisation at all: `"normalizer": null`.
    static let identity = BertNormalizer(
        cleanText: false, handleChineseChars: false, stripAccents: false, lowercase: false)

    /// The properties of a scalar that make this normalizer change it.
    var relevant: UnicodeTables.Property {
        var relevant: UnicodeTables.Property = []
        if cleanText { relevant.formUnion([.cleanDelete, .cleanSpace]) }
        if handleChineseChars { relevant.formUnion(.cjk) }
        if stripAccents { relevant.formUnion([.mark, .decomposes, .reorders]) }
        if lowercase { relevant.formUnion(.hasLowercase) }
        return relevant
    }

    /// Normalises `text[range]`. Bytes of `text` that are not UTF-8 count as U+FFFD.
    func normalize(_ text: UnsafeBufferPointer<UInt8>, in range: Range<Int>) -> NormalizedText {
        let tables = UnicodeTables.shared
        var scalars: [PlacedScalar] = []
        scalars.reserveCapacity(range.count + 8)
        if let base = text.baseAddress {
            var place = range.lowerBound
            while place < range.upperBound {
                let decoded = UTF8Decoding.decode(base, place, range.upperBound)
                let scalar = PlacedScalar(value: decoded.value, start: place, end: place + decoded.length)
                place += decoded.length
                let property = tables.property(scalar.value)
                if cleanText, property.contains(.cleanDelete) { continue }
                let space = PlacedScalar(value: 0x20, start: scalar.start, end: scalar.end)
                if cleanText, property.contains(.cleanSpace) {
                    scalars.append(space)
                } else if handleChineseChars, property.contains(.cjk) {
                    scalars.append(contentsOf: [space, scalar, space])
                } else {
                    scalars.append(scalar)
                }
            }
        }
        if stripAccents { scalars = Self.stripAccents(scalars, tables) }

        var result = NormalizedText(capacity: scalars.count)
        for scalar in scalars {
            if lowercase, tables.property(scalar.value).contains(.hasLowercase) {
                for lower in tables.lowercase(scalar.value) {
                    result.append(PlacedScalar(value: lower, start: scalar.start, end: scalar.end))
                }
            } else {
                result.append(scalar)
            }
        }
        result.finish()
        return result
    }

    /// NFD and removal of marks, with the places that Hugging Face `tokenizers` gives: in a run of marks that was
    /// sorted by combining class, places are handed out in the new order, one for each scalar that stood in the text.
    private static func stripAccents(_ scalars: [PlacedScalar], _ tables: UnicodeTables) -> [PlacedScalar] {
        struct Mark {
            var value: UInt32
            var combiningClass: UInt16
            /// It came first out of a scalar of the text, and so takes the next place.
            var takesPlace: Bool
        }
        var result: [PlacedScalar] = []
        result.reserveCapacity(scalars.count)
        var run: [Mark] = []
        var nextPlace = 0  // in `scalars`

        func emit(_ value: UInt32, takesPlace: Bool) {
            if takesPlace { nextPlace += 1 }
            if tables.property(value).contains(.mark) { return }
            let source = scalars[max(nextPlace - 1, 0)]
            result.append(PlacedScalar(value: value, start: source.start, end: source.end))
        }
        func flush() {
            // Stable, as canonical ordering must be; sort(by:) does not promise it.
            let sorted = run.enumerated().sorted {
                ($0.element.combiningClass, $0.offset) < ($1.element.combiningClass, $1.offset)
            }
            for (_, mark) in sorted { emit(mark.value, takesPlace: mark.takesPlace) }
            run.removeAll(keepingCapacity: true)
        }
        func push(_ value: UInt32, takesPlace: Bool) {
            let combiningClass = tables.combiningClass(value)
            if combiningClass == 0 {
                if !run.isEmpty { flush() }
                emit(value, takesPlace: takesPlace)
            } else {
                run.append(Mark(value: value, combiningClass: combiningClass, takesPlace: takesPlace))
            }
        }
        for scalar in scalars {
            if scalar.value < 0x80 || !tables.property(scalar.value).contains(.decomposes) {
                push(scalar.value, takesPlace: true)
            } else {
                tables.decompose(scalar.value) { push($0, takesPlace: $1) }
            }
        }
        flush()
        return result
    }
}

/// A scalar and the bytes of the original text that it stands for.
struct PlacedScalar {
    var value: UInt32
    var start: Int
    var end: Int
}

/// UTF-8 after normalisation, each byte with the bytes of the original text that it stands for.
struct NormalizedText {
    /// Followed by ``padding`` zeros that do not belong to the text, so that hashing may read whole words.
    private(set) var bytes: [UInt8] = []
    private(set) var starts: [Int] = []
    private(set) var ends: [Int] = []
    /// Bytes of text.
    var count: Int { starts.count }

    static let padding = 16

    init(capacity: Int) {
        bytes.reserveCapacity(capacity + Self.padding)
        starts.reserveCapacity(capacity)
        ends.reserveCapacity(capacity)
    }

    mutating func append(_ scalar: PlacedScalar) {
        var encoded: (UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &encoded) { buffer in
            guard let target = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
            for place in 0..<UTF8Decoding.encode(scalar.value, to: target) {
                bytes.append(target[place])
                starts.append(scalar.start)
                ends.append(scalar.end)
            }
        }
    }

    mutating func finish() {
        bytes.append(contentsOf: repeatElement(0, count: Self.padding))
    }
}
