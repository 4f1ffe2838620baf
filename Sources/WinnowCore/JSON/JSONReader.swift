/// Strict JSON (RFC 8259) to values, with the place and the reason of the first error.
///
/// A decoder that says only "not valid JSON" does not help with line 31,418 of a corpus.
package struct JSONReader {
    package struct Failure: Error, CustomStringConvertible {
        /// From 1, in bytes.
        package var column: Int
        package var reason: String

        package var description: String { "column \(column): \(reason)" }
    }

    /// Arrays and objects within one another; recursion is bounded by it.
    package static let deepest = 128

    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private var depth = 0

    /// - Parameter bytes: valid UTF-8.
    /// - Throws: also where two names of one object are equal to Swift and differ in their bytes (é in one code point and in
    ///   two): metadata cannot hold both, and ``tree(_:)`` can.
    package static func value(_ bytes: ArraySlice<UInt8>) throws(Failure) -> MetadataValue {
        try tree(bytes).metadataValue()
    }

    /// The same with every name of an object kept: names are told apart by their bytes, in the order of the text.
    ///
    /// - Parameter bytes: valid UTF-8.
    package static func tree(_ bytes: ArraySlice<UInt8>) throws(Failure) -> JSONTree {
        var reader = JSONReader(bytes: bytes, position: bytes.startIndex)
        let value = try reader.value()
        reader.skipSpace()
        guard reader.peek == nil else { throw reader.failure("something follows the value: \(reader.found)") }
        return value
    }

    private init(bytes: ArraySlice<UInt8>, position: Int) {
        self.bytes = bytes
        self.position = position
    }

    private var peek: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private func failure(_ reason: String, at place: Int? = nil) -> Failure {
        Failure(column: (place ?? position) - bytes.startIndex + 1, reason: reason)
    }

    private var found: String {
        guard let byte = peek else { return "the end of the line" }
        guard byte > 0x20, byte < 0x7F else { return byte < 0x80 ? "a control character or space" : "a letter" }
        return "'\(Character(Unicode.Scalar(byte)))'"
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private mutating func value() throws(Failure) -> JSONTree {
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), .some(0x30...0x39): return try number()
        default: throw failure("a JSON value is wanted here, found \(found)")
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONTree) throws(Failure) -> JSONTree {
        let wanted = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes[position...].starts(with: wanted) else { throw failure("'\(word)' is misspelt") }
        position += wanted.count
        return value
    }

    private mutating func enter() throws(Failure) {
        depth += 1
        guard depth <= Self.deepest else {
            throw failure("more than \(Self.deepest) arrays and objects within one another")
        }
        position += 1
        skipSpace()
    }

    private mutating func object() throws(Failure) -> [JSONTree.Field] {
        let start = position
        try enter()
        defer { depth -= 1 }
        var fields: [JSONTree.Field] = []
        var names = FieldNames()
        if peek == UInt8(ascii: "}") {
            position += 1
            return fields
        }
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else {
                throw peek == nil
                    ? failure("the object is not closed", at: start)
                    : failure("a field's name in double quotes is wanted here, found \(found)")
            }
            let place = position
            let name = try string()
            skipSpace()
            guard peek == UInt8(ascii: ":") else {
                throw failure("':' is wanted after the name \"\(name)\", found \(found)")
            }
            position += 1
            let value = try value()
            guard names.insert(name, beside: fields) else {
                throw failure("the field \"\(name)\" stands there twice", at: place)
            }
            fields.append(.init(name: name, value: value, column: place - bytes.startIndex + 1))
            skipSpace()
            switch peek {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                return fields
            case nil: throw failure("the object is not closed", at: start)
            default: throw failure("',' or '}' is wanted here, found \(found)")
            }
        }
    }

    private mutating func array() throws(Failure) -> [JSONTree] {
        let start = position
        try enter()
        defer { depth -= 1 }
        var values: [JSONTree] = []
        if peek == UInt8(ascii: "]") {
            position += 1
            return values
        }
        while true {
            values.append(try value())
            skipSpace()
            switch peek {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                position += 1
                return values
            case nil: throw failure("the array is not closed", at: start)
            default: throw failure("',' or ']' is wanted here, found \(found)")
            }
        }
    }

    private mutating func number() throws(Failure) -> JSONTree {
        let start = position
        if peek == UInt8(ascii: "-") { position += 1 }
        let digits = position
        skipDigits()
        guard position > digits, bytes[digits] != 0x30 || position == digits + 1 else {
            throw failure("a number is misspelt", at: start)
        }
        var isInteger = true
        if peek == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            let fraction = position
            skipDigits()
            guard position > fraction else {
                throw failure("a number is misspelt: digits must follow its point", at: start)
            }
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
            let exponent = position
            skipDigits()
            guard position > exponent else { throw failure("a number is misspelt: its exponent is missing", at: start) }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw failure("a number is out of range", at: start) }
        return .number(value)
    }

    private mutating func skipDigits() {
        while let byte = peek, (0x30...0x39).contains(byte) { position += 1 }
    }

    private mutating func string() throws(Failure) -> String {
        let opening = position
        position += 1
        var plain = position
        var text: [UInt8] = []
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                defer { position += 1 }
                if text.isEmpty { return String(decoding: bytes[plain..<position], as: UTF8.self) }
                text += bytes[plain..<position]
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                text += bytes[plain..<position]
                position += 1
                let scalar = try escape()
                text.append(contentsOf: String(Character(scalar)).utf8)
                plain = position
            case 0..<0x20:
                throw failure("a control character stands in a string: write it as an escape such as \\n")
            default:
                position += 1
            }
        }
        throw failure("the string is not closed", at: opening)
    }

    private mutating func escape() throws(Failure) -> Unicode.Scalar {
        let place = position - 1
        guard let byte = peek else { throw failure("the string is not closed", at: place) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let unit = try hexadecimal(place)
            if let scalar = Unicode.Scalar(unit) { return scalar }
            // A high surrogate must be followed by the escape of a low one.
            if unit < 0xDC00, bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) {
                position += 2
                let low = try hexadecimal(place)
                if (0xDC00...0xDFFF).contains(low),
                    let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
                {
                    return scalar
                }
            }
            throw failure("an escape is half a surrogate pair, which is no character", at: place)
        default:
            throw failure("there is no such escape", at: place)
        }
    }

    private mutating func hexadecimal(_ place: Int) throws(Failure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("\\u wants four hexadecimal digits", at: place)
            }
            value = value << 4 + UInt32(digit)
            position += 1
        }
        return value
    }
}
