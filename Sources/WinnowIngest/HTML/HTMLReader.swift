import WinnowCore

/// A page of HTML as a document: its content without the furniture around it (``PageContent``), with marks of Markdown for its
/// structure (``PageText``). Its title is the first heading where `title` has that too, as most do with the site's name behind it.
package struct HTMLReader: FormatReader {
    func open(_ file: CorpusFile, limits: ReadingLimits) throws -> any DocumentStream {
        let bytes = try ByteSource(file.path).readAll(
            most: limits.mostHTML, advice: "split the page, or save it as text")
        let isXML = FileName.end(of: file.path) == "xhtml"
        let (text, notes) = try Self.decode(bytes)
        let page = try Self.page(Array(text.utf8), isXML: isXML)
        guard !VisibleText.isAbsent(from: page.text) || page.title != nil else {
            throw NothingThere(
                description: "there is no text in the page; if a script writes it, save it from a browser as text")
        }
        return SingleDocument(Document(id: file.relativePath, title: page.title, text: page.text), notes: notes)
    }

    /// Bytes; a longer one was never closed.
    private static let longestTitle = 1000

    package struct Page {
        package var title: String?
        package var text: String
    }

    /// - Parameter keepsFurniture: all that is visible is content.
    package static func page(_ bytes: [UInt8], isXML: Bool = false, keepsFurniture: Bool = false) throws -> Page {
        let tree = try HTMLTree(bytes, isXML: isXML || bytes.starts(with: "<?xml".utf8))
        let content = keepsFurniture ? PageContent(tree, .nothingButInvisible) : PageContent(tree)
        let text = try PageText(tree, isDropped: content.isDropped)
        let body = String(decoding: text.text, as: UTF8.self)
        return Page(
            title: title(
                String(decoding: tree.title.prefix(longestTitle), as: UTF8.self),
                heading: String(decoding: text.heading.prefix(longestTitle), as: UTF8.self)),
            text: VisibleText.isAbsent(from: body) ? "" : body)
    }

    private static func title(_ title: String, heading: String) -> String? {
        let words = title.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if words.isEmpty { return heading.isEmpty ? nil : heading }
        return !heading.isEmpty && words.utf8.count > heading.utf8.count && words.contains(heading) ? heading : words
    }

    /// What the page says of its encoding counts; where it says UTF-8 and is not, or says what is not read, that is told.
    private static func decode(_ bytes: [UInt8]) throws -> (text: String, notes: [String]) {
        let label = DeclaredEncoding.label(bytes)
        let declared = label.flatMap { TextEncoding(label: $0) }
        if let label, declared == nil, TextEncoding.marked(bytes) == nil, bytes.contains(where: { $0 >= 0x80 }),
            String(validating: bytes, as: UTF8.self) == nil
        {
            throw ReadFailure(
                description: "is written in \(PathText.quoted(label)), which is not read: convert it with iconv -f "
                    + "\(PathText.quoted(label)) -t UTF-8, and its charset too")
        }
        do {
            let decoded = try TextDecoding.decode(bytes, declared: declared)
            return (decoded.text, declared == .windows1252 ? [] : [decoded.note].compactMap(\.self))
        } catch {
            guard declared == .utf8, !bytes.contains(0) else { throw error }
            return (
                String(decoding: bytes, as: UTF8.self),
                ["has bytes that are not the UTF-8 it says it is: they are read as \u{FFFD}"]
            )
        }
    }
}

/// The encoding that a page says it has: in `meta`, or in an XML declaration.
enum DeclaredEncoding {
    /// Where the standard looks for it.
    private static let searched = 1024

    static func label(_ bytes: [UInt8]) -> String? {
        let head = bytes.prefix(searched).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        let isXML = head.starts(with: "<?xml".utf8)
        for key in isXML ? ["encoding", "charset"] : ["charset"] {
            var start = 0
            while let found = position(of: Array(key.utf8), in: head, from: start) {
                start = found + key.utf8.count
                // Of a comment or a script it says nothing, but so far up there are none that do.
                if let label = value(head, start), !label.isEmpty { return label }
            }
        }
        return nil
    }

    /// What follows `=`, in quotation marks or not.
    private static func value(_ head: [UInt8], _ start: Int) -> String? {
        var place = start
        while place < head.count, HTMLTokenizer.isSpace(head[place]) { place += 1 }
        guard place < head.count, head[place] == UInt8(ascii: "=") else { return nil }
        place += 1
        while place < head.count, HTMLTokenizer.isSpace(head[place]) || "\"'".utf8.contains(head[place]) { place += 1 }
        let end = head[place...].firstIndex { HTMLTokenizer.isSpace($0) || "\"';/>?".utf8.contains($0) } ?? head.count
        return String(decoding: head[place..<end], as: UTF8.self)
    }

    private static func position(of wanted: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        var place = start
        while place + wanted.count <= bytes.count {
            if bytes[place..<place + wanted.count].elementsEqual(wanted) { return place }
            place += 1
        }
        return nil
    }
}
