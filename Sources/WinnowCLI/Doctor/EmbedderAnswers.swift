import Winnow
import WinnowCore

/// Whether a bi-encoder puts what means the same side by side.
struct EmbedderAnswers {
    let encoder: BiEncoder
    /// In float32, where the reference's cosines are this model's; nil elsewhere.
    let exact: BiEncoder?
    let vocabulary: VocabularyProfile

    func findings() async throws -> [Finding] {
        let precision = try encoder.identity.precision
        let texts = KnownAnswers.paraphrases.flatMap { [$0.text, $0.same, $0.other] }
        let vectors = try await encoder.embed(texts, as: .passage)
        var findings: [Finding] = []
        if let exact {
            let reference = KnownAnswers.paraphrases.flatMap { [$0.sameCosine, $0.otherCosine] }
            let inFloat = precision == "float32" ? vectors : try await exact.embed(texts, as: .passage)
            findings.append(known(inFloat, reference, "float32"))
            if precision != "float32" { findings.append(known(vectors, reference, precision)) }
        }
        let order =
            RerankerAnswers.untold(
                encoder.tokenizer, vocabulary, texts, id: "model.paraphrases",
                what: "whether it knows what means the same")
            ?? order(Self.cosines(vectors))
        return findings + [order, lengths(vectors), try await batch(texts, vectors)]
    }

    private func known(_ vectors: Vectors, _ reference: [Float], _ precision: String) -> Finding {
        RerankerAnswers.known(
            farthest: RerankerAnswers.farthest(Self.cosines(vectors), reference), precision: precision,
            texts: reference.count, tolerance: KnownAnswers.cosineTolerance, unit: "cosines")
    }

    /// Of each sentence with the one that says the same and with the other.
    private static func cosines(_ vectors: Vectors) -> [Float] {
        stride(from: 0, to: vectors.count, by: 3).flatMap { first in
            [1, 2].map { Float(cosine(vectors[first], vectors[first + $0])) }
        }
    }

    private static func cosine(_ first: ArraySlice<Float>, _ second: ArraySlice<Float>) -> Double {
        let product = zip(first, second).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let lengths = length(first) * length(second)
        return lengths > 0 ? product / lengths : 0
    }

    private static func length(_ vector: ArraySlice<Float>) -> Double {
        vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }

    private func order(_ cosines: [Float]) -> Finding {
        let pairs = stride(from: 0, to: cosines.count, by: 2).map { (same: cosines[$0], other: cosines[$0 + 1]) }
        return RerankerAnswers.order(
            right: pairs.count { $0.same > $0.other }, of: pairs.count,
            margins: pairs.map { Double($0.same - $0.other) }, id: "model.paraphrases",
            what: "sentences that say the same closer together than sentences about something else",
            wrong: "it was not trained to compare texts, or weights, pooling and tokenizer do not belong together")
    }

    private func lengths(_ vectors: Vectors) -> Finding {
        let lengths = (0..<vectors.count).map { Self.length(vectors[$0]) }
        let evidence: [(String, Evidence)] = [
            ("shortest", .number(lengths.min() ?? 0, decimals: 4)),
            ("longest", .number(lengths.max() ?? 0, decimals: 4)),
            ("dimension", .count(vectors.dimension)),
        ]
        return encoder.description.normalizes
            ? Finding("model.normalised", .ok, "its vectors have the length 1, as modules.json says", evidence)
            : Finding(
                "model.normalised", .note,
                "its vectors have not the length 1, as modules.json has it: stores compare by cosine all the same, and lengths count "
                    + "for nothing there", evidence)
    }

    private func batch(_ texts: [String], _ vectors: Vectors) async throws -> Finding {
        let backwards = try await encoder.embed(texts.reversed(), as: .passage)
        var differences = (0..<texts.count).count { !Self.areSame(vectors[$0], backwards[texts.count - 1 - $0]) }
        for index in 0..<4 {
            let alone = try await encoder.embed([texts[index]], as: .passage)
            if !Self.areSame(alone[0], vectors[index]) { differences += 1 }
        }
        return RerankerAnswers.batch(differences: differences, of: texts.count + 4, unit: "vector")
    }

    private static func areSame(_ first: ArraySlice<Float>, _ second: ArraySlice<Float>) -> Bool {
        zip(first, second).allSatisfy { $0.bitPattern == $1.bitPattern }
    }
}
