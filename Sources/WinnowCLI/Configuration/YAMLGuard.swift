/// What of YAML no configuration needs, refused before a parser sees it: anchors and aliases, by which a few lines become
/// billions of values, and tags.
///
/// Follows quotes, comments and flow brackets, so that the same characters inside a text are text. Block scalars are not followed: no value
/// here has several lines.
struct YAMLGuard {
    struct Finding {
        var line: Int
        var column: Int
        var text: String
    }

    private var line = 1
    private var column = 1
    private var flowDepth = 0
    /// Whether a value or key may begin here.
    private var atStart = true
    private var quote: Unicode.Scalar?

    static func finding(in text: String) -> Finding? {
        var walker = YAMLGuard()
        return walker.walk(Array(text.unicodeScalars))
    }

    private mutating func walk(_ scalars: [Unicode.Scalar]) -> Finding? {
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            let next = index + 1 < scalars.count ? scalars[index + 1] : "\n"
            defer {
                index += 1
                if scalar == "\n" { (line, column) = (line + 1, 1) } else { column += 1 }
            }
            if let open = quote {
                if scalar == "\\", open == "\"" {
                    // The escaped character, which may be the quote or a line break.
                    index += 1
                    if next == "\n" { (line, column) = (line + 1, 0) } else { column += 1 }
                } else if scalar == open {
                    if open == "'", next == "'" {
                        index += 1
                        column += 1
                    } else {
                        quote = nil
                    }
                }
                continue
            }
            if let finding = step(scalar, next, isAfterSpace: index == 0 || Self.isSpace(scalars[index - 1])) {
                return finding
            }
            if scalar == "#", index == 0 || Self.isSpace(scalars[index - 1]) {
                while index + 1 < scalars.count, scalars[index + 1] != "\n" { index += 1 }
            }
        }
        return nil
    }

    private mutating func step(_ scalar: Unicode.Scalar, _ next: Unicode.Scalar, isAfterSpace: Bool) -> Finding? {
        switch scalar {
        case "\n", "\r": atStart = true
        case " ", "\t", "\u{FEFF}": break
        case "\"", "'":
            if atStart { quote = scalar }
            atStart = false
        case "&", "*":
            if atStart, !Self.isSpace(next) {
                return Finding(
                    line: line, column: column,
                    text:
                        "YAML's anchors and aliases (& and *) are not read here: write the value out, or put it in quotes if it "
                        + "begins with that character")
            }
            atStart = false
        case "!":
            if atStart {
                return Finding(
                    line: line, column: column,
                    text:
                        "YAML's tags (!) are not read here: leave it out, or put the value in quotes if it begins with that "
                        + "character")
            }
        case "[", "{":
            if atStart || flowDepth > 0 {
                flowDepth += 1
                atStart = true
            }
        case "]", "}":
            flowDepth = max(0, flowDepth - 1)
            atStart = false
        case ",": atStart = flowDepth > 0
        case ":": atStart = Self.isSpace(next) || (flowDepth > 0)
        case "-", "?": atStart = atStart && Self.isSpace(next)
        case "#" where isAfterSpace: break
        default: atStart = false
        }
        return nil
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" || scalar == "\u{FEFF}"
    }
}
