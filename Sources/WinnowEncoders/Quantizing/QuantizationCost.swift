import WinnowCore

/// How far a quantised model's results are from those of the float model on the same texts.
///
/// Not a measurement of ranking: that takes labelled queries (`winnow eval`).
public struct QuantizationCost: Sendable, Hashable {
    /// The largest and the mean of some magnitudes.
    public struct Spread: Sendable, Hashable {
        public let largest, mean: Double

        /// Zero of none.
        init(_ values: [Double]) {
            largest = values.max() ?? 0
            mean = values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
        }
    }

    /// One way of running the quantised model against the float model in float32.
    public struct Differences: Sendable, Hashable {
        /// |difference| of a pair's scores: logits of a cross-encoder, cosines of query and passage of a bi-encoder.
        public let scores: Spread
        /// Of a bi-encoder: 1 − cosine of the two vectors of one text.
        public let vectors: Spread?
        /// Kendall's tau-b of the two orders of a query's passages, mean over queries; nil where no query has two passages of
        /// different scores.
        public let kendallTau: Double?
    }

    public let kind: ModelKind
    public let queries, passages, pairs: Int
    /// The standard deviation of the float model's scores over all pairs: what the differences are to be compared with.
    public let scoreDeviation: Double
    /// Codes as weights, activations in int8 too: what `--precision int8` computes.
    public let int8: Differences
    /// Codes times scales as weights, arithmetic in float32.
    public let weightsOnly: Differences
    /// The kernels that computed it: int8 results differ between them in attention's precision.
    public let kernels: String

    /// - Parameters:
    ///   - exact: the float model.
    ///   - quantized: the int8 model.
    ///   - progress: called with the models that are done, of 3.
    /// - Throws: what loading and running the models throws; `CancellationError`.
    static func measure(
        exact: ModelSource, quantized: ModelSource, kind: ModelKind, texts: SampleTexts, threads: Int?,
        progress: @Sendable (Int) -> Void
    ) async throws -> QuantizationCost {
        var results: [Results] = []
        for (source, precision) in [(exact, Precision.float32), (quantized, .int8), (quantized, .float32)] {
            // No text of a sample is refused for its length.
            let options = EncoderOptions(precision: precision, threads: threads, truncation: .longestFirst)
            results.append(try await Results.of(source, kind: kind, texts: texts, options: options))
            progress(results.count)
        }
        let scores = results[0].scores.flatMap { $0 }.map(Double.init)
        let mean = scores.reduce(0, +) / Double(max(scores.count, 1))
        let variance = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(scores.count, 1))
        return QuantizationCost(
            kind: kind, queries: texts.queries.count, passages: texts.passages.count, pairs: texts.pairCount,
            scoreDeviation: variance.squareRoot(), int8: Differences(results[0], results[1]),
            weightsOnly: Differences(results[0], results[2]), kernels: Kernels.active.name)
    }

    /// What one model says of the texts.
    struct Results: Sendable {
        /// Of each query the scores of its passages.
        var scores: [[Float]]
        /// Of a bi-encoder, of passages and queries.
        var vectors: [[Float]]

        static func of(
            _ source: ModelSource, kind: ModelKind, texts: SampleTexts, options: EncoderOptions
        ) async throws -> Results {
            switch kind {
            case .crossEncoder:
                let encoder = try CrossEncoder.load(source, options: options)
                var scores: [[Float]] = []
                for query in texts.queries {
                    let candidates = query.passages.enumerated().map { rank, place in
                        Candidate(
                            passage: Passage(id: "\(place)", documentID: "\(place)", text: texts.passages[place]),
                            rank: rank + 1)
                    }
                    scores.append(
                        try await encoder.score(Query(query.text), candidates).compactMap { $0?.logit.value }
                    )
                }
                return Results(scores: scores, vectors: [])
            case .biEncoder:
                let encoder = try BiEncoder.load(source, options: options)
                let passages = try await encoder.embed(texts.passages, as: .passage)
                let queries = try await encoder.embed(texts.queries.map(\.text), as: .query)
                let scores = texts.queries.enumerated().map { index, query in
                    query.passages.map { Float(QuantizationCost.cosine(queries[index], passages[$0])) }
                }
                return Results(
                    scores: scores,
                    vectors: texts.passages.indices.map { Array(passages[$0]) }
                        + texts.queries.indices.map { Array(queries[$0]) })
            }
        }
    }

    /// 0 where one is zero.
    static func cosine(_ left: some Collection<Float>, _ right: some Collection<Float>) -> Double {
        var (product, first, second) = (0.0, 0.0, 0.0)
        for (a, b) in zip(left, right) {
            product += Double(a) * Double(b)
            first += Double(a) * Double(a)
            second += Double(b) * Double(b)
        }
        return first > 0 && second > 0 ? product / (first * second).squareRoot() : 0
    }
}

extension QuantizationCost.Differences {
    init(_ exact: QuantizationCost.Results, _ other: QuantizationCost.Results) {
        let pairs = zip(exact.scores, other.scores)
        scores = .init(pairs.flatMap { zip($0, $1).map { abs(Double($0) - Double($1)) } })
        vectors =
            exact.vectors.isEmpty
            ? nil
            : .init(zip(exact.vectors, other.vectors).map { max(0, 1 - QuantizationCost.cosine($0, $1)) })
        let taus = pairs.compactMap { Self.kendallTau($0, $1) }
        kendallTau = taus.isEmpty ? nil : taus.reduce(0, +) / Double(taus.count)
    }

    /// Kendall's tau-b (1945): concordant less discordant pairs over the geometric mean of the pairs that are no tie on either
    /// side; nil where a side is all ties.
    package static func kendallTau(_ left: [Float], _ right: [Float]) -> Double? {
        var (difference, leftPairs, rightPairs) = (0, 0, 0)
        for index in left.indices {
            for other in 0..<index {
                let a = left[index] == left[other] ? 0 : left[index] > left[other] ? 1 : -1
                let b = right[index] == right[other] ? 0 : right[index] > right[other] ? 1 : -1
                difference += a * b
                leftPairs += a * a
                rightPairs += b * b
            }
        }
        guard leftPairs > 0, rightPairs > 0 else { return nil }
        return Double(difference) / (Double(leftPairs) * Double(rightPairs)).squareRoot()
    }
}
