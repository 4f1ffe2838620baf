import Winnow
import WinnowCore

/// Whether a corpus is one that the models can read: lengths, repetition, language, metadata.
struct CorpusChecks {
    let store: Store
    let survey: CorpusSurvey
    let fields: FieldCatalogue
    let rooms: CorpusSurvey.Rooms
    /// Models for English, as far as can be told.
    let isEnglish: Bool
    /// The folder or the file that the documents came from, where they came from one.
    let source: String?
    let given: GivenOptions

    /// Shares of passages from which on something is a warning; under them, a note.
    private static let muchCut = 0.01
    private static let manyShort = 0.2
    private static let manyDuplicates = 0.02
    private static let manyNear = 0.05
    private static let manyForeign = 0.05
    private static let manyUnknown = 0.01
    /// Boilerplate: a line in so many of so many documents.
    private static let boilerplate = 0.3
    private static let fewestDocuments = 20
    /// Tokens; a shorter passage holds hardly a sentence.
    private static let short = 20
    /// Ids that stand on one line of a shell.
    private static let mostDeleted = 20

    func findings() -> [Finding] {
        guard survey.passages > 0 else {
            return [
                Finding(
                    "corpus.empty", .warning, "the store holds no passage", [("passages", .count(0))], command: reindex)
            ]
        }
        return [lengths].compactMap { $0 } + cuts + [short, whole, blank].compactMap { $0 } + repetition
            + [lines].compactMap { $0 }
            + language + [unknown, metadata].compactMap { $0 }
    }

    private var sample: [(String, Evidence)] {
        survey.step == 1
            ? [("passages", .count(survey.passages))]
            : [("passages", .count(survey.passages)), ("every", .count(survey.step))]
    }

    private func share(_ count: Int) -> Double { Double(count) / Double(max(1, survey.passages)) }

    /// Into a new file: a store keeps its way of cutting.
    private var reindex: String {
        "winnow index \(source.map(ShellText.quoted) ?? "DOCUMENTS") --store \(ShellText.quoted(store.path + ".new"))\(given.models)"
            + " --chunking sentences"
    }

    /// nil where the documents were cut into sentences already: the passages would be the same.
    private var reindexOtherwise: String? {
        store.profile.chunking.hasPrefix(ChunkingMethod.sentences.rawValue) ? nil : reindex
    }

    // MARK: Lengths

    private var lengths: Finding? {
        guard let tokens = survey.embedderTokens ?? survey.rerankerTokens else { return nil }
        let bounds = [20, 64, 128, 256, 512]
        let counts = tokens.histogram(bounds)
        let labels = ["under 20", "20-63", "64-127", "128-255", "256-511", "512 and more"]
        return Finding(
            "corpus.lengths", .ok, "passages have \(tokens.percentile(0.5)) tokens in the middle",
            sample + [
                ("p5", .count(tokens.percentile(0.05))), ("p50", .count(tokens.percentile(0.5))),
                ("p95", .count(tokens.percentile(0.95))), ("most", .count(tokens.percentile(1))),
                (
                    "histogram",
                    .texts(zip(labels, counts).filter { $0.1 > 0 }.map { "\($0.0): \(NumberText.grouped($0.1))" })
                ),
            ])
    }

    private var cuts: [Finding] {
        var findings: [Finding] = []
        if let tokens = survey.embedderTokens, let room = rooms.embedder {
            findings.append(
                cut(
                    tokens, room, id: "corpus.cut-embedder",
                    fine: "the bi-encoder reads every passage to its end",
                    bad:
                        "the bi-encoder does not read to their end, in silence: what is behind cannot be found by its meaning"
                ))
        }
        if let tokens = survey.rerankerTokens, let room = rooms.reranker {
            findings.append(
                cut(
                    tokens, room, id: "corpus.cut-reranker",
                    fine:
                        "the cross-encoder reads every passage to its end, beside a question of \(CrossEncoder.queryAllowance) tokens",
                    bad:
                        "the cross-encoder does not read in one piece beside a question of \(CrossEncoder.queryAllowance) tokens: in "
                        + "windows where they are on, which costs time, else cut"))
        }
        return findings
    }

    private func cut(_ tokens: LengthProfile, _ room: Int, id: String, fine: String, bad: String) -> Finding {
        let over = tokens.count(over: room)
        let unread = tokens.excess(over: room)
        let evidence: [(String, Evidence)] =
            sample + [
                ("reads", .count(room)), ("longer", .count(over)), ("share", .share(share(over))),
                ("tokensBehind", .share(tokens.total == 0 ? 0 : Double(unread) / Double(tokens.total))),
                ("longest", .count(tokens.percentile(1))),
            ]
        guard over > 0 else { return Finding(id, .ok, fine, evidence) }
        return Finding(
            id, share(over) >= Self.muchCut ? .warning : .note,
            "\(NumberText.plural(over, "passage")) of \(NumberText.grouped(survey.passages)) \(bad)", evidence,
            command: reindex)
    }

    private var short: Finding? {
        guard let tokens = survey.embedderTokens ?? survey.rerankerTokens else { return nil }
        let count = tokens.count(under: Self.short)
        let evidence: [(String, Evidence)] =
            sample + [
                ("under", .count(Self.short)), ("short", .count(count)), ("share", .share(share(count))),
            ]
        guard share(count) >= Self.manyShort / 4 else {
            return Finding("corpus.short", .ok, "hardly a passage is too short to say something", evidence)
        }
        return Finding(
            "corpus.short", share(count) >= Self.manyShort ? .warning : .note,
            "\(Evidence.share(share(count)).text) of the passages have under \(Self.short) tokens: they hold hardly a sentence, and what it is about "
                + "stands elsewhere", evidence, command: reindexOtherwise)
    }

    private var whole: Finding? {
        guard store.profile.chunking == ChunkingMethod.none.rawValue,
            let tokens = survey.embedderTokens ?? survey.rerankerTokens
        else { return nil }
        let long = tokens.percentile(0.5)
        return Finding(
            "corpus.whole-documents", long > 200 ? .warning : .note,
            "each document is one passage, however long: one vector stands for all that it says",
            sample + [("chunking", .text(store.profile.chunking)), ("medianTokens", .count(long))],
            command: long > 200 ? reindex : nil)
    }

    // MARK: Repetition

    private var blank: Finding? {
        guard !survey.blank.isEmpty else { return nil }
        return Finding(
            "corpus.blank", .warning,
            "\(NumberText.plural(survey.blank.count, "passage has", "passages have")) nothing that can be read, and can be found all the same",
            sample + [
                ("blank", .count(survey.blank.count)), ("first", .texts(Array(survey.blank.prefix(3)))),
                ("blankDocuments", .count(survey.blankDocuments.count)),
            ], command: deletion)
    }

    /// Of documents that hold nothing else: what stands beside a blank passage is not to go with it.
    private var deletion: String? {
        guard !survey.blankDocuments.isEmpty else { return nil }
        let ids = survey.blankDocuments.prefix(Self.mostDeleted).map(ShellText.quoted).joined(separator: " ")
        // Ids may begin with a hyphen.
        return "winnow store delete --store \(ShellText.quoted(store.path)) -- \(ids)"
    }

    /// Of a sample of one in k passages two that are the same are both there once in k² times: nothing can be told of it.
    private var repetition: [Finding] { survey.step == 1 ? [duplicates, near] : [] }

    private var duplicates: Finding {
        let count = survey.duplicates.superfluous
        var evidence: [(String, Evidence)] = sample + [("copies", .count(count)), ("share", .share(share(count)))]
        guard let largest = survey.duplicates.largest else {
            return Finding("corpus.duplicates", .ok, "no two passages are the same", evidence)
        }
        evidence += [("most", .count(largest.count)), ("passage", .text(largest.id))]
        return Finding(
            "corpus.duplicates", share(count) >= Self.manyDuplicates ? .warning : .note,
            "\(NumberText.plural(count, "passage repeats", "passages repeat")) another one word for word: copies take the places of "
                + "other candidates", evidence,
            command: "winnow store documents \(ShellText.quoted(store.path))")
    }

    private var near: Finding {
        let count = survey.nearGroups.reduce(0) { $0 + $1.count - 1 }
        var evidence: [(String, Evidence)] =
            sample + [
                ("compared", .count(survey.compared)), ("near", .count(count)), ("share", .share(share(count))),
                ("similarity", .number(NearDuplicates.threshold)),
            ]
        guard let largest = survey.nearGroups.first else {
            return Finding("corpus.near-duplicates", .ok, "no two passages are nearly the same", evidence)
        }
        evidence += [("most", .count(largest.count)), ("suchAs", .texts(Array(largest.prefix(3))))]
        return Finding(
            "corpus.near-duplicates", share(count) >= Self.manyNear ? .warning : .note,
            "\(NumberText.plural(count, "passage is", "passages are")) nearly another one, such as versions of one text: several of them "
                + "fill a list of results with one answer", evidence,
            command: "winnow store documents \(ShellText.quoted(store.path))")
    }

    private var lines: Finding? {
        guard survey.documents >= Self.fewestDocuments, survey.step == 1 else { return nil }
        let least = Int((Self.boilerplate * Double(survey.documents)).rounded(.up))
        let repeated = survey.repeatedLines.filter { $0.documents >= least }
        guard let first = repeated.first else {
            let most = (survey.repeatedLines.first?.documents ?? 1) + survey.linesShortfall
            guard survey.linesShortfall == 0 || most < least else {
                return Finding(
                    "corpus.boilerplate", .note,
                    "whether a line stands in many documents cannot be told: there are more different lines than are counted",
                    sample + [("documents", .count(survey.documents)), ("atMost", .count(min(most, survey.documents)))])
            }
            return Finding(
                "corpus.boilerplate", .ok,
                "no line stands in \(NumberText.fixed(100 * Self.boilerplate, 0)) % of the documents",
                sample + [("documents", .count(survey.documents))])
        }
        return Finding(
            "corpus.boilerplate", .warning,
            "\(NumberText.plural(repeated.count, "line stands", "lines stand")) in at least "
                + "\(NumberText.fixed(100 * Self.boilerplate, 0)) % of the documents: what all have in common tells none from another, "
                + "and takes room in every passage",
            sample + [
                ("documents", .count(survey.documents)), ("most", .count(first.documents)),
                ("lines", .texts(repeated.prefix(3).map(\.line))),
            ], command: reindexOtherwise)
    }

    // MARK: Language

    private var language: [Finding] {
        guard isEnglish else { return [] }
        let read = max(1, survey.passages - survey.duplicates.superfluous - survey.blank.count)
        let (script, words) = (Double(survey.foreignScript) / Double(read), Double(survey.foreignWords) / Double(read))
        let evidence: [(String, Evidence)] =
            sample + [
                ("otherLetters", .share(survey.writing.shareOfOtherLetters)), ("otherScripts", .share(script)),
                ("otherWords", .share(words)),
                (
                    "scripts",
                    .texts(
                        survey.writing.others.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3).map(\.key))
                ),
            ]
        guard script + words >= Self.manyForeign else {
            return [
                Finding(
                    "corpus.language", .ok, "the passages look like English, which the models were trained for",
                    evidence)
            ]
        }
        return [
            Finding(
                "corpus.language", .warning,
                "\(Evidence.share(script + words).text) of the passages do not look like English (other scripts, or another language's "
                    + "words or letters), and the models were trained for English: give models for these languages",
                evidence,
                command:
                    "winnow store rebuild-vectors \(ShellText.quoted(store.path)) --embedding-model MULTILINGUAL-FOLDER"
            )
        ]
    }

    private var unknown: Finding? {
        guard survey.tokens > 0 else { return nil }
        let share = Double(survey.unknownTokens) / Double(survey.tokens)
        let evidence: [(String, Evidence)] =
            sample + [
                ("tokens", .count(survey.tokens)), ("unknown", .count(survey.unknownTokens)), ("share", .share(share)),
            ]
        return share >= Self.manyUnknown
            ? Finding(
                "corpus.unknown-tokens", .warning,
                "\(Evidence.share(share).text) of the tokens are [UNK]: the models do not see what stands there",
                evidence,
                command:
                    "winnow store rebuild-vectors \(ShellText.quoted(store.path)) --embedding-model MULTILINGUAL-FOLDER"
            )
            : Finding("corpus.unknown-tokens", .ok, "hardly a token is unknown to the models", evidence)
    }

    // MARK: Metadata

    private static let ownFields = [
        MetadataField.parentDocument, MetadataField.source, MetadataField.section, MetadataField.title,
    ]

    private var metadata: Finding? {
        guard !fields.fields.isEmpty else { return nil }
        // Of what Winnow writes itself a title may well look like a date.
        let mixed = fields.fields.filter { $0.types.count > 1 && !Self.ownFields.contains($0.name) }
        let evidence: [(String, Evidence)] = [
            ("fields", .count(fields.fields.count)),
            (
                "mixed",
                .texts(
                    mixed.prefix(5).map { field in
                        "\(field.name) (\(field.types.sorted().map(\.name).joined(separator: ", ")))"
                    })
            ),
        ]
        guard let first = mixed.first else {
            return Finding("corpus.metadata", .ok, "each metadata field has values of one type", evidence)
        }
        return Finding(
            "corpus.metadata", .warning,
            "\(NumberText.plural(mixed.count, "metadata field has", "metadata fields have")) values of several types, such as "
                + "\"\(SingleLine.of(first.name, limit: 60))\": a filter finds those of the type that it is written in",
            evidence,
            command: "winnow store documents \(ShellText.quoted(store.path)) --json")
    }
}
