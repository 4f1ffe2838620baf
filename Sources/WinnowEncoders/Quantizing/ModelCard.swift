import WinnowCore

/// `README.md` of an int8 folder: what it was made of and how, and what that cost.
package struct ModelCard: Sendable {
    package let report: ModelQuantizer.Report
    /// The card of the original; nil where it has none.
    package let original: String?

    /// A card that is longer is no card.
    private static let mostBytes = 1 << 20

    package init(report: ModelQuantizer.Report, original: String?) {
        self.report = report
        self.original = original
    }

    /// The card of a model; nil where it has none, or one that is no text.
    package static func text(of source: ModelSource) throws -> String? {
        guard let bytes = try source.file("README.md"), bytes.count <= mostBytes else { return nil }
        return withExtendedLifetime(bytes) { String(validating: bytes.buffer, as: UTF8.self) }
    }

    package var text: String {
        let (front, body) = Self.split(original ?? "")
        let cost = report.cost
        let isCross = report.kind == .crossEncoder
        let score = isCross ? "logit" : "query–passage cosine"
        var lines: [String] = []
        let licence = Self.licence(in: front)
        if !licence.isEmpty { lines += ["---"] + licence + ["---", ""] }
        lines.append("# \(report.model), int8\n")
        lines.append(
            """
            \(report.model) (\(report.kind), \(report.storedAs.spelledOut)) with its linear layers and its word and position embeddings \
            in int8, made by `winnow models quantize`. The licence of the original model applies\
            \(licence.isEmpty ? "; its folder did not say which that is." : ".")

            | | |
            | --- | --- |
            | format | compressed-tensors `int-quantized`: int8, symmetric, one float32 scale a row; everything else as it was |
            | rounding | \(Self.words(report.method)) |
            | calibrated on | \(calibration) |
            | size of `model.safetensors` | \(report.bytesBefore) bytes before, \(report.bytesAfter) after |

            ## What it costs

            Against the original in float32, on texts that were not used for calibration: \(report.heldOutName), \
            \(cost.queries) queries, \(cost.passages) passages, \(cost.pairs) pairs. The original's \(score)s have a standard \
            deviation of \(Self.number(cost.scoreDeviation)) over these pairs.

            """)
        lines += table
        lines.append(
            """

            *int8* is what `--precision int8` computes (activations in int8 too; kernels \(cost.kernels) here), *float32* the same int8 \
            weights with arithmetic in float32. Tau is Kendall's tau-b of the two orders of a query's passages, mean over queries.

            This is not a measurement of ranking. With labelled queries of your own that is

                winnow eval FOLDER \(isCross ? "--model" : "--embedding-model") THIS_FOLDER --precision int8

            and the same with the original model and `--precision float32`.
            """)
        if original != nil { lines.append("\n## The original's card\n\n" + body) }
        let text = lines.joined(separator: "\n")
        return text.hasSuffix("\n") ? text : text + "\n"
    }

    private var calibration: String {
        guard report.calibrationSequences > 0 else { return "nothing: this rounding looks at the weights alone" }
        return "\(report.calibrationName): \(report.calibrationSequences) sequences, \(report.calibrationTokens) tokens"
    }

    private var table: [String] {
        let cost = report.cost
        func row(_ name: String, _ value: (QuantizationCost.Differences) -> Double?) -> String {
            let texts = [cost.int8, cost.weightsOnly].map { value($0).map(Self.number) ?? "–" }
            return "| \(name) | \(texts[0]) | \(texts[1]) |"
        }
        let score = report.kind == .crossEncoder ? "logit" : "cosine of query and passage"
        var lines = ["| | int8 | float32 |", "| --- | ---: | ---: |"]
        lines.append(row("\(score): largest difference") { $0.scores.largest })
        lines.append(row("\(score): mean difference") { $0.scores.mean })
        if cost.int8.vectors != nil {
            lines.append(row("1 − cosine of the two vectors of a text: largest") { $0.vectors?.largest })
            lines.append(row("1 − cosine of the two vectors of a text: mean") { $0.vectors?.mean })
        }
        lines.append(row("tau") { $0.kendallTau })
        return lines
    }

    private static func words(_ method: RoundingMethod) -> String {
        switch method {
        case .nearest: "to the nearest, the largest magnitude of a row is 127"
        case .clipping: "to the nearest, a row's clipping searched by the error of its output"
        case .compensation:
            "clipping searched by the error of a row's output; each weight's error mended by those after it (GPTQ, Frantar et "
                + "al. 2022)"
        }
    }

    /// Four significant digits.
    package static func number(_ value: Double) -> String {
        guard value != 0, value.isFinite else { return value == 0 ? "0" : "–" }
        var magnitude = abs(value)
        var exponent = 0
        while magnitude < 1, exponent > -12 {
            magnitude *= 10
            exponent -= 1
        }
        while magnitude >= 10, exponent < 3 {
            magnitude /= 10
            exponent += 1
        }
        let decimals = max(0, 3 - exponent)
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        guard decimals > 0, abs(value) * scale < 1e15 else { return "\(Int(value.rounded()))" }
        let digits = String(Int((abs(value) * scale).rounded()))
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return "\(value < 0 ? "-" : "")\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
    }

    // MARK: - The original's card

    /// YAML between lines of three dashes, and what follows.
    static func split(_ card: String) -> (front: [Substring], body: String) {
        let lines = card.split(separator: "\n", omittingEmptySubsequences: false)
        func isFence(_ line: Substring) -> Bool { line == "---" || line == "---\r" }
        guard let first = lines.first, isFence(first), let end = lines.dropFirst().firstIndex(where: isFence) else {
            return ([], card)
        }
        return (Array(lines[1..<end]), lines[(end + 1)...].drop { $0.isEmpty }.joined(separator: "\n"))
    }

    /// The lines that say the licence, as they stand there.
    static func licence(in front: [Substring]) -> [String] {
        front.filter { line in
            ["license:", "license_name:", "license_link:"].contains { line.hasPrefix($0) }
        }.map { $0.hasSuffix("\r") ? String($0.dropLast()) : String($0) }
    }
}
