import Winnow
import WinnowCore

/// What questions are held against.
enum Reference {
    /// Best logits that are there.
    case sample(ShiftCheck.Sample)
    /// Questions that are asked now.
    case questions([String])

    /// A folder with queries.jsonl, what `winnow eval --json` wrote, or a log of `winnow ask --log`.
    static func read(_ path: String) throws -> Reference {
        if AtomicFile.isFolder(path) {
            for name in ["queries.jsonl", "queries.tsv", "queries.csv"] where AtomicFile.exists(path + "/" + name) {
                return .questions(try AskedQueries.file(path + "/" + name).texts)
            }
            throw AskedQueries.Unreadable(path: path, line: nil, reason: "is a folder without queries.jsonl")
        }
        let evaluation: SavedLogits
        do {
            evaluation = try SavedLogits(reading: path)
        } catch {
            // A log's lines are objects, too.
            guard let traces = try? LogSetup.read(path).traces else { throw error }
            return .sample(sample(of: traces, name: "the reference"))
        }
        // The first reranker is the one that the evaluation was about.
        guard let system = evaluation.systems.first else {
            throw AskedQueries.Unreadable(path: path, line: nil, reason: "has no reranked system")
        }
        var model: (fingerprint: String, precision: String, truncation: String)?
        if let fingerprint = system.fingerprint, let precision = system.precision, let truncation = system.truncation {
            model = (fingerprint, precision, truncation)
        }
        return .sample(
            ShiftCheck.Sample(
                logits: system.logits, model: model, initialK: evaluation.initialK, name: "the reference"))
    }

    /// The best logits of traces: of one model's, as logits of several mean different things.
    ///
    /// - Parameter wanted: that model; nil, or where no trace is of it: that of the most traces.
    static func sample(
        of traces: [Trace], name: String,
        like wanted: (fingerprint: String, precision: String, truncation: String)? = nil
    ) -> ShiftCheck.Sample {
        struct Key: Hashable { var fingerprint, precision, truncation: String }
        var byModel: [Key: [Trace]] = [:]
        for trace in traces {
            guard let model = trace.models["reranker"] else { continue }
            byModel[
                Key(fingerprint: model.fingerprint, precision: model.precision, truncation: model.truncation),
                default: []
            ]
            .append(trace)
        }
        let key = wanted.map { Key(fingerprint: $0.fingerprint, precision: $0.precision, truncation: $0.truncation) }
        let most = byModel.max { ($0.value.count, $1.key.fingerprint) < ($1.value.count, $0.key.fingerprint) }?.key
        guard let chosen = key.flatMap({ byModel[$0] == nil ? nil : $0 }) ?? most, let own = byModel[chosen] else {
            return ShiftCheck.Sample(logits: [], name: name)
        }
        let depths = Set(own.map(\.initialK))
        return ShiftCheck.Sample(
            logits: own.compactMap { $0.candidates.compactMap(\.logit).max().map(Double.init) },
            model: (chosen.fingerprint, chosen.precision, chosen.truncation),
            initialK: depths.count == 1 ? depths.first : nil, name: name)
    }
}
