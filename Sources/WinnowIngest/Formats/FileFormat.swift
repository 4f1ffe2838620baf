/// What a file is read as, by the end of its name: the one place that knows.
enum FileFormat: Sendable, Hashable, CaseIterable {
    case markdown
    case plainText
    case records
    case html
    case pdf
    case table
    case json
    case word
    case code

    /// Ends of names without their dot, in lower case.
    var extensions: [String] {
        switch self {
        case .markdown: ["md", "markdown"]
        case .plainText: ["txt", "text"]
        case .records: ["jsonl", "ndjson"]
        case .html: ["html", "htm", "xhtml"]
        case .pdf: ["pdf"]
        case .table: ["csv", "tsv"]
        case .json: ["json"]
        case .word: ["docx"]
        case .code: CodeLanguage.byExtension.keys.sorted()
        }
    }

    var reader: any FormatReader {
        switch self {
        case .markdown: MarkdownReader()
        case .plainText: PlainTextReader()
        case .records: RecordsReader()
        case .html: HTMLReader()
        case .pdf: PDFReader()
        case .table: TableReader()
        case .json: JSONFileReader()
        case .word: WordReader()
        case .code: CodeReader()
        }
    }

    private static let byExtension: [String: FileFormat] = Dictionary(
        allCases.flatMap { format in format.extensions.map { ($0, format) } }, uniquingKeysWith: { first, _ in first })

    /// - Returns: nil for what is not read.
    init?(path: String) {
        guard let format = Self.byExtension[FileName.end(of: path)] else { return nil }
        self = format
    }

    /// For messages.
    static let names = ".md .txt .jsonl .html .pdf .csv .tsv .json .docx and source code"

    /// Formats that people would expect to be read, and what to do with them.
    static func advice(for path: String) -> String? {
        switch FileName.end(of: path) {
        case "doc", "odt", "rtf", "pages", "epub": "save it as .docx or PDF"
        case "xls", "xlsx", "ods", "numbers": "save its sheets as .csv"
        case "ppt", "pptx", "odp", "key": "save it as PDF"
        case "eml", "msg", "mbox": "save the mails as .txt"
        case "rst", "adoc", "org", "tex": "copy it to a .txt"
        default: nil
        }
    }
}

/// Names of files, as paths end with them.
enum FileName {
    /// What follows the last dot of the last part of a path, in lower case; empty when there is none.
    static func end(of path: String) -> String {
        let name = last(of: path).utf8
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return "" }
        return String(decoding: name[name.index(after: dot)...], as: UTF8.self).lowercased()
    }

    /// By bytes: to a string, a slash and a combining mark after it are one character that is no slash.
    static func last(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(decoding: path.utf8[path.utf8.index(after: slash)...], as: UTF8.self)
    }
}
