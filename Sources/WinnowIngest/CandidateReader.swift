import WinnowCore

/// Reads candidates for reranking, or texts for embedding, from a file or standard input: JSONL records, or one text a line.
///
/// Unlike a corpus, which is large and may hold a broken record, a candidate list is read whole or not at all: an answer
/// ranked without one of the candidates would mislead.
public struct CandidateReader: Sendable {
    /// How the lines are read.
    public enum Format: String, Sendable, CaseIterable {
        /// JSONL if the file's name ends so or the first line begins with `{`, else plain lines.
        case auto
        /// A record `{_id | id, title?, text, metadata?, score?}` a line.
        case jsonl
        /// A text a line.
        case lines
    }

    public let format: Format

    public init(format: Format = .auto) {
        self.format = format
    }

    /// Reads all candidates in the order of the lines, which is taken as the first stage's order.
    ///
    /// Records without an id, and plain lines, are named by the number of their line. Blank lines between records are allowed;
    /// a blank plain line is an empty candidate. An empty file gives an empty list.
    /// - Parameter path: `-` is standard input.
    /// - Throws: ``IngestError`` that names the line: broken JSON, invalid UTF-8, no text, an id that was there before, over 256
    ///   MiB.
    public func read(_ path: String) throws -> [Candidate] {
        var lines = LineReader(try ByteSource(standardInputOr: path))
        let name = lines.path
        var format = format
        var candidates: [Candidate] = []
        var linesByID: [ExactText: Int] = [:]
        while let line = try Self.next(&lines) {
            try Task.checkCancellation()
            let isBlank = line.bytes.allSatisfy(ByteText.isSpace)
            func failure(_ reason: String) -> IngestError {
                .record(SkippedRecord(path: name, line: line.number, reason: reason))
            }
            if format == .auto, !isBlank || path.lowercased().hasSuffix(".jsonl") {
                guard !Self.opensArray(line.bytes) else { throw failure(Self.arrayReason) }
                let opens = line.bytes.drop(while: ByteText.isSpace).first == UInt8(ascii: "{")
                format = opens || path.lowercased().hasSuffix(".jsonl") ? .jsonl : .lines
            }
            if isBlank, format == .jsonl { continue }

            let record = try record(line, format, failure)
            guard !record.isBlank || format == .jsonl else {
                throw failure("the line is empty: every line needs a text; delete the line")
            }
            let id = record.id ?? String(line.number)
            if let first = linesByID.updateValue(line.number, forKey: ExactText(id)) {
                throw failure(
                    "the id '\(PathText.quoted(id))' stands in line \(first) too: ids must differ (a record without one is "
                        + "named by its line)")
            }
            guard !record.isBlank else { throw failure(InputRecord.blankReason(id: id)) }
            candidates.append(Self.candidate(record, id: id, rank: candidates.count + 1))
        }
        return candidates
    }

    private static func next(_ lines: inout LineReader) throws -> LineReader.Line? {
        do {
            return try lines.next()
        } catch let error as LineReader.TooLong {
            throw IngestError.record(SkippedRecord(path: lines.path, line: error.number, reason: "\(error)"))
        }
    }

    private func record(
        _ line: LineReader.Line, _ format: Format, _ failure: (String) -> IngestError
    ) throws -> InputRecord {
        if format == .jsonl {
            do {
                return try InputRecord(line)
            } catch {
                throw failure(
                    error.description
                        + (error.isSyntax && self.format == .auto
                            ? "; read as JSONL, one record a line (jq -c writes it so); --format lines reads every line "
                                + "as a text" : ""))
            }
        }
        do {
            return InputRecord(text: try TextDecoding.string(line.bytes, offset: line.offset))
        } catch {
            throw failure(error.description)
        }
    }

    /// `[` alone or before `{`: a JSON array of records, which read as plain lines would be ranked as nonsense.
    private static func opensArray(_ bytes: ArraySlice<UInt8>) -> Bool {
        let text = bytes.drop(while: ByteText.isSpace)
        guard text.first == UInt8(ascii: "[") else { return false }
        let next = text.dropFirst().drop(while: ByteText.isSpace).first
        return next == nil || next == UInt8(ascii: "{")
    }

    private static let arrayReason =
        "a JSON array begins here, and records are wanted one a line: jq -c '.[]' FILE writes them so; --format lines reads "
        + "every line as a text"

    private static func candidate(_ record: InputRecord, id: String, rank: Int) -> Candidate {
        let document = Document(id: id, title: record.title, text: record.text, metadata: record.metadata)
        let title = record.title.flatMap { document.content == document.text ? nil : $0 }
        return Candidate(
            passage: Passage(id: id, documentID: id, title: title, text: record.text, metadata: record.metadata),
            rank: rank, retrievalScore: record.score)
    }
}
