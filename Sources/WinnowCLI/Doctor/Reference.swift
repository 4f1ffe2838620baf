import Winnow
import WinnowCore

/// What questions are held against.
enum Reference {
    /// Best logits that are there, of each reranked system at least one.
    case samples([ShiftCheck.Sample])
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
            return .samples(samples(of: traces, name: "the reference"))
        }
        return .samples(
            evaluation.systems.map { system in
                var model: ShiftCheck.Model?
                if let fingerprint = system.fingerprint, let precision = system.precision,
                    let truncation = system.truncation
                {
                    model = ShiftCheck.Model(fingerprint: fingerprint, precision: precision, truncation: truncation)
                }
                return ShiftCheck.Sample(
                    logits: system.logits, model: model, initialK: evaluation.initialK,
                    firstStage: evaluation.firstStage, name: "the reference")
            })
    }

    /// The best logits of traces, each question once: a sample a model, as logits of several mean different things, the largest first.
    static func samples(of traces: [Trace], name: String) -> [ShiftCheck.Sample] {
        var byModel: [ShiftCheck.Model: [Trace]] = [:]
        for trace in traces {
            guard let model = trace.models["reranker"] else { continue }
            byModel[
                ShiftCheck.Model(
                    fingerprint: model.fingerprint, precision: model.precision, truncation: model.truncation),
                default: []
            ]
            .append(trace)
        }
        let samples = byModel.map { model, all in
            let own = distinct(all, text: \.query)
            let (depths, firstStages) = (Set(own.map(\.initialK)), Set(own.map(\.retriever)))
            return ShiftCheck.Sample(
                logits: own.compactMap { $0.candidates.compactMap(\.logit).max().map(Double.init) }, model: model,
                initialK: depths.count == 1 ? depths.first : nil,
                firstStage: firstStages.count == 1 ? firstStages.first ?? nil : nil, name: name)
        }
        return samples.isEmpty
            ? [ShiftCheck.Sample(logits: [], name: name)]
            : samples.sorted {
                ($1.logits.count, $0.model?.description ?? "") < ($0.logits.count, $1.model?.description ?? "")
            }
    }

    /// The sample that is this model's; else the first one.
    static func choice(of samples: [ShiftCheck.Sample], like model: ShiftCheck.Model?) -> ShiftCheck.Sample {
        samples.first { model != nil && $0.model == model } ?? samples.first ?? ShiftCheck.Sample(logits: [], name: "")
    }

    /// The first of each text, white space around it aside: a question that is asked again says nothing new, and the test takes its values
    /// for drawn one by one.
    static func distinct<Item>(_ items: [Item], text: (Item) -> String) -> [Item] {
        var seen: Set<String> = []
        return items.filter { item in
            let text = text(item)
            guard let first = text.firstIndex(where: { !$0.isWhitespace }),
                let last = text.lastIndex(where: { !$0.isWhitespace })
            else { return true }
            return seen.insert(String(text[first...last])).inserted
        }
    }
}
