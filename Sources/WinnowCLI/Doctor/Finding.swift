import WinnowCore

/// What a check of `winnow doctor` says: one sentence, the numbers it rests on, and the command that mends it.
struct Finding: Sendable {
    enum Severity: String, Sendable, CaseIterable, Comparable {
        /// Looked at, and nothing is wrong.
        case ok
        /// Good to know; nothing has to be done.
        case note
        /// Results are worse or slower than they need be, or may be.
        case warning
        /// Something does not work, or results are wrong.
        case error

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
        static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
    }

    /// Stable, such as `model.activation`: what programs match.
    var id: String
    var severity: Severity
    var what: String
    /// In the order in which they are shown.
    var evidence: [(name: String, value: Evidence)]
    /// A line for a shell; nil: no command mends it, or nothing is to be mended.
    var command: String?

    init(
        _ id: String, _ severity: Severity, _ what: String, _ evidence: [(name: String, value: Evidence)] = [],
        command: String? = nil
    ) {
        self.id = id
        self.severity = severity
        self.what = what
        self.evidence = evidence
        self.command = command
    }

    func json(check: String) -> JSONText {
        .object([
            ("id", .string(id)), ("check", .string(check)), ("severity", .string(severity.rawValue)),
            ("what", .string(what)), ("evidence", .object(evidence.map { ($0.name, $0.value.json) })),
            ("command", .optional(command, JSONText.string)),
        ])
    }
}

/// A number or a word that a finding rests on.
enum Evidence: Sendable {
    case count(Int)
    /// 0…1, shown in percent.
    case share(Double)
    /// Shown with so many decimals.
    case number(Double, decimals: Int = 2)
    case bytes(Int)
    case time(Duration)
    case text(String)
    case texts([String])
    /// 0…1, an upper bound where it is too small to be told from 0.
    case pValue(Double)

    /// Times are milliseconds.
    var json: JSONText {
        switch self {
        case .count(let value), .bytes(let value): .integer(value)
        case .share(let value): .number(value)
        case .number(let value, _): .number(value)
        case .time(let value): .number(value.milliseconds)
        case .text(let text): .string(text)
        case .texts(let texts): .array(texts.map(JSONText.string))
        case .pValue(let value): .number(max(value, .leastNormalMagnitude))
        }
    }

    var text: String {
        switch self {
        case .count(let value): NumberText.grouped(value)
        case .share(let value):
            // Under half a percent the decimals are what counts.
            NumberText.fixed(100 * value, value > 0 && value < 0.1 ? 1 : 0) + " %"
        case .number(let value, let decimals): NumberText.fixed(value, decimals)
        case .bytes(let value): NumberText.bytes(value)
        case .time(let value): NumberText.duration(value)
        case .text(let text): DisplayText.flattened(text, limit: 200)
        case .texts(let texts):
            texts.isEmpty ? "none" : texts.map { DisplayText.flattened($0, limit: 80) }.joined(separator: ", ")
        case .pValue(let value): value < 0.0001 ? "< 0.0001" : NumberText.fixed(value, 4)
        }
    }
}

/// Words of a command line that a shell takes as they are.
enum ShellText {
    static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122: true
                default: "_-./:=,@%+".utf8.contains(byte)
                }
            }
        return isPlain
            ? word
            : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
