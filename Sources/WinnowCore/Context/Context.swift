/// What an ``AnswerGenerator`` reads: passages with numbers that an answer can cite.
public struct Context: Sendable, Hashable {
    /// In the order in which the prompt shows them, which need not be that of their numbers.
    public var items: [Item]
    /// Hits that the token budget had no room for, best first.
    public var leftOut: [Hit]
    /// Hits that say word for word what a better one in ``items`` says, title and text; best first. They take no room.
    public var duplicates: [Hit]
    /// Tokens of ``text``, by the counter that the builder was given.
    public var tokens: Int

    public init(items: [Item], leftOut: [Hit] = [], duplicates: [Hit] = [], tokens: Int = 0) {
        self.items = items
        self.leftOut = leftOut
        self.duplicates = duplicates
        self.tokens = tokens
    }

    /// One numbered piece: a hit, or several neighbouring ones of one document merged.
    public struct Item: Sendable, Hashable {
        /// From 1, by the best hit in it: 1 holds the best passage. What `[1]` in an answer means.
        public var number: Int
        public var documentID: String
        /// The document's title, whole; nil when it has none.
        public var title: String?
        /// Where the document came from, as its metadata say.
        public var source: String?
        /// The path of headings above the item's first words.
        public var section: String?
        /// The passages' own bytes: those that several share once, and where white space lies between two of them a line end,
        /// or a blank line when it is more than one byte.
        public var text: String
        /// UTF-8 byte offsets in the document's source: from the first byte of the first passage to the last of the last.
        public var range: Range<Int>
        /// The hits that it is made of, in the order of the text; at least one.
        public var hits: [Hit]
        /// The best passage alone was over the token budget: this is only its beginning.
        public var truncated: Bool

        public init(
            number: Int, documentID: String, title: String? = nil, source: String? = nil, section: String? = nil,
            text: String, range: Range<Int>, hits: [Hit], truncated: Bool = false
        ) {
            self.number = number
            self.documentID = documentID
            self.title = title
            self.source = source
            self.section = section
            self.text = text
            self.range = range
            self.hits = hits
            self.truncated = truncated
        }
    }

    /// The item of this number; nil where there is none.
    public subscript(number: Int) -> Item? { items.first { $0.number == number } }
}
