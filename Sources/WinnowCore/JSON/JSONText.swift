/// JSON with its keys in the order in which they are given, so that two runs can be compared as text.
package enum JSONText: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Written with the fewest digits that give the same float32 back; null when not finite.
    case float(Float)
    /// Written with the fewest digits that give the same double back; null when not finite.
    case number(Double)
    case string(String)
    case array([JSONText])
    case object([(String, JSONText)])

    package static func integer(_ value: Int) -> JSONText { .integer(Int64(value)) }

    /// A number of 64 bits without a sign: an integer up to 2⁵³, its digits as a string beyond, where readers that keep
    /// numbers as doubles would round it.
    package static func seed(_ value: UInt64) -> JSONText {
        value <= 1 << 53 ? .integer(Int64(value)) : .string(String(value))
    }

    package static func optional<Value>(_ value: Value?, _ make: (Value) -> JSONText) -> JSONText {
        value.map(make) ?? .null
    }

    package init(_ value: MetadataValue) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .string(let value): self = .string(value)
        case .array(let values): self = .array(values.map(JSONText.init))
        case .object(let fields): self = .init(fields)
        }
    }

    /// Keys in the order of their bytes.
    package init(_ metadata: Metadata) {
        self = .object(
            metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, JSONText($0.value)) })
    }

    /// On one line, without a line feed.
    package var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func append(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes += String(value).utf8
        case .float(let value): bytes += (value.isFinite ? value.description : "null").utf8
        case .number(let value): bytes += (value.isFinite ? value.description : "null").utf8
        case .string(let value): Self.append(value, to: &bytes)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let fields):
            bytes.append(UInt8(ascii: "{"))
            for (index, field) in fields.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.append(field.0, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                field.1.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\\"): bytes += [byte, byte]
            case 0x0A: bytes += #"\n"#.utf8
            case 0x0D: bytes += #"\r"#.utf8
            case 0x09: bytes += #"\t"#.utf8
            case 0..<0x20, 0x7F:
                let digits = String(byte, radix: 16)
                bytes += (#"\u00"# + (byte < 16 ? "0" : "") + digits).utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
