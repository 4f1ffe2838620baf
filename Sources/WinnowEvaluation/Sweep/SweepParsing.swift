import WinnowCore

extension SweepSettings {
    /// The most values that one list may have: more are a slip of the keyboard.
    static let longestList = 1000

    /// Reads whole numbers from 1 on: `5,10,20,50`, `1..10`, `10..50:10`, or several of these.
    ///
    /// - Parameter parameter: for messages, such as `initialK`.
    /// - Returns: increasing, each once.
    /// - Throws: ``EvaluationError/sweep(_:)`` naming the item that cannot be read.
    public static func counts(parsing text: String, parameter: String) throws -> [Int] {
        let expected = "whole numbers from 1 on, such as 5,10,20 or 10..50:10"
        var values: Set<Int> = []
        for item in try items(of: text, parameter: parameter, expected: expected) {
            let problem = EvaluationError.sweep(.listSpelling(parameter: parameter, item: item, expected: expected))
            guard let span = Span(item) else {
                guard let value = count(item[...]), value >= 1 else { throw problem }
                values.insert(value)
                continue
            }
            guard let first = count(span.first), let last = count(span.last), first >= 1, first <= last,
                let step = span.step.map({ count($0) }) ?? 1, step >= 1
            else { throw problem }
            guard (last - first) / step < longestList else { throw tooMany(parameter, item) }
            values.formUnion(stride(from: first, through: last, by: step))
        }
        guard values.count <= longestList else { throw tooMany(parameter, text) }
        return values.sorted()
    }

    /// Reads thresholds as the search commands spell them, `none` for no threshold, and ranges with a step:
    /// `none,logit:-2,probability:0.5`, `logit:-4..4:2`.
    ///
    /// - Returns: in the order given, each once.
    /// - Throws: ``EvaluationError/sweep(_:)`` naming the item that cannot be read, and `SearchError` for a threshold
    ///   out of its range.
    public static func thresholds(parsing text: String) throws -> [Ranking.Threshold?] {
        let parameter = "thresholds"
        let expected = "none, or a space and a number such as logit:-2, probability:0.5 or logit:-4..4:2"
        var thresholds: [Ranking.Threshold?] = []
        func add(_ threshold: Ranking.Threshold?) throws {
            if !thresholds.contains(threshold) { thresholds.append(threshold) }
            guard thresholds.count <= longestList else { throw tooMany(parameter, text) }
        }
        for item in try items(of: text, parameter: parameter, expected: expected) {
            let problem = EvaluationError.sweep(.listSpelling(parameter: parameter, item: item, expected: expected))
            if item == "none" {
                try add(nil)
                continue
            }
            guard let spelled = try expanded(item, parameter: parameter) else { throw problem }
            for text in spelled {
                do {
                    try add(Ranking.Threshold(parsing: text))
                } catch SearchError.thresholdSpelling {
                    throw problem
                }
            }
        }
        return thresholds
    }

    /// Reads final orders as the search commands spell them, and ranges with a step: `reranker,blend:0.3,rrf`,
    /// `blend:0.1..0.9:0.2`.
    ///
    /// - Returns: in the order given, each once.
    /// - Throws: ``EvaluationError/sweep(_:)`` naming the item that cannot be read, and `SearchError` for an order out of its range.
    public static func orders(parsing text: String) throws -> [FinalOrder] {
        let parameter = "order"
        let expected = "reranker, blend:0.7, rrf or rrf:20, or a range such as blend:0.1..0.9:0.2"
        var orders: [FinalOrder] = []
        for item in try items(of: text, parameter: parameter, expected: expected) {
            let problem = EvaluationError.sweep(.listSpelling(parameter: parameter, item: item, expected: expected))
            guard let spelled = try expanded(item, parameter: parameter) else { throw problem }
            for text in spelled {
                do {
                    let order = try FinalOrder(parsing: text)
                    if !orders.contains(order) { orders.append(order) }
                } catch SearchError.orderSpelling {
                    throw problem
                }
                guard orders.count <= longestList else { throw tooMany(parameter, item) }
            }
        }
        return orders
    }

    /// What a range stands for, spelled: `logit:-4..4:4` is `logit:-4`, `logit:0`, `logit:4`. Anything else stands for itself.
    ///
    /// - Returns: nil for a range that cannot be read.
    private static func expanded(_ item: String, parameter: String) throws -> [String]? {
        let parts = item.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let span = Span(String(parts[1])) else { return [item] }
        guard let first = number(span.first), let last = number(span.last), first <= last,
            let step = span.step.flatMap(number), step > 0
        else { return nil }
        // Half a millionth of a step forgives that 0.1 has no exact double.
        let count = ((last - first) / step + 5e-7).rounded(.down)
        guard count < Double(longestList) else { throw tooMany(parameter, item) }
        return (0...Int(count)).map { parts[0] + ":" + String(decimal(first + Double($0) * step)) }
    }

    /// `first..last` or `first..last:step`.
    private struct Span {
        var first: Substring
        var last: Substring
        var step: Substring?

        init?(_ item: String) {
            let characters = Array(item.utf8)
            let dot = UInt8(ascii: ".")
            guard
                let place = characters.indices.dropLast().first(where: {
                    characters[$0] == dot && characters[$0 + 1] == dot
                })
            else { return nil }
            first = Substring(decoding: characters[..<place], as: UTF8.self)
            let parts = Substring(decoding: characters[(place + 2)...], as: UTF8.self)
                .split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            last = parts.first ?? ""
            step = parts.count > 1 ? parts[1] : nil
        }
    }

    private static func items(of text: String, parameter: String, expected: String) throws -> [String] {
        let items = text.split(separator: ",", omittingEmptySubsequences: false).map { item in
            String(decoding: item.utf8.drop { $0 == 0x20 }.reversed().drop { $0 == 0x20 }.reversed(), as: UTF8.self)
        }
        if items == [""] { throw EvaluationError.sweep(.emptyList(parameter: parameter)) }
        if let empty = items.first(where: \.isEmpty) {
            throw EvaluationError.sweep(.listSpelling(parameter: parameter, item: empty, expected: expected))
        }
        return items
    }

    private static func tooMany(_ parameter: String, _ item: String) -> EvaluationError {
        .sweep(.tooManyValues(parameter: parameter, item: item, limit: longestList))
    }

    /// Digits only, at most nine of them: Swift's own parser also takes `+5`.
    private static func count(_ text: Substring) -> Int? {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard !text.isEmpty, text.utf8.count <= 9, text.utf8.allSatisfy({ digits.contains($0) }) else { return nil }
        return Int(text)
    }

    /// Decimal and finite: Swift's own parser also takes hexadecimal numbers and infinities.
    private static func number(_ text: Substring) -> Double? {
        guard !text.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "x") }), let value = Double(text), value.isFinite
        else { return nil }
        return value
    }

    /// Without the rounding that repeated steps leave behind: 0.30000000000000004 is 0.3.
    private static func decimal(_ value: Double) -> Double {
        let rounded = (value * 1e9).rounded() / 1e9
        return abs(value) < 1e6 ? (rounded == 0 ? 0 : rounded) : value
    }
}
