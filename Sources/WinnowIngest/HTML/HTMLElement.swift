/// The elements that make a difference to the text of a page; all others are ``other`` and stand in the line of their text.
///
/// Elements that only format, such as `b`, are no elements here at all: their tags are ignored.
enum HTMLElement: String, CaseIterable {
    /// The page itself, and a piece of text: no tags of these names count.
    case page = " page"
    case text = " text"
    case other = " other"

    case a, address, article, aside, blockquote, body, br, button, canvas, caption, center, dd, details, dialog, dir,
        div, dl, dt
    case fieldset, figcaption, figure, footer, form, h1, h2, h3, h4, h5, h6, head, header, hgroup, hr, html, iframe,
        img, legend
    case li, listing, main, menu, nav, noscript, object, ol, optgroup, option, p, pre, search, section, select, span,
        summary, svg
    case table, tbody, td, template, tfoot, th, thead, tr, ul

    private static let byName: [String: HTMLElement] = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

    /// Have no content; only `br` and `hr` of them say something.
    private static let void: Set<String> = [
        "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link",
        "meta",
        "param", "source", "track", "wbr",
    ]

    private static let formatting: Set<String> = [
        "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark",
        "nobr", "q", "s", "samp", "small", "strike", "strong", "sub", "sup", "time", "tt", "u", "var",
    ]

    init(name: String) { self = Self.byName[name] ?? .other }

    static func isVoid(_ name: String) -> Bool { void.contains(name) }

    static func isFormatting(_ name: String) -> Bool { formatting.contains(name) }

    /// Text that follows it is a new block, and so is its own.
    var isBlock: Bool {
        switch self {
        case .text, .other, .a, .br, .button, .canvas, .iframe, .img, .object, .optgroup, .option, .select, .span, .svg,
            .template, .noscript:
            false
        default: true
        }
    }

    /// Ends a paragraph that is open where it begins.
    var closesParagraph: Bool {
        switch self {
        case .address, .article, .aside, .blockquote, .center, .details, .dialog, .dir, .div, .dl, .fieldset,
            .figcaption,
            .figure, .footer, .form, .h1, .h2, .h3, .h4, .h5, .h6, .header, .hgroup, .hr, .li, .listing, .main, .menu,
            .nav,
            .ol, .p, .pre, .search, .section, .summary, .table, .ul, .dd, .dt:
            true
        default: false
        }
    }

    /// Nothing within it ends an element around it, unless that is a part of a table.
    var isScope: Bool {
        switch self {
        case .page, .table, .td, .th, .caption, .template, .object, .html: true
        default: false
        }
    }

    var isTablePart: Bool {
        switch self {
        case .table, .tbody, .thead, .tfoot, .tr, .td, .th, .caption: true
        default: false
        }
    }

    /// 1 to 6 for headings.
    var headingLevel: Int? {
        switch self {
        case .h1: 1
        case .h2: 2
        case .h3: 3
        case .h4: 4
        case .h5: 5
        case .h6: 6
        default: nil
        }
    }

    /// What nobody reads on the page, whatever it holds.
    var isNeverText: Bool {
        switch self {
        case .button, .canvas, .iframe, .noscript, .optgroup, .option, .select, .svg, .template: true
        default: false
        }
    }
}
