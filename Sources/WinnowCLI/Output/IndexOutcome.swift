import WinnowCore
import WinnowIngest
import WinnowStore

/// What `winnow index` did, as a person and as a program reads it.
struct IndexOutcome {
    var report: IndexReport
    var pruned: Int
    var skipped: [SkippedRecord]
    var info: StoreInfo
    var store: String
    var duration: Duration

    var isComplete: Bool { skipped.isEmpty && report.failed.isEmpty }

    private var leftOut: Int { skipped.count + report.failed.count }

    private var rate: Double { Double(report.passages) / max(0.001, duration.milliseconds / 1000) }

    /// There is something to tell of it.
    var hasHappened: Bool {
        report.added + report.changed + report.renamed + pruned + leftOut > 0
    }

    /// What was done, on one line.
    var line: String {
        var parts: [String] = []
        if report.added > 0 { parts.append("\(NumberText.plural(report.added, "document")) added") }
        if report.changed > 0 { parts.append("\(NumberText.grouped(report.changed)) changed") }
        if report.unchanged > 0 { parts.append("\(NumberText.grouped(report.unchanged)) unchanged") }
        if report.renamed > 0 { parts.append("\(NumberText.grouped(report.renamed)) under former ids removed") }
        if pruned > 0 { parts.append("\(NumberText.grouped(pruned)) pruned") }
        if leftOut > 0 { parts.append("\(NumberText.grouped(leftOut)) left out") }
        var line = parts.joined(separator: ", ")
        if report.passages > 0 {
            line +=
                "; \(NumberText.plural(report.passages, "passage")) in \(NumberText.duration(duration)), "
                + "\(NumberText.fixed(rate, rate < 10 ? 1 : 0)) a second"
        }
        return parts.isEmpty ? "nothing to index" : line
    }

    var text: String {
        line + "\n\(PathText.quoted(store)) holds \(NumberText.plural(info.documents, "document")), "
            + "\(NumberText.plural(info.passages, "passage"))\n"
    }

    var json: JSONText {
        .object([
            ("schema", .integer(1)),
            ("store", .string(store)),
            ("added", .integer(report.added)),
            ("changed", .integer(report.changed)),
            ("unchanged", .integer(report.unchanged)),
            ("renamed", .integer(report.renamed)),
            ("pruned", .integer(pruned)),
            ("embedded", .integer(report.passages)),
            ("overBudget", .integer(report.overBudget)),
            ("leftOut", .array(leftOutRecords)),
            ("documents", .integer(info.documents)),
            ("passages", .integer(info.passages)),
            ("vectors", .integer(info.vectors)),
            ("timings", .object([("total", .number(duration.milliseconds))])),
        ])
    }

    private var leftOutRecords: [JSONText] {
        skipped.map { record in
            .object([
                ("path", .string(record.path)), ("line", .optional(record.line, JSONText.integer)), ("id", .null),
                ("reason", .string(record.reason)),
            ])
        }
            + report.failed.map { document in
                .object([
                    ("path", .optional(document.origin, JSONText.string)), ("line", .null),
                    ("id", .string(document.id)),
                    ("reason", .string(document.reason)),
                ])
            }
    }
}

/// The line on the terminal that says how far indexing is. Silent where standard error is no terminal.
final class IndexProgress: Sendable {
    private let total: Int
    private let done: @Sendable () -> Int
    private let terminal = Terminal.of(2)
    private let start = ContinuousClock.now
    private let state = Gathered<ContinuousClock.Instant>()

    /// - Parameters:
    ///   - total: bytes of all files.
    ///   - done: bytes that have been read.
    init(total: Int, done: @escaping @Sendable () -> Int) {
        self.total = total
        self.done = done
    }

    func update(_ report: IndexReport) {
        guard terminal.isTerminal else { return }
        let now = ContinuousClock.now
        if let shown = state.values.last, now - shown < .milliseconds(100) { return }
        state.replace(with: [now])
        let seconds = max(0.001, (now - start).milliseconds / 1000)
        let documents = report.added + report.changed + report.unchanged
        let rate = Double(report.passages) / seconds
        var line =
            "Indexing \(NumberText.plural(documents, "document")), \(NumberText.plural(report.passages, "passage")), "
            + "\(NumberText.fixed(rate, rate < 10 ? 1 : 0)) a second"
        let share = total > 0 ? min(1, max(0, Double(done() - report.pendingBytes)) / Double(total)) : 1
        line += ", \(NumberText.fixed(share * 100, 0)) %"
        // The first files say little about how long the rest takes.
        if share > 0.01, share < 1, seconds > 1 {
            line += ", \(NumberText.span(seconds / share * (1 - share))) left"
        }
        StandardStreams.progress("\r\u{1B}[K" + DisplayText.truncated(line, to: terminal.width - 1))
    }

    /// Takes the line away.
    func finish() {
        guard !state.values.isEmpty else { return }
        state.replace(with: [])
        StandardStreams.progress("\r\u{1B}[K")
    }
}
