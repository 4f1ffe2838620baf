import WinnowCore

/// TREC's columns cannot hold white space, so ``Qrels/trecText()`` percent-encodes it. Nothing in such a file says so, and
/// others have ids with a `%20` of their own (addresses of pages): only the ids of queries and documents can tell.
extension QrelsFile {
    /// The same judgements with their ids decoded, as they were before ``Qrels/trecText()`` encoded them.
    ///
    /// - Returns: nil when that would change nothing (another format, no `%`), or when an id is none that is encoded so,
    ///   which shows that the file is of another program.
    public func decoded() -> QrelsFile? {
        guard format == .trec, !isDecoded else { return nil }
        var (plain, changes) = (Qrels(), false)
        var lines: [ExactText: [ExactText: Int]] = [:]
        for queryID in qrels.queryIDs {
            guard let query = TRECText.decoded(queryID, startsLine: true) else { return nil }
            changes = changes || query != queryID
            for judgement in qrels.judgements(of: queryID) {
                guard let document = TRECText.decoded(judgement.documentID, startsLine: false) else { return nil }
                changes = changes || document != judgement.documentID
                plain.judge(document, for: query, grade: judgement.grade)
                lines[ExactText(query), default: [:]][ExactText(document)] = line(
                    of: judgement.documentID, for: queryID)
            }
        }
        return changes ? QrelsFile(self, qrels: plain, lines: lines, isDecoded: true) : nil
    }

    /// The ids of all judged documents, as they stand and decoded: those to look up before ``matching(queries:documents:)``
    /// is asked which they are.
    public var possibleDocumentIDs: IdentifierSet {
        var ids = IdentifierSet()
        for file in [self, decoded()].compactMap({ $0 }) {
            for queryID in file.qrels.queryIDs {
                for judgement in file.qrels.judgements(of: queryID) { ids.insert(judgement.documentID) }
            }
        }
        return ids
    }

    /// The judgements with ids as they stand, or decoded where more of them are known that way: a file as a whole, as its
    /// ids are all of one kind.
    ///
    /// Where both are known alike, as with a document `a b` beside one that is called `a%20b`, they are read as they stand,
    /// with a warning.
    ///
    /// - Parameters:
    ///   - queries: ids of all queries that could be meant.
    ///   - documents: ids of documents, or passages, that are there; nil: the queries decide alone.
    public func matching(queries: IdentifierSet, documents: IdentifierSet? = nil) -> QrelsFile {
        guard let other = decoded() else { return self }
        let (plain, decoded) = (known(queries, documents), other.known(queries, documents))
        if decoded.queries >= plain.queries, decoded.documents >= plain.documents,
            decoded.queries + decoded.documents > plain.queries + plain.documents
        {
            return other
        }
        let isOpen = decoded == plain && plain.queries + plain.documents > 0 && documents != nil
        guard isOpen, let example = firstChange(queries, documents) else { return self }
        return QrelsFile(
            self, qrels: qrels,
            adding: FileWarning(
                path: path,
                text:
                    "ids are read as they stand, \(Shown.id(example.encoded)) for example, though they may be "
                    + "percent-encoded (\(Shown.id(example.decoded)) is known too): if they are, give the judgements as "
                    + "BEIR's tsv"))
    }

    /// How many different queries, and how many judgements' documents, are known.
    private func known(_ queries: IdentifierSet, _ documents: IdentifierSet?) -> Known {
        var known = Known(queries: 0, documents: 0)
        for queryID in qrels.queryIDs where queries.contains(queryID) {
            known.queries += 1
            guard let documents else { continue }
            known.documents += qrels.judgements(of: queryID).count { documents.contains($0.documentID) }
        }
        return known
    }

    private struct Known: Equatable {
        var queries: Int
        var documents: Int
    }

    /// An id that is known both as it stands and decoded, where the two differ.
    private func firstChange(
        _ queries: IdentifierSet, _ documents: IdentifierSet?
    ) -> (encoded: String, decoded: String)? {
        func isOpen(_ id: String, _ startsLine: Bool, _ known: IdentifierSet) -> String? {
            guard known.contains(id), let decoded = TRECText.decoded(id, startsLine: startsLine), decoded != id,
                known.contains(decoded)
            else { return nil }
            return decoded
        }
        for queryID in qrels.queryIDs {
            if let decoded = isOpen(queryID, true, queries) { return (queryID, decoded) }
            guard let documents else { continue }
            for judgement in qrels.judgements(of: queryID) {
                if let decoded = isOpen(judgement.documentID, false, documents) {
                    return (judgement.documentID, decoded)
                }
            }
        }
        return nil
    }
}
