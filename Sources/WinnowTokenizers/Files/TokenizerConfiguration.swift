/// What Winnow reads of a `tokenizer_config.json`.
public struct TokenizerConfiguration: Sendable, Hashable {
    /// Whether a vocab.txt is read as uncased.
    public var doLowerCase = true
    /// nil: as ``doLowerCase``.
    public var stripAccents: Bool?
    public var tokenizeChineseChars = true
    public var unknownToken = "[UNK]"
    public var classToken = "[CLS]"
    public var separatorToken = "[SEP]"
    /// Tokens that are recognised in running text where the vocabulary has them, besides the three above.
    public var otherSpecialTokens = ["[PAD]", "[MASK]"]
    /// `model_max_length` in tokens; nil when it is absent, null, or one of the huge values (1e30) that Hugging Face
    /// writes for "unset": over 2³¹.
    public var modelMaxLength: Int?
    /// `tokenizer_class`, if it is given.
    public var tokenizerClass: String?
    var addedTokens: [(token: AddedToken, id: Int)] { storedAddedTokens.map { ($0, Int($0.id)) } }
    private var storedAddedTokens: [AddedToken] = []

    /// What holds without a file: BERT uncased.
    public init() {}

    /// - Parameters:
    ///   - json: the bytes of a tokenizer_config.json, read during the call only.
    ///   - file: its name for messages.
    /// - Throws: ``TokenizerError`` when it is not JSON or a field has the wrong type.
    public init(json: UnsafeRawBufferPointer, file: String = "tokenizer_config.json") throws {
        var reader = try JSONReader(json, file: file)
        let fields = try reader.fields()
        try reader.end()
        let top = reader
        func value<Value>(_ name: String, _ read: (inout JSONReader) throws -> Value?) throws -> Value? {
            guard let place = fields[name] else { return nil }
            var reader = top.at(place)
            return try reader.isNull() ? nil : read(&reader)
        }
        func token(_ name: String) throws -> String? {
            try value(name) { reader in
                try reader.peek() == UInt8(ascii: "\"") ? reader.string() : AddedToken.read(&reader).token.content
            }
        }
        doLowerCase = try value("do_lower_case") { try $0.bool() } ?? true
        stripAccents = try value("strip_accents") { try $0.bool() }
        tokenizeChineseChars = try value("tokenize_chinese_chars") { try $0.bool() } ?? true
        unknownToken = try token("unk_token") ?? unknownToken
        classToken = try token("cls_token") ?? classToken
        separatorToken = try token("sep_token") ?? separatorToken
        otherSpecialTokens = [try token("pad_token") ?? "[PAD]", try token("mask_token") ?? "[MASK]"]
        modelMaxLength = try value("model_max_length") { reader in
            let length = try reader.double()
            guard length < 0x1p31 else { return nil }
            guard length >= 1, length == length.rounded(.down) else {
                throw reader.error("\"model_max_length\" is \(length)")
            }
            return Int(length)
        }
        tokenizerClass = try value("tokenizer_class") { try $0.string() }
        storedAddedTokens =
            try value("added_tokens_decoder") { reader in
                var tokens: [AddedToken] = []
                try reader.object { reader, key in
                    guard let id = Int32(String(decoding: key, as: UTF8.self)), id >= 0 else {
                        throw reader.error("a key of \"added_tokens_decoder\" is not an id")
                    }
                    var token = try AddedToken.read(&reader).token
                    token.id = id
                    tokens.append(token)
                }
                return tokens.sorted { $0.id < $1.id }
            } ?? []
    }
}

/// Reads a `vocab.txt`: one token a line, its id the number of the line.
enum VocabularyFile {
    /// Classes whose vocab.txt means WordPiece with BERT's normaliser and template.
    static let supportedClasses = ["BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MobileBertTokenizer"]

    static func read(
        _ bytes: UnsafeRawBufferPointer, _ configuration: TokenizerConfiguration, file: String
    ) throws -> WordPieceDefinition {
        if let name = configuration.tokenizerClass {
            let plain = name.hasSuffix("Fast") ? String(name.dropLast(4)) : name
            guard supportedClasses.contains(plain) else {
                throw TokenizerError.unsupported(
                    file, "tokenizer class", named: name,
                    supported: supportedClasses.joined(separator: ", ") + " (and their Fast forms), or a tokenizer.json"
                )
            }
        }
        guard bytes.count < Int(UInt32.max) else { throw TokenizerError.malformed(file, "the file is over 4 GB") }
        let text = bytes.bindMemory(to: UInt8.self)
        if let invalid = UTF8Decoding.firstInvalid(text) {
            throw TokenizerError.malformed(file, "byte \(invalid) is not UTF-8, so it is no vocab.txt")
        }
        var tokens = TokenList(file: file, laterWins: true, capacity: bytes.count)
        var start = 0
        while start < text.count {
            let end = text[start...].firstIndex(of: 0x0A) ?? text.count
            // Lines may end in CR LF.
            let last = end > start && text[end - 1] == 0x0D ? end - 1 : end
            try tokens.append(UnsafeBufferPointer(rebasing: text[start..<last]), id: tokens.entries.count)
            start = end + 1
        }
        guard tokens.tokenCount > 0 else { throw TokenizerError.malformed(file, "the vocabulary is empty") }

        var definition = WordPieceDefinition(
            tokens: tokens, unknownToken: configuration.unknownToken,
            normalizer: BertNormalizer(
                cleanText: true, handleChineseChars: configuration.tokenizeChineseChars,
                stripAccents: configuration.stripAccents ?? configuration.doLowerCase,
                lowercase: configuration.doLowerCase),
            postProcessor: .bert(cls: configuration.classToken, sep: configuration.separatorToken))
        definition.addedTokens = configuration.addedTokens.map { ($0.token, $0.id) }
        let listed = Set(definition.addedTokens.map(\.token.content))
        let special =
            [configuration.unknownToken, configuration.classToken, configuration.separatorToken]
            + configuration.otherSpecialTokens
        definition.specialsInVocabulary = special.filter { !listed.contains($0) }
        return definition
    }
}
