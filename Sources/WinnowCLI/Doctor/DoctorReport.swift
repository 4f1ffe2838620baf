import WinnowCore

/// All that `winnow doctor` found.
struct DoctorReport: Sendable {
    /// One thing that was looked at.
    struct Check: Sendable {
        /// Stable, such as `reranker`.
        var name: String
        var title: String
        var findings: [Finding] = []
        var duration: Duration = .zero
        /// Why it was not done; nil: it was.
        var skipped: String?

        var severity: Finding.Severity { findings.map(\.severity).max() ?? .ok }
    }

    var checks: [Check] = []

    static let schema = 1

    func count(_ severity: Finding.Severity) -> Int {
        checks.reduce(0) { $0 + $1.findings.count { $0.severity == severity } }
    }

    /// What a gate goes by: an error, or with `strict` a warning.
    func fails(strict: Bool) -> Bool { count(.error) > 0 || (strict && count(.warning) > 0) }

    func json(strict: Bool) -> JSONText {
        .object([
            ("schema", .integer(Self.schema)), ("winnow", .string(Version.current)),
            (
                "checks",
                .array(
                    checks.map { check in
                        .object([
                            ("name", .string(check.name)), ("title", .string(check.title)),
                            ("status", .string(check.skipped == nil ? check.severity.rawValue : "skipped")),
                            ("skipped", .optional(check.skipped, JSONText.string)),
                            ("findings", .integer(check.findings.count)),
                            ("milliseconds", .number(check.duration.milliseconds)),
                        ])
                    })
            ),
            (
                "findings",
                .array(checks.flatMap { check in check.findings.map { $0.json(check: check.name) } })
            ),
            (
                "summary",
                .object(
                    Finding.Severity.allCases.map { ($0.rawValue, .integer(count($0))) }
                        + [("passed", .bool(!fails(strict: strict)))])
            ),
        ])
    }

    // MARK: A person

    func text(_ terminal: Terminal) -> String {
        checks.map { text(of: $0, terminal) }.joined(separator: "\n") + "\n" + summary(terminal)
    }

    private static let marks: [Finding.Severity: String] = [
        .ok: "ok", .note: "note", .warning: "warning", .error: "error",
    ]
    private static let indent = String(repeating: " ", count: 11)

    private func text(of check: Check, _ terminal: Terminal) -> String {
        var text = terminal.styled(check.title, .bold) + "\n"
        if let reason = check.skipped {
            text += TextWrapping.wrapped(
                "not looked at: \(reason)", to: terminal, style: .dim, indent: "  ", first: "  ")
        }
        // The worst first; within that, as they were found.
        for severity in Finding.Severity.allCases.reversed() {
            for finding in check.findings where finding.severity == severity {
                text += self.text(of: finding, terminal)
            }
        }
        return text
    }

    private func text(of finding: Finding, _ terminal: Terminal) -> String {
        let mark = DisplayText.padded(Self.marks[finding.severity] ?? "", to: 9, right: false)
        let style: Terminal.Style? =
            switch finding.severity {
            case .ok: .green
            case .note: nil
            case .warning: .bold
            case .error: .red
            }
        // Broken without the mark, which takes its colour by itself.
        let narrow = Terminal(width: terminal.width, styles: false, isTerminal: terminal.isTerminal)
        let what = TextWrapping.wrapped(finding.what, to: narrow, indent: Self.indent, first: Self.indent)
        var text = "  " + terminal.styled(mark, style) + what.dropFirst(Self.indent.utf8.count)
        let evidence = finding.evidence.map { "\(Self.words($0.name)) \($0.value.text)" }.joined(separator: " · ")
        if finding.severity == .ok {
            if !evidence.isEmpty { text += lines(evidence, terminal, .dim) }
            return text
        }
        text += lines(
            (["[\(finding.id)]"] + (evidence.isEmpty ? [] : [evidence])).joined(separator: " "), terminal, .dim)
        // A command stands on one line, however long: it is to be copied.
        if let command = finding.command { text += Self.indent + "$ " + command + "\n" }
        return text
    }

    private func lines(_ text: String, _ terminal: Terminal, _ style: Terminal.Style) -> String {
        TextWrapping.wrapped(text, to: terminal, style: style, indent: Self.indent, first: Self.indent)
    }

    /// `shareBelow` as `share below`.
    private static func words(_ name: String) -> String {
        name.unicodeScalars.reduce(into: "") { text, scalar in
            if scalar.properties.isUppercase { text += " " }
            text += scalar.properties.lowercaseMapping
        }
    }

    private func summary(_ terminal: Terminal) -> String {
        let parts = [Finding.Severity.error, .warning, .note].compactMap { severity -> String? in
            let count = count(severity)
            guard count > 0 || severity == .error else { return nil }
            return count == 0 ? "no errors" : NumberText.plural(count, severity.rawValue)
        }
        let looked = checks.count { $0.skipped == nil }
        let time = checks.reduce(Duration.zero) { $0 + $1.duration }
        return terminal.styled(parts.joined(separator: ", "), count(.error) > 0 ? .red : .bold)
            + terminal.styled(
                "; \(NumberText.plural(count(.ok), "finding")) in order; \(NumberText.plural(looked, "check")) in "
                    + "\(NumberText.duration(time))", .dim) + "\n"
    }
}
