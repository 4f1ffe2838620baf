import Winnow
import WinnowCore

/// Whether questions are such as the models can read.
struct QueryChecks {
    let queries: AskedQueries
    let embedder: BiEncoder?
    let reranker: CrossEncoder?
    let unknown: Int32?
    let isEnglish: Bool

    private static let manyBlank = 0.01
    private static let manyForeign = 0.05
    private static let manyUnknown = 0.01
    /// Words; of fewer no language can be told.
    private static let fewestWords = 5

    private var visible: [String] { queries.texts.filter { !VisibleText.isAbsent(from: $0) } }

    func findings() -> [Finding] {
        let visible = visible
        return [blank(visible), duplicates(visible)] + lengths(visible)
            + [language(visible), unknown(visible)].compactMap { $0 }
    }

    private func blank(_ visible: [String]) -> Finding {
        let blank = queries.texts.count - visible.count
        let evidence: [(String, Evidence)] = [("questions", .count(queries.texts.count)), ("blank", .count(blank))]
        guard blank > 0 else { return Finding("queries.blank", .ok, "no question is blank", evidence) }
        return Finding(
            "queries.blank", Double(blank) >= Self.manyBlank * Double(queries.texts.count) ? .warning : .note,
            "\(NumberText.plural(blank, "question holds", "questions hold")) nothing to read, and every search refuses them",
            evidence)
    }

    private func duplicates(_ visible: [String]) -> Finding {
        // As people see them: white space, and ASCII's capitals, make no other question.
        let normal = visible.map { SingleLine.of($0).lowercased() }
        let exact = normal.count - Set(normal).count
        var near = NearDuplicates()
        for text in Set(normal).sorted() {
            let shingles = TextShingles.hashes(of: text)
            if shingles.count >= NearDuplicates.fewestShingles { near.add(shingles) }
        }
        let groups = near.groups()
        let evidence: [(String, Evidence)] = [
            ("questions", .count(visible.count)), ("repeated", .count(exact)),
            ("near", .count(groups.reduce(0) { $0 + $1.count - 1 })), ("compared", .count(near.count)),
        ]
        return exact == 0 && groups.isEmpty
            ? Finding("queries.duplicates", .ok, "no question is there twice", evidence)
            : Finding(
                "queries.duplicates", .note,
                "questions are there more than once: figures over them count those for more, and say less than their number",
                evidence)
    }

    private func lengths(_ visible: [String]) -> [Finding] {
        var findings: [Finding] = []
        if let embedder {
            let tokens = LengthProfile(
                visible.map {
                    Int32(clamping: embedder.tokenizer.tokenIDs(for: embedder.description.queryPrompt + $0).count)
                })
            findings.append(
                length(
                    tokens, embedder.maxLength - embedder.tokenizer.template.singleSpecialCount,
                    id: "queries.cut-embedder",
                    fine: "the bi-encoder reads every question to its end",
                    bad: "longer than the bi-encoder reads: their ends play no part in finding passages",
                    severity: .warning))
        }
        if let reranker {
            let tokens = LengthProfile(visible.map { Int32(clamping: reranker.tokenizer.tokenIDs(for: $0).count) })
            let room = reranker.maxLength - reranker.tokenizer.template.pairSpecialCount
            let over = tokens.count(over: room / 2)
            findings.append(
                length(
                    tokens, room / 2, id: "queries.refused",
                    fine: "the cross-encoder has room for a passage beside every question",
                    bad: "longer than half of what the cross-encoder reads, and refused with every passage",
                    severity: .error))
            if over == 0, tokens.count(over: CrossEncoder.queryAllowance) > 0 {
                findings.append(
                    length(
                        tokens, CrossEncoder.queryAllowance, id: "queries.long", fine: "",
                        bad:
                            "longer than passages leave room for: the cross-encoder does not read some passages in one piece beside them",
                        severity: .note))
            }
        }
        return findings
    }

    private func length(
        _ tokens: LengthProfile, _ room: Int, id: String, fine: String, bad: String, severity: Finding.Severity
    ) -> Finding {
        let over = tokens.count(over: room)
        let evidence: [(String, Evidence)] = [
            ("tokensMost", .count(room)), ("longer", .count(over)), ("p50", .count(tokens.percentile(0.5))),
            ("p95", .count(tokens.percentile(0.95))), ("longest", .count(tokens.percentile(1))),
        ]
        return over == 0
            ? Finding(id, .ok, fine, evidence)
            : Finding(
                id, severity, "\(NumberText.plural(over, "question is", "questions are")) \(bad)", evidence)
    }

    private func language(_ visible: [String]) -> Finding? {
        guard isEnglish, !visible.isEmpty else { return nil }
        let writings = visible.map(WritingSystem.init)
        let script = writings.count { $0.shareOfOtherLetters > 0.5 }
        let long = writings.filter { $0.shareOfOtherLetters <= 0.5 && $0.words >= Self.fewestWords }
        let words = long.count { $0.functionWords == 0 && ($0.otherFunctionWords > 0 || $0.accented > 0) }
        let share = Double(script) / Double(visible.count)
        let evidence: [(String, Evidence)] = [
            ("questions", .count(visible.count)), ("otherScripts", .share(share)),
            ("longEnough", .count(long.count)), ("otherWords", .count(words)),
        ]
        // A question of keywords has no words of any language's commonest.
        if share >= Self.manyForeign || (long.count >= 10 && words * 2 >= long.count) {
            return Finding(
                "queries.language", .warning,
                "questions do not look like English, and the models were trained for English: give models for these languages",
                evidence)
        }
        return Finding("queries.language", .ok, "the questions look like English", evidence)
    }

    private func unknown(_ visible: [String]) -> Finding? {
        guard let unknown, let tokenizer = embedder?.tokenizer ?? reranker?.tokenizer else { return nil }
        let ids = visible.flatMap { tokenizer.tokenIDs(for: $0) }
        guard !ids.isEmpty else { return nil }
        let count = ids.count { $0 == unknown }
        let share = Double(count) / Double(ids.count)
        let evidence: [(String, Evidence)] = [
            ("tokens", .count(ids.count)), ("unknown", .count(count)), ("share", .share(share)),
        ]
        return share >= Self.manyUnknown
            ? Finding(
                "queries.unknown-tokens", .warning,
                "\(Evidence.share(share).text) of the questions' tokens are [UNK]: the models do not "
                    + "see what stands there", evidence)
            : Finding(
                "queries.unknown-tokens", .ok, "hardly a token of the questions is unknown to the models", evidence)
    }
}
