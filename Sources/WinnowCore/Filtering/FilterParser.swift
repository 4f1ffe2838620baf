/// Reads a filter: `or` binds least, then `and`, then `not`.
///
///     expression = conjunction { "or" conjunction }
///     conjunction = negation { "and" negation }
///     negation = "not" negation | primary
///     primary = "(" expression ")" | "exists" field
///             | field ( "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=" ) value | field [ "not" ] "in" "[" value { "," value } "]"
struct FilterParser {
    private var lexer: FilterLexer
    private var token: FilterLexer.Token
    private var depth = 0

    /// Bytes of a filter, and how deeply parentheses and `not` may nest: a filter is typed, and trees are walked by recursion.
    static let mostBytes = 65_536
    static let mostDepth = 200

    /// - Throws: ``FilterError``.
    static func parse(_ text: String) throws(FilterError) -> FilterExpression {
        guard text.utf8.count <= mostBytes else {
            throw FilterError(.tooLong(bytes: text.utf8.count, most: mostBytes))
        }
        var parser = try FilterParser(text)
        let expression = try parser.disjunction()
        guard parser.token.kind == .end else {
            throw parser.unexpected("'and', 'or' or the end of the filter", hint: parser.endHint)
        }
        return expression
    }

    private init(_ text: String) throws(FilterError) {
        lexer = FilterLexer(text)
        token = try lexer.next()
    }

    private mutating func advance() throws(FilterError) { token = try lexer.next() }

    private func unexpected(_ wanted: String, hint: String? = nil) -> FilterError {
        lexer.failure("\(wanted) is wanted here, found \(token.name)" + (hint.map { "; \($0)" } ?? ""), at: token.start)
    }

    /// What may have been meant by two things side by side.
    private var endHint: String? {
        switch token.kind {
        case .word, .name, .number, .string: "texts and dates stand in quotes"
        default: nil
        }
    }

    private mutating func deeper<Result>(
        _ body: (inout FilterParser) throws(FilterError) -> Result
    ) throws(FilterError) -> Result {
        depth += 1
        guard depth <= Self.mostDepth else {
            throw lexer.failure("the filter is nested more than \(Self.mostDepth) deep here", at: token.start)
        }
        let result = try body(&self)
        depth -= 1
        return result
    }

    private mutating func disjunction() throws(FilterError) -> FilterExpression {
        var parts = [try conjunction()]
        while token.isKeyword("or") {
            try advance()
            parts.append(try conjunction())
        }
        return parts.count == 1 ? parts[0] : .or(parts)
    }

    private mutating func conjunction() throws(FilterError) -> FilterExpression {
        var parts = [try negation()]
        while token.isKeyword("and") {
            try advance()
            parts.append(try negation())
        }
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    private mutating func negation() throws(FilterError) -> FilterExpression {
        guard token.isKeyword("not") else { return try primary() }
        return try deeper { (parser: inout FilterParser) throws(FilterError) -> FilterExpression in
            try parser.advance()
            return .not(try parser.negation())
        }
    }

    private mutating func primary() throws(FilterError) -> FilterExpression {
        if token.kind == .symbol("(") {
            return try deeper { (parser: inout FilterParser) throws(FilterError) -> FilterExpression in
                let opening = parser.token.start
                try parser.advance()
                let inner = try parser.disjunction()
                guard parser.token.kind == .symbol(")") else {
                    throw parser.token.kind == .end
                        ? parser.lexer.failure("this parenthesis is not closed", at: opening)
                        : parser.unexpected("'and', 'or' or ')'", hint: parser.endHint)
                }
                try parser.advance()
                return inner
            }
        }
        if token.isKeyword("exists") {
            try advance()
            return .exists(field: try field())
        }
        return try comparison(of: try field())
    }

    private mutating func field() throws(FilterError) -> String {
        switch token.kind {
        case .name(let name):
            guard !name.isEmpty else { throw lexer.failure("a field's name is empty", at: token.start) }
            try advance()
            return name
        case .word(let word):
            guard !FilterText.keywords.contains(word.lowercased()) else {
                throw unexpected("a field, '(', 'not' or 'exists'", hint: "a field of that name is written `\(word)`")
            }
            try advance()
            return word
        case .number(_, let text):
            // Such as 2fa or 2026.
            let whole = text + lexer.restOfName()
            guard whole.unicodeScalars.allSatisfy(FilterText.continuesName), !whole.hasPrefix("-") else {
                throw unexpected("a field, '(', 'not' or 'exists'")
            }
            lexer.skipRestOfName()
            try advance()
            return whole
        case .string(let text):
            throw unexpected(
                "a field, '(', 'not' or 'exists'",
                hint: "a field's name stands in backticks: \(FilterText.escaped(text, in: "`"))")
        default:
            throw unexpected("a field, '(', 'not' or 'exists'")
        }
    }

    private mutating func comparison(of field: String) throws(FilterError) -> FilterExpression {
        if token.isKeyword("in") {
            try advance()
            return .isIn(field: field, try list())
        }
        if token.isKeyword("not") {
            try advance()
            guard token.isKeyword("in") else { throw unexpected("'in'") }
            try advance()
            return .not(.isIn(field: field, try list()))
        }
        guard case .symbol(let symbol) = token.kind, let (comparison, isNegated) = Self.comparisons[symbol] else {
            throw unexpected(
                "'=', '!=', '<', '<=', '>', '>=', 'in' or 'not in'",
                hint: token.kind == .end ? "whether a field is there is written exists \(FilterText.field(field))" : nil
            )
        }
        try advance()
        let start = token.start
        let literal = try value()
        if case .bool = literal, comparison != .equal {
            throw lexer.failure("true and false have no order: compare them with = or !=", at: start)
        }
        let leaf = FilterExpression.comparison(field: field, comparison, literal)
        return isNegated ? .not(leaf) : leaf
    }

    private static let comparisons: [String: (FilterComparison, isNegated: Bool)] = [
        "=": (.equal, false), "==": (.equal, false), "!=": (.equal, true), "<>": (.equal, true), "<": (.less, false),
        "<=": (.lessOrEqual, false), ">": (.greater, false), ">=": (.greaterOrEqual, false),
    ]

    private mutating func list() throws(FilterError) -> [FilterLiteral] {
        let opening = token.start
        guard token.kind == .symbol("[") else { throw unexpected("'['", hint: "such as in [1, 2]") }
        try advance()
        var values = [try value()]
        while token.kind == .symbol(",") {
            try advance()
            values.append(try value())
        }
        guard token.kind == .symbol("]") else {
            throw token.kind == .end
                ? lexer.failure("this list is not closed", at: opening) : unexpected("',' or ']'", hint: endHint)
        }
        try advance()
        return values
    }

    private mutating func value() throws(FilterError) -> FilterLiteral {
        let literal: FilterLiteral
        switch token.kind {
        case .string(let text): literal = .string(text)
        case .number(let number, _): literal = number
        case .word(let word) where word.lowercased() == "true": literal = .bool(true)
        case .word(let word) where word.lowercased() == "false": literal = .bool(false)
        case .word(let word) where word.lowercased() == "null":
            throw unexpected("a value", hint: "a field that is null or absent is found by not exists")
        case .word(let word):
            throw unexpected("a value", hint: "a text stands in quotes: \"\(word)\"")
        default: throw unexpected("a value", hint: "a number, true, false, or a text or a date in quotes")
        }
        try advance()
        return literal
    }
}
