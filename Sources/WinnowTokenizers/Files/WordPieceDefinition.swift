/// What a tokenizer's files say, before the tables are built.
struct WordPieceDefinition {
    var tokens: TokenList
    var unknownToken = "[UNK]"
    var prefix = "##"
    var maximumCharacters = 100
    var normalizer: BertNormalizer
    /// With the id that the file gives; nil takes the vocabulary's.
    var addedTokens: [(token: AddedToken, id: Int?)] = []
    /// Special tokens that are recognised in running text if the vocabulary has them.
    var specialsInVocabulary: [String] = []
    var postProcessor: PostProcessor

    enum PostProcessor {
        /// By the names of two tokens, as BERT's.
        case bert(cls: String, sep: String)
        /// Given piece by piece.
        case template(single: [SequenceTemplate.Piece], pair: [SequenceTemplate.Piece])
    }

    /// Gives each added token its id by the rule of Hugging Face `tokenizers`: the vocabulary's where it has the token,
    /// the next free one after the vocabulary otherwise. A file that says something else is refused, since its model
    /// would see other tokens than it was trained with.
    func resolveAddedTokens(in vocabulary: WordPieceVocabulary) throws -> [AddedToken] {
        var resolved: [AddedToken] = []
        var places: [String: Int] = [:]
        var next = vocabulary.tokenCount
        for (token, fileID) in addedTokens where !token.content.isEmpty {
            var token = token
            if let place = places[token.content] {
                token.id = resolved[place].id
                resolved[place] = token
            } else {
                if let id = vocabulary.id(token.content) {
                    token.id = id
                } else {
                    token.id = Int32(truncatingIfNeeded: next)
                    next += 1
                    guard vocabulary.spelling(Int(token.id)) == nil else {
                        throw tokens.error(
                            "the added token \"\(name(token))\" takes the id \(token.id), which is another's")
                    }
                }
                places[token.content] = resolved.count
                resolved.append(token)
            }
            if let fileID, fileID != Int(token.id) {
                throw tokens.error(
                    "the added token \"\(name(token))\" has the id \(fileID), and by its place \(token.id)")
            }
        }
        for content in specialsInVocabulary where places[content] == nil && !content.isEmpty {
            guard let id = vocabulary.id(content) else { continue }
            places[content] = resolved.count
            resolved.append(AddedToken(content: content, id: id))
        }
        return resolved
    }

    /// - Parameter id: the id of a token, added tokens included.
    func template(_ vocabularySize: Int, id: (String) -> Int32?) throws -> SequenceTemplate {
        switch postProcessor {
        case .bert(let cls, let sep):
            func required(_ token: String) throws -> Int32 {
                guard let id = id(token) else {
                    throw tokens.error("the special token \"\(TokenizerError.quoted(token))\" is not in the vocabulary")
                }
                return id
            }
            return try SequenceTemplate.bert(cls: required(cls), sep: required(sep))
        case .template(let single, let pair):
            for case .special(let ids, _) in single + pair {
                for id in ids where id < 0 || Int(id) >= vocabularySize {
                    throw tokens.error("the template's token id \(id) is not one of 0 to \(vocabularySize - 1)")
                }
            }
            do {
                return try SequenceTemplate(single: single, pair: pair)
            } catch let error as TokenizerError {
                throw TokenizerError(error.kind, file: tokens.file, error.problem, remedy: error.remedy)
            }
        }
    }

    private func name(_ token: AddedToken) -> String { TokenizerError.quoted(token.content) }
}
