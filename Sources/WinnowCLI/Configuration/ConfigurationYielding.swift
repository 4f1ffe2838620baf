import WinnowEvaluation

/// What was said at a higher level makes what was said at a lower one give way, where the two exclude each other: a file must never make a
/// command line fail that is right without it.
struct ConfigurationYielding {
    let shape: CommandShape
    let line: TypedLine
    /// What the command could take and was not typed, by the key's path.
    private(set) var settings: [String: Setting]
    /// What gave way without being seen to.
    private(set) var notes: [String] = []

    init(_ settings: [String: Setting], shape: CommandShape, line: TypedLine) {
        (self.settings, self.shape, self.line) = (settings, shape, line)
        corpus()
        experiment()
        reranking()
        selection()
        longPassages()
        served()
        depths()
        chunking()
        calibration()
        probabilities()
        answer()
        llm()
    }

    // MARK: - Levels

    private func level(_ path: String) -> SettingOrigin.Level {
        guard let key = ConfigurationKeys.named(path) else { return .standard }
        return line.has(key.option) ? .flag : settings[path]?.origin.level ?? .standard
    }

    private mutating func drop(_ paths: String...) { for path in paths { settings[path] = nil } }

    // MARK: - Rules

    /// Documents instead of the store, a store as an argument, a store whose terms and passages were made long ago.
    private mutating func corpus() {
        let isArgument = shape.optionalPositionals.contains("file") && line.positionals > 0
        if line.has("documents") || isArgument { drop("store") }
        let hasStore = line.has("store") || settings["store"] != nil
        if shape.path != ["index"], hasStore {
            drop("index.chunking", "index.chunk-size", "index.chunk-overlap", "index.stem", "index.words")
        }
        if !line.has("watch") { drop("index.interval") }
    }

    private mutating func experiment() {
        // Candidates, scores and orders are those of the log.
        if line.has("from-log") { settings = [:] }
        // Of these no blend was ever measured, and a run may have no scores.
        if let first = line.value("retriever"), first == "judged" || first.hasPrefix("run:") { drop("ranking.order") }
    }

    private mutating func reranking() {
        if line.has("no-rerank") {
            return drop("ranking.order", "ranking.rerank-within", "ranking.threshold", "ranking.calibration")
        }
        guard let rerank = settings["ranking.rerank"] else { return }
        let isAskedFor = ["ranking.order", "ranking.rerank-within", "ranking.threshold"].contains {
            level($0) > rerank.origin.level
        }
        if rerank.value == "true" || isAskedFor {
            drop("ranking.rerank")
        } else {
            drop("ranking.order", "ranking.rerank-within", "ranking.threshold", "ranking.calibration")
        }
    }

    /// A distance is in the units of one first stage's scores.
    private mutating func selection() {
        guard let within = settings["ranking.rerank-within"] else { return }
        let why: String
        if shape.path == ["rerank"] {
            why = "the candidates are another search's"
        } else {
            let units = ["retriever", "fusion", "dense-weight"].map { "retrieval." + $0 }
            guard let other = units.first(where: { level($0) > within.origin.level }) else { return }
            why = reason(other)
        }
        drop("ranking.rerank-within")
        notes.append(
            "note: ranking.rerank-within (\(within.origin)) is left out, since \(why): it is in the units of the scores that it was "
                + "chosen for")
    }

    /// Why a setting of a lower level gives way.
    private func reason(_ path: String) -> String {
        if let setting = settings[path] { return "\(path) is set by \(setting.origin)" }
        return "\(ConfigurationKeys.named(path).map { "--" + $0.option } ?? path) was typed"
    }

    /// `window` cuts nothing, and a truncation says how to cut.
    private mutating func longPassages() {
        let (long, truncation) = (level("model.long"), level("model.truncation"))
        guard long != truncation, min(long, truncation) > .standard else { return }
        let longValue = settings["model.long"]?.value ?? line.value("long")
        let truncationValue = settings["model.truncation"]?.value ?? line.value("truncation")
        guard longValue != "\(LongPassages.truncate)", truncationValue != "passage" else { return }
        if long < truncation { drop("model.long") } else { drop("model.truncation") }
    }

    /// A server has limits of its own, which are not those of a search.
    private mutating func served() {
        guard shape.path == ["mcp"] else { return }
        for (path, most) in [
            ("retrieval.initial-k", MCPOptions.initialKs.upperBound),
            ("retrieval.final-k", MCPOptions.finalKs.upperBound),
        ] {
            guard let setting = settings[path], let value = Int(setting.value), value > most else { continue }
            settings[path]?.value = "\(most)"
            notes.append("note: \(path) (\(setting.origin)) is \(value), and \(most) here: calls take no more")
        }
    }

    /// The second stage cannot return more than the first one proposes: the lower one of the two levels follows.
    private mutating func depths() {
        let (initial, final) = ("retrieval.initial-k", "retrieval.final-k")
        guard shape.has("initial-k"), shape.has("final-k"), level(initial) != level(final) else { return }
        func value(_ path: String, _ option: String) -> Int? {
            (settings[path]?.value ?? line.value(option)).flatMap { Int($0) }
        }
        guard let initialK = value(initial, "initial-k"), let finalK = value(final, "final-k"), finalK > initialK,
            initialK > 0
        else { return }
        if level(initial) < level(final) {
            settings[initial]?.value = "\(finalK)"
        } else {
            settings[final]?.value = "\(initialK)"
        }
    }

    /// A size belongs to its method.
    private mutating func chunking() {
        for size in ["index.chunk-size", "index.chunk-overlap"] where level(size) < level("index.chunking") {
            drop(size)
        }
    }

    /// Probabilities hold for the model, its arithmetic and its reading of long passages.
    private mutating func calibration() {
        guard let kept = settings["ranking.calibration"], kept.value != "none" else { return }
        let read = ["reranker", "precision", "max-length", "truncation", "long"].map { "model." + $0 }
        guard let other = read.first(where: { level($0) > kept.origin.level }) else { return }
        drop("ranking.calibration")
        var left = "ranking.calibration (\(kept.origin)) is"
        if let threshold = settings["ranking.threshold"], threshold.value.hasPrefix("probability:") {
            drop("ranking.threshold")
            left = "ranking.calibration (\(kept.origin)) and ranking.threshold (\(threshold.origin)) are"
        }
        notes.append("note: \(left) left out, since \(reason(other)): probabilities hold for what they were fitted on")
    }

    /// A threshold in probability is for the store, or the calibration, that makes them.
    private mutating func probabilities() {
        guard let threshold = settings["ranking.threshold"], threshold.value.hasPrefix("probability:") else { return }
        let lowest = threshold.origin.level
        let calibration = line.value("calibration") ?? settings["ranking.calibration"]?.value
        let store = line.value("store") ?? settings["store"]?.value
        let isMissing =
            if let calibration {
                calibration == "none" && level("ranking.calibration") > lowest
            } else if let store {
                // One that was typed may have none; of its own store a file may expect it.
                level("store") > lowest && !AtomicFile.exists(CalibrationOptions.path(beside: store))
            } else {
                true
            }
        guard isMissing else { return }
        drop("ranking.threshold")
        notes.append(
            "note: ranking.threshold (\(threshold.origin)) is left out, since there is no calibration here that makes probabilities"
        )
    }

    private mutating func answer() {
        if settings["answer.stream"]?.value == "false" || line.has("json") { drop("answer.stream") }
    }

    /// A key goes with the address that it stands beside, and nothing of an LLM is said where there is none.
    private mutating func llm() {
        let keys = ["llm.key-env", "llm.key-file"]
        // A server without a store writes no answers.
        if shape.path == ["mcp"], !line.has("store"), settings["store"] == nil { drop("llm.model") }
        guard line.has("llm-model") || settings["llm.model"] != nil else {
            // Of those that were typed the command complains itself.
            return drop("llm.url", "llm.key-env", "llm.key-file", "llm.timeout", "llm.max-tokens")
        }
        for key in keys where level(key) < level("llm.url") { drop(key) }
        let (variable, file) = (level("llm.key-env"), level("llm.key-file"))
        if variable < file { drop("llm.key-env") }
        if file < variable { drop("llm.key-file") }
    }
}
