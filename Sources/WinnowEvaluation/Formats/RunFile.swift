import WinnowCore

/// A run read from a file in TREC's six columns: `query Q0 document rank score name`.
public struct RunFile: Sendable {
    public let path: String
    public let run: Run
    /// What was put up with: ranks that say another order than the scores, names that change.
    public let warnings: [FileWarning]

    /// Reads a file whole. The order is that of the scores, as trec_eval has it; the column of ranks is ignored.
    ///
    /// - Parameters:
    ///   - name: of the run; nil: the file's last column, or the file's name where that changes.
    ///   - decodingIDs: ids are percent-encoded, as ``write(_:to:overwriting:)`` encodes them. False for files of other
    ///     programs, whose `%41` is no `A`.
    /// - Throws: ``EvaluationError/file(_:)`` with the line: another number of columns, a score that is no finite
    ///   number that a Float32 holds, a document that stands there twice for a query.
    public init(reading path: String, name: String? = nil, decodingIDs: Bool = false) throws {
        let file = try InputFile(path)
        var lists: [ExactText: [(entry: Run.Entry, rank: Int?)]] = [:]
        var lines: [ExactText: [ExactText: Int]] = [:]
        var (names, seenNames): ([String], Set<ExactText>) = ([], [])
        for line in file.lines() where !line.isBlank {
            let columns = TRECText.columns(line.bytes)
            guard columns.count == 6 else { throw file.fault(line.number, Self.wrong(columns.count)) }
            let ids = try [(columns[0], true), (columns[2], false)].map { id, startsLine in
                guard decodingIDs else { return id }
                guard let decoded = TRECText.decoded(id, startsLine: startsLine) else {
                    throw file.fault(
                        line.number,
                        "the id \(Shown.id(id)) is not percent-encoded as Winnow does it: white space, controls and % "
                            + "itself as two hexadecimal digits, nothing else")
                }
                return decoded
            }
            let score = try Self.score(columns[4], line.number, file)
            let (query, document) = (ExactText(ids[0]), ExactText(ids[1]))
            if let earlier = lines[query]?.updateValue(line.number, forKey: document) {
                throw file.fault(
                    line.number,
                    "document \(Shown.id(ids[1])) stands in the list of query \(Shown.id(ids[0])) on line \(earlier) "
                        + "too: each may be ranked once; keep its best place")
            }
            if lines[query] == nil { lines[query] = [document: line.number] }
            lists[query, default: []].append((Run.Entry(documentID: ids[1], score: score), Int(columns[3])))
            let label = decodingIDs ? TRECText.decoded(columns[5], startsLine: false) ?? columns[5] : columns[5]
            if seenNames.insert(ExactText(label)).inserted { names.append(label) }
        }
        let label = names.count == 1 ? names.first : nil
        var run = Run(name: name ?? label ?? InputFile.stem(path))
        var disordered: [String] = []
        for (query, list) in lists {
            try run.setEntries(list.map(\.entry), for: query.text)
            if !Self.agrees(list) { disordered.append(query.text) }
        }
        var warnings: [FileWarning] = []
        if name == nil, label == nil {
            warnings.append(FileWarning(path: path, text: "has several names in its last column: \(Shown.some(names))"))
        }
        if !disordered.isEmpty {
            disordered.sort { ExactText($0).precedes(ExactText($1)) }
            let first = lines[ExactText(disordered[0])]?.values.min()
            warnings.append(
                FileWarning(
                    path: path, line: first,
                    text:
                        "the ranks say another order than the scores for "
                        + "\(Shown.count(disordered.count, "query", "queries")): the "
                        + "scores count, as for trec_eval (\(Shown.some(disordered)))"))
        }
        self.path = path
        self.run = run
        self.warnings = warnings
    }

    /// Whether no document has both a better rank and a lower score than another.
    private static func agrees(_ list: [(entry: Run.Entry, rank: Int?)]) -> Bool {
        let ranked = list.compactMap { item in item.rank.map { (rank: $0, score: item.entry.score) } }
        guard ranked.count == list.count else { return true }
        let sorted = ranked.sorted { $0.rank < $1.rank }
        return zip(sorted, sorted.dropFirst()).allSatisfy { $0.score >= $1.score || $0.rank == $1.rank }
    }

    private static func wrong(_ count: Int) -> String {
        "has \(Shown.count(count, "column", "columns")), and 6 are wanted: query, Q0, document, rank, score, name"
            + (count == 4 ? "; four columns are judgements (qrels)" : "")
            + (count > 6 ? "; white space within an id or name must be percent-encoded" : "")
    }

    /// Through a double, as trec_eval's `atof` reads it.
    private static func score(_ text: String, _ line: Int, _ file: InputFile) throws -> Float {
        guard let number = Double(text), text.utf8.allSatisfy({ $0 != UInt8(ascii: "x") && $0 != UInt8(ascii: "X") })
        else {
            throw file.fault(
                line,
                "the score \(Shown.id(text)) is no number"
                    + (text.utf8.contains(UInt8(ascii: ",")) ? ": write the decimal point as a point" : ""))
        }
        guard number.isFinite else {
            throw file.fault(
                line, "the score \(Shown.id(text)) cannot be ranked: mend the system that wrote it")
        }
        guard Float(number).isFinite else {
            throw file.fault(
                line,
                "the score \(Shown.id(text)) is beyond what 32 bits hold (3.4e38), where trec_eval takes all for "
                    + "equal: scale the scores"
            )
        }
        return Float(number)
    }
}
