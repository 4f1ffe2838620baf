import WinnowCore

/// A line on the terminal's standard error that says how far a long job is. Silent where that is no terminal.
struct Progress {
    private let label: String
    private let unit: String
    private let units: String?
    private let total: Int
    private let terminal = Terminal.of(2)
    private let start = ContinuousClock.now
    private var shown: ContinuousClock.Instant?

    /// - Parameter units: of more than one; nil: with an s.
    init(_ label: String, total: Int, unit: String, units: String? = nil) {
        self.label = label
        self.units = units
        self.total = total
        self.unit = unit
    }

    mutating func update(_ done: Int) {
        guard terminal.isTerminal else { return }
        let now = ContinuousClock.now
        if let shown, now - shown < .milliseconds(100), done < total { return }
        shown = now
        let seconds = max(0.001, (now - start).milliseconds / 1000)
        let rate = Double(done) / seconds
        var line = "\(label) \(NumberText.grouped(done)) of \(NumberText.plural(total, unit, units))"
        if done > 0 {
            line += ", \(NumberText.fixed(rate, rate < 10 ? 1 : 0)) a second"
            if done < total { line += ", \(NumberText.fixed(Double(total - done) / rate, 0)) s left" }
        }
        StandardStreams.progress("\r\u{1B}[K" + DisplayText.truncated(line, to: terminal.width - 1))
    }

    /// Takes the line away.
    func finish() {
        guard shown != nil else { return }
        StandardStreams.progress("\r\u{1B}[K")
    }
}
