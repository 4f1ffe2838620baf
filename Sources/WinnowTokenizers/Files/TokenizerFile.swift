/// Reads a `tokenizer.json` of Hugging Face `tokenizers`.
///
/// `truncation`, `padding` and `decoder` are not read: the model's own configuration decides how long its input is.
struct TokenizerFile {
    private let reader: JSONReader
    private let fields: [String: Int]

    static func read(_ bytes: UnsafeRawBufferPointer, file: String) throws -> WordPieceDefinition {
        guard bytes.count < Int(UInt32.max) else { throw TokenizerError.malformed(file, "the file is over 4 GB") }
        var reader = try JSONReader(bytes, file: file)
        let fields = try reader.fields()
        try reader.end()
        return try TokenizerFile(reader: reader, fields: fields).definition()
    }

    private func definition() throws -> WordPieceDefinition {
        let model = try self.model()
        try checkPreTokenizer()
        var definition = WordPieceDefinition(
            tokens: try vocabulary(model), normalizer: try normalizer(),
            addedTokens: try addedTokens(), postProcessor: try postProcessor())
        func field<Value>(_ name: String, _ read: (inout JSONReader) throws -> Value) throws -> Value {
            guard let place = model[name] else { throw reader.error("\"model\" has no \"\(name)\", read") }
            var reader = reader.at(place)
            return try read(&reader)
        }
        definition.unknownToken = try field("unk_token") { try $0.string() }
        definition.prefix = try field("continuing_subword_prefix") { try $0.string() }
        definition.maximumCharacters = try field("max_input_chars_per_word") { reader in
            let value = try reader.integer()
            guard (0...Int(Int32.max)).contains(value) else {
                throw reader.error("\"max_input_chars_per_word\" is \(value), not one of 0 to \(Int32.max),")
            }
            return value
        }
        return definition
    }

    // MARK: Components

    /// Fields of the model, which must be WordPiece. Files from before 2020 do not name its type; they are told by its
    /// fields.
    private func model() throws -> [String: Int] {
        guard let place = fields["model"] else {
            throw TokenizerError.malformed(reader.file, "there is no \"model\", so it is no tokenizer.json")
        }
        var reader = reader.at(place)
        let model = try reader.fields()
        var type =
            model["merges"] != nil ? "BPE" : model["continuing_subword_prefix"] != nil ? "WordPiece" : "(unnamed)"
        if let place = model["type"] {
            var reader = reader.at(place)
            type = try reader.string()
        }
        guard type == "WordPiece" else {
            throw TokenizerError.unsupported(reader.file, "model", named: type, supported: "WordPiece")
        }
        return model
    }

    private func vocabulary(_ model: [String: Int]) throws -> TokenList {
        guard let place = model["vocab"] else {
            throw TokenizerError.malformed(reader.file, "the model has no \"vocab\"")
        }
        var reader = reader.at(place)
        var tokens = TokenList(file: reader.file, laterWins: false, capacity: 1 << 18)
        try reader.object { reader, key in try tokens.append(key, id: reader.integer()) }
        guard tokens.tokenCount > 0 else { throw reader.error("the vocabulary is empty") }
        return tokens
    }

    private func normalizer() throws -> BertNormalizer {
        guard let component = try component("normalizer") else { return .identity }
        guard component.type == "BertNormalizer" else {
            throw TokenizerError.unsupported(
                reader.file, "normalizer", named: component.type, supported: "BertNormalizer, or none (null)")
        }
        func flag(_ name: String) throws -> Bool? {
            guard let place = component.fields[name] else { return nil }
            var reader = reader.at(place)
            return try reader.isNull() ? nil : reader.bool()
        }
        func required(_ name: String) throws -> Bool {
            guard let value = try flag(name) else {
                throw TokenizerError.malformed(reader.file, "BertNormalizer has no \"\(name)\"")
            }
            return value
        }
        let lowercase = try required("lowercase")
        return BertNormalizer(
            cleanText: try required("clean_text"), handleChineseChars: try required("handle_chinese_chars"),
            stripAccents: try flag("strip_accents") ?? lowercase, lowercase: lowercase)
    }

    private func checkPreTokenizer() throws {
        let type = try component("pre_tokenizer")?.type ?? "null"
        guard type == "BertPreTokenizer" else {
            throw TokenizerError.unsupported(reader.file, "pre-tokenizer", named: type, supported: "BertPreTokenizer")
        }
    }

    private func addedTokens() throws -> [(token: AddedToken, id: Int?)] {
        guard let place = fields["added_tokens"] else { return [] }
        var reader = reader.at(place)
        if try reader.isNull() { return [] }
        var tokens: [(token: AddedToken, id: Int?)] = []
        try reader.array { tokens.append(try AddedToken.read(&$0)) }
        return tokens
    }

    private func postProcessor() throws -> WordPieceDefinition.PostProcessor {
        guard let component = try component("post_processor") else {
            return .template(single: [.first(typeID: 0)], pair: [.first(typeID: 0), .second(typeID: 1)])
        }
        func part(_ name: String) throws -> JSONReader {
            guard let place = component.fields[name] else {
                throw TokenizerError.malformed(reader.file, "\(component.type) has no \"\(name)\"")
            }
            return reader.at(place)
        }
        switch component.type {
        case "BertProcessing":
            func id(_ name: String) throws -> Int32 {
                var (reader, ids) = (try part(name), [Int32]())
                try reader.array { reader in
                    if try reader.peek() == UInt8(ascii: "\"") {
                        try reader.skip()
                    } else {
                        ids.append(try reader.id())
                    }
                }
                guard let id = ids.first, ids.count == 1 else {
                    throw reader.error("\"\(name)\" is not a token with its id")
                }
                return id
            }
            let (cls, sep) = (try id("cls"), try id("sep"))
            let single: [SequenceTemplate.Piece] = [
                .special([cls], typeID: 0), .first(typeID: 0), .special([sep], typeID: 0),
            ]
            return .template(single: single, pair: single + [.second(typeID: 1), .special([sep], typeID: 1)])
        case "TemplateProcessing":
            var special: [String: [Int32]] = [:]
            var tokens = try part("special_tokens")
            try tokens.object { reader, key in
                let fields = try reader.fields()
                guard let place = fields["ids"] else { throw reader.error("a special token has no \"ids\"") }
                var (ids, inner) = ([Int32](), reader.at(place))
                try inner.array { ids.append(try $0.id()) }
                special[String(decoding: key, as: UTF8.self)] = ids
            }
            var (single, pair) = (try part("single"), try part("pair"))
            return .template(single: try pieces(&single, special), pair: try pieces(&pair, special))
        default:
            throw TokenizerError.unsupported(
                reader.file, "post-processor", named: component.type,
                supported: "TemplateProcessing, BertProcessing, or none (null)")
        }
    }

    private func pieces(_ reader: inout JSONReader, _ special: [String: [Int32]]) throws -> [SequenceTemplate.Piece] {
        var pieces: [SequenceTemplate.Piece] = []
        try reader.array { reader in
            try reader.object { reader, key in
                let kind = String(decoding: key, as: UTF8.self)
                let fields = try reader.fields()
                guard let idPlace = fields["id"], let typePlace = fields["type_id"] else {
                    throw reader.error("a piece of the template has no \"id\" or no \"type_id\"")
                }
                var (idReader, typeReader) = (reader.at(idPlace), reader.at(typePlace))
                let (id, typeID) = (try idReader.string(), try typeReader.id())
                switch (kind, id) {
                case ("Sequence", "A"): pieces.append(.first(typeID: typeID))
                case ("Sequence", "B"): pieces.append(.second(typeID: typeID))
                case ("SpecialToken", _):
                    guard let ids = special[id] else {
                        throw reader.error(
                            "the template's \"\(TokenizerError.quoted(id))\" is not among its special tokens")
                    }
                    pieces.append(.special(ids, typeID: typeID))
                default:
                    throw reader.error("a piece of the template is neither a sequence A or B nor a special token")
                }
            }
        }
        return pieces
    }

    /// A component with its type and fields; nil when it is null or not there.
    private func component(_ name: String) throws -> (type: String, fields: [String: Int])? {
        guard let place = fields[name] else { return nil }
        var reader = reader.at(place)
        if try reader.isNull() { return nil }
        let fields = try reader.fields()
        guard let typePlace = fields["type"] else { throw reader.error("\"\(name)\" has no \"type\"") }
        var typeReader = reader.at(typePlace)
        return (try typeReader.string(), fields)
    }
}

extension JSONReader {
    /// A token id or type id.
    mutating func id() throws -> Int32 {
        let value = try integer()
        guard value >= 0, let id = Int32(exactly: value) else { throw error("the id \(value) is out of range") }
        return id
    }
}

extension AddedToken {
    /// An entry of `added_tokens`, or of `added_tokens_decoder` in tokenizer_config.json, which has no id inside.
    static func read(_ reader: inout JSONReader) throws -> (token: AddedToken, id: Int?) {
        let fields = try reader.fields()
        func flag(_ name: String, default value: Bool) throws -> Bool {
            guard let place = fields[name] else { return value }
            var reader = reader.at(place)
            return try reader.bool()
        }
        guard let place = fields["content"] else { throw reader.error("an added token has no \"content\"") }
        var content = reader.at(place)
        var token = AddedToken(content: try content.string(), id: 0)
        guard token.content.utf8.count <= TokenList.maximumTokenBytes else {
            throw content.error("an added token has more than \(TokenList.maximumTokenBytes) bytes")
        }
        token.singleWord = try flag("single_word", default: false)
        token.stripsLeft = try flag("lstrip", default: false)
        token.stripsRight = try flag("rstrip", default: false)
        token.isNormalized = try flag("normalized", default: try !flag("special", default: false))
        guard let idPlace = fields["id"] else { return (token, nil) }
        var id = reader.at(idPlace)
        return (token, Int(try id.id()))
    }
}
