import WinnowCore
import WinnowPrompt

/// Text as a terminal shows it: nothing in a document can move the cursor, and columns stay columns in every script.
enum DisplayText {
    /// One line of plain text: white space becomes single spaces, controls and direction marks go.
    static func flattened(_ text: String, limit: Int = 2000) -> String {
        var line = ""
        var pendingSpace = false
        for scalar in text.unicodeScalars.prefix(limit) {
            if scalar.properties.isWhitespace || scalar.properties.generalCategory == .control {
                pendingSpace = !line.isEmpty
            } else if !isDirectionMark(scalar) {
                if pendingSpace { line.unicodeScalars.append(" ") }
                pendingSpace = false
                line.unicodeScalars.append(scalar)
            }
        }
        return line
    }

    /// Columns that the text takes.
    static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + width($1) }
    }

    /// The text, or as much of it as fits with an ellipsis where it was cut.
    static func truncated(_ text: String, to columns: Int, at cut: Table.Column.Cut = .end) -> String {
        guard width(text) > columns else { return text }
        guard columns > 0 else { return "" }
        if cut == .beginning {
            let reversed = String(String.UnicodeScalarView(text.unicodeScalars.reversed()))
            return String(String.UnicodeScalarView(truncated(reversed, to: columns).unicodeScalars.reversed()))
        }
        var kept = ""
        var used = 0
        for scalar in text.unicodeScalars {
            let next = width(scalar)
            if used + next > columns - 1 { break }
            used += next
            kept.unicodeScalars.append(scalar)
        }
        while kept.last == " " { kept.removeLast() }
        return kept + "…"
    }

    /// A line in rows of so many columns, broken behind spaces where there are any. No character but those spaces is lost.
    static func wrapped(_ line: String, to columns: Int) -> [String] {
        var rows: [String] = []
        var (row, rowWidth) = ("", 0)
        var (word, wordWidth) = ("", 0)
        for character in line {
            let width = character == "\t" ? 8 : Self.width(String(character))
            if rowWidth + wordWidth + width > columns, character != " " {
                if row.isEmpty {
                    // A word that is wider than a row is broken anywhere.
                    rows.append(word)
                    (word, wordWidth) = ("", 0)
                } else {
                    while row.last == " " { row.removeLast() }
                    rows.append(row)
                    (row, rowWidth) = ("", 0)
                }
            }
            word.append(character)
            wordWidth += width
            if character == " " {
                row += word
                rowWidth += wordWidth
                (word, wordWidth) = ("", 0)
            }
        }
        return rows + [row + word]
    }

    static func padded(_ text: String, to columns: Int, right: Bool) -> String {
        let padding = String(repeating: " ", count: max(0, columns - width(text)))
        return right ? padding + text : text + padding
    }

    static func isDirectionMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        scalar.value < 0x300 ? 1 : DisplayWidth.of(scalar)
    }
}

/// Numbers as people read them.
enum NumberText {
    /// With a fixed number of decimals, rounded half away from zero.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite, value.magnitude < 1e12 else { return "\(value)" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int64((value.magnitude * scale).rounded())
        let sign = value < 0 && scaled != 0 ? "-" : ""
        guard decimals > 0 else { return sign + "\(scaled)" }
        let digits = String(scaled)
        let all = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return sign + all.dropLast(decimals) + "." + all.suffix(decimals)
    }

    /// 1,234,567
    static func grouped(_ value: Int) -> String {
        var digits = Array(String(value.magnitude))
        var position = digits.count - 3
        while position > 0 {
            digits.insert(",", at: position)
            position -= 3
        }
        return (value < 0 ? "-" : "") + String(digits)
    }

    static func plural(_ count: Int, _ one: String, _ many: String? = nil) -> String {
        grouped(count) + " " + (count == 1 ? one : many ?? one + "s")
    }

    /// 8.1 ms, 1.24 s
    static func duration(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        return milliseconds < 1000 ? fixed(milliseconds, 1) + " ms" : fixed(milliseconds / 1000, 2) + " s"
    }

    /// Whole seconds, minutes or hours: 45 s, 12 min, 3 h 20 min
    static func span(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "?" }
        let whole = Int(seconds.rounded())
        if whole < 100 { return "\(whole) s" }
        let minutes = (whole + 30) / 60
        return minutes < 100 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
    }

    /// Bytes: 812 B, 4.2 KB, 1.3 GB (powers of 1000)
    static func bytes(_ count: Int) -> String {
        var value = Double(count)
        for unit in ["B", "KB", "MB", "GB"] {
            if value < 1000 || unit == "GB" { return fixed(value, unit == "B" || value >= 100 ? 0 : 1) + " " + unit }
            value /= 1000
        }
        return "\(count) B"
    }
}
