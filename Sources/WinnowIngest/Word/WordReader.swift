import WinnowCore

/// A Word file (.docx, ECMA-376) as a document: text, headings, lists, tables and notes of its main part. Its title is that of its
/// properties, else the paragraph in the style Title, else the first heading.
struct WordReader: FormatReader {
    func open(_ file: CorpusFile, limits: ReadingLimits) throws -> any DocumentStream {
        let bytes = try ByteSource(file.path).readAll(most: limits.mostBytes, advice: "split it")
        guard !bytes.isEmpty else { throw NothingThere(description: "the file is empty") }
        if bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
            throw ReadFailure(
                description:
                    "is locked with a password, or an old .doc by another name: save it as .docx without a password")
        }
        var archive = try ZipArchive(bytes, mostBytes: limits.mostExtracted)
        let name = try Self.mainPart(&archive)
        guard let part = try archive.content(of: name) else {
            throw ReadFailure(description: "is no Word file: it has no part \(PathText.quoted(name))")
        }
        let folder = String(name.dropLast(FileName.last(of: name).utf8.count))
        let styles = try WordStyles(
            styles: try archive.content(of: folder + "styles.xml") ?? [],
            numbering: try archive.content(of: folder + "numbering.xml") ?? [])
        var notes = try Self.notes(
            in: try archive.content(of: folder + "footnotes.xml") ?? [], element: "footnote")
        for (id, note) in try Self.notes(
            in: try archive.content(of: folder + "endnotes.xml") ?? [], element: "endnote")
        {
            notes["e" + id] = note
        }
        let text = try WordText(part, styles: styles, notes: notes)
        let title =
            try Self.title(try archive.content(of: "docProps/core.xml") ?? [])
            ?? [text.title, text.heading].first { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
        let body = try Self.string(text.text)
        guard !VisibleText.isAbsent(from: body) else { throw NothingThere(description: "there is no text in it") }
        return SingleDocument(Document(id: file.relativePath, title: title, text: body))
    }

    private static func string(_ bytes: [UInt8]) throws -> String {
        if let zero = bytes.firstIndex(of: 0) { throw TextDecoding.InvalidText(kind: .zero, offset: zero) }
        return try TextDecoding.string(bytes[...], offset: 0)
    }

    /// What the archive says its document is.
    private static func mainPart(_ archive: inout ZipArchive) throws -> String {
        let usual = "word/document.xml"
        guard !archive.has(usual), let relations = try archive.content(of: "_rels/.rels") else { return usual }
        var scanner = XMLScanner(relations)
        while let token = try scanner.next() {
            guard case .start("Relationship", let attributes, _) = token,
                attributes["Type"]?.hasSuffix("/officeDocument") == true, let target = attributes["Target"]
            else { continue }
            return target.hasPrefix("/") ? String(target.dropFirst()) : target
        }
        return usual
    }

    private static func title(_ properties: [UInt8]) throws -> String? {
        var scanner = XMLScanner(properties)
        var title: [UInt8] = []
        var isInTitle = false
        while let token = try scanner.next() {
            switch token {
            case .start("title", _, let isEmpty): isInTitle = !isEmpty
            case .end("title"): isInTitle = false
            case .text(let bytes): if isInTitle { title += bytes }
            default: break
            }
        }
        let words = String(decoding: title, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        // What printing to a file leaves there.
        return words.isEmpty || words.hasPrefix("Microsoft Word - ") ? nil : words
    }

    /// The text of each note, by id. Those that only separate notes from the page have none.
    private static func notes(in part: [UInt8], element: String) throws -> [String: [UInt8]] {
        var notes: [String: [UInt8]] = [:]
        var scanner = XMLScanner(part)
        var id: String?
        var text: [UInt8] = []
        var isInText = false
        while let token = try scanner.next() {
            switch token {
            case .start(element, let attributes, _):
                id = attributes["id"]
                text = []
            case .end(element):
                let words = Array(text.split(whereSeparator: HTMLTokenizer.isSpace).joined(separator: [0x20]))
                if let id, !words.isEmpty { notes[id] = words }
                id = nil
            case .start("t", _, let isEmpty): isInText = !isEmpty
            case .end("t"): isInText = false
            case .end("p"), .start("tab", _, _), .start("br", _, _): text.append(0x20)
            case .text(let bytes): if isInText { text += bytes }
            default: break
            }
        }
        return notes
    }
}
