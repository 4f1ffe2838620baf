/// What a Word file says elsewhere of its paragraphs: which styles are headings and lists, and how lists are marked.
struct WordStyles {
    struct Style {
        /// 1 to 6.
        var headingLevel: Int?
        var isTitle = false
        /// The list that its paragraphs belong to.
        var list: List?
    }

    /// A list and how far in.
    struct List: Hashable {
        var id: String
        var level: Int
    }

    private var styles: [String: Style] = [:]
    private var parents: [String: String] = [:]
    /// `numId` to `abstractNumId`, and of those the levels that are numbered.
    private var abstracts: [String: String] = [:]
    private var numbered: Set<List> = []

    /// - Parameters:
    ///   - styles: `word/styles.xml`; empty where there is none.
    ///   - numbering: `word/numbering.xml`, likewise.
    /// - Throws: `ReadFailure`.
    init(styles: [UInt8], numbering: [UInt8]) throws(ReadFailure) {
        try readStyles(styles)
        try readNumbering(numbering)
    }

    private mutating func readStyles(_ bytes: [UInt8]) throws(ReadFailure) {
        var scanner = XMLScanner(bytes)
        var id: String?
        var style = Style()
        while let token = try scanner.next() {
            switch token {
            case .start("style", let attributes, _):
                id = attributes["styleId"]
                style = Style()
            case .start("name", let attributes, _): Self.name(attributes["val"] ?? "", &style)
            case .start("basedOn", let attributes, _): if let id { parents[id] = attributes["val"] }
            case .start("outlineLvl", let attributes, _):
                style.headingLevel = style.headingLevel ?? Self.headingLevel(outline: attributes["val"])
            case .start("numId", let attributes, _):
                if let list = attributes["val"] { style.list = List(id: list, level: style.list?.level ?? 0) }
            case .start("ilvl", let attributes, _):
                style.list = List(id: style.list?.id ?? "", level: Self.level(attributes["val"]))
            case .end("style"):
                if let id { styles[id] = style }
                id = nil
            default: break
            }
        }
    }

    /// Built-in styles have English names in files of every language.
    private static func name(_ name: String, _ style: inout Style) {
        let name = name.lowercased()
        if name == "title" { style.isTitle = true }
        if name.hasPrefix("heading "), let level = Int(name.dropFirst(8)), (1...9).contains(level) {
            style.headingLevel = min(6, level)
        }
    }

    /// - Parameter outline: `0` to `8`; `9` is text.
    static func headingLevel(outline: String?) -> Int? {
        guard let level = outline.flatMap({ Int($0) }), (0...8).contains(level) else { return nil }
        return min(6, level + 1)
    }

    static func level(_ text: String?) -> Int { min(8, max(0, text.flatMap { Int($0) } ?? 0)) }

    private mutating func readNumbering(_ bytes: [UInt8]) throws(ReadFailure) {
        var scanner = XMLScanner(bytes)
        var abstract: String?
        var number: String?
        var level = 0
        while let token = try scanner.next() {
            switch token {
            case .start("abstractNum", let attributes, _): abstract = attributes["abstractNumId"]
            case .end("abstractNum"): abstract = nil
            case .start("lvl", let attributes, _): level = Self.level(attributes["ilvl"])
            case .start("numFmt", let attributes, _):
                if let abstract, let format = attributes["val"], format != "bullet", format != "none" {
                    numbered.insert(List(id: abstract, level: level))
                }
            case .start("num", let attributes, _): number = attributes["numId"]
            case .start("abstractNumId", let attributes, _): if let number { abstracts[number] = attributes["val"] }
            case .end("num"): number = nil
            default: break
            }
        }
    }

    /// A style with what it inherits; circles end.
    func style(_ id: String?) -> Style {
        var result = Style()
        var id = id
        var steps = 0
        while let name = id, steps < 32 {
            if let style = styles[name] {
                result.headingLevel = result.headingLevel ?? style.headingLevel
                result.isTitle = result.isTitle || (style.isTitle && steps == 0)
                result.list = result.list ?? style.list
            } else if steps == 0, name.hasPrefix("Heading"), let level = Int(name.dropFirst(7)), (1...9).contains(level)
            {
                result.headingLevel = min(6, level)
            }
            id = parents[name]
            steps += 1
        }
        return result
    }

    /// Items have numbers rather than bullets.
    func isNumbered(_ list: List) -> Bool {
        abstracts[list.id].map { numbered.contains(List(id: $0, level: list.level)) } ?? false
    }
}
