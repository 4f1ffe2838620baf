/// The words, values and signs of a filter's text.
struct FilterLexer {
    struct Token {
        enum Kind: Equatable {
            case word(String)
            /// In backticks.
            case name(String)
            case string(String)
            /// With the text that it was read from.
            case number(FilterLiteral, String)
            case symbol(String)
            case end
        }

        var kind: Kind
        /// Where it begins, in scalars.
        var start: Int

        func isKeyword(_ keyword: String) -> Bool {
            if case .word(let word) = kind { word.lowercased() == keyword } else { false }
        }

        /// As messages show it.
        var name: String {
            switch kind {
            case .word(let text): "'\(SingleLine.of(text, limit: 40))'"
            case .name(let text): "the field \(SingleLine.of(FilterText.escaped(text, in: "`"), limit: 40))"
            case .string(let text): "the text \(SingleLine.of(FilterText.escaped(text, in: "\""), limit: 40))"
            case .number(_, let text): "the number \(SingleLine.of(text, limit: 40))"
            case .symbol(let text): "'\(text)'"
            case .end: "the end"
            }
        }
    }

    private let scalars: [Unicode.Scalar]
    private var position = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// - Parameter position: in scalars.
    func failure(_ reason: String, at position: Int) -> FilterError {
        FilterError(.syntax(text: scalars, position: position, reason: reason))
    }

    private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    mutating func next() throws(FilterError) -> Token {
        while let scalar = peek, scalar.properties.isWhitespace { position += 1 }
        let start = position
        guard let scalar = peek else { return Token(kind: .end, start: start) }
        switch scalar {
        case "\"", "'": return Token(kind: .string(try quoted(by: scalar)), start: start)
        case "`": return Token(kind: .name(try quoted(by: scalar)), start: start)
        case "(", ")", "[", "]", ",":
            position += 1
            return Token(kind: .symbol(String(scalar)), start: start)
        case "=", "!", "<", ">":
            return Token(kind: .symbol(try sign()), start: start)
        case "-", "0"..."9":
            return try number()
        case _ where FilterText.startsName(scalar):
            while let scalar = peek, FilterText.continuesName(scalar) { position += 1 }
            return Token(kind: .word(text(start..<position)), start: start)
        case "“", "”", "„", "‘", "’", "«", "»":
            throw failure("a typographic quote stands here: texts stand in \" or '", at: start)
        default:
            throw failure(
                "nothing that a filter knows begins with '\(SingleLine.of(String(scalar), limit: 4))'", at: start)
        }
    }

    private func text(_ range: Range<Int>) -> String {
        String(String.UnicodeScalarView(scalars[range]))
    }

    private mutating func sign() throws(FilterError) -> String {
        let start = position
        while let scalar = peek, "=!<>".unicodeScalars.contains(scalar) { position += 1 }
        let sign = text(start..<position)
        switch sign {
        case "=", "==", "!=", "<>", "<", "<=", ">", ">=": return sign
        default:
            throw failure(
                "there is no comparison '\(SingleLine.of(sign, limit: 8))': there are = != < <= > >=", at: start)
        }
    }

    /// As JSON writes numbers.
    private mutating func number() throws(FilterError) -> Token {
        let start = position
        if peek == "-" { position += 1 }
        let digits = position
        skipDigits()
        guard position > digits else { throw failure("digits must follow the minus", at: start) }
        var isInteger = true
        if peek == ".", position + 1 < scalars.count, Self.isDigit(scalars[position + 1]) {
            isInteger = false
            position += 1
            skipDigits()
        }
        if peek == "e" || peek == "E" {
            var end = position + 1
            if end < scalars.count, scalars[end] == "+" || scalars[end] == "-" { end += 1 }
            if end < scalars.count, Self.isDigit(scalars[end]) {
                isInteger = false
                position = end
                skipDigits()
            }
        }
        let text = text(start..<position)
        if isInteger, let value = Int64(text) {
            return Token(kind: .number(.integer(value), text), start: start)
        }
        guard let value = Double(text), value.isFinite else {
            throw failure("the number is too large for 64 bits", at: start)
        }
        return Token(kind: .number(.number(value), text), start: start)
    }

    private mutating func skipDigits() { while let scalar = peek, Self.isDigit(scalar) { position += 1 } }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    /// What stands close behind the last token and belongs to it as a name.
    func restOfName() -> String {
        var end = position
        while end < scalars.count, FilterText.continuesName(scalars[end]) { end += 1 }
        return text(position..<end)
    }

    mutating func skipRestOfName() {
        while let scalar = peek, FilterText.continuesName(scalar) { position += 1 }
    }

    private mutating func quoted(by quote: Unicode.Scalar) throws(FilterError) -> String {
        let opening = position
        position += 1
        var content = String.UnicodeScalarView()
        while let scalar = peek {
            switch scalar {
            case quote:
                position += 1
                return String(content)
            case "\\":
                content.append(try escape())
            default:
                content.append(scalar)
                position += 1
            }
        }
        throw failure("this quote is not closed", at: opening)
    }

    private mutating func escape() throws(FilterError) -> Unicode.Scalar {
        let place = position
        position += 1
        guard let scalar = peek else { throw failure("a backslash at the end escapes nothing", at: place) }
        position += 1
        switch scalar {
        case "\"", "'", "`", "\\", "/": return scalar
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u":
            let unit = try hexadecimal(place)
            if let scalar = Unicode.Scalar(unit) { return scalar }
            // A high surrogate must be followed by the escape of a low one.
            if unit < 0xDC00, position + 1 < scalars.count, scalars[position] == "\\", scalars[position + 1] == "u" {
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
            throw failure("there is no such escape; a backslash itself is written \\\\", at: place)
        }
    }

    private mutating func hexadecimal(_ place: Int) throws(FilterError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let scalar = peek, scalar.isASCII, let digit = Character(scalar).hexDigitValue else {
                throw failure("\\u wants four hexadecimal digits", at: place)
            }
            value = value << 4 + UInt32(digit)
            position += 1
        }
        return value
    }
}
