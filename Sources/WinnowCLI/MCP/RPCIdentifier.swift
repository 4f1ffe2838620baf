import WinnowCore

/// What a client tells its requests, or its progress, apart by: a string or a whole number of any length, given back as it came.
struct RPCIdentifier: Hashable, Sendable {
    private let text: ExactText

    /// As it stands in a message.
    var json: String { text.text }

    /// - Parameter line: the whole line that the field stands in; a number of more than 64 bits is read from it, digit by digit.
    /// - Returns: nil for a value that is neither.
    init?(_ field: JSONTree.Field, in line: ArraySlice<UInt8>) {
        switch field.value {
        case .string(let value): text = ExactText(JSONText.string(value).text)
        case .integer(let value): text = ExactText(String(value))
        case .number:
            guard let digits = Self.digits(after: line.startIndex + field.column - 1, in: line) else { return nil }
            text = ExactText(digits)
        default: return nil
        }
    }

    /// The digits of a field's value; nil where it has a fraction or an exponent.
    ///
    /// - Parameter start: of the field's name. The line is JSON as far as it matters here.
    private static func digits(after start: Int, in line: ArraySlice<UInt8>) -> [UInt8]? {
        var position = start + 1
        while position < line.endIndex, line[position] != UInt8(ascii: "\"") {
            position += line[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        position += 1
        while position < line.endIndex, [0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ":")].contains(line[position]) {
            position += 1
        }
        guard position < line.endIndex else { return nil }
        let digits = line[position...].prefix { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) }
        if digits.endIndex < line.endIndex {
            let next = line[digits.endIndex]
            guard ![UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(next) else { return nil }
        }
        return digits.isEmpty ? nil : Array(digits)
    }
}
