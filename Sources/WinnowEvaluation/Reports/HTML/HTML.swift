/// Markup that may be printed as it is. The only ways to make some are escaped text, and elements whose names and
/// attributes' names are literals of ours: nothing that was read can become a tag.
///
///     HTML("p", ["class": "note"]) {
///         "Relevant: "
///         HTML("bdi") { passage.text }
///     }
///
/// It is well-formed XML and HTML at once, so that a test can parse it.
struct HTML: Sendable, Hashable {
    /// For the page.
    private(set) var markup: String

    static let empty = HTML(markup: "")

    private init(markup: String) { self.markup = markup }

    /// Text, escaped.
    init(text: String) { self.init(markup: PageText.escaped(text)) }

    /// An element; attributes without a value are left out, the order is kept.
    init(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?> = [:],
        @HTMLBuilder content: () -> HTML
    ) {
        self.init(markup: "<\(name)\(Self.text(of: attributes))>\(content().markup)</\(name)>")
    }

    /// An element that has no content, such as `meta` or an SVG shape.
    init(empty name: StaticString, _ attributes: KeyValuePairs<StaticString, String?> = [:]) {
        self.init(markup: "<\(name)\(Self.text(of: attributes))/>")
    }

    /// A style sheet, which no escaping could make safe: a literal.
    init(styleSheet: StaticString) { self.init(markup: "<style>\(styleSheet)</style>") }

    /// Several pieces one after another.
    init(@HTMLBuilder _ content: () -> HTML) { self = content() }

    init(_ parts: [HTML]) { self.init(markup: parts.lazy.map(\.markup).joined()) }

    static func + (left: HTML, right: HTML) -> HTML { HTML(markup: left.markup + right.markup) }

    private static func text(of attributes: KeyValuePairs<StaticString, String?>) -> String {
        var text = ""
        for (name, value) in attributes {
            if let value { text += " \(name)=\"\(PageText.escaped(value))\"" }
        }
        return text
    }
}

/// Strings within are text, and escaped.
@resultBuilder
enum HTMLBuilder {
    static func buildExpression(_ text: String) -> HTML { HTML(text: text) }
    static func buildExpression(_ html: HTML) -> HTML { html }
    static func buildExpression(_ html: HTML?) -> HTML { html ?? .empty }
    static func buildExpression(_ parts: [HTML]) -> HTML { HTML(parts) }
    static func buildBlock(_ parts: HTML...) -> HTML { HTML(parts) }
    static func buildOptional(_ html: HTML?) -> HTML { html ?? .empty }
    static func buildEither(first: HTML) -> HTML { first }
    static func buildEither(second: HTML) -> HTML { second }
    static func buildArray(_ parts: [HTML]) -> HTML { HTML(parts) }
}

extension HTML {
    /// Text of others within a line: its direction does not reach beyond it.
    static func foreign(_ text: String, limit: Int = .max) -> HTML {
        HTML("bdi") { text.count > limit ? text.prefix(max(0, limit - 1)) + "…" : text }
    }

    /// A name, an id or a digest, in a fixed pitch.
    static func code(_ text: String) -> HTML {
        HTML("code", ["dir": "auto"]) { text.count > 200 ? text.prefix(199) + "…" : text }
    }
}
