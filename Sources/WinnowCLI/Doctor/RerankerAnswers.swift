import Winnow
import WinnowCore

/// Whether a cross-encoder knows an answer when it sees one.
struct RerankerAnswers {
    let encoder: CrossEncoder
    /// In float32, where the reference's logits are this model's; nil elsewhere.
    let exact: CrossEncoder?
    let vocabulary: VocabularyProfile

    /// A question that takes more than half of what a pair may have is refused: a short model cannot be asked.
    private var canBeAsked: Bool {
        let room = (encoder.maxLength - encoder.tokenizer.template.pairSpecialCount) / 2
        return KnownAnswers.questions.allSatisfy { encoder.tokenizer.tokenIDs(for: $0.text).count <= room }
    }

    func findings() async throws -> [Finding] {
        guard canBeAsked else {
            return [
                Finding(
                    "model.order", .note,
                    "whether it ranks cannot be told: our questions take more than half of the \(encoder.maxLength) tokens that it reads",
                    [("tokens", .count(encoder.maxLength))])
            ]
        }
        let precision = try encoder.identity.precision
        let logits = try await Self.logits(encoder)
        var findings: [Finding] = []
        if let exact {
            let reference = KnownAnswers.questions.flatMap { [$0.relevantLogit, $0.irrelevantLogit] }
            let inFloat = precision == "float32" ? logits : try await Self.logits(exact)
            findings.append(
                Self.known(
                    farthest: Self.farthest(inFloat, reference), precision: "float32", texts: reference.count,
                    tolerance: KnownAnswers.logitTolerance, unit: "logits"))
            if precision != "float32" {
                findings.append(
                    Self.known(
                        farthest: Self.farthest(logits, reference), precision: precision, texts: reference.count,
                        tolerance: KnownAnswers.logitTolerance, unit: "logits"))
            }
        }
        let texts = KnownAnswers.questions.flatMap { [$0.text, $0.relevant, $0.irrelevant] }
        let order =
            Self.untold(encoder.tokenizer, vocabulary, texts, id: "model.order", what: "whether it ranks")
            ?? order(logits)
        return findings + [order, try await batch()]
    }

    /// nil where a model of this vocabulary can be expected to understand English.
    static func untold(
        _ tokenizer: any TextTokenizer, _ vocabulary: VocabularyProfile, _ texts: [String], id: String, what: String
    ) -> Finding? {
        let coverage = KnownTextCoverage(tokenizer, unknown: vocabulary.unknown, texts)
        guard !coverage.isEnough || !(vocabulary.isEnglish || vocabulary.isMultilingual) else { return nil }
        return Finding(
            id, .note, "\(what) cannot be told: our texts are English, and its vocabulary is not made for it",
            [
                ("unknown", .share(coverage.unknown)), ("tokensPerWord", .number(coverage.tokensPerWord)),
                ("entries", .count(vocabulary.entries)), ("otherScripts", .count(vocabulary.otherScripts)),
                ("accented", .count(vocabulary.accented)),
            ])
    }

    /// Of each question the relevant passage's and the other one's.
    private static func logits(_ encoder: CrossEncoder) async throws -> [Float] {
        var logits: [Float] = []
        for question in KnownAnswers.questions {
            let candidates = [question.relevant, question.irrelevant].map(candidate)
            for score in try await encoder.score(Query(question.text), candidates) {
                logits.append(score?.logit.value ?? .nan)
            }
        }
        return logits
    }

    private static func candidate(_ text: String) -> Candidate {
        Candidate(passage: Passage(id: text, documentID: text, text: text), rank: 1)
    }

    static func farthest(_ values: [Float], _ reference: [Float]) -> Float {
        zip(values, reference).map { abs($0 - $1) }.max() ?? 0
    }

    static func known(
        farthest: Float, precision: String, texts: Int, tolerance: [String: Float], unit: String
    ) -> Finding {
        let bound = tolerance[precision] ?? 0
        let evidence: [(String, Evidence)] = [
            ("precision", .text(precision)), ("texts", .count(texts)),
            ("farthest", .number(Double(farthest), decimals: 6)), ("allowed", .number(Double(bound), decimals: 4)),
        ]
        // A comparison that NaN fails.
        guard farthest <= bound else {
            return Finding(
                "model.known-answers", .error,
                "the \(unit) of texts whose \(unit) are known are not those that transformers computes: the weights or this "
                    + "processor's kernels (\(Kernels.active.name)) are wrong", evidence,
                command: "WINNOW_KERNELS=scalar winnow doctor")
        }
        return Finding(
            "model.known-answers", .ok, "in \(precision) the \(unit) are those that transformers computes", evidence)
    }

    /// A relevant passage must be above an irrelevant one.
    private func order(_ logits: [Float]) -> Finding {
        let pairs = stride(from: 0, to: logits.count, by: 2).map { (relevant: logits[$0], other: logits[$0 + 1]) }
        return Self.order(
            right: pairs.count { $0.relevant > $0.other }, of: pairs.count,
            margins: pairs.map { Double($0.relevant - $0.other) }, id: "model.order",
            what: "passages that answer a question above passages about something else",
            wrong: "the head was not trained to rank, or weights and tokenizer do not belong together")
    }

    static func order(
        right: Int, of count: Int, margins: [Double], id: String, what: String, wrong: String
    ) -> Finding {
        let sorted = margins.sorted()
        let evidence: [(String, Evidence)] = [
            ("right", .count(right)), ("of", .count(count)),
            ("medianMargin", .number(sorted.isEmpty ? 0 : sorted[sorted.count / 2], decimals: 3)),
            ("leastMargin", .number(sorted.first ?? 0, decimals: 3)),
        ]
        if right >= KnownAnswers.enough { return Finding(id, .ok, "it puts \(what): \(right) of \(count)", evidence) }
        if right >= KnownAnswers.few {
            return Finding(
                id, .warning,
                "it puts \(what) only \(right) times of \(count), and any model for English should: is it one?",
                evidence)
        }
        return Finding(
            id, .error, "it puts \(what) \(right) times of \(count), hardly better than chance: \(wrong)", evidence)
    }

    /// A score must not depend on what stands beside it.
    private func batch() async throws -> Finding {
        let texts = KnownAnswers.questions.flatMap { [$0.relevant, $0.irrelevant] }
        let query = Query(KnownAnswers.questions[0].text)
        let together = try await encoder.score(query, texts.map(Self.candidate))
        let backwards = try await encoder.score(query, texts.reversed().map(Self.candidate))
        var differences = zip(together, backwards.reversed()).count {
            $0?.logit.value.bitPattern != $1?.logit.value.bitPattern
        }
        for (text, score) in zip(texts, together).prefix(4) {
            let alone = try await encoder.score(query, [Self.candidate(text)])
            if alone.first??.logit.value.bitPattern != score?.logit.value.bitPattern { differences += 1 }
        }
        return Self.batch(differences: differences, of: texts.count + 4, unit: "score")
    }

    static func batch(differences: Int, of count: Int, unit: String) -> Finding {
        let evidence: [(String, Evidence)] = [("compared", .count(count)), ("different", .count(differences))]
        return differences == 0
            ? Finding(
                "model.batch", .ok, "a text's \(unit) is the same, bit for bit, whatever stands beside it", evidence)
            : Finding(
                "model.batch", .error,
                "a text's \(unit) depends on what stands beside it: this is a fault of Winnow's kernels here",
                evidence, command: "WINNOW_KERNELS=scalar winnow doctor")
    }
}
