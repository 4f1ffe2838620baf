import Foundation

#if canImport(FoundationXML)
import FoundationXML
#endif

/// What a browser would make of a page, as far as a strict parser knows: its elements, attributes and text.
final class PageReader: NSObject, XMLParserDelegate {
    struct Element {
        var name: String
        var attributes: [String: String]
        /// Names of the elements around it, the outermost first.
        var path: [String]
    }

    private(set) var elements: [Element] = []
    private(set) var text = ""
    /// Marks with a title of each figure, in their order.
    private(set) var marksByFigure: [Int] = []
    private(set) var fault: String?
    private var path: [String] = []

    init(_ page: String) {
        super.init()
        let parser = XMLParser(data: Data(page.utf8))
        parser.delegate = self
        if !parser.parse() {
            fault =
                "line \(parser.lineNumber), column \(parser.columnNumber): \(parser.parserError.map { "\($0)" } ?? "?")"
        }
    }

    func count(_ name: String, class word: String? = nil) -> Int {
        elements.count { element in
            element.name == name
                && word.map { (element.attributes["class"] ?? "").split(separator: " ").contains(Substring($0)) }
                    ?? true
        }
    }

    var sections: [String] { elements.filter { $0.name == "section" }.compactMap { $0.attributes["id"] } }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        elements.append(Element(name: name, attributes: attributes, path: path))
        if name == "svg" { marksByFigure.append(0) }
        if name == "title", path.contains("svg"), !marksByFigure.isEmpty { marksByFigure[marksByFigure.count - 1] += 1 }
        path.append(name)
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        path.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        if !path.contains("style") { text += string }
    }
}
