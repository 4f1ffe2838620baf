import WinnowCore

/// A file of JSON as documents.
///
/// An array of objects is a document for each of them; so is an object of which exactly one field is an array of objects with a text,
/// as exports write it. An object with a text (``FieldRoles``) is one document. Anything else is one document too, whose text has a
/// line `path: value` for each value, such as `address.lines[2]: Berlin`.
struct JSONFileReader: FormatReader {
    func open(_ file: CorpusFile, limits: ReadingLimits) throws -> any DocumentStream {
        let bytes = try ByteSource(file.path).readAll(
            most: limits.mostBytes, advice: "make it JSONL (jq -c '.[]' FILE > FILE.jsonl), which is read line by line")
        let decoded = try TextDecoding.decode(bytes)
        guard !VisibleText.isAbsent(from: decoded.text) else { throw NothingThere(description: "the file is empty") }
        let text = Array(decoded.text.utf8)
        let tree: JSONTree
        do {
            tree = try JSONReader.tree(text[...])
        } catch {
            throw ReadFailure(description: Self.message(error, in: text))
        }
        let notes = [decoded.note].compactMap(\.self)
        if let records = Self.records(in: tree) {
            return JSONRecords(records, file: file, notes: notes, longest: limits.mostExtracted)
        }
        let record = try JSONRecord.parts(of: tree, longest: limits.mostExtracted).record
        guard !record.isBlank else { throw NothingThere(description: "there is no value in it") }
        return SingleDocument(
            Document(
                id: file.relativePath, title: record.title.flatMap { $0.isEmpty ? nil : $0 }, text: record.text,
                metadata: record.metadata),
            notes: notes)
    }

    /// With the line, which the reader of lines of JSON does not count.
    private static func message(_ failure: JSONReader.Failure, in text: [UInt8]) -> String {
        let place = min(text.count, max(0, failure.column - 1))
        let start = text[..<place].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let line = text[..<start].reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        return "is not valid JSON: line \(line), column \(place - start + 1): \(failure.reason)"
    }

    private static func records(in tree: JSONTree) -> [JSONTree]? {
        switch tree {
        case .array(let items) where !items.isEmpty && items.allSatisfy(\.isObject): return items
        case .object(let fields) where !FieldRoles(fields.map(\.name)).hasText:
            var found: [[JSONTree]] = []
            for case .array(let items) in fields.map(\.value) where !items.isEmpty {
                if items.allSatisfy({ JSONRecord.hasText($0) }) { found.append(items) }
            }
            return found.count == 1 ? found[0] : nil
        default: return nil
        }
    }
}

extension JSONTree {
    var isObject: Bool {
        if case .object = self { return true }
        return false
    }
}

private final class JSONRecords: DocumentStream {
    private let records: [JSONTree]
    private let file: CorpusFile
    private let longest: Int
    private var notes: [String]
    private var count = 0

    init(_ records: [JSONTree], file: CorpusFile, notes: [String], longest: Int) {
        self.records = records
        self.file = file
        self.notes = notes
        self.longest = longest
    }

    var offset: Int { records.isEmpty ? 0 : Int(Double(file.size) * Double(count) / Double(records.count)) }

    func next() throws -> ReadItem? {
        if let note = notes.popLast() { return .note(note) }
        guard count < records.count else { return nil }
        count += 1
        do {
            let record = try JSONRecord.parts(of: records[count - 1], longest: longest).record
            guard !record.isBlank else {
                return .leftOut(line: nil, reason: "record \(count) has neither title nor text")
            }
            return .document(
                record.document(
                    id: record.id ?? "\(file.relativePath)#\(count)", path: file.path,
                    place: record.id ?? String(count)))
        } catch {
            return .leftOut(line: nil, reason: "record \(count): \(error)")
        }
    }
}
