import WinnowCore

extension QrelsFile {
    /// Whether the judgements are about these queries and documents: a file of another collection, or one with swapped
    /// columns, would otherwise give zeros that look like results.
    ///
    /// - Parameters:
    ///   - queries: ids of all queries that could be meant.
    ///   - documents: ids of all documents, or passages, that are ranked; nil when they are not known.
    ///   - namesUnjudged: whether queries without judgements are worth a warning; they are not where one file of
    ///     queries serves several splits.
    /// - Returns: what fits in part only, each as one warning: judgements of unknown queries and of unknown documents,
    ///   queries without judgements, queries without a relevant document that is known.
    /// - Throws: ``EvaluationError/file(_:)`` when nothing fits, saying whether the columns are swapped or the ids are
    ///   of passages.
    public func check(queries: IdentifierSet, documents: IdentifierSet? = nil, namesUnjudged: Bool = true) throws
        -> [FileWarning]
    {
        var unknownQueries: [String] = []
        var unknownDocuments: [(queryID: String, documentID: String)] = []
        var withoutKnownRelevant: [String] = []
        var (count, knownDocuments) = (0, 0)
        for queryID in qrels.queryIDs {
            let judgements = qrels.judgements(of: queryID)
            count += judgements.count
            guard queries.contains(queryID) else {
                unknownQueries.append(queryID)
                continue
            }
            guard let documents else { continue }
            let strangers = judgements.filter { !documents.contains($0.documentID) }
            unknownDocuments += strangers.map { (queryID, $0.documentID) }
            knownDocuments += judgements.count - strangers.count
            let isRelevantKnown = judgements.contains { $0.grade >= 1 && documents.contains($0.documentID) }
            if !isRelevantKnown, judgements.contains(where: { $0.grade >= 1 }) { withoutKnownRelevant.append(queryID) }
        }
        let unjudged = namesUnjudged ? unjudgedWarning(queries) : nil
        guard count > 0 else { return unjudged.map { [$0] } ?? [] }
        if unknownQueries.count == qrels.queryCount { throw noKnownQuery(queries).error }
        if let documents, knownDocuments == 0 { throw noKnownDocument(unknownDocuments, documents).error }

        var warnings: [FileWarning] = []
        if !unknownQueries.isEmpty {
            warn(
                "\(Shown.count(unknownQueries.count, "judged query is", "judged queries are")) not among the "
                    + "\(queries.count) queries, and "
                    + "left out: \(Shown.some(unknownQueries))", unknownQueries.first.flatMap(firstLine), &warnings)
        }
        if let first = unknownDocuments.first {
            warn(
                "\(unknownDocuments.count) of \(count) judgements name documents that are not there, such as "
                    + "\(Shown.id(first.documentID)); relevant ones among them count as not found",
                line(of: first.documentID, for: first.queryID), &warnings)
        }
        if !withoutKnownRelevant.isEmpty {
            warn(
                "none of the relevant documents of \(Shown.count(withoutKnownRelevant.count, "query", "queries")) is "
                    + "there, so no system can score on: \(Shown.some(withoutKnownRelevant))",
                withoutKnownRelevant.first.flatMap(firstLine), &warnings)
        }
        return warnings + (unjudged.map { [$0] } ?? [])
    }

    private func warn(_ text: String, _ line: Int?, _ warnings: inout [FileWarning]) {
        warnings.append(FileWarning(path: path, line: line, text: text))
    }

    private func firstLine(_ queryID: String) -> Int? {
        qrels.judgements(of: queryID).compactMap { line(of: $0.documentID, for: queryID) }.min()
    }

    private func unjudgedWarning(_ queries: IdentifierSet) -> FileWarning? {
        let unjudged = queries.sorted.filter { !qrels.contains(queryID: $0) }
        guard !unjudged.isEmpty else { return nil }
        return FileWarning(
            path: path,
            text:
                "\(unjudged.count) of \(queries.count) queries have no judgement, and are left out: "
                + "\(Shown.some(unjudged))"
        )
    }

    private func noKnownQuery(_ queries: IdentifierSet) -> FileFault {
        let queryID = qrels.queryIDs.min { (firstLine($0) ?? 0) < (firstLine($1) ?? 0) } ?? ""
        let swapped = qrels.judgements(of: queryID).first { queries.contains($0.documentID) }
        let reason =
            if let swapped {
                "the columns are swapped: \(Shown.id(swapped.documentID)), in the column of documents, is a query, and "
                    + "\(Shown.id(queryID)) is none; the query's id comes first"
            } else {
                "judges none of the \(queries.count) queries: it says \(Shown.some(qrels.queryIDs)), they are "
                    + "\(Shown.some(queries.sorted)); take the judgements that belong to these queries"
            }
        return FileFault(path: path, line: firstLine(queryID), reason: reason)
    }

    private func noKnownDocument(
        _ unknown: [(queryID: String, documentID: String)], _ documents: IdentifierSet
    ) -> FileFault {
        let first = unknown.first ?? ("", "")
        var reason =
            "names no document that is there: none of \(unknown.count) judgements does, such as "
            + "\(Shown.id(first.documentID)); known are \(Shown.some(documents.sorted))"
        let parent = first.documentID.utf8.lastIndex(of: UInt8(ascii: "#")).map { String(first.documentID[..<$0]) }
        if let parent, documents.contains(parent) {
            reason += "; these are ids of passages: rank passages (--level passage), or judge documents"
        } else if documents.contains(first.documentID + "#0") || documents.contains(first.documentID + "#1") {
            reason += "; these are ids of documents: rank documents (--level document), or judge passages"
        } else {
            reason += "; take the documents that these judgements are about"
        }
        return FileFault(path: path, line: line(of: first.documentID, for: first.queryID), reason: reason)
    }
}
