import Winnow
import WinnowCore
import WinnowModels

/// Whether a model is what it says, from its files to its answers.
struct ModelChecks {
    /// The folder that was given; nil: the built-in model.
    let path: String?
    let given: GivenOptions

    /// What was looked at, and what of it can be used.
    struct Outcome<Encoder> {
        var findings: [Finding]
        /// nil when it cannot be used.
        var model: Encoder?
        var files: ModelFiles?
        /// As far as its vocabulary and its answers tell.
        var isEnglish = false
    }

    /// The cross-encoder, as searches with the same options load it.
    func reranker() async throws -> Outcome<CrossEncoder> {
        try await checked(.crossEncoder, builtIn: .crossEncoder) { source, files, vocabulary in
            var options = options()
            options.maxLength = given.pair.maxLength
            options.truncation = given.pair.truncation
            options.windows = given.windows
            let encoder = try CrossEncoder.load(source, options: options)
            // What is known is known of whole texts.
            let asked = given.pair.maxLength == nil ? encoder : try CrossEncoder.load(source, options: self.options())
            let exact =
                isBuiltIn(files, .crossEncoder) ? try CrossEncoder.load(source, options: self.options(.float32)) : nil
            let answers = RerankerAnswers(encoder: asked, exact: exact, vocabulary: vocabulary)
            return (encoder, encoder.notes, try await answers.findings())
        }
    }

    /// The bi-encoder, likewise.
    func embedder() async throws -> Outcome<BiEncoder> {
        try await checked(.biEncoder, builtIn: .biEncoder) { source, files, vocabulary in
            let encoder = try BiEncoder.load(source, options: options())
            let exact = isBuiltIn(files, .biEncoder) ? try BiEncoder.load(source, options: options(.float32)) : nil
            let answers = EmbedderAnswers(encoder: encoder, exact: exact, vocabulary: vocabulary)
            return (encoder, encoder.notes, try await answers.findings())
        }
    }

    /// Where the reference's results are this model's.
    private func isBuiltIn(_ files: ModelFiles, _ builtIn: BuiltInModel) -> Bool {
        path == nil || files.isSame(as: builtIn)
    }

    private func options(_ precision: Precision? = nil) -> EncoderOptions {
        EncoderOptions(precision: precision ?? given.engine.precision, threads: given.engine.threads)
    }

    private func checked<Encoder>(
        _ kind: ModelKind, builtIn: BuiltInModel,
        _ load: (ModelSource, ModelFiles, VocabularyProfile) async throws -> (
            encoder: Encoder, notes: [String], answers: [Finding]
        )
    ) async throws -> Outcome<Encoder> {
        let source = try Models.source(path, builtIn: builtIn)
        var findings: [Finding] = []
        do {
            let files = try ModelFiles(source, kind: kind)
            let vocabulary = files.vocabulary
            findings += try ModelFileChecks(
                files: files, path: path, builtIn: builtIn, vocabularyProfile: vocabulary
            ).findings()
            let loaded = try await load(source, files, vocabulary)
            // What loading says of defaults; the activation has a finding of its own.
            for note in loaded.notes where !note.contains("activation") {
                findings.append(Finding("model.defaults", .note, note, [("model", .text(files.description.name))]))
            }
            let fails = loaded.answers.contains {
                ["model.order", "model.paraphrases"].contains($0.id) && $0.severity >= .warning
            }
            return Outcome(
                findings: findings + loaded.answers, model: loaded.encoder, files: files,
                isEnglish: vocabulary.isEnglish && !fails)
        } catch let error as ModelError {
            return Outcome(findings: findings + [finding(error, kind)])
        } catch let error as TokenizerError {
            // Of --max-length, where every command refuses to start.
            if error.kind == .maximumLength, given.pair.maxLength != nil { throw error }
            return Outcome(findings: findings + [Finding("model.tokenizer", .error, "\(error)")])
        } catch let error as EncoderError {
            switch error {
            // Every command refuses to start on these: so does this one.
            case .unknownKernels, .invalidThreads: throw error
            // The finding of the files says so.
            case .vocabularyMismatch: return Outcome(findings: findings)
            case .notFinite: return Outcome(findings: findings + [Finding("model.weights", .error, "\(error)")])
            case .tooWideForInt8, .unusable:
                return Outcome(findings: findings + [Finding("model.unsupported", .error, "\(error)")])
            }
        }
    }

    private func finding(_ error: ModelError, _ kind: ModelKind) -> Finding {
        let id =
            switch error.kind {
            case .notFound, .incomplete, .unreadable: "model.files"
            case .unsupported: "model.unsupported"
            case .invalidConfiguration: "model.configuration"
            case .invalidWeights: "model.weights"
            case .wrongKind: "model.kind"
            }
        let option = kind == .crossEncoder ? "--embedding-model" : "--model"
        return Finding(
            id, .error, error.description, [("place", .text(error.location))],
            command: error.kind == .wrongKind ? path.map { "winnow doctor \(option) \(ShellText.quoted($0))" } : nil)
    }
}
