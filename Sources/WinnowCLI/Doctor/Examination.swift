import Winnow
import WinnowCore

/// One run of `winnow doctor`: which checks are made, in which order, and what they hand on to one another.
struct Examination {
    let given: GivenOptions
    let queries: String?
    let log: String?
    let reference: String?
    let isQuick: Bool

    /// What was loaded on the way.
    private struct Loaded {
        var reranker: CrossEncoder?
        var rerankerFiles: ModelFiles?
        /// They belong to a model for English, as far as can be told.
        var isEnglish = false
        var embedder: BiEncoder?
        var embedderFiles: ModelFiles?
        var store: Store?

        /// The id that stands for what the vocabulary lacks.
        var unknown: Int32? { (embedderFiles ?? rerankerFiles)?.tokenizer.id(for: "[UNK]") }
    }

    /// - Throws: what keeps the doctor itself from working, such as a file of questions that cannot be read.
    func report() async throws -> DoctorReport {
        // Before minutes are spent on the rest.
        let asked = try queries.map(AskedQueries.file) ?? log.map(AskedQueries.log)
        let saved = try reference.map(Reference.read)
        var report = DoctorReport()
        var loaded = Loaded()

        try await look("reranker", "Cross-encoder", &report) {
            let outcome = try await ModelChecks(path: given.model, given: given).reranker()
            (loaded.reranker, loaded.rerankerFiles) = (outcome.model, outcome.files)
            loaded.isEnglish = outcome.isEnglish
            return outcome.findings
        }
        try await look("embedder", "Bi-encoder", &report) {
            let outcome = try await ModelChecks(path: given.embeddingModel, given: given).embedder()
            (loaded.embedder, loaded.embedderFiles) = (outcome.model, outcome.files)
            // The one that finds passages has the first word.
            if outcome.model != nil { loaded.isEnglish = outcome.isEnglish }
            return outcome.findings
        }
        try await examineStore(&report, &loaded)
        try await examineQueries(&report, loaded, asked, saved)
        try await look("machine", "Machine", &report) {
            let mapped = try? await loaded.store?.info().cacheBytes
            return try await MachineChecks(
                given: given, encoder: loaded.reranker, isQuick: isQuick, mapped: mapped ?? 0
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
        guard let path = given.store else {
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
                    store: store, isQuick: isQuick, embedder: loaded.embedder, reranker: loaded.reranker, given: given
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
                return [StoreChecks.finding(error, of: path)]
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
                reranker: loaded.reranker.map { max(0, $0.passageLimit.maximum) }),
            isEnglish: loaded.isEnglish, source: try await SourceFolder.of(store), given: given
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
                let calibrated = given.store.map { AtomicFile.exists(CalibrationOptions.path(beside: $0)) } ?? false
                findings += LogChecks(traces: asked.traces, isCalibrated: calibrated, given: given).findings()
            }
            guard let saved else {
                return findings + [
                    Finding(
                        "queries.unmeasured", .note,
                        "nothing says whether the model was measured on questions like these: give an evaluation with --reference",
                        command:
                            "winnow eval LABELLED-FOLDER\(given.storeOption)\(given.stages) --json > reference.json"
                    )
                ]
            }
            return findings + [try await shift(asked, saved, loaded)]
        }
    }

    private func shift(_ asked: AskedQueries, _ saved: Reference, _ loaded: Loaded) async throws -> Finding {
        do {
            return try await compared(asked, saved, loaded)
        } catch let error as CancellationError {
            throw error
        } catch {
            return Self.cannot("they cannot be asked of the store: \(error)")
        }
    }

    /// Candidates that are asked for at most, whatever a file says.
    private static let deepest = 1000

    private static func cannot(_ reason: String) -> Finding {
        Finding(
            "queries.shift", .note, "whether the questions look like the evaluation's cannot be told: \(reason)")
    }

    private func compared(_ asked: AskedQueries, _ saved: Reference, _ loaded: Loaded) async throws -> Finding {
        var runner = loaded.store.flatMap { store in
            loaded.embedder.flatMap { embedder in
                loaded.reranker.map { QuestionRun(store: store, embedder: embedder, reranker: $0, isQuick: isQuick) }
            }
        }
        let cannot = Self.cannot("they cannot be asked of the store, as said above")
        var own = asked.traces.isEmpty ? nil : Reference.samples(of: asked.traces, name: "the log")
        let reference: ShiftCheck.Sample
        switch saved {
        case .questions(let questions):
            guard let runner else {
                return given.store == nil
                    ? Finding(
                        "queries.shift", .note,
                        "the folder's questions cannot be asked: give the store that they are about (--store)") : cannot
            }
            reference = try await runner.sample(questions, name: "the reference")
        case .samples(let samples):
            // Of several systems that of the model whose logits there are.
            let model = try own?.first?.model ?? loaded.reranker.map { try ShiftCheck.Model($0.identity) }
            reference = Reference.choice(of: samples, like: model)
            // Candidates as the reference's, where they can be had.
            if let depth = reference.initialK { runner?.initialK = min(depth, Self.deepest) }
            if let stage = reference.firstStage.flatMap(RetrieverKind.init) { runner?.firstStage = stage }
        }
        if own == nil, let stage = reference.firstStage, RetrieverKind(rawValue: stage) == nil {
            // Nothing that is asked would be like it.
            own = [ShiftCheck.Sample(logits: [], firstStage: RetrieverKind.standard.rawValue, name: "these questions")]
        }
        if own == nil {
            guard let runner else { return cannot }
            own = [try await runner.sample(asked.texts, name: "these questions")]
        }
        return ShiftCheck.finding(
            Reference.choice(of: own ?? [], like: reference.model), reference: reference, given: given)
    }
}
