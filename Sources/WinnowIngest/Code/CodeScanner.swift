import WinnowCore

/// Finds the functions and types of source code by its lines: by braces, or by indentation. No grammar is known; what is not recognised
/// stays with what is before it, so that every line is in one part.
struct CodeScanner {
    private(set) var parts: [CodePart] = []

    private let source: [UInt8]
    private let code: [UInt8]
    private let language: CodeLanguage
    /// Types around the line, and the depth or indentation of what is directly in them.
    private var types: [(name: String, inner: Int)] = []
    /// Where the comments and attributes begin that belong to what comes next.
    private var lead: Int?
    /// Types within one another whose content is looked at: a name has the names of all of them.
    private static let deepest = 16
    /// The function that was begun has ended: what follows is not its own.
    private var isAfterFunction = false

    /// - Parameter source: UTF-8.
    init(_ source: [UInt8], _ language: CodeLanguage) {
        self.source = source
        self.language = language
        code = CodeMask(source, language).bytes
        switch language.blocks {
        case .braces: scanBraces()
        case .indentation: scanIndentation()
        case .statements: scanStatements()
        }
        if parts.first?.start != 0 { parts.insert(CodePart(start: 0, name: ""), at: 0) }
    }

    private var path: String { types.map(\.name).filter { !$0.isEmpty }.joined(separator: ".") }

    private mutating func begin(_ name: String, at start: Int) {
        let start = lead ?? start
        lead = nil
        let full = [path, name].filter { !$0.isEmpty }.joined(separator: ".")
        if parts.last?.start == start { parts.removeLast() }
        parts.append(CodePart(start: start, name: full))
    }

    /// Lines one by one: where each starts, its first byte that is no blank, and its end.
    private func forEachLine(_ body: (_ start: Int, _ text: Int, _ end: Int) -> Void) {
        var start = 0
        while start < code.count {
            let end = code[start...].firstIndex(of: 0x0A) ?? code.count
            var text = start
            while text < end, code[text] == 0x20 || code[text] == 0x09 || code[text] == 0x0D { text += 1 }
            body(start, text, end)
            start = end + 1
        }
    }

    private func isBlank(_ start: Int, _ end: Int) -> Bool { source[start..<end].allSatisfy(ByteText.isSpace) }

    /// Comments, attributes and decorators are kept for what follows them, unless a blank line does.
    /// - Returns: whether the line is done with.
    private mutating func takeLead(_ start: Int, _ text: Int, _ end: Int) -> Bool {
        if isBlank(start, end) {
            lead = nil
            return true
        }
        let isComment = text == end
        guard isComment || isAttribute(text) else { return false }
        if lead == nil { lead = start }
        // `@inlinable func f()` is both.
        return isComment
    }

    /// `@name`, `#[name]`, and what a preprocessor reads: alone on a line, it stays with what follows.
    private func isAttribute(_ text: Int) -> Bool {
        code[text] == UInt8(ascii: "@") || code[text] == UInt8(ascii: "#")
    }

    // MARK: - Braces

    private mutating func scanBraces() {
        var depth = 0
        var round = 0
        /// A type whose brace is yet to come.
        var pending: String?
        /// A function has begun, and its body is at this depth.
        var functionDepth: Int?
        var lines: [(Int, Int, Int)] = []
        forEachLine { lines.append(($0, $1, $2)) }
        for (start, text, end) in lines {
            let inner = types.last?.inner ?? 0
            // Whatever went wrong before: at the left margin a new declaration begins.
            if depth != inner, text == start, text < end, code[text] != UInt8(ascii: "}"), round == 0, depth > 0,
                let found = Declaration(code, at: text, language, isInType: false), isCertain(found, text)
            {
                (depth, round, functionDepth, pending) = (0, 0, nil, nil)
                types = []
            }
            if depth == (types.last?.inner ?? 0), round == 0, pending == nil, functionDepth == nil {
                if !takeLead(start, text, end), text < end {
                    if let found = Declaration(code, at: text, language, isInType: !types.isEmpty) {
                        begin(found.name, at: start)
                        isAfterFunction = false
                        if found.isType { pending = found.name } else { functionDepth = depth }
                    } else if code[text] == UInt8(ascii: "}") {
                        lead = nil
                    } else if !isAttribute(text) {
                        if isAfterFunction { begin("", at: start) }
                        isAfterFunction = false
                        lead = nil
                    }
                }
            } else {
                lead = nil
            }
            for place in text..<end {
                switch code[place] {
                case UInt8(ascii: "("), UInt8(ascii: "["): round += 1
                case UInt8(ascii: ")"), UInt8(ascii: "]"): round = max(0, round - 1)
                case UInt8(ascii: "{"):
                    depth += 1
                    round = 0
                    if let name = pending, types.count < Self.deepest { types.append((name, depth)) }
                    pending = nil
                case UInt8(ascii: "}"):
                    depth = max(0, depth - 1)
                    round = 0
                    while let last = types.last, depth < last.inner {
                        types.removeLast()
                        isAfterFunction = true
                    }
                    if let body = functionDepth, depth <= body {
                        functionDepth = nil
                        isAfterFunction = true
                    }
                case UInt8(ascii: ";"):
                    // `struct point;` and a function without a body.
                    if pending != nil { pending = nil }
                    if functionDepth == depth {
                        functionDepth = nil
                        isAfterFunction = true
                    }
                default: break
                }
            }
            endBodiless(depth, round, &pending, &functionDepth, text, end)
        }
    }

    /// A protocol's requirements and `struct Unit` have no body: what begins is over with its line, unless a brace or more of it follows.
    private mutating func endBodiless(
        _ depth: Int, _ round: Int, _ pending: inout String?, _ functionDepth: inout Int?, _ text: Int, _ end: Int
    ) {
        guard round == 0, text < end, pending != nil || functionDepth == depth else { return }
        var next = end
        while next < code.count, ByteText.isSpace(code[next]) { next += 1 }
        let last = code[text..<end].last { !ByteText.isSpace($0) }
        let goesOn = last.map { ",:&|=<>".utf8.contains($0) } ?? false
        // Where clauses, initialiser lists, return types and braces on a line of their own.
        let isContinued =
            next < code.count
            && ("{:-".utf8.contains(code[next])
                || ["where", "throws", "extends", "implements", "async", "const", "override", "noexcept", "rethrows"]
                    .contains {
                        code[next...].starts(with: $0.utf8)
                    })
        guard !goesOn, !isContinued else { return }
        pending = nil
        if functionDepth == depth {
            functionDepth = nil
            isAfterFunction = true
        }
    }

    /// A word says that it is a declaration, not its looks alone.
    private func isCertain(_ found: Declaration, _ text: Int) -> Bool {
        guard language.bareFunctions == .none || found.isType else {
            var words = Words(code, text)
            while let word = words.next() { if language.functions.contains(word) { return true } }
            return false
        }
        return true
    }

    // MARK: - Indentation

    private mutating func scanIndentation() {
        var functionIndent: Int?
        var round = 0
        var lines: [(Int, Int, Int)] = []
        forEachLine { lines.append(($0, $1, $2)) }
        for (start, text, end) in lines {
            let indent = text - start
            if round == 0, text < end, let body = functionIndent, indent <= body {
                functionIndent = nil
                isAfterFunction = true
            }
            if round == 0, !takeLead(start, text, end), text < end {
                let closes = code[text...].starts(with: "end".utf8) && end - text <= 4
                while let last = types.last, indent < last.inner, !closes || indent < last.inner - 1 {
                    types.removeLast()
                    isAfterFunction = true
                }
                if functionIndent == nil, !closes {
                    if let found = Declaration(code, at: text, language, isInType: !types.isEmpty) {
                        begin(found.name, at: start)
                        isAfterFunction = false
                        if found.isType, types.count < Self.deepest {
                            types.append((found.name, indent + 1))
                        } else {
                            functionIndent = indent
                        }
                    } else if !isAttribute(text) {
                        if isAfterFunction { begin("", at: start) }
                        isAfterFunction = false
                        lead = nil
                    }
                } else {
                    lead = nil
                }
            } else if functionIndent != nil, text < end {
                lead = nil
            }
            for place in text..<end {
                switch code[place] {
                case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): round += 1
                case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): round = max(0, round - 1)
                default: break
                }
            }
        }
    }

    // MARK: - Statements

    private mutating func scanStatements() {
        var lines: [(Int, Int, Int)] = []
        forEachLine { lines.append(($0, $1, $2)) }
        for (start, text, end) in lines where !takeLead(start, text, end) && text < end {
            if text == start, let found = Declaration(code, at: text, language, isInType: false) {
                begin(found.name, at: start)
            } else {
                lead = nil
            }
        }
    }
}
