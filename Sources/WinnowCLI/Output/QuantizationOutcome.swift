import WinnowCore
import WinnowEncoders

/// What `winnow models quantize` made and measured, as a table and as JSON.
struct QuantizationOutcome {
    var report: ModelQuantizer.Report
    var path: String

    private var isCrossEncoder: Bool { report.kind == .crossEncoder }

    // MARK: A person

    func text(_ terminal: Terminal) -> String {
        let cost = report.cost
        var table = Table(columns: [
            .init(title: "difference to the original in float32"), .init(title: "int8", right: true),
            .init(title: "int8 weights, float32", right: true),
        ])
        func row(_ name: String, _ value: (QuantizationCost.Differences) -> Double?) {
            let values = [cost.int8, cost.weightsOnly].map { value($0).map(ModelCard.number) ?? "-" }
            table.rows.append([.init(name), .init(values[0]), .init(values[1])])
        }
        let score = isCrossEncoder ? "logit" : "cosine of query and passage"
        row("\(score), largest") { $0.scores.largest }
        row("\(score), mean") { $0.scores.mean }
        if cost.int8.vectors != nil {
            row("1 − cosine of a text's vectors, largest") { $0.vectors?.largest }
            row("1 − cosine of a text's vectors, mean") { $0.vectors?.mean }
        }
        row("Kendall's tau of the orders, mean") { $0.kendallTau }
        return "\(PathText.quoted(path)): \(report.model) in int8, \(NumberText.bytes(report.bytesAfter)) of weights "
            + "(before: \(NumberText.bytes(report.bytesBefore)))\n\n" + table.text(terminal)
            + "  \(cost.queries) queries, \(cost.passages) passages, \(cost.pairs) pairs of \(report.heldOutName); their \(isCrossEncoder ? "logits" : "cosines") have a "
            + "standard deviation of \(ModelCard.number(cost.scoreDeviation))\n"
            + "  what it does to ranking, labelled queries tell: winnow eval FOLDER "
            + "\(isCrossEncoder ? "--model" : "--embedding-model") \(PathText.quoted(path)) --precision int8\n"
    }

    // MARK: A program

    var json: JSONText {
        let cost = report.cost
        return .object([
            ("schema", .integer(1)), ("model", .string(report.model)), ("kind", .string("\(report.kind)")),
            ("path", .string(path)), ("storedAs", .string(report.storedAs.spelledOut)),
            ("method", .string(report.method.rawValue)), ("matrices", .integer(report.matrices)),
            ("weights", .integer(report.weights)),
            ("bytes", .object([("before", .integer(report.bytesBefore)), ("after", .integer(report.bytesAfter))])),
            (
                "calibration",
                .object([
                    ("texts", .string(report.calibrationName)), ("sequences", .integer(report.calibrationSequences)),
                    ("tokens", .integer(report.calibrationTokens)),
                ])
            ),
            (
                "cost",
                .object([
                    ("texts", .string(report.heldOutName)), ("queries", .integer(cost.queries)),
                    ("passages", .integer(cost.passages)), ("pairs", .integer(cost.pairs)),
                    ("score", .string(isCrossEncoder ? "logit" : "cosine")),
                    ("scoreDeviation", .number(cost.scoreDeviation)), ("kernels", .string(cost.kernels)),
                    ("int8", Self.json(cost.int8)), ("int8WeightsFloat32", Self.json(cost.weightsOnly)),
                ])
            ),
        ])
    }

    private static func json(_ differences: QuantizationCost.Differences) -> JSONText {
        func spread(_ spread: QuantizationCost.Spread) -> JSONText {
            .object([("largest", .number(spread.largest)), ("mean", .number(spread.mean))])
        }
        return .object([
            ("scores", spread(differences.scores)), ("vectors", .optional(differences.vectors, spread)),
            ("kendallTau", .optional(differences.kendallTau, JSONText.number)),
        ])
    }
}
