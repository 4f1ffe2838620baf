import Winnow
import WinnowCore

/// What `winnow bench` measured, as a table and as JSON.
struct BenchReport {
    struct Row {
        var model: BenchModel
        /// Texts of a request and tokens of each.
        var count, tokens: Int
        var work: BertWork
        var latency: LatencySummary

        /// By the median, so that a neighbour's burst does not count.
        var itemsPerSecond: Double { Double(count) / seconds }
        /// Of the work that is really done.
        var operationsPerSecond: Double { work.computed / seconds }
        /// Counting every layer for every token, as for a runtime that computes all of them.
        var fullOperationsPerSecond: Double { work.full / seconds }
        private var seconds: Double { latency.p50 / .seconds(1) }
    }

    /// Of one precision on so many threads; nil where the kernels have no such figure.
    struct Roof {
        var precision: Precision
        var threads: Int
        var operationsPerSecond: Double?
    }

    var kind: BenchModel.Kind
    var rows: [Row]
    var roofs: [Roof]

    private func roof(_ row: Row) -> Double? {
        roofs.first { $0.precision == row.model.precision && $0.threads == row.model.threads }?.operationsPerSecond
    }

    // MARK: A person

    func text(_ terminal: Terminal) -> String {
        guard let identity = rows.first?.model.identity else { return "" }
        let precisions = Set(rows.map(\.model.precision)).count
        let threads = Set(rows.map(\.model.threads)).count
        var table = Table(columns: [
            .init(title: "precision", isShown: precisions > 1),
            .init(title: "threads", right: true, isShown: threads > 1),
            .init(title: kind.item + "s", right: true), .init(title: "tokens each", right: true),
            .init(title: "runs", right: true), .init(title: "mean", right: true), .init(title: "p50", right: true),
            .init(title: "p95", right: true), .init(title: "p99", right: true),
            .init(title: kind.item + "s a second", right: true), .init(title: "GOP/s", right: true),
            .init(title: "of the roof", right: true, isWhole: true),
        ])
        for row in rows {
            let latency = row.latency
            table.rows.append([
                .init(row.model.precision.rawValue), .init("\(row.model.threads)"),
                .init(NumberText.grouped(row.count)),
                .init("\(row.tokens)"), .init("\(latency.count)"), .init(Self.milliseconds(latency.mean)),
                .init(Self.milliseconds(latency.p50)),
                .init(latency.p95IsSupported ? Self.milliseconds(latency.p95) : "-"),
                .init(latency.p99IsSupported ? Self.milliseconds(latency.p99) : "-"),
                .init(NumberText.fixed(row.itemsPerSecond, row.itemsPerSecond < 100 ? 1 : 0)),
                .init(NumberText.fixed(row.operationsPerSecond / 1e9, 0)),
                .init(roof(row).map { NumberText.fixed(100 * row.operationsPerSecond / $0, 0) + " %" } ?? "-"),
            ])
        }
        let precision = precisions > 1 ? "" : ", \(identity.precision)"
        let thread = threads > 1 ? "" : ", \(NumberText.plural(rows[0].model.threads, "thread"))"
        var text =
            "\(identity.name)\(precision)\(thread), kernels \(identity.kernels), winnow \(Version.current)\n"
        for roof in roofs {
            guard let operations = roof.operationsPerSecond else { continue }
            text +=
                "roof of \(roof.precision.rawValue) on \(NumberText.plural(roof.threads, "thread")): "
                + "\(NumberText.fixed(operations / 1e9, 0)) GOP/s in registers alone\n"
        }
        text += "\n" + table.text(terminal)
        text += "  milliseconds from texts to \(kind == .rerank ? "scores" : "vectors"), tokenising included\n"
        if rows.contains(where: { !$0.latency.p99IsSupported }) {
            text +=
                "  -: too few runs for that percentile (\(LatencySummary.fewestForP95) for p95, "
                + "\(LatencySummary.fewestForP99) for p99)\n"
        }
        if kind == .rerank {
            text +=
                "  GOP/s and share count what is computed: of the last layer only what the score needs\n"
        }
        return text
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let value = duration.milliseconds
        return NumberText.fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0)
    }

    // MARK: A program

    var json: JSONText {
        .object([
            ("schema", .integer(1)), ("winnow", .string(Version.current)), ("kind", .string(kind.rawValue)),
            (
                "machine",
                .object([
                    ("processor", .string(Kernels.processorFeatures)), ("processors", .integer(Kernels.processorCount)),
                    ("kernels", .string(Kernels.active.name)),
                ])
            ),
            ("model", .optional(rows.first?.model, Self.json)),
            (
                "roofs",
                .array(
                    roofs.map { roof in
                        .object([
                            ("precision", .string(roof.precision.rawValue)), ("threads", .integer(roof.threads)),
                            ("operationsPerSecond", .optional(roof.operationsPerSecond, JSONText.number)),
                        ])
                    })
            ),
            ("rows", .array(rows.map(json))),
        ])
    }

    private static func json(_ model: BenchModel) -> JSONText {
        .object([
            ("name", .string(model.identity.name)), ("fingerprint", .string("\(model.identity.fingerprint)")),
            ("layers", .integer(model.layers)), ("hiddenSize", .integer(model.hiddenSize)),
        ])
    }

    private func json(_ row: Row) -> JSONText {
        let latency = row.latency
        func milliseconds(_ duration: Duration) -> JSONText { .number(duration.milliseconds) }
        return .object([
            ("precision", .string(row.model.precision.rawValue)), ("threads", .integer(row.model.threads)),
            (kind.item + "s", .integer(row.count)), ("tokens", .integer(row.tokens)), ("runs", .integer(latency.count)),
            (
                "milliseconds",
                .object([
                    ("mean", milliseconds(latency.mean)), ("p50", milliseconds(latency.p50)),
                    ("p95", latency.p95IsSupported ? milliseconds(latency.p95) : .null),
                    ("p99", latency.p99IsSupported ? milliseconds(latency.p99) : .null),
                    ("min", milliseconds(latency.minimum)), ("max", milliseconds(latency.maximum)),
                ])
            ),
            (kind.item + "sPerSecond", .number(row.itemsPerSecond)),
            ("tokensPerSecond", .number(row.itemsPerSecond * Double(row.tokens))),
            (
                "operations", .object([("full", .number(row.work.full)), ("computed", .number(row.work.computed))])
            ),
            (
                "operationsPerSecond",
                .object([
                    ("full", .number(row.fullOperationsPerSecond)), ("computed", .number(row.operationsPerSecond)),
                ])
            ),
            (
                "shareOfRoof",
                .object([
                    ("full", .optional(roof(row)) { .number(row.fullOperationsPerSecond / $0) }),
                    ("computed", .optional(roof(row)) { .number(row.operationsPerSecond / $0) }),
                ])
            ),
        ])
    }
}
