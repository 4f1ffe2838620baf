import Crypto
import Winnow
import WinnowCore

/// One walk over a store's passages that gathers what there is to say of them. Per passage it keeps about 300 bytes.
struct CorpusSurvey {
    /// What the models read of a passage.
    struct Rooms {
        /// nil where the model could not be loaded.
        var embedder: Int?
        var reranker: Int?
    }

    /// Texts of the same content.
    struct Duplicates {
        /// Passages beyond the first of each content.
        var superfluous = 0
        /// The most frequent content: its first passage, and how often it is there.
        var largest: (id: String, count: Int)?
    }

    var passages = 0
    var documents = 0
    /// Every how many-th passage was looked at.
    var step = 1
    /// By each model's tokenizer; nil where there is no model.
    var embedderTokens: LengthProfile?
    var rerankerTokens: LengthProfile?
    var duplicates = Duplicates()
    /// Ids of texts that are nearly the same, the largest group first.
    var nearGroups: [[String]] = []
    /// Passages that were compared with one another.
    var compared = 0
    /// Lines that stand in many documents, with the least number of documents that it is.
    var repeatedLines: [(line: String, documents: Int)] = []
    /// By how much those numbers may be too small.
    var linesShortfall = 0
    /// Ids of passages without anything to read, and of documents that hold nothing else, where all of their passages were looked at.
    var blank: [String] = []
    var blankDocuments: [String] = []
    var writing = WritingSystem()
    /// Passages most of whose letters are not Latin, and those of Latin letters in another language than English.
    var foreignScript = 0
    var foreignWords = 0
    var unknownTokens = 0
    var tokens = 0

    /// Passages that `--quick` looks at.
    static let quickSample = 2000
    private static let page = 512
    /// A line that counts as boilerplate has so many words; headings and rules have fewer.
    private static let fewestWordsOfLine = 5
    /// Fewer words say nothing of a language.
    private static let fewestWordsOfLanguage = 30
    /// Of the words of running text, the commonest of its language; English has about 0.4. Tables and code of English texts often have
    /// fewer, so that these are missing is no evidence of another language by itself.
    private static let leastFunctionWords = 0.08
    /// Of the letters; English has under 0.1 %.
    private static let mostAccented = 0.01

    /// - Parameters:
    ///   - tokenizers: of the models that could be loaded, in their order; one that is nil is not measured.
    ///   - sameTokenizer: both make the same tokens.
    static func make(
        of store: Store, isQuick: Bool, embedder: (any TextTokenizer)?, reranker: (any TextTokenizer)?,
        rerankerFingerprint: Fingerprint?, sameTokenizer: Bool, passagePrompt: String, unknown: Int32?
    ) async throws -> CorpusSurvey {
        let total = try await store.info().passages
        var survey = CorpusSurvey()
        survey.step = isQuick ? max(1, total / quickSample) : 1
        var gathering = Gathering()
        var progress = Progress("Looking at", total: max(1, total / survey.step), unit: "passage")
        defer { progress.finish() }
        var last: Int64 = 0
        while true {
            try Task.checkCancellation()
            let page = try await store.survey(after: last, every: survey.step, limit: page)
            for found in page {
                let content = found.passage.content
                let stored = found.tokens.flatMap { $0.tokenizer == rerankerFingerprint ? $0.ids : nil }
                let ids = reranker.map { stored ?? $0.tokenIDs(for: content) }
                let own = sameTokenizer && passagePrompt.isEmpty ? ids : nil
                let embedded = embedder.map { own ?? $0.tokenIDs(for: passagePrompt + content) }
                gathering.add(found, content: content, embedder: embedded, reranker: ids, unknown: unknown)
            }
            guard let end = page.last, page.count == Self.page else { break }
            last = end.row
            progress.update(gathering.passages)
        }
        gathering.finish(&survey, embedder: embedder != nil, reranker: reranker != nil)
        return survey
    }

    /// What grows while the walk goes on.
    private struct Gathering {
        var passages = 0
        var documents = 0
        private var document: Int64?
        private var embedderLengths: [Int32] = []
        private var rerankerLengths: [Int32] = []
        /// The first 16 bytes of the content's SHA-256, with the place of the first passage and how many there are.
        private var contents: [Digest: (first: Int, count: Int)] = [:]
        private var ids: [String] = []
        private var near = NearDuplicates()
        /// Of each text in `near`, its place in `ids`.
        private var nearPlaces: [Int] = []
        private var lines = FrequentItems()
        private var documentID = ""
        private var isWhollyBlank = false
        private var blankDocuments: [String] = []
        private var linesOfDocument: Set<UInt64> = []
        private var lineTexts: [UInt64: String] = [:]
        private var survey = CorpusSurvey()

        private struct Digest: Hashable {
            var high, low: UInt64
        }

        mutating func add(
            _ found: SurveyedPassage, content: String, embedder: [Int32]?, reranker: [Int32]?, unknown: Int32?
        ) {
            if found.document != document {
                documents += 1
                endDocument()
                document = found.document
                documentID = found.passage.documentID
                isWhollyBlank = true
                linesOfDocument.removeAll(keepingCapacity: true)
            }
            let place = passages
            passages += 1
            ids.append(found.passage.id)
            if let embedder { embedderLengths.append(Int32(clamping: embedder.count)) }
            if let reranker { rerankerLengths.append(Int32(clamping: reranker.count)) }
            if let tokens = embedder ?? reranker {
                survey.tokens += tokens.count
                if let unknown { survey.unknownTokens += tokens.count { $0 == unknown } }
            }
            guard !VisibleText.isAbsent(from: content) else {
                survey.blank.append(found.passage.id)
                return
            }
            isWhollyBlank = false
            addLines(of: found.passage.text)
            let digest = Self.digest(content)
            if let known = contents[digest] {
                contents[digest] = (known.first, known.count + 1)
                return
            }
            contents[digest] = (place, 1)
            addWriting(content)
            let shingles = TextShingles.hashes(of: content)
            if shingles.count >= NearDuplicates.fewestShingles {
                near.add(shingles)
                nearPlaces.append(place)
            }
        }

        private mutating func endDocument() {
            if document != nil, isWhollyBlank { blankDocuments.append(documentID) }
        }

        private static func digest(_ content: String) -> Digest {
            let bytes = Array(SHA256.hash(data: Array(content.utf8)).prefix(16))
            func word(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
            return Digest(high: word(0..<8), low: word(8..<16))
        }

        private mutating func addLines(of text: String) {
            for line in text.split(whereSeparator: \.isNewline) where line.utf8.count >= 20 {
                let hashes = TextShingles.hashes(of: String(line))
                guard TextShingles.wordCount(String(line)) >= CorpusSurvey.fewestWordsOfLine, let first = hashes.first
                else {
                    continue
                }
                let hash = hashes.dropFirst().reduce(first) { ($0 &* 0x100_0000_01B3) ^ $1 }
                // Neighbouring passages share sentences: each line counts once a document.
                guard linesOfDocument.insert(hash).inserted else { continue }
                lines.add(hash)
                guard lineTexts[hash] == nil, lines.isCounted(hash) else { continue }
                // Those that are counted no longer are given up.
                if lineTexts.count >= 1 << 17 { lineTexts = lineTexts.filter { lines.isCounted($0.key) } }
                lineTexts[hash] = SingleLine.of(String(line.prefix(200)), limit: 80)
            }
        }

        private mutating func addWriting(_ content: String) {
            let writing = WritingSystem(content)
            survey.writing.add(writing)
            if writing.shareOfOtherLetters > 0.5 {
                survey.foreignScript += 1
            } else if writing.words >= CorpusSurvey.fewestWordsOfLanguage,
                writing.shareOfFunctionWords < CorpusSurvey.leastFunctionWords,
                writing.shareOfOtherFunctionWords >= CorpusSurvey.leastFunctionWords
                    || writing.shareOfAccented > CorpusSurvey.mostAccented
            {
                survey.foreignWords += 1
            }
        }

        mutating func finish(_ result: inout CorpusSurvey, embedder: Bool, reranker: Bool) {
            let step = result.step
            endDocument()
            result = survey
            // Of a sample the other passages are not known.
            result.blankDocuments = step == 1 ? blankDocuments : []
            result.linesShortfall = lines.shortfall
            result.step = step
            result.passages = passages
            result.documents = documents
            result.embedderTokens = embedder ? LengthProfile(embedderLengths) : nil
            result.rerankerTokens = reranker ? LengthProfile(rerankerLengths) : nil
            result.duplicates.superfluous = contents.values.reduce(0) { $0 + $1.count - 1 }
            if let most = contents.values.max(by: { ($0.count, $1.first) < ($1.count, $0.first) }), most.count > 1 {
                result.duplicates.largest = (ids[most.first], most.count)
            }
            result.compared = near.count
            result.nearGroups = near.groups().map { $0.map { ids[nearPlaces[$0]] } }
            result.repeatedLines = lines.items(atLeast: 2).prefix(100).map {
                (line: lineTexts[$0.item] ?? "", documents: $0.count)
            }
        }
    }
}
