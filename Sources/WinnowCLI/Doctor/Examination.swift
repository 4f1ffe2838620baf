import Winnow
import WinnowCore

/// One run of `winnow doctor`: which checks are made, in which order, and what they hand on to one another.
struct Examination {
    let store: String?
    let model: String?
    let embeddingModel: String?
    let queries: String?
    let log: String?
    let reference: String?
    let isQuick: Bool
    let engine: EngineOptions

    /// What was loaded on the way.
    private struct Loaded {
        var reranker: CrossEncoder?
        var rerankerFiles: ModelFiles?
        var embedder: BiEncoder?
        var embedderFiles: ModelFiles?
        var store: Store?

        /// The id that stands for what the vocabulary lacks.
        var unknown: Int32? { (embedderFiles ?? rerankerFiles)?.tokenizer.id(for: "[UNK]") }
        var isEnglish: Bool { CorpusChecks.isEnglish(embedder?.description) }
    }

    /// - Throws: what keeps the doctor itself from working, such as a file of questions that cannot be read.
    func report() async throws -> DoctorReport {
        // Before minutes are spent on the rest.
        let asked = try queries.map(AskedQueries.file) ?? log.map(AskedQueries.log)
        let saved = try reference.map(Reference.read)
        var report = DoctorReport()
        var loaded = Loaded()

        try await look("reranker", "Cross-encoder", &report) {
            let outcome = try await ModelChecks(path: model, engine: engine).reranker()
            (loaded.reranker, loaded.rerankerFiles) = (outcome.model, outcome.files)
            return outcome.findings
        }
        try await look("embedder", "Bi-encoder", &report) {
            let outcome = try await ModelChecks(path: embeddingModel, engine: engine).embedder()
            (loaded.embedder, loaded.embedderFiles) = (outcome.model, outcome.files)
            return outcome.findings
        }
        try await examineStore(&report, &loaded)
        try await examineQueries(&report, loaded, asked, saved)
        try await look("machine", "Machine", &report) {
            let mapped = try? await loaded.store?.info().cacheBytes
            return try await MachineChecks(
                model: model, encoder: loaded.reranker, engine: engine, isQuick: isQuick, mapped: mapped ?? 0
            ).findings()
        }
        return report
    }

    private func look(
        _ name: String, _ title: String, _ report: inout DoctorReport, _ body: () async throws -> [Finding]
    ) async throws {
        try Task.checkCancellation()
        let line = Progress(title, total: 1, unit: "check")
        defer { line.finish() }
        let start = ContinuousClock.now
        let findings = try await body()
        report.checks.append(
            DoctorReport.Check(name: name, title: title, findings: findings, duration: ContinuousClock.now - start))
    }

    private func skip(_ name: String, _ title: String, _ report: inout DoctorReport, _ reason: String) {
        report.checks.append(DoctorReport.Check(name: name, title: title, skipped: reason))
    }

    // MARK: The store

    private func examineStore(_ report: inout DoctorReport, _ loaded: inout Loaded) async throws {
        guard let path = store else {
            skip("store", "Store", &report, "none was given (--store FILE)")
            skip("corpus", "Corpus", &report, "none was given (--store FILE)")
            return
        }
        var opened: Store?
        try await look("store", "Store", &report) {
            switch StoreChecks.open(path) {
            case .failure(let fault): return [fault.finding]
            case .success(let store):
                opened = store
                return try await StoreChecks(
                    store: store, isQuick: isQuick, embedder: loaded.embedder, reranker: loaded.reranker,
                    embedderPath: embeddingModel
                ).findings()
            }
        }
        loaded.store = opened
        guard let opened else {
            skip("corpus", "Corpus", &report, "the store cannot be opened")
            return
        }
        let models = loaded
        try await look("corpus", "Corpus", &report) {
            do {
                return try await corpus(opened, models)
            } catch let error as StoreError {
                return [
                    Finding(
                        "store.damage", .error, "\(error)", [("store", .text(path))],
                        command: "winnow store verify \(ShellText.quoted(path))")
                ]
            }
        }
    }

    private func corpus(_ store: Store, _ loaded: Loaded) async throws -> [Finding] {
        let survey = try await CorpusSurvey.make(
            of: store, isQuick: isQuick, embedder: loaded.embedder?.tokenizer, reranker: loaded.reranker?.tokenizer,
            rerankerFingerprint: try loaded.reranker?.tokenizerFingerprint, sameTokenizer: try sameTokenizer(loaded),
            passagePrompt: loaded.embedder?.description.passagePrompt ?? "", unknown: loaded.unknown)
        return CorpusChecks(
            store: store, survey: survey, fields: try await store.fields(),
            rooms: CorpusSurvey.Rooms(
                embedder: loaded.embedder.map { $0.maxLength - $0.tokenizer.template.singleSpecialCount },
                reranker: loaded.reranker?.passageLimit.maximum),
            isEnglish: loaded.isEnglish, folder: try await SourceFolder.of(store)
        ).findings()
    }

    /// The same vocabulary, read in the same way: fingerprints also cover what plays no part in it, such as a name.
    private func sameTokenizer(_ loaded: Loaded) throws -> Bool {
        guard let first = loaded.embedderFiles, let second = loaded.rerankerFiles else { return false }
        if try first.source.tokenizerFingerprint() == second.source.tokenizerFingerprint() { return true }
        guard try first.source.file("tokenizer.json") == nil, try second.source.file("tokenizer.json") == nil,
            let one = try first.source.file("vocab.txt"), let other = try second.source.file("vocab.txt"),
            one.buffer.elementsEqual(other.buffer)
        else { return false }
        return ["do_lower_case", "strip_accents", "tokenize_chinese_chars", "added_tokens_decoder", "unk_token"]
            .allSatisfy {
                first.value("tokenizer_config.json", $0) == second.value("tokenizer_config.json", $0)
            }
    }

    // MARK: Questions

    private func examineQueries(
        _ report: inout DoctorReport, _ loaded: Loaded, _ asked: AskedQueries?, _ saved: Reference?
    ) async throws {
        guard let asked else {
            skip("queries", "Questions", &report, "none were given (--queries FILE or --log FILE)")
            return
        }
        try await look("queries", "Questions", &report) {
            var findings = QueryChecks(
                queries: asked, embedder: loaded.embedder, reranker: loaded.reranker, unknown: loaded.unknown,
                isEnglish: loaded.isEnglish
            ).findings()
            if !asked.traces.isEmpty {
                let calibrated = store.map { AtomicFile.exists(CalibrationOptions.path(beside: $0)) } ?? false
                findings += LogChecks(traces: asked.traces, isCalibrated: calibrated).findings()
            }
            guard let saved else {
                return findings + [
                    Finding(
                        "queries.unmeasured", .note,
                        "nothing says whether the model was measured on questions like these: give an evaluation with --reference",
                        command:
                            "winnow eval LABELLED-FOLDER\(store.map { " --store " + ShellText.quoted($0) } ?? "") --json > reference.json"
                    )
                ]
            }
            return findings + [try await shift(asked, saved, loaded)]
        }
    }

    private func shift(_ asked: AskedQueries, _ saved: Reference, _ loaded: Loaded) async throws -> Finding {
        let runner = loaded.store.flatMap { store in
            loaded.embedder.flatMap { embedder in
                loaded.reranker.map { QuestionRun(store: store, embedder: embedder, reranker: $0, isQuick: isQuick) }
            }
        }
        let cannot = Finding(
            "queries.shift", .note,
            "whether the questions look like the evaluation's cannot be told: they cannot be asked of the store, as said above"
        )
        let reference: ShiftCheck.Sample
        switch saved {
        case .questions(let questions):
            guard let runner else {
                return loaded.store == nil && store == nil
                    ? Finding(
                        "queries.shift", .note,
                        "the folder's questions cannot be asked: give the store that they are about (--store)") : cannot
            }
            reference = try await runner.sample(questions, name: "the reference")
        case .sample(let sample): reference = sample
        }
        if !asked.traces.isEmpty {
            return ShiftCheck.finding(
                Reference.sample(of: asked.traces, name: "the log", like: reference.model), reference: reference)
        }
        guard let runner else { return cannot }
        return ShiftCheck.finding(try await runner.sample(asked.texts, name: "these questions"), reference: reference)
    }
}
