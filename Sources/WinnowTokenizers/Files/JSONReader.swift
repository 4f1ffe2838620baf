/// A strict reader of JSON bytes that skips what nobody asks for: a vocabulary of 30,000 tokens becomes no tree of
/// objects.
///
/// Every error names the file and the byte. Nesting is bounded, so that no file can exhaust the stack.
struct JSONReader {
    private static let maximumDepth = 64

    let file: String
    private let bytes: UnsafeRawBufferPointer
    private(set) var place = 0
    private var depth = 0

    /// - Parameter bytes: must stay valid while the reader is used.
    /// - Throws: ``TokenizerError`` when the bytes are not UTF-8.
    init(_ bytes: UnsafeRawBufferPointer, file: String) throws {
        self.file = file
        self.bytes = bytes
        if let invalid = UTF8Decoding.firstInvalid(bytes.bindMemory(to: UInt8.self)) {
            throw TokenizerError.malformed(file, "byte \(invalid) is not UTF-8")
        }
    }

    /// The same reader at another value.
    func at(_ place: Int) -> JSONReader {
        var reader = self
        reader.place = place
        return reader
    }

    func error(_ problem: String) -> TokenizerError { .malformed(file, "\(problem) at byte \(place)") }

    // MARK: Values

    /// The first byte of the next value: `{`, `[`, `"`, `t`, `f`, `n`, or the start of a number.
    mutating func peek() throws -> UInt8 {
        passWhitespace()
        guard place < bytes.count else { throw error("the file ends in the middle") }
        return bytes[place]
    }

    mutating func isNull() throws -> Bool { try peek() == UInt8(ascii: "n") }

    /// Calls `body` at each value of an object; `body` reads it.
    mutating func object(_ body: (inout JSONReader, _ key: UnsafeBufferPointer<UInt8>) throws -> Void) throws {
        try open("{", "an object")
        if try take("}") { return close() }
        var key: [UInt8] = []
        repeat {
            try string(into: &key)
            guard try take(":") else { throw error("a colon is missing") }
            try key.withUnsafeBufferPointer { try body(&self, $0) }
        } while try take(",")
        guard try take("}") else { throw error("a comma or a closing brace is missing") }
        close()
    }

    /// Calls `body` at each element of an array; `body` reads it.
    mutating func array(_ body: (inout JSONReader) throws -> Void) throws {
        try open("[", "an array")
        if try take("]") { return close() }
        repeat { try body(&self) } while try take(",")
        guard try take("]") else { throw error("a comma or a closing bracket is missing") }
        close()
    }

    /// Where each value of an object starts, by its key. Passes the object.
    mutating func fields() throws -> [String: Int] {
        var fields: [String: Int] = [:]
        try object { reader, key in
            let name = String(decoding: key, as: UTF8.self)
            _ = try reader.peek()
            guard fields.updateValue(reader.place, forKey: name) == nil else {
                throw reader.error("the key \"\(TokenizerError.quoted(name))\" is there twice")
            }
            try reader.skip()
        }
        return fields
    }

    mutating func string() throws -> String {
        var buffer: [UInt8] = []
        try string(into: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }

    mutating func bool() throws -> Bool {
        if try literal("true") { return true }
        if try literal("false") { return false }
        throw error("true or false is expected")
    }

    /// An integer that fits; a fraction or an exponent is an error.
    mutating func integer() throws -> Int {
        // The ids of a vocabulary: a few digits and nothing else.
        if (0x31...0x39).contains(try peek()) {
            var (value, end) = (0, place)
            while end < bytes.count, end - place < 10, (0x30...0x39).contains(bytes[end]) {
                value = value * 10 + Int(bytes[end] - 0x30)
                end += 1
            }
            if end < bytes.count, [0x2C, 0x7D, 0x5D].contains(bytes[end]) {
                place = end
                return value
            }
        }
        let text = try number()
        guard let value = Int(text) else { throw error("an integer is expected, not \(TokenizerError.quoted(text)),") }
        return value
    }

    mutating func double() throws -> Double {
        let text = try number()
        guard let value = Double(text) else { throw error("a number is expected, not \(TokenizerError.quoted(text)),") }
        return value
    }

    /// Passes a value of any kind, checking its syntax.
    mutating func skip() throws {
        switch try peek() {
        case UInt8(ascii: "{"): try object { reader, _ in try reader.skip() }
        case UInt8(ascii: "["): try array { try $0.skip() }
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
        case UInt8(ascii: "n"): try null()
        default: _ = try number()
        }
    }

    mutating func null() throws {
        guard try literal("null") else { throw error("null is expected") }
    }

    /// Nothing but white space may follow.
    mutating func end() throws {
        passWhitespace()
        guard place == bytes.count else { throw error("something follows the JSON value") }
    }

    // MARK: Parts

    private mutating func passWhitespace() {
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            default: return
            }
        }
    }

    private mutating func open(_ bracket: Unicode.Scalar, _ name: String) throws {
        guard try take(bracket) else { throw error("\(name) is expected") }
        depth += 1
        guard depth <= Self.maximumDepth else { throw error("values are nested more than \(Self.maximumDepth) deep") }
    }

    private mutating func close() { depth -= 1 }

    private mutating func take(_ character: Unicode.Scalar) throws -> Bool {
        guard try peek() == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func literal(_ text: StaticString) throws -> Bool {
        _ = try peek()
        guard place + text.utf8CodeUnitCount <= bytes.count,
            text.withUTF8Buffer({ $0.elementsEqual(bytes[place..<place + text.utf8CodeUnitCount]) })
        else { return false }
        place += text.utf8CodeUnitCount
        return true
    }

    /// The characters of a number as JSON allows it.
    private mutating func number() throws -> String {
        _ = try peek()
        let start = place
        func digits() throws {
            let first = place
            while place < bytes.count, (0x30...0x39).contains(bytes[place]) { place += 1 }
            guard place > first else { throw error("a value is expected") }
        }
        func next(_ characters: StaticString) -> Bool {
            guard place < bytes.count, characters.withUTF8Buffer({ $0.contains(bytes[place]) }) else { return false }
            place += 1
            return true
        }
        _ = next("-")
        let leadingZero = place < bytes.count && bytes[place] == 0x30
        let first = place
        try digits()
        guard !leadingZero || place == first + 1 else { throw error("a number starts with 0") }
        if next(".") { try digits() }
        if next("eE") {
            _ = next("+-")
            try digits()
        }
        guard place - start <= 400 else { throw error("a number has more than 400 characters") }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func skipString() throws {
        place += 1
        while place < bytes.count, bytes[place] != 0x22, bytes[place] != 0x5C, bytes[place] >= 0x20 { place += 1 }
        if place < bytes.count, bytes[place] == 0x22 {
            place += 1
            return
        }
        // An escape or an error: read on, the part before does not matter.
        var scratch: [UInt8] = []
        try stringRest(into: &scratch)
    }

    /// Reads a string into `buffer`, replacing what was there.
    mutating func string(into buffer: inout [UInt8]) throws {
        buffer.removeAll(keepingCapacity: true)
        guard try take("\"") else { throw error("a string is expected") }
        try stringRest(into: &buffer)
    }

    private mutating func stringRest(into buffer: inout [UInt8]) throws {
        while true {
            let start = place
            while place < bytes.count, bytes[place] != 0x22, bytes[place] != 0x5C, bytes[place] >= 0x20 { place += 1 }
            buffer.append(contentsOf: bytes[start..<place])
            guard place < bytes.count else { throw error("the file ends inside a string") }
            let stop = bytes[place]
            guard stop >= 0x20 else { throw error("a control character is inside a string") }
            place += 1
            if stop == 0x22 { return }
            try escape(into: &buffer)
        }
    }

    private mutating func escape(into buffer: inout [UInt8]) throws {
        guard place < bytes.count else { throw error("the file ends inside a string") }
        let character = bytes[place]
        place += 1
        switch character {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(character)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"):
            var value = try hexadecimal()
            if (0xD800..<0xDC00).contains(value), place + 1 < bytes.count, bytes[place] == 0x5C,
                bytes[place + 1] == 0x75
            {
                place += 2
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw error("half of a surrogate pair is missing") }
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(value) else { throw error("half of a surrogate pair is missing") }
            buffer.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default:
            throw error("an escape is not one of JSON's")
        }
    }

    private mutating func hexadecimal() throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard place < bytes.count, let digit = Character(Unicode.Scalar(bytes[place])).hexDigitValue,
                bytes[place] < 0x80
            else { throw error("four hexadecimal digits are expected") }
            value = value << 4 | UInt32(digit)
            place += 1
        }
        return value
    }
}
