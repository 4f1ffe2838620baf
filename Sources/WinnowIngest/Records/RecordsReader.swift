import WinnowCore

/// JSONL as documents: a record `{_id | id, title?, text, metadata?}` a line.
struct RecordsReader: FormatReader {
    func open(_ file: CorpusFile, limits: ReadingLimits) throws -> any DocumentStream {
        RecordStream(try LineReader(path: file.path, longestLine: limits.longestLine), path: file.path)
    }

    private final class RecordStream: DocumentStream {
        private var lines: LineReader
        private let path: String

        init(_ lines: consuming LineReader, path: String) {
            self.lines = lines
            self.path = path
        }

        var offset: Int { lines.offset }

        func next() throws -> ReadItem? {
            while true {
                try Task.checkCancellation()
                do {
                    guard let line = try lines.next() else { return nil }
                    if line.bytes.allSatisfy(ByteText.isSpace) { continue }
                    return item(line)
                } catch let error as LineReader.TooLong {
                    return .leftOut(line: error.number, reason: "\(error)")
                }
            }
        }

        private func item(_ line: LineReader.Line) -> ReadItem {
            let record: InputRecord
            do {
                record = try InputRecord(line)
            } catch {
                return .leftOut(line: line.number, reason: error.description)
            }
            guard let id = record.id else {
                return .leftOut(line: line.number, reason: "the record has neither `_id` nor `id`")
            }
            guard !record.isBlank else { return .leftOut(line: line.number, reason: InputRecord.blankReason(id: id)) }
            return .document(record.document(id: id, path: path), line: line.number)
        }
    }
}

extension InputRecord {
    /// - Parameters:
    ///   - id: of the document.
    ///   - path: of the file that it is in.
    ///   - place: the end of its source behind `#`; nil: the id.
    func document(id: String, path: String, place: String? = nil) -> Document {
        var metadata = metadata
        // A file of records holds many documents: its path alone would cite none of them.
        if metadata[MetadataField.source] == nil {
            metadata[MetadataField.source] = .string(path + "#" + (place ?? id))
        }
        return Document(
            id: id, title: title.flatMap { $0.isEmpty ? nil : $0 }, text: text, metadata: metadata, sharesOrigin: true)
    }
}
