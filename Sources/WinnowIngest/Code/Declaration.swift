/// The function or type that a line of code begins, as far as its first words tell.
struct Declaration {
    var name: String
    /// Others may stand in it.
    var isType: Bool

    /// - Parameters:
    ///   - code: masked, all of it.
    ///   - start: of the line, behind its indentation.
    ///   - isInType: the line stands directly in a type.
    /// - Returns: nil for a line that begins none.
    init?(_ code: [UInt8], at start: Int, _ language: CodeLanguage, isInType: Bool) {
        var words = Words(code, start)
        var seen = 0
        while let word = words.next(), seen < 12 {
            seen += 1
            if language.functions.contains(word) || (language.blocks == .statements && word.lowercased() == "create") {
                guard let name = Self.function(word, &words, language) else { return nil }
                (self.name, isType) = (name, false)
                return
            }
            if language.types.contains(word), !(word == "class" && words.peek == "func"), !words.isFollowed(by: "(") {
                guard let name = Self.type(word, &words, language) else { return nil }
                (self.name, isType) = (name, true)
                return
            }
            if let name = Self.arrow(word, words, language) {
                (self.name, isType) = (name, false)
                return
            }
            if Self.endsDeclaration.contains(word) { break }
            // Attributes, modifiers and a type come before; a name with parameters is a function, or a call.
            if words.isFollowed(by: "(") {
                guard Self.isBareFunction(word, words, seen: seen, language, isInType: isInType) else { break }
                (name, isType) = (word + "()", false)
                return
            }
            if !words.isInDeclaration { break }
        }
        return nil
    }

    /// Words that no declaration begins with.
    private static let endsDeclaration: Set<String> = [
        "if", "for", "while", "switch", "return", "else", "catch", "do", "try", "throw", "guard", "case", "goto", "new",
        "delete",
        "import", "using", "package", "await", "yield", "elif", "fi", "done", "then", "when", "unless", "require",
        "synchronized",
        "let", "typedef", "#define", "#if", "#ifdef", "#include", "echo",
    ]

    private static func function(_ word: String, _ words: inout Words, _ language: CodeLanguage) -> String? {
        switch word {
        case "init", "init?", "init!", "deinit", "subscript", "constructor":
            let name = word.filter { $0 != "?" && $0 != "!" }
            return name == "deinit" ? name : name + (language.hasLabels ? words.labels : "()")
        case "func" where !language.hasLabels && words.isFollowed(by: "("):
            // Go: the receiver's type comes first.
            let receiver = words.parenthesised.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
            guard let name = words.next() else { return nil }
            let type = receiver.count > 1 ? receiver[1] : receiver.first
            return (type.map { $0 + "." } ?? "") + name + "()"
        default:
            if word.lowercased() == "create", language.blocks == .statements { return words.statement }
            guard let name = words.next() else { return nil }
            return name + (language.hasLabels ? words.labels : "()")
        }
    }

    private static func type(_ word: String, _ words: inout Words, _ language: CodeLanguage) -> String? {
        if word == "impl" {
            // `impl<T> Display for Point<T>` is about the point.
            words.skipAngles()
            guard var name = words.next() else { return nil }
            words.skipAngles()
            if words.peek == "for" {
                _ = words.next()
                name = words.next() ?? name
            }
            return name
        }
        guard var name = words.next() else { return word == "namespace" ? "" : nil }
        // `enum class Colour`, `record struct`.
        if language.types.contains(name), let next = words.next() { name = next }
        return name
    }

    /// `const load = async (path) => {` and `load = function (path) {`.
    private static func arrow(_ word: String, _ words: Words, _ language: CodeLanguage) -> String? {
        guard language.longQuotes == ["`"], language.bareFunctions == .inTypes else { return nil }
        guard ["const", "let", "var"].contains(word), let name = words.peek else { return nil }
        let line = words.restOfLine
        guard line.contains("=>") || line.contains("function") else { return nil }
        guard let sign = line.firstIndex(of: "="), line[line.startIndex..<sign].contains(name) else { return nil }
        return name + "()"
    }

    private static func isBareFunction(
        _ word: String, _ words: Words, seen: Int, _ language: CodeLanguage, isInType: Bool
    ) -> Bool {
        switch language.bareFunctions {
        case .none: return false
        case .afterType: guard seen > 1 || isInType || word.contains("::") else { return false }
        // A shell's functions have empty parentheses.
        case .inTypes:
            guard isInType || words.restOfLine.drop(while: \.isWhitespace).hasPrefix("()") else { return false }
        }
        return words.opensBlock
    }
}

/// Words of masked code from a place on.
struct Words {
    private let code: [UInt8]
    private var position: Int

    private static let longest = 200
    /// How far a declaration is read before its block opens.
    private static let farthest = 4000

    init(_ code: [UInt8], _ position: Int) {
        self.code = code
        self.position = position
    }

    private static func isPart(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte >= 0x80
            || "_$@#:~".utf8.contains(byte)
    }

    private func skippingSpace(_ place: Int) -> Int {
        var place = place
        while place < code.count, code[place] == 0x20 || code[place] == 0x09 { place += 1 }
        return place
    }

    /// The next word on the line; parameters of attributes, pointers and references are passed over.
    mutating func next() -> String? {
        var place = skippingSpace(position)
        while place < code.count, "*&<>,[]?".utf8.contains(code[place]) { place = skippingSpace(place + 1) }
        var end = place
        while end < code.count, end - place < Self.longest, Self.isPart(code[end]) {
            // A single colon ends a name: `class A: B`.
            if code[end] == UInt8(ascii: ":"), !(end + 1 < code.count && code[end + 1] == UInt8(ascii: ":")) {
                if end == place || code[end - 1] != UInt8(ascii: ":") { break }
            }
            end += 1
        }
        // `Module.Type` and `module.function` are one name.
        while end > place, end + 1 < code.count, code[end] == UInt8(ascii: "."), Self.isPart(code[end + 1]),
            code[end + 1] != UInt8(ascii: ":")
        {
            end += 1
            while end < code.count, end - place < Self.longest, Self.isPart(code[end]), code[end] != UInt8(ascii: ":") {
                end += 1
            }
        }
        if end > place, end < code.count, code[end] == UInt8(ascii: "?") || code[end] == UInt8(ascii: "!") { end += 1 }
        guard end > place else { return nil }
        position = end
        let word = String(decoding: code[place..<end], as: UTF8.self)
        // An attribute, and what stands in parentheses behind it.
        if word.hasPrefix("@"), end < code.count, code[end] == UInt8(ascii: "(") {
            position = closing(end).map { $0 + 1 } ?? end
        }
        return word
    }

    var peek: String? {
        var copy = self
        return copy.next()
    }

    /// More of a declaration can follow on the line.
    var isInDeclaration: Bool {
        let place = skippingSpace(position)
        return place < code.count && !"=;.+-/|!%^){}\n\r".utf8.contains(code[place])
    }

    func isFollowed(by mark: Character) -> Bool {
        let place = skippingSpace(position)
        return place < code.count && code[place] == mark.asciiValue
    }

    var restOfLine: Substring {
        let end =
            code[position...].prefix(Self.longest * 2).firstIndex(of: 0x0A)
            ?? min(code.count, position + Self.longest * 2)
        return Substring(String(decoding: code[position..<end], as: UTF8.self))
    }

    mutating func skipAngles() {
        var place = skippingSpace(position)
        guard place < code.count, code[place] == UInt8(ascii: "<") else { return }
        var depth = 0
        let limit = min(code.count, place + Self.farthest)
        while place < limit {
            if code[place] == UInt8(ascii: "<") { depth += 1 }
            if code[place] == UInt8(ascii: ">"), place > 0, code[place - 1] != UInt8(ascii: "-") { depth -= 1 }
            place += 1
            if depth == 0 { break }
        }
        position = place
    }

    /// Where the parenthesis at `open` is closed.
    private func closing(_ open: Int) -> Int? {
        var depth = 0
        for place in open..<min(code.count, open + Self.farthest) {
            if code[place] == UInt8(ascii: "(") { depth += 1 }
            if code[place] == UInt8(ascii: ")") { depth -= 1 }
            if depth == 0 { return place }
        }
        return nil
    }

    /// What stands in the parentheses that follow, which are passed.
    var parenthesised: String {
        mutating get {
            let open = skippingSpace(position)
            guard open < code.count, let end = closing(open), end > open else { return "" }
            position = end + 1
            return String(decoding: code[open + 1..<end], as: UTF8.self)
        }
    }

    /// Swift's: `(_:to:)`.
    var labels: String {
        var copy = self
        copy.skipAngles()
        guard copy.isFollowed(by: "(") else { return "" }
        let text = copy.parenthesised
        var labels = ""
        var depth = 0
        var parameter = ""
        for character in text + "," {
            if character == ",", depth == 0 {
                let head = parameter.prefix { $0 != ":" }.split(whereSeparator: \.isWhitespace)
                if let label = head.first(where: { !$0.hasPrefix("@") }) { labels += label + ":" }
                parameter = ""
            } else {
                if "([<{".contains(character) { depth += 1 }
                if ")]}".contains(character) || (character == ">" && parameter.last != "-") { depth -= 1 }
                parameter.append(character)
            }
        }
        return "(" + labels + ")"
    }

    /// SQL: `table orders` of `CREATE TABLE IF NOT EXISTS orders (`.
    var statement: String? {
        var copy = self
        let skipped: Set<String> = [
            "or", "replace", "if", "not", "exists", "temp", "temporary", "unique", "materialized", "alter",
        ]
        var kept: [String] = []
        while kept.count < 2, let word = copy.next() { if !skipped.contains(word.lowercased()) { kept.append(word) } }
        guard kept.count == 2 else { return nil }
        return kept[0].lowercased() + " " + kept[1]
    }

    /// Behind the parameters a brace comes before any semicolon.
    var opensBlock: Bool {
        let open = skippingSpace(position)
        guard open < code.count, code[open] == UInt8(ascii: "("), let end = closing(open) else { return false }
        for place in end..<min(code.count, end + 600) {
            switch code[place] {
            case UInt8(ascii: "{"): return true
            case UInt8(ascii: ";"), UInt8(ascii: "="), UInt8(ascii: "}"): return false
            default: break
            }
        }
        return false
    }
}
