import WinnowTokenizers

extension ModelSource {
    /// The model's tokenizer, from `tokenizer.json`, else `vocab.txt` with `tokenizer_config.json`.
    /// - Throws: `TokenizerError` that names the model's folder and file; ``ModelError`` when a file cannot be read.
    public func tokenizer() throws -> WordPieceTokenizer {
        // The tokenizer copies what it needs; the mapped files must only live until it is made.
        var held: [ModelBytes] = []
        defer { withExtendedLifetime(held) {} }
        do {
            return try WordPieceTokenizer.load { name -> UnsafeRawBufferPointer? in
                guard let bytes = try file(name) else { return nil }
                held.append(bytes)
                return bytes.buffer
            }
        } catch let error as TokenizerError {
            throw TokenizerError(
                error.kind, file: error.file.map { self.location(of: $0) } ?? location, error.problem,
                remedy: error.remedy)
        }
    }
}
