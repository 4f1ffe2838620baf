extension WordPieceTokenizer {
    /// Reads a tokenizer.json.
    ///
    /// - Parameters:
    ///   - tokenizerJSON: the file's bytes, read during the call only.
    ///   - name: the file, for messages.
    /// - Throws: ``TokenizerError`` when the file is malformed, or holds a component that Winnow does not have.
    public init(tokenizerJSON: UnsafeRawBufferPointer, name: String = "tokenizer.json") throws {
        try self.init(TokenizerFile.read(tokenizerJSON, file: name), name: name)
    }

    /// Reads a tokenizer.json.
    public init(tokenizerJSON: [UInt8], name: String = "tokenizer.json") throws {
        self = try tokenizerJSON.withUnsafeBytes { try WordPieceTokenizer(tokenizerJSON: $0, name: name) }
    }

    /// Reads a vocab.txt. 30,522 tokens take a few milliseconds.
    ///
    /// - Parameters:
    ///   - vocabulary: the file's bytes, read during the call only. A token that comes twice has the id of its last
    ///     line.
    ///   - configuration: the settings that go with it; BERT uncased by default.
    ///   - name: the file, for messages.
    /// - Throws: ``TokenizerError`` when the file is malformed, lacks a special token, or its class is not BERT's.
    public init(
        vocabulary: UnsafeRawBufferPointer, configuration: TokenizerConfiguration = TokenizerConfiguration(),
        name: String = "vocab.txt"
    ) throws {
        try self.init(VocabularyFile.read(vocabulary, configuration, file: name), name: name)
    }

    /// Reads a vocab.txt.
    public init(
        vocabulary: [UInt8], configuration: TokenizerConfiguration = TokenizerConfiguration(),
        name: String = "vocab.txt"
    ) throws {
        self = try vocabulary.withUnsafeBytes {
            try WordPieceTokenizer(vocabulary: $0, configuration: configuration, name: name)
        }
    }

    /// Reads a model's tokenizer: tokenizer.json if it is there, else vocab.txt with tokenizer_config.json (if that is
    /// there).
    ///
    /// - Parameter file: gives the bytes of a file of the model by its name, nil when the model has no such file: an array,
    ///   `Data`, or a buffer pointer that stays valid until `load` returns.
    /// - Throws: ``TokenizerError``; what `file` throws.
    public static func load<Bytes: Collection<UInt8>>(
        file: (_ name: String) throws -> Bytes?
    ) throws -> WordPieceTokenizer {
        func reading<Result>(_ bytes: Bytes, _ read: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
            try bytes.withContiguousStorageIfAvailable { try read(UnsafeRawBufferPointer($0)) }
                ?? Array(bytes).withUnsafeBytes(read)
        }
        if let json = try file("tokenizer.json") {
            return try reading(json) { try WordPieceTokenizer(tokenizerJSON: $0) }
        }
        guard let vocabulary = try file("vocab.txt") else {
            throw TokenizerError(
                .missingFile, "the model has no tokenizer: neither tokenizer.json nor vocab.txt is there",
                remedy: "Put one of them into the model's folder; both come with the model's weights")
        }
        let configuration = try file("tokenizer_config.json").map { json in
            try reading(json) { try TokenizerConfiguration(json: $0) }
        }
        return try reading(vocabulary) {
            try WordPieceTokenizer(vocabulary: $0, configuration: configuration ?? TokenizerConfiguration())
        }
    }
}
