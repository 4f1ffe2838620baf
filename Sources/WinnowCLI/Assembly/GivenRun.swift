import Winnow

/// A run of another system, held against the documents that there are.
struct GivenRun {
    let corpus: ExperimentCorpus
    /// Those that are evaluated.
    let queries: IdentifierSet
    let level: QueryObservation.Level

    /// Documents that are looked up at most: enough to tell a stranger's run.
    private static let mostLookups = 20_000

    /// Reads it, with ids as they stand there or percent-encoded as `--export-runs` writes them, whichever the corpus knows.
    ///
    /// - Returns: also what a reader must know.
    /// - Throws: ``StrangeRun`` when it has none of the queries or none of the documents.
    func read(_ path: String, name: String?) async throws -> (run: Run, notes: [String]) {
        let plain = try RunFile(reading: path, name: name)
        var (file, check) = (plain, try await check(plain.run))
        if !check.unknown.isEmpty || check.queries == 0,
            let decoded = try? RunFile(reading: path, name: name, decodingIDs: true)
        {
            let other = try await self.check(decoded.run)
            if other.queries >= check.queries, other.known > check.known { (file, check) = (decoded, other) }
        }
        guard check.queries > 0 else { throw StrangeRun(path: path, what: "query", example: file.run.queryIDs.first) }
        guard check.known > 0 || check.unknown.isEmpty else {
            throw StrangeRun(path: path, what: level.rawValue, example: check.unknown.first)
        }
        var notes = file.warnings.map(\.description)
        if let first = check.unknown.first {
            notes.append(
                "\(PathText.quoted(path)): \(NumberText.plural(check.unknown.count, level.rawValue)) of "
                    + "\(NumberText.grouped(check.known + check.unknown.count)) are not in the corpus, such as "
                    + "'\(PathText.quoted(first))': they count as not relevant")
        }
        return (file.run, notes)
    }

    private func check(_ run: Run) async throws -> (queries: Int, known: Int, unknown: [String]) {
        var (answered, known, unknown): (Int, Int, [String]) = (0, 0, [])
        var seen = IdentifierSet()
        for queryID in queries.sorted {
            guard let entries = run.entries(for: queryID) else { continue }
            answered += 1
            for entry in entries where seen.count < Self.mostLookups && seen.insert(entry.documentID) {
                let id = ExactText(entry.documentID)
                let isThere = try await corpus.passages(entry.documentID).contains {
                    ExactText(level == .document ? $0.documentID : $0.id) == id
                }
                if isThere { known += 1 } else { unknown.append(entry.documentID) }
            }
        }
        return (answered, known, unknown)
    }
}

/// A run of another collection.
struct StrangeRun: Error, CustomStringConvertible {
    var path: String
    var what: String
    var example: String?

    var description: String {
        "\(PathText.quoted(path)): not one \(what) of it is known here"
            + (example.map { ", such as '\(PathText.quoted($0))'" } ?? "")
            + (what == "passage"
                ? "; a run of documents cannot be measured with --level passage"
                : ": give the run that was made over these queries and documents")
    }
}
