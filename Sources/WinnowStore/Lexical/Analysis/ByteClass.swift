/// What a byte of prepared text is to the scanners.
enum ByteClass {
    static let separator: UInt8 = 0
    static let lower: UInt8 = 1
    static let upper: UInt8 = 2
    static let digit: UInt8 = 3
    /// `- _ . / : # @` between two words make an identifier of them.
    static let joiner: UInt8 = 4
    static let apostrophe: UInt8 = 5
    static let comma: UInt8 = 6
    /// A byte of a scalar beyond ASCII.
    static let wide: UInt8 = 7

    // Sendable: written here only, never freed.
    nonisolated(unsafe) static let table: UnsafePointer<UInt8> = {
        let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
        for byte in 0..<256 {
            table[byte] =
                switch UInt8(byte) {
                case UInt8(ascii: "a")...UInt8(ascii: "z"): lower
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): upper
                case UInt8(ascii: "0")...UInt8(ascii: "9"): digit
                case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): joiner
                case UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "#"), UInt8(ascii: "@"): joiner
                case UInt8(ascii: "'"): apostrophe
                case UInt8(ascii: ","): comma
                case 0x80...: wide
                default: separator
                }
        }
        return UnsafePointer(table)
    }()
}
