import WinnowCore

extension Run {
    /// In TREC's six columns: `query Q0 document rank score name`, queries in the order of their bytes, ranks from 1.
    ///
    /// trec_eval and its relatives compute from it what ``MeasuredRun`` does: scores are the shortest text that gives
    /// the same Float32 back, and ids are percent-encoded where they would break a column (`%`, controls, all white
    /// space of Unicode, a query's leading `#`). Judgements must be written alike, by ``Qrels/trecText()``. A query
    /// with an empty list leaves no line.
    ///
    /// - Throws: ``EvaluationError/unwritable(name:reason:)`` for an empty id.
    public func trecText() throws -> String {
        let tag = name.isEmpty ? "run" : TRECText.encoded(name, startsLine: false)
        var text = ""
        for queryID in queryIDs {
            let query = try TRECText.column(queryID, "query", of: name)
            for (index, entry) in (entries(for: queryID) ?? []).enumerated() {
                let document = try TRECText.column(entry.documentID, "document", of: name)
                text += "\(query) Q0 \(document) \(index + 1) \(TRECText.score(entry.score)) \(tag)\n"
            }
        }
        return text
    }

    /// Writes ``trecText()`` to a file, whole or not at all.
    ///
    /// - Throws: also ``EvaluationError/file(_:)``, when it cannot be written or is there and may not be replaced.
    public func write(to path: String, overwriting: Bool = false) throws {
        try AtomicFile.write(Array(trecText().utf8), to: path, overwriting: overwriting)
    }
}

extension Qrels {
    /// In TREC's four columns, `query 0 document grade`, ids encoded as ``Run/trecText()`` encodes them, all in the
    /// order of bytes.
    public func trecText() throws -> String {
        var text = ""
        for queryID in queryIDs {
            let query = try TRECText.column(queryID, "query", of: "qrels")
            for judgement in judgements(of: queryID) {
                text +=
                    "\(query) 0 \(try TRECText.column(judgement.documentID, "document", of: "qrels")) "
                    + "\(judgement.grade)\n"
            }
        }
        return text
    }

    /// In BEIR's three columns with their header, ids as they are, all in the order of bytes.
    ///
    /// - Throws: ``EvaluationError/unwritable(name:reason:)`` for an id that is empty, holds a tab or a line end, or
    ///   has white space around it.
    public func beirText() throws -> String {
        var text = "query-id\tcorpus-id\tscore\n"
        func column(_ id: String) throws -> String {
            let breaks = id.utf8.contains { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
            guard !id.isEmpty, !breaks, ExactText(id.trimmed) == ExactText(id) else {
                throw EvaluationError.unwritable(
                    name: "qrels",
                    reason:
                        "the id \(Shown.id(id)) is empty, holds a tab or line end, or has white space around it, and "
                        + "no such table can hold it: rename it")
            }
            return id
        }
        for queryID in queryIDs {
            for judgement in judgements(of: queryID) {
                text += "\(try column(queryID))\t\(try column(judgement.documentID))\t\(judgement.grade)\n"
            }
        }
        return text
    }

    /// Writes ``trecText()`` to a file, whole or not at all.
    public func write(to path: String, overwriting: Bool = false) throws {
        try AtomicFile.write(Array(trecText().utf8), to: path, overwriting: overwriting)
    }

    /// Writes ``beirText()`` to a file, whole or not at all; folders above it are made where they are missing.
    ///
    /// - Throws: also ``EvaluationError/file(_:)``, when it cannot be written or is there and may not be replaced.
    public func writeBEIR(to path: String, overwriting: Bool = false) throws {
        let text = try beirText()
        if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) { try AtomicFile.makeFolder(String(path[..<slash])) }
        try AtomicFile.write(Array(text.utf8), to: path, overwriting: overwriting)
    }
}

extension TRECText {
    static func column(_ id: String, _ what: String, of name: String) throws -> String {
        guard !id.isEmpty else {
            throw EvaluationError.unwritable(name: name, reason: "a \(what) has an empty id, which no column can hold")
        }
        return encoded(id, startsLine: what == "query")
    }

    /// The shortest text that gives the score back, read as a Float32 or, as most programs do, as a double that is
    /// rounded then.
    static func score(_ score: Float) -> String {
        let text = score.description
        return Double(text).map { Float($0) == score } == true ? text : Double(score).description
    }
}
