#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads a model's JSON with errors that name the file and the key.
enum JSONFile {
    /// - Parameters:
    ///   - location: the file, for messages.
    ///   - kind: what an error is called.
    ///   - onlyPlainIntegers: refuses every number that is not written as digits only, such as -1, 4.0 and 1e3.
    static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: UnsafeRawBufferPointer, location: String,
        kind: ModelError.Kind = .invalidConfiguration, onlyPlainIntegers: Bool = false
    ) throws -> Value {
        if let problem = JSONStructure.problem(in: bytes, onlyPlainIntegers: onlyPlainIntegers) {
            throw ModelError(kind, at: location, "is no JSON that can be read: \(problem)")
        }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw ModelError(kind, at: location, reason(error))
        }
    }

    /// The file of that name, decoded; nil when the model has none.
    static func decode<Value: Decodable>(
        _ type: Value.Type, file: String, of source: ModelSource
    ) throws -> Value? {
        guard let bytes = try source.file(file) else { return nil }
        return try withExtendedLifetime(bytes) {
            try decode(type, from: bytes.buffer, location: source.location(of: file))
        }
    }

    private static func reason(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            "lacks \"\(path(context.codingPath + [key]))\""
        case .typeMismatch(let type, let context):
            "\"\(path(context.codingPath))\" is not of the type that belongs there (\(type))"
        case .valueNotFound(let type, let context):
            "\"\(path(context.codingPath))\" is null where a value belongs (\(type))"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "is no JSON that can be read: \(context.debugDescription)"
                    + (context.underlyingError.map { " (\($0))" } ?? "")
                : "\"\(path(context.codingPath))\" cannot be read: \(context.debugDescription)"
        @unknown default:
            "cannot be decoded: \(error)"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { key in key.intValue.map(String.init) ?? key.stringValue }.joined(separator: ".")
    }
}

/// What a JSON parser may not be asked to cope with: found in one pass without recursion, before any parser runs.
enum JSONStructure {
    static let maximumDepth = 16

    /// - Returns: why the text is refused (nested deeper than 16, an object that has a key twice, a control character,
    ///   an end inside a string or a bracket); nil when it is worth parsing. Does not check the grammar, the parser
    ///   does.
    static func problem(in bytes: UnsafeRawBufferPointer, onlyPlainIntegers: Bool) -> String? {
        var open: [Level] = []
        /// Where in the file it happened, by the keys that lead there.
        func place(_ byte: Int) -> String {
            let path = open.compactMap(\.key).map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
            return path.isEmpty ? "at byte \(byte)" : "in \"\(path)\", byte \(byte)"
        }
        var lastString: Range<Int>?
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""):
                guard let end = endOfString(in: bytes, from: index + 1) else {
                    return "the string that begins at byte \(index) has no end, or a control character in it"
                }
                lastString = index..<end + 1
                index = end
            case UInt8(ascii: ":"):
                guard let range = lastString, !open.isEmpty else { return "a colon at byte \(index) follows no key" }
                let key = unescaped(UnsafeRawBufferPointer(rebasing: bytes[range]))
                if !open[open.count - 1].enter(key) {
                    return "the key \"\(String(decoding: key, as: UTF8.self))\" stands twice in one object"
                }
                lastString = nil
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard open.count < maximumDepth else { return "it is nested deeper than \(maximumDepth)" }
                open.append(Level())
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard open.popLast() != nil else { return "a bracket at byte \(index) closes nothing" }
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                let start = index
                while index < bytes.count, isPartOfNumber(bytes[index]) { index += 1 }
                if onlyPlainIntegers {
                    let number = String(decoding: bytes[start..<index].prefix(40), as: UTF8.self)
                    guard bytes[start..<index].allSatisfy({ (48...57).contains($0) }) else {
                        return "\(number) \(place(start)), is not a whole number of digits only"
                    }
                    guard Int(number) != nil else { return "\(number) \(place(start)), is larger than any file" }
                }
                continue
            case 0x20, 0x09, 0x0A, 0x0D:
                break
            case 0..<0x20:
                return "a control character at byte \(index)"
            default:
                break
            }
            index += 1
        }
        return open.isEmpty ? nil : "it ends inside a bracket"
    }

    /// An open bracket: of an object the keys so far, and the one whose value is being read.
    private struct Level {
        var keys: Set<[UInt8]> = []
        var key: [UInt8]?

        /// - Returns: whether the key is new.
        mutating func enter(_ key: [UInt8]) -> Bool {
            self.key = key
            return keys.insert(key).inserted
        }
    }

    /// The index of the closing quote.
    private static func endOfString(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): return index
            case UInt8(ascii: "\\"): index += 2
            case 0..<0x20: return nil
            default: index += 1
            }
        }
        return nil
    }

    private static func isPartOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    /// The bytes of a quoted string, so that "a" and "\u0061" are one key.
    private static func unescaped(_ quoted: UnsafeRawBufferPointer) -> [UInt8] {
        let inner = Array(quoted.dropFirst().dropLast())
        guard inner.contains(UInt8(ascii: "\\")) else { return inner }
        guard let text = try? JSONDecoder().decode(String.self, from: Data(quoted)) else { return inner }
        return Array(text.utf8)
    }
}
