/// Tables as text: comma separated values (RFC 4180) and tab separated ones.
struct DelimitedText {
    struct Record {
        /// The line that it begins on, from 1.
        var line: Int
        var fields: [String]

        var isBlank: Bool { fields.allSatisfy { $0.trimmed.isEmpty } }
    }

    let file: InputFile
    let delimiter: UInt8

    /// Records without blank lines. Tabs delimit plain fields, as BEIR writes them: a quote is a character there. With
    /// other delimiters a field may stand in double quotes, which are doubled inside, and may hold delimiters and line
    /// ends.
    func records() throws -> [Record] {
        delimiter == UInt8(ascii: "\t") ? plainRecords() : try quotedRecords()
    }

    /// The delimiter that occurs most in the first line that is not blank, outside quotes: a comma when none does.
    static func delimiter(of file: InputFile) -> UInt8 {
        guard let line = file.lines().first(where: { !$0.isBlank }) else { return UInt8(ascii: ",") }
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in line.bytes {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if !isQuoted { counts[byte, default: 0] += 1 }
        }
        let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
        return candidates.max { counts[$0, default: 0] < counts[$1, default: 0] } ?? UInt8(ascii: ",")
    }

    private func plainRecords() -> [Record] {
        file.lines().filter { !$0.isBlank }.map { line in
            Record(
                line: line.number,
                fields: line.bytes.split(separator: delimiter, omittingEmptySubsequences: false).map {
                    String(decoding: $0, as: UTF8.self)
                })
        }
    }

    private func quotedRecords() throws -> [Record] {
        let (quote, feed, carriage) = (UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        var records: [Record] = []
        var bytes = file.bytes
        var line = 1
        while !bytes.isEmpty {
            let start = line
            var fields: [String] = []
            var isLast = false
            while !isLast {
                var field: [UInt8] = []
                if bytes.first == quote {
                    let opening = line
                    bytes.removeFirst()
                    while true {
                        guard let end = bytes.firstIndex(of: quote) else {
                            throw file.fault(
                                opening, "a quoted field is not closed: close it, and double the quotes in it")
                        }
                        field += bytes[..<end]
                        line += bytes[..<end].count { $0 == feed }
                        bytes = bytes[(end + 1)...]
                        guard bytes.first == quote else { break }
                        field.append(quote)
                        bytes.removeFirst()
                    }
                    if bytes.first == carriage, bytes.dropFirst().first.map({ $0 == feed }) ?? true {
                        bytes.removeFirst()
                    }
                    guard bytes.isEmpty || bytes.first == delimiter || bytes.first == feed else {
                        throw file.fault(
                            line, "something follows the closing quote of a field: double the quotes within it")
                    }
                } else {
                    let end = bytes.firstIndex { $0 == delimiter || $0 == feed } ?? bytes.endIndex
                    field = Array(bytes[..<end])
                    bytes = bytes[end...]
                    if bytes.first != delimiter, field.last == carriage { field.removeLast() }
                }
                fields.append(String(decoding: field, as: UTF8.self))
                isLast = bytes.first != delimiter
                if !bytes.isEmpty { bytes.removeFirst() }
            }
            line += 1
            let record = Record(line: start, fields: fields)
            if !record.isBlank { records.append(record) }
        }
        return records
    }

    /// A field as RFC 4180 writes it: in quotes where it must be.
    static func quoted(_ text: String) -> String {
        let special: Set<UInt8> = [0x22, 0x2C, 0x3B, 0x0A, 0x0D, 0x09]
        let needsQuotes =
            text.utf8.contains(where: special.contains) || text.first?.isWhitespace == true
            || text.last?.isWhitespace == true
        guard needsQuotes else { return text }
        // By bytes: in a string, a quote and a combining mark behind it are one character.
        var bytes: [UInt8] = [0x22]
        for byte in text.utf8 { bytes += byte == 0x22 ? [byte, byte] : [byte] }
        return String(decoding: bytes + [0x22], as: UTF8.self)
    }
}
