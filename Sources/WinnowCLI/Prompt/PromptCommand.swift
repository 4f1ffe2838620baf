import ArgumentParser
import WinnowCore

/// A line of a session that begins with a colon.
enum PromptCommand: Sendable {
    case help, sources, json, set, quit
    /// nil: of the last answer.
    case explain(Bool?)
    case open(Int)
    case initialK(Int)
    case finalK(Int)
    case rerank(Bool)
    case retriever(RetrieverKind)
    case order(FinalOrder?)
    case threshold(Ranking.Threshold?)
    case filter(MetadataFilter?)
    /// A setting without a value: what it is.
    case show(PromptCommandName)

    /// - Throws: ``PromptFault``
    init(_ line: String) throws {
        let line = line.drop(while: \.isWhitespace).dropFirst()
        let word = line.prefix { !$0.isWhitespace }
        var argument = String(line.dropFirst(word.count).drop(while: \.isWhitespace))
        while argument.last?.isWhitespace == true { argument.removeLast() }
        guard let name = PromptCommandName.named(String(word)) else { throw PromptFault.unknown(String(word)) }
        if argument.isEmpty {
            switch name {
            case .help: self = .help
            case .sources: self = .sources
            case .json: self = .json
            case .set: self = .set
            case .quit: self = .quit
            case .explain: self = .explain(nil)
            case .open: throw PromptFault("':open' shows a source of the last answer: give its number, such as :open 2")
            default: self = .show(name)
            }
            return
        }
        switch name {
        case .help, .sources, .json, .set, .quit:
            throw PromptFault("'\(name.spelled)' takes nothing, and got '\(SingleLine.of(argument, limit: 60))'")
        case .explain: self = .explain(try Self.isOn(name, argument))
        case .rerank: self = .rerank(try Self.isOn(name, argument))
        case .open: self = .open(try Self.number(name, argument, "a source's number, such as :open 2"))
        case .k: self = .initialK(try Self.number(name, argument, "a number of candidates, such as :k 30"))
        case .n: self = .finalK(try Self.number(name, argument, "a number of passages, such as :n 5"))
        case .retriever:
            guard let kind = RetrieverKind(rawValue: argument) else {
                throw Self.invalid(name, argument, "dense, bm25 or hybrid")
            }
            self = .retriever(kind)
        case .order: self = .order(argument == "default" ? nil : try Self.parsed { try FinalOrder(parsing: argument) })
        case .threshold:
            self = .threshold(argument == "off" ? nil : try Self.parsed { try Ranking.Threshold(parsing: argument) })
        case .whereField:
            self = .filter(argument == "off" ? nil : try Self.parsed { try MetadataFilter(parsing: argument) })
        }
    }

    private static func isOn(_ name: PromptCommandName, _ argument: String) throws -> Bool {
        switch argument {
        case "on": true
        case "off": false
        default: throw invalid(name, argument, "on or off")
        }
    }

    private static func number(_ name: PromptCommandName, _ argument: String, _ wanted: String) throws -> Int {
        guard let number = Int(argument) else { throw invalid(name, argument, wanted) }
        return number
    }

    private static func invalid(_ name: PromptCommandName, _ argument: String, _ wanted: String) -> PromptFault {
        PromptFault("'\(SingleLine.of(argument, limit: 60))' is invalid for '\(name.spelled)': give \(wanted)")
    }

    /// A value's own words for what is wrong with it, which are the option's too.
    private static func parsed<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch { throw PromptFault("\(error)") }
    }
}
