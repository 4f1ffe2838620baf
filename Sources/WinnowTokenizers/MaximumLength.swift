/// How many tokens, special tokens included, a model reads.
public enum MaximumLength {
    /// The length by the rule of sentence-transformers: the tokenizer's `model_max_length` capped by the positions that
    /// the model has; `max_seq_length` in its place where the model's folder has one; the caller's wish before both.
    ///
    /// - Parameters:
    ///   - tokenizerMaximum: `model_max_length` of tokenizer_config.json, nil when unset (``TokenizerConfiguration``
    ///     reads the 1e30 that Hugging Face writes for "unset" as nil).
    ///   - positions: usable positions of the model: `max_position_embeddings`, for XLM-R less `pad_token_id` + 1.
    ///   - sentenceMaximum: `max_seq_length` of sentence_bert_config.json, if any.
    ///   - requested: the caller's wish (`--max-length`), if any.
    /// - Returns: 1…`positions`.
    /// - Throws: ``TokenizerError`` when an override is under 1 or over `positions`, or a file says less than 1.
    public static func resolve(
        tokenizerMaximum: Int?, positions: Int, sentenceMaximum: Int? = nil, requested: Int? = nil
    ) throws -> Int {
        guard positions > 0 else {
            throw TokenizerError(
                .maximumLength, file: "config.json", "max_position_embeddings leaves \(positions) usable positions",
                remedy: "Use a model whose config.json gives at least one")
        }
        func checked(_ length: Int, _ name: String, file: String?, remedy: String) throws -> Int {
            guard length >= 1, length <= positions else {
                throw TokenizerError(
                    .maximumLength, file: file,
                    "\(name) is \(length), and the model has positions for 1 to \(positions)",
                    remedy: remedy)
            }
            return length
        }
        if let requested {
            return try checked(requested, "--max-length", file: nil, remedy: "Give at most \(positions)")
        }
        if let sentenceMaximum {
            return try checked(
                sentenceMaximum, "max_seq_length", file: "sentence_bert_config.json",
                remedy: "Correct the file, or override it with --max-length")
        }
        return try checked(
            min(tokenizerMaximum ?? positions, positions), "model_max_length", file: "tokenizer_config.json",
            remedy: "Correct the file, or override it with --max-length")
    }
}
