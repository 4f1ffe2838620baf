import WinnowCore

/// Queries and judgements of a test collection: a folder in BEIR's layout, or two files.
public struct TestCollection: Sendable {
    /// All queries, in the order of their file; those without judgements are often those of another split.
    public let queries: [EvaluationQuery]
    public let qrels: QrelsFile
    /// Of both files.
    public let warnings: [FileWarning]

    /// The queries that have judgements, in the order of their file.
    public var judgedQueries: [EvaluationQuery] { queries.filter { qrels.qrels.contains(queryID: $0.id) } }

    /// Reads `queries.jsonl` and `qrels/<split>.tsv` of a folder.
    ///
    /// - Throws: ``EvaluationError/file(_:)``: a file is missing (the splits that are there are named) or says nothing
    ///   that can be read, or the judgements are about other queries.
    public static func read(folder: String, split: String = "test") throws -> TestCollection {
        guard AtomicFile.isFolder(folder) else {
            throw FileFault(
                path: folder,
                reason: AtomicFile.exists(folder)
                    ? "is a file where the folder of a test collection is wanted" : "does not exist"
            ).error
        }
        let qrels = try qrelsPath(folder, split)
        guard let queries = existing(folder, "queries", queryEndings) else {
            throw FileFault(
                path: folder + "/queries.jsonl",
                reason:
                    "does not exist: a test collection has its queries there, an object {\"_id\": …, \"text\": …} a "
                    + "line"
            ).error
        }
        return try read(queries: queries, qrels: qrels, isSplit: true)
    }

    /// Reads queries and judgements from two files, or from one that holds both (``QrelsFormat/jsonl``).
    ///
    /// - Parameter queries: nil: those of the file of judgements.
    public static func read(queries: String?, qrels: String, format: QrelsFormat? = nil) throws -> TestCollection {
        try read(queries: queries, qrels: qrels, format: format, isSplit: false)
    }

    private static func read(
        queries path: String?, qrels qrelsPath: String, format: QrelsFormat? = nil, isSplit: Bool
    ) throws -> TestCollection {
        var qrels = try QrelsFile(reading: qrelsPath, format: format)
        let (queries, own): ([EvaluationQuery], [FileWarning])
        if let path {
            let file = try QueriesFile(reading: path)
            (queries, own) = (file.queries, file.warnings)
        } else {
            guard !qrels.queries.isEmpty else {
                throw FileFault(path: qrelsPath, reason: "holds judgements only: name the file of the queries too")
                    .error
            }
            (queries, own) = (qrels.queries, [])
        }
        qrels = qrels.matching(queries: IdentifierSet(queries.map(\.id)))
        // In a folder, queries without judgements are those of other splits; those in the file of judgements have no
        // answer.
        let checked = try qrels.check(
            queries: IdentifierSet(queries.map(\.id)), namesUnjudged: !isSplit && path != nil)
        let warnings = own + qrels.warnings + checked
        return TestCollection(queries: queries, qrels: qrels, warnings: warnings)
    }

    /// The same collection with the judgements as these documents know them: ids that ``Qrels/trecText()`` percent-encoded
    /// are decoded where more of them are known then (``QrelsFile/matching(queries:documents:)``).
    ///
    /// - Parameter documents: what is there of ``QrelsFile/possibleDocumentIDs``, or all that is.
    public func matching(documents: IdentifierSet) -> TestCollection {
        let known = IdentifierSet(queries.map(\.id))
        let matched = qrels.matching(queries: known, documents: documents)
        return TestCollection(
            queries: queries, qrels: matched, warnings: warnings + matched.warnings.dropFirst(qrels.warnings.count))
    }

    private static let endings = ["tsv", "jsonl", "csv", "qrels", "txt", "trec"]
    private static let queryEndings = ["jsonl", "tsv", "csv"]

    /// A split is a name, not a path to elsewhere.
    static func checkSplit(_ split: String, in folder: String) throws {
        guard !split.isEmpty, !split.utf8.contains(UInt8(ascii: "/")) else {
            throw FileFault(
                path: folder + "/qrels", reason: "\(Shown.id(split)) is no name of a split, such as test or dev"
            ).error
        }
    }

    private static func existing(_ folder: String, _ stem: String, _ endings: [String]) -> String? {
        endings.map { "\(folder)/\(stem).\($0)" }.first(where: AtomicFile.exists)
    }

    package static func qrelsPath(_ folder: String, _ split: String) throws -> String {
        try checkSplit(split, in: folder)
        let inside = folder + "/qrels"
        if let path = existing(inside, split, endings) { return path }
        let splits = (AtomicFile.names(in: inside) ?? []).filter { endings.contains(InputFile.suffix($0)) }
        if !splits.isEmpty {
            throw FileFault(
                path: "\(inside)/\(split).tsv",
                reason: "does not exist: there is no split \(Shown.id(split)); there "
                    + (splits.count == 1 ? "is " : "are ")
                    + splits.map { "'\(PathText.quoted(InputFile.stem($0)))'" }.joined(separator: ", ")
                    + " (--split NAME)"
            ).error
        }
        let others = (AtomicFile.names(in: folder) ?? []).filter { name in
            name.lowercased().contains("qrel") && endings.contains(InputFile.suffix(name))
                || InputFile.suffix(name) == "tsv" && !name.hasPrefix("queries")
        }
        throw FileFault(
            path: "\(inside)/\(split).tsv",
            reason: "does not exist: a test collection has its judgements there"
                + (others.isEmpty
                    ? "; name a file of judgements (--qrels FILE), or get some"
                    : "; \(Shown.some(others)) may be they: name them (--qrels FILE), or move them to "
                        + "qrels/\(split).tsv")
        ).error
    }
}
