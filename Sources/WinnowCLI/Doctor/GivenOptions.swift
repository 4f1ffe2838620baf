import Winnow

/// What was given to `winnow doctor`, and so belongs into the commands that it prints: without it they would be about other models.
struct GivenOptions {
    var store: String?
    /// Folders; nil: the built-in model.
    var model: String?
    var embeddingModel: String?
    var pair = PairOptions()
    var engine = EngineOptions()

    /// The store as a shell takes it; `STORE`, to be filled in, where none was given.
    var storeWord: String { store.map(ShellText.quoted) ?? "STORE" }

    /// Of `eval`, which does without.
    var storeOption: String { option("--store", store) }

    /// Of `bench --kind rerank` without its `--precision`.
    var reranker: String { option("--model", model) }

    /// Of `store rebuild-vectors`.
    var embedder: String { option("--embedding-model", embeddingModel) + precision }

    /// Of `index`.
    var models: String { reranker + embedder }

    /// Of `ask`, `eval`, `sweep` and `calibrate`.
    var stages: String {
        models + option("--max-length", pair.maxLength.map(String.init))
            + option("--truncation", pair.truncation == .passage ? nil : pair.truncation.rawValue)
            + option("--long", pair.long?.description)
    }

    /// As ``stages``, where the command itself says what becomes of long passages.
    var stagesReadingAll: String { models + option("--max-length", pair.maxLength.map(String.init)) }

    var precision: String { option("--precision", engine.precision == .automatic ? nil : engine.precision.rawValue) }

    private func option(_ name: String, _ value: String?) -> String {
        value.map { " \(name) \(ShellText.quoted($0))" } ?? ""
    }

    /// How long passages are read; nil: they are cut.
    var windows: PassageWindows? { pair.windows() }
}
