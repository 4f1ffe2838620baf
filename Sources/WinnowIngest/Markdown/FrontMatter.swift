import WinnowCore

/// The lines between two `---` at the start of a Markdown file: flat `key: value` pairs, the part of YAML that people write.
///
/// Values are strings; `[a, b]` and `- a` lines under a key are arrays of strings; indented lines belong to the value above
/// them. Whatever is not of this form is not taken for front matter, but left in the text.
struct FrontMatter {
    /// What is longer is no front matter, but text.
    static let longest = 1 << 20

    var metadata: Metadata = [:]
    /// The first byte after the closing line.
    var end = 0

    init?(_ bytes: [UInt8]) {
        var position = 0
        func nextLine() -> Range<Int>? {
            guard position < bytes.count else { return nil }
            let start = position
            let feed = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            position = min(feed + 1, bytes.count)
            return start..<feed
        }
        func text(_ range: Range<Int>) -> String { ByteText.string(ByteText.trimmed(range, in: bytes), in: bytes) }

        guard let opening = nextLine(), bytes[opening].starts(with: "---".utf8), text(opening) == "---" else {
            return nil
        }
        var key: String?
        while let line = nextLine() {
            let content = text(line)
            if content == "---" || content == "...", bytes[line.lowerBound] == content.utf8.first {
                end = position
                return
            }
            if content.isEmpty || content.hasPrefix("#") { continue }
            let isIndented = ByteText.isSpace(bytes[line.lowerBound])
            if isIndented || content.hasPrefix("- ") {
                guard let key else { return nil }
                append(content, to: key)
            } else {
                guard let colon = content.firstIndex(of: ":") else { return nil }
                let name = String(content[..<colon])
                let rest = content[content.index(after: colon)...]
                guard Self.isName(name), rest.isEmpty || rest.first == " " || rest.first == "\t" else { return nil }
                metadata[name] = Self.value(String(rest.drop(while: \.isWhitespace)))
                key = name
            }
        }
        return nil
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.last != " "
            && name.unicodeScalars.allSatisfy {
                $0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_" || $0 == "-" || $0 == "."
                    || $0 == " "
            }
    }

    private static func value(_ text: String) -> MetadataValue {
        if text.isEmpty || ["|", ">", "|-", ">-", "|+", ">+"].contains(text) { return .null }
        if text.hasPrefix("["), text.hasSuffix("]") {
            return .array(items(of: text.dropFirst().dropLast()).map { .string(unquoted($0)) })
        }
        return .string(unquoted(text))
    }

    /// What stands between commas; those in an item that begins with a quotation mark are its own.
    private static func items(of list: Substring) -> [String] {
        var items: [String] = []
        var item = ""
        /// The mark that closes the item's quotation, while it is open.
        var quote: Character?
        var isEscaped = false
        for character in list {
            if character == ",", quote == nil {
                items.append(item)
                item = ""
                continue
            }
            if let open = quote {
                // A doubled mark in single quotes closes and opens again.
                if character == open, !isEscaped { quote = nil }
                isEscaped = open == "\"" && character == "\\" && !isEscaped
            } else if character == "\"" || character == "'",
                item.allSatisfy(\.isWhitespace) || (character == "'" && item.last == "'" && isQuoted(item))
            {
                quote = character
            }
            item.append(character)
        }
        return (items + [item]).map { $0.trimmingWhiteSpace() }.filter { !$0.isEmpty }
    }

    private static func isQuoted(_ item: String) -> Bool { item.first { !$0.isWhitespace } == "'" }

    private static func unquoted(_ text: String) -> String {
        guard text.utf8.count >= 2, let quote = text.first, quote == "\"" || quote == "'", text.last == quote else {
            return text
        }
        let inside = String(text.dropFirst().dropLast())
        guard quote == "\"" else { return inside.replacing("''", with: "'") }
        return inside.replacing("\\\"", with: "\"").replacing("\\\\", with: "\\")
    }

    /// A list item or a further line of the value of `key`.
    private mutating func append(_ line: String, to key: String) {
        let item = line.hasPrefix("- ") ? Self.unquoted(line.dropFirst(2).trimmingWhiteSpace()) : nil
        switch (metadata[key] ?? .null, item) {
        case (.array(let items), let item?): metadata[key] = .array(items + [.string(item)])
        case (.null, let item?): metadata[key] = .array([.string(item)])
        case (.string(let text), _): metadata[key] = .string(text + "\n" + line)
        case (.array(let items), nil): metadata[key] = .array(items + [.string(line)])
        default: metadata[key] = .string(line)
        }
    }
}

extension StringProtocol {
    func trimmingWhiteSpace() -> String {
        var text = self[...].drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
