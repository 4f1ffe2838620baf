import Winnow
import WinnowCore
import WinnowModels

/// Whether a model is what it says, from its files to its answers.
struct ModelChecks {
    /// The folder that was given; nil: the built-in model.
    let path: String?
    let engine: EngineOptions

    /// The cross-encoder, and what was found of it; nil when it cannot be used.
    func reranker() async throws -> (findings: [Finding], model: CrossEncoder?, files: ModelFiles?) {
        try await checked(.crossEncoder, builtIn: .crossEncoder) { source in
            let encoder = try CrossEncoder.load(source, options: options(windows: PassageWindows()))
            let exact = try await self.exact(encoder.identity, builtIn: .crossEncoder) {
                try CrossEncoder.load(source, options: options(.float32, windows: PassageWindows()))
            }
            return (encoder, encoder.notes, try await RerankerAnswers(encoder: encoder, exact: exact).findings())
        }
    }

    /// The bi-encoder, likewise.
    func embedder() async throws -> (findings: [Finding], model: BiEncoder?, files: ModelFiles?) {
        try await checked(.biEncoder, builtIn: .biEncoder) { source in
            let encoder = try BiEncoder.load(source, options: options())
            let exact = try await self.exact(encoder.identity, builtIn: .biEncoder) {
                try BiEncoder.load(source, options: options(.float32))
            }
            return (encoder, encoder.notes, try await EmbedderAnswers(encoder: encoder, exact: exact).findings())
        }
    }

    private func options(_ precision: Precision? = nil, windows: PassageWindows? = nil) -> EncoderOptions {
        EncoderOptions(precision: precision ?? engine.precision, threads: engine.threads, windows: windows)
    }

    /// The model in float32 where its answers are known: nil elsewhere.
    private func exact<Encoder>(
        _ identity: ModelIdentity, builtIn: BuiltInModel, _ load: () throws -> Encoder
    ) async throws -> Encoder? {
        identity.fingerprint.hexadecimal == builtIn.fingerprint ? try load() : nil
    }

    private func checked<Encoder>(
        _ kind: ModelKind, builtIn: BuiltInModel,
        _ load: (ModelSource) async throws -> (encoder: Encoder, notes: [String], answers: [Finding])
    ) async throws -> (findings: [Finding], model: Encoder?, files: ModelFiles?) {
        let source = try Models.source(path, builtIn: builtIn)
        var findings: [Finding] = []
        do {
            let files = try ModelFiles(source, kind: kind)
            findings += try ModelFileChecks(files: files, path: path, builtIn: builtIn).findings()
            let loaded = try await load(source)
            // What loading says of defaults; the activation has a finding of its own.
            for note in loaded.notes where !note.contains("activation") {
                findings.append(Finding("model.defaults", .note, note, [("model", .text(files.description.name))]))
            }
            return (findings + loaded.answers, loaded.encoder, files)
        } catch let error as ModelError {
            return (findings + [finding(error, kind)], nil, nil)
        } catch let error as TokenizerError {
            return (findings + [Finding("model.tokenizer", .error, "\(error)")], nil, nil)
        } catch let error as EncoderError {
            switch error {
            // Every command refuses to start on these: so does this one.
            case .unknownKernels, .invalidThreads: throw error
            // The finding of the files says so.
            case .vocabularyMismatch: return (findings, nil, nil)
            case .notFinite: return (findings + [Finding("model.weights", .error, "\(error)")], nil, nil)
            case .tooWideForInt8, .unusable:
                return (findings + [Finding("model.unsupported", .error, "\(error)")], nil, nil)
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
