import Winnow
import WinnowCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The questions that `winnow doctor` looks at, from a file of them or from a log of what was asked.
struct AskedQueries {
    /// In the order of the file; blank ones too.
    var texts: [String]
    /// Of a log, in its order; empty for a file of questions.
    var traces: [Trace] = []

    /// A log that `winnow ask --log` wrote.
    static func log(_ path: String) throws -> AskedQueries {
        let traces = try LogSetup.read(path).traces
        return AskedQueries(texts: traces.map(\.query), traces: traces)
    }

    /// BEIR's `queries.jsonl` (`text` or `query`), a table with the columns id and text (.csv, .tsv), or one question a line.
    static func file(_ path: String) throws -> AskedQueries {
        let suffix = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
        if suffix == "csv" || suffix == "tsv" {
            return AskedQueries(texts: try QueriesFile(reading: path).queries.map(\.text))
        }
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw Unreadable(path: path, line: nil, reason: "cannot be read (is it there, and may it be read?)")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Unreadable(path: path, line: nil, reason: "is not UTF-8 text")
        }
        // Some editors put the byte order mark before a text.
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        var lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // A line feed ends the last line.
        if lines.last?.isEmpty == true { lines.removeLast() }
        let isJSON = lines.lazy.compactMap { $0.first { !isSpace($0) } }.first == UInt8(ascii: "{")
        var texts: [String] = []
        for (index, line) in lines.enumerated() {
            guard isJSON else {
                let text = String(decoding: line, as: UTF8.self)
                texts.append(text.hasSuffix("\r") ? String(text.dropLast()) : text)
                continue
            }
            guard !line.allSatisfy(isSpace) else { continue }
            let value: MetadataValue
            do { value = try JSONReader.value(line) } catch {
                throw Unreadable(path: path, line: index + 1, reason: "is no JSON object: \(error)")
            }
            guard case .object(let fields) = value, case .string(let text)? = fields["text"] ?? fields["query"] else {
                throw Unreadable(path: path, line: index + 1, reason: "has no \"text\" or \"query\"")
            }
            texts.append(text)
        }
        guard !texts.isEmpty else { throw Unreadable(path: path, line: nil, reason: "holds no question") }
        return AskedQueries(texts: texts)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0D || byte == 0x09 }

    struct Unreadable: Error, CustomStringConvertible {
        var path: String
        var line: Int?
        var reason: String

        var description: String { PathText.quoted(path) + (line.map { ":\($0)" } ?? "") + ": " + reason }
    }
}
