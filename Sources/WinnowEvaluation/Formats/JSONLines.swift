import WinnowCore

/// One JSON object a line.
struct JSONLines {
    let file: InputFile

    struct Record {
        var line: Int
        var fields: [String: MetadataValue]
        /// Fields that were asked for as they stand, and are not among ``fields``.
        var trees: [String: JSONTree]

        /// The first of these fields that is there and not null.
        func value(_ names: [String]) -> MetadataValue? {
            for name in names {
                if let value = fields[name], value != .null { return value }
            }
            return nil
        }

        /// The first of these trees that is there and not null.
        func tree(_ names: [String]) -> JSONTree? {
            for name in names {
                guard let tree = trees[name] else { continue }
                if case .null = tree { continue }
                return tree
            }
            return nil
        }

        var fieldNames: String {
            let names = (Array(fields.keys) + trees.keys).sorted()
            return names.isEmpty ? "none" : Shown.some(names)
        }
    }

    /// - Parameter trees: fields within which names are ids, and so told apart by their bytes.
    func records(trees: Set<String> = []) throws -> [Record] {
        try file.lines().filter { !$0.isBlank }.map { line in
            let tree: JSONTree
            do {
                tree = try JSONReader.tree(line.bytes)
            } catch {
                throw file.fault(line.number, "is no JSON object: \(error)" + Self.advice)
            }
            guard case .object(let fields) = tree else {
                throw file.fault(line.number, "is JSON, but no object" + Self.advice)
            }
            var kept: [String: JSONTree] = [:]
            for field in fields where trees.contains(field.name) { kept[field.name] = field.value }
            do {
                let others = try JSONTree.metadata(fields.filter { !trees.contains($0.name) })
                return Record(line: line.number, fields: others, trees: kept)
            } catch {
                throw file.fault(line.number, "cannot be read: \(error)")
            }
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

    /// As ``id(_:)-(MetadataValue)``.
    static func id(_ tree: JSONTree) -> String? {
        switch tree {
        case .string(let text): id(MetadataValue.string(text))
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
