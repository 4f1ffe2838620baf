/// Cuts documents into passages that every model of a pipeline can read whole.
///
/// Laws that every chunker keeps: `passage.text` is exactly the bytes `passage.range` of the document's source; every byte
/// of the text except white space around passages lies in some passage; the same document and budget give the same passages;
/// no passage exceeds the budget, unless the chunker says that it does not cut at all.
public protocol Chunker: Sendable {
    /// The way of cutting with all its settings, such as `sentences overlap=0.15`: two chunkers of one identity cut alike. A
    /// store keeps it and refuses passages that were cut otherwise.
    var identity: String { get }

    /// - Returns: the passages in the order of the text; none for a document without title and text.
    /// - Throws: ``SearchError/budgetTooSmall(documentID:budget:)``.
    func chunk(_ document: Document, budget: PassageBudget) throws -> [Passage]

    /// The same passages, some at a time, so that a document of hundreds of megabytes needs no memory for all of its passages.
    ///
    /// By default one portion that holds all.
    func portions(of document: Document, budget: PassageBudget) throws -> PassagePortions
}

extension Chunker {
    public func portions(of document: Document, budget: PassageBudget) throws -> PassagePortions {
        var isDone = false
        return PassagePortions {
            guard !isDone else { return nil }
            isDone = true
            return try chunk(document, budget: budget)
        }
    }
}

/// Passages of one document, in the order of the text, made as they are asked for.
public struct PassagePortions {
    private let makeNext: () throws -> [Passage]?

    /// - Parameter next: the next passages; nil, and nil from then on, when there are none left.
    public init(next: @escaping () throws -> [Passage]?) {
        makeNext = next
    }

    /// Passages that follow those of the call before; nil when there are none left.
    public func next() throws -> [Passage]? { try makeNext() }
}

/// How many tokens a model's tokenizer makes of a text, special tokens not counted.
public protocol TokenCounter: Sendable {
    func tokenCount(_ text: String) -> Int
}

/// What no passage may exceed: for each model that will read it, its tokenizer and the most tokens of ``Passage/content``.
public struct PassageBudget: Sendable {
    public var limits: [Limit]

    /// One model's limit.
    public struct Limit: Sendable {
        /// Whose limit it is, for messages.
        public var name: String
        public var counter: any TokenCounter
        /// The most tokens of content, special tokens not counted.
        public var maximum: Int

        public init(name: String, counter: any TokenCounter, maximum: Int) {
            self.name = name
            self.counter = counter
            self.maximum = maximum
        }
    }

    /// No limits: every document is one passage.
    public init(_ limits: [Limit] = []) {
        self.limits = limits
    }

    /// Whether every model can read the content whole.
    public func admits(_ content: String) -> Bool {
        limits.allSatisfy { $0.counter.tokenCount(content) <= $0.maximum }
    }
}

extension PassageBudget: ExpressibleByArrayLiteral {
    public init(arrayLiteral limits: Limit...) { self.init(limits) }
}

extension PassageBudget: CustomStringConvertible {
    /// Such as `254 tokens of all-MiniLM-L6-v2`.
    public var description: String {
        limits.map { "\($0.maximum) tokens of \($0.name)" }.joined(separator: ", ")
    }
}
