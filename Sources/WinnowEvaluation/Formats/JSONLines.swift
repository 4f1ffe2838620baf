import WinnowCore

/// One JSON object a line.
struct JSONLines {
    let file: InputFile

    struct Record {
        var line: Int
        var fields: [String: MetadataValue]

        /// The first of these fields that is there and not null.
        func value(_ names: [String]) -> MetadataValue? {
            for name in names {
                if let value = fields[name], value != .null { return value }
            }
            return nil
        }

        var fieldNames: String { fields.isEmpty ? "none" : Shown.some(fields.keys.sorted()) }
    }

    func records() throws -> [Record] {
        try file.lines().filter { !$0.isBlank }.map { line in
            let value: MetadataValue
            do {
                value = try JSONReader.value(line.bytes)
            } catch {
                throw file.fault(line.number, "is no JSON object: \(error)" + Self.advice)
            }
            guard case .object(let fields) = value else {
                throw file.fault(line.number, "is JSON, but no object" + Self.advice)
            }
            return Record(line: line.number, fields: fields)
        }
    }

    private static let advice =
        "; one object a line is wanted (jq -c '.[]' makes that of an array, jq -c . of one that is spread out)"

    /// An id as text: a string that is not blank, or a whole number; nil for anything else.
    static func id(_ value: MetadataValue) -> String? {
        switch value {
        case .string(let text): text.trimmed.isEmpty ? nil : text
        case .integer(let number): String(number)
        default: nil
        }
    }

    /// Whether the first line that is not blank begins as an object or array does.
    static func isLikely(_ file: InputFile) -> Bool {
        let first = file.lines().first { !$0.isBlank }?.bytes.first { $0 != 0x20 && $0 != 0x09 }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }
}
