import WinnowCore

/// The value of a table's cell, whose type nothing but its spelling tells.
enum CellValue {
    /// A whole number, a decimal one, `true` or `false`; everything else is a string, and so are numbers with leading zeros or a
    /// plus, which are codes: 00501 is a place, not 501.
    static func typed(_ text: String) -> MetadataValue {
        let bytes = text.utf8
        guard let first = bytes.first, bytes.count <= 40 else { return .string(text) }
        switch first {
        case UInt8(ascii: "-"), 0x30...0x39: return number(text) ?? .string(text)
        case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
            switch text.lowercased() {
            case "true": return .bool(true)
            case "false": return .bool(false)
            default: return .string(text)
            }
        default: return .string(text)
        }
    }

    private static func number(_ text: String) -> MetadataValue? {
        var rest = text.utf8[...]
        func digits() -> Substring.UTF8View {
            let run = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest[run.endIndex...]
            return run
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let whole = digits()
        guard !whole.isEmpty, whole.first != 0x30 || whole.count == 1 else { return nil }
        if rest.isEmpty { return Int64(text).map { .integer($0) } }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            if digits().isEmpty { return nil }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
            if digits().isEmpty { return nil }
        }
        guard rest.isEmpty, let value = Double(text), value.isFinite else { return nil }
        return .number(value)
    }
}
