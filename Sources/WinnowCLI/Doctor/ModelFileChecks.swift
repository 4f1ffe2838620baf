import Winnow
import WinnowCore
import WinnowModels

/// Whether a model's files hold together and say what the model is.
struct ModelFileChecks {
    let files: ModelFiles
    /// The folder that was given; nil: the built-in model.
    let path: String?
    let builtIn: BuiltInModel
    let vocabularyProfile: VocabularyProfile

    func findings() throws -> [Finding] {
        [try fingerprint(), weights(), vocabulary(), letterCase(), specialTokens(), length()]
            + (files.description.kind == .crossEncoder ? [activation()] : [])
    }

    // MARK: Identity

    private func fingerprint() throws -> Finding {
        let size = try files.source.requiredFile("model.safetensors").count
        guard path == nil else {
            let fingerprint = try files.source.fingerprint()
            return Finding(
                "model.fingerprint", .ok, "\(files.description.name): the files are there and can be read",
                [
                    ("model", .text(files.description.name)), ("fingerprint", .text(short(fingerprint))),
                    ("weights", .bytes(size)),
                    ("isBuiltIn", .text(files.isSame(as: builtIn) ? "yes" : "no")),
                ])
        }
        let computed = try ModelSource.memory(name: builtIn.name, files: builtIn.files, fingerprint: nil).fingerprint()
        let evidence: [(String, Evidence)] = [
            ("model", .text(builtIn.name)), ("fingerprint", .text(short(computed))),
            ("expected", .text(String(builtIn.fingerprint.prefix(12)))), ("weights", .bytes(size)),
        ]
        guard computed.hexadecimal == builtIn.fingerprint else {
            return Finding(
                "model.fingerprint", .error,
                "the built-in \(builtIn.name) is not the one that this program was made with: the program's file is damaged",
                evidence)
        }
        return Finding(
            "model.fingerprint", .ok, "\(builtIn.name), built in: the files are those that were linked in", evidence)
    }

    private func short(_ fingerprint: Fingerprint) -> String { String(fingerprint.hexadecimal.prefix(12)) }

    // MARK: Weights

    private func weights() -> Finding {
        let unused = files.unusedTensors
        let evidence: [(String, Evidence)] = [
            ("tensors", .count(files.weights.names.count)), ("types", .text(files.types)),
            ("layers", .count(files.description.bert.layerCount)),
            ("quantized", .text(files.description.bert.quantization == nil ? "no" : "yes")),
        ]
        if let head = files.constantHead {
            return Finding(
                "model.weights", .error,
                "the tensor \"\(head)\" holds one value over and over: the head was never trained, and every passage gets the same score",
                evidence)
        }
        guard !unused.isEmpty else {
            return Finding(
                "model.weights", .ok,
                "every tensor has the shape that config.json asks for and finite values, and is used",
                evidence)
        }
        let named: [(String, Evidence)] = [
            ("unused", .count(unused.count)), ("names", .texts(Array(unused.prefix(5)))),
        ]
        if files.description.kind == .biEncoder, unused.contains(where: { $0.hasPrefix("classifier.") }) {
            return Finding(
                "model.unused-tensors", .warning,
                "the folder says bi-encoder and its weights have a classifier, which is not used: it looks like a cross-encoder "
                    + "whose config.json names BertModel", evidence + named,
                command: path.map { "winnow doctor --model \(ShellText.quoted($0))" })
        }
        return Finding(
            "model.unused-tensors", .note,
            "\(NumberText.plural(unused.count, "tensor is", "tensors are")) there and not used, such as a head of another task",
            evidence + named)
    }

    // MARK: Tokenizer

    private func vocabulary() -> Finding {
        let (rows, ids) = (files.description.bert.vocabularySize, files.tokenizer.vocabularySize)
        let evidence: [(String, Evidence)] = [("tokenizer", .count(ids)), ("embeddingRows", .count(rows))]
        if ids > rows {
            return Finding(
                "model.vocabulary", .error,
                "the tokenizer has more ids than there are embeddings: its files and the weights are of different models",
                evidence)
        }
        if rows == ids {
            return Finding("model.vocabulary", .ok, "the tokenizer has as many ids as there are embeddings", evidence)
        }
        if rows - ids <= max(128, rows / 20) {
            return Finding(
                "model.vocabulary", .note,
                "\(NumberText.plural(rows - ids, "embedding belongs", "embeddings belong")) to no token, as where a table was "
                    + "filled up to a round number", evidence)
        }
        return Finding(
            "model.vocabulary", .warning,
            "\(NumberText.plural(rows - ids, "embedding belongs", "embeddings belong")) to no token: the tokenizer's files may be "
                + "another model's, or a part", evidence)
    }

    private func letterCase() -> Finding {
        let capitals = vocabularyProfile.capitals
        // Scripts without case have no part in it.
        let cased = vocabularyProfile.cased
        let lowercases = files.lowercases
        let share = cased == 0 ? 0 : Double(capitals) / Double(cased)
        let evidence: [(String, Evidence)] = [
            ("lowercases", .text(lowercases ? "yes" : "no")), ("entries", .count(vocabularyProfile.entries)),
            ("cased", .count(cased)), ("withCapitals", .count(capitals)), ("share", .share(share)),
        ]
        if lowercases, share > Self.mostCapitalsOfUncased {
            return Finding(
                "model.case", .warning,
                "the tokenizer lower-cases every text, and \(NumberText.grouped(capitals)) entries of its vocabulary have "
                    + "capital letters, which no text can reach: it looks like a cased model that is read as an uncased one "
                    + "(do_lower_case in tokenizer_config.json)", evidence)
        }
        if !lowercases, cased >= 1000, share < Self.leastCapitalsOfCased {
            return Finding(
                "model.case", .error,
                "the tokenizer keeps capital letters, and its vocabulary has hardly any: words that begin with one become "
                    + "unknown. It looks like an uncased model that is read as a cased one (do_lower_case in tokenizer_config.json)",
                evidence + [("unknownShareOfTitles", .share(files.unknownShareOfTitles))])
        }
        return Finding("model.case", .ok, "lower-casing and vocabulary agree", evidence)
    }

    /// Of the entries with cased letters. bert-base-uncased has none, bert-base-cased has a third.
    private static let mostCapitalsOfUncased = 0.05
    private static let leastCapitalsOfCased = 0.005

    private func specialTokens() -> Finding {
        let pad = files.tokenizer.id(for: "[PAD]").map(Int.init)
        let stated: Int? =
            if case .integer(let id)? = files.value("config.json", "pad_token_id") { Int(id) } else { nil }
        let around = files.specialTokens
        let evidence: [(String, Evidence)] = [
            ("first", .text(around?.first ?? "none")), ("last", .text(around?.last ?? "none")),
            ("pad", .text(pad.map(String.init) ?? "none")),
            ("padInConfig", .text(stated.map(String.init) ?? "not said")),
        ]
        if let stated, let pad, stated != pad {
            return Finding(
                "model.special-tokens", .warning,
                "config.json says that [PAD] is id \(stated), and the tokenizer has it as \(pad): the two files are of different models",
                evidence)
        }
        guard let around, around.first == "[CLS]", around.last == "[SEP]" else {
            return Finding(
                "model.special-tokens", .warning,
                "the template does not put [CLS] before a text and [SEP] behind it, as every BERT was trained with",
                evidence)
        }
        return Finding("model.special-tokens", .ok, "[CLS] and [SEP] stand around each text", evidence)
    }

    private func length() -> Finding {
        let positions = files.description.bert.maxPositions
        let stated = [
            ("sentence_bert_config.json", files.length("sentence_bert_config.json", "max_seq_length")),
            ("tokenizer_config.json", files.length("tokenizer_config.json", "model_max_length")),
        ].compactMap { file, length in length.map { (file: file, length: $0) } }
        let evidence: [(String, Evidence)] = [
            ("tokens", .count(files.description.maxLength)), ("positions", .count(positions)),
            ("stated", .texts(stated.map { "\($0.length) in \($0.file)" })),
        ]
        if let over = stated.first(where: { $0.length > positions }) {
            return Finding(
                "model.length", .warning,
                "\(over.file) says \(over.length) tokens and the model has \(positions) positions: \(files.description.maxLength) "
                    + "are read, and what other programs do with more is an error or silence", evidence)
        }
        if stated.isEmpty {
            return Finding(
                "model.length", .note,
                "no file says how many tokens the model reads: all \(positions) positions are used, which may be more than it was "
                    + "trained with", evidence)
        }
        return Finding(
            "model.length", .ok, "it reads \(files.description.maxLength) tokens, and has positions for them", evidence)
    }

    // MARK: Activation

    private func activation() -> Finding {
        let stated = [
            ("config_sentence_transformers.json", files.value("config_sentence_transformers.json", "activation_fn")),
            ("config.json", files.value("config.json", "sentence_transformers", "activation_fn")),
            ("config.json, old key", files.value("config.json", "sbert_ce_default_activation_function")),
        ].compactMap { place, value in value?.stringValue.map { (place: place, name: $0) } }
        let kind = files.description.activation
        let evidence: [(String, Evidence)] = [
            ("activation", .text(kind.rawValue)), ("stated", .texts(stated.map { "\($0.name) in \($0.place)" })),
        ]
        let names = Set(stated.map { $0.name.split(separator: ".").last.map(String.init) ?? $0.name })
        if names.count > 1 {
            return Finding(
                "model.activation", .warning,
                "the files name different activations; \(kind.rawValue) is taken, as sentence-transformers does: programs that look "
                    + "elsewhere have other scores and thresholds", evidence)
        }
        guard let place = stated.first?.place else {
            return Finding(
                "model.activation", .note,
                "no file says which activation turns a logit into a score: sigmoid is taken, as sentence-transformers does; it is "
                    + "no probability (winnow calibrate makes one)", evidence)
        }
        if kind == .identity {
            return Finding(
                "model.activation", .note,
                "scores are raw logits, as \(place) says: they are not between 0 and 1, and a threshold such as score:0.5 that was "
                    + "made for a sigmoid means something else here", evidence)
        }
        return Finding(
            "model.activation", .ok,
            "scores are a \(kind.rawValue) of the logit, as \(place) says; it is no probability", evidence)
    }
}
