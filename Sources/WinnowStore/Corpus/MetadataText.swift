import WinnowCore

/// Metadata as the text of a JSON object that gives back exactly what it was made of: a number with a point or an exponent
/// is a ``MetadataValue/number(_:)``, any other an ``MetadataValue/integer(_:)``. Foundation's coders keep neither apart.
///
/// The text is canonical (no white space, keys in the order of their bytes), so equal metadata has equal checksums.
enum MetadataText {
    /// How deeply values may lie in one another.
    static let maximumDepth = 128

    /// What cannot be written, for the user.
    struct Unwritable: Error {
        let reason: String
    }

    static func encode(_ metadata: Metadata) throws -> String {
        var text = ""
        try append(.object(metadata), depth: 0, to: &text)
        return text
    }

    private static func append(_ value: MetadataValue, depth: Int, to text: inout String) throws {
        guard depth <= maximumDepth else {
            throw Unwritable(reason: "its values lie more than \(maximumDepth) deep in one another; flatten them")
        }
        switch value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value):
            guard value.isFinite else { throw Unwritable(reason: "the number \(value) is not finite; leave it out") }
            // The shortest decimal that gives the same bits, always with a point or an exponent.
            text += value.description
        case .string(let value): append(value, to: &text)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                try append(value, depth: depth + 1, to: &text)
            }
            text += "]"
        case .object(let fields):
            text += "{"
            let keys = fields.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            for (index, key) in keys.enumerated() {
                if index > 0 { text += "," }
                append(key, to: &text)
                text += ":"
                try append(fields[key] ?? .null, depth: depth + 1, to: &text)
            }
            text += "}"
        }
    }

    private static func append(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    /// - Returns: nil when the text was not made by ``encode(_:)``.
    static func decode(_ text: String) -> Metadata? {
        var reader = MetadataReader(Array(text.utf8))
        guard case .object(let fields)? = reader.value(depth: 0), reader.isAtEnd else { return nil }
        return fields
    }
}

/// Reads what ``MetadataText`` writes and nothing else.
private struct MetadataReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    private mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - position >= count,
            bytes[position..<position + count].elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: count))
        else { return false }
        position += count
        return true
    }

    mutating func value(depth: Int) -> MetadataValue? {
        guard depth <= MetadataText.maximumDepth, position < bytes.count else { return nil }
        switch bytes[position] {
        case UInt8(ascii: "n"): return skip("null") ? .null : nil
        case UInt8(ascii: "t"): return skip("true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return skip("false") ? .bool(false) : nil
        case UInt8(ascii: "\""): return string().map(MetadataValue.string)
        case UInt8(ascii: "["): return array(depth: depth)
        case UInt8(ascii: "{"): return object(depth: depth)
        default: return number()
        }
    }

    private mutating func array(depth: Int) -> MetadataValue? {
        position += 1
        var values: [MetadataValue] = []
        if skip("]") { return .array(values) }
        while let value = value(depth: depth + 1) {
            values.append(value)
            if skip("]") { return .array(values) }
            guard skip(",") else { return nil }
        }
        return nil
    }

    private mutating func object(depth: Int) -> MetadataValue? {
        position += 1
        var fields: [String: MetadataValue] = [:]
        if skip("}") { return .object(fields) }
        while let key = string() {
            guard skip(":"), let value = value(depth: depth + 1) else { return nil }
            fields[key] = value
            if skip("}") { return .object(fields) }
            guard skip(",") else { return nil }
        }
        return nil
    }

    private mutating func number() -> MetadataValue? {
        let start = position
        while position < bytes.count, "+-.0123456789e".utf8.contains(bytes[position]) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { return nil }
        return .number(number)
    }

    private mutating func string() -> String? {
        guard skip("\"") else { return nil }
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(validating: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let unescaped = escape() else { return nil }
                content.append(unescaped)
            default: content.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> UInt8? {
        if skip("\"") { return UInt8(ascii: "\"") }
        if skip("\\") { return UInt8(ascii: "\\") }
        guard skip("u00"), position + 2 <= bytes.count else { return nil }
        defer { position += 2 }
        return UInt8(String(decoding: bytes[position..<position + 2], as: UTF8.self), radix: 16)
    }
}
