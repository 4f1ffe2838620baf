/// Filters as text, over fields and values that tests give their passages.
public enum RandomFilter {
    public static let fields = [
        "product", "version", "tags", "released", "author", "author.name", "`odd field`", "flag", "title", "id",
        "document", "ghost",
    ]
    public static let values = [
        "\"api\"", "'app'", "\"\"", "\"e\u{301}\"", "\"\u{E9}\"", "\"10\"", "10", "3", "3.0", "2.5", "-1",
        "9007199254740993",
        "9007199254740992.0", "1e300", "true", "false", "\"2026-01-31\"", "\"2026-01-31T10:00:00Z\"",
        "\"2026-01-31T12:00:00+02:00\"",
        "\"Ada\"", "\"d3\"", "\"d3#1\"", "\"d5\"", "\"a\\u0000b\"",
    ]
    private static let equalities = ["=", "!=", "==", "<>"]
    private static let orders = ["<", "<=", ">", ">="]

    /// - Parameter depth: how deeply and, or and not may nest.
    public static func text(depth: Int, using random: inout SeededGenerator) -> String {
        func pick(_ list: [String]) -> String { list[Int.random(in: 0..<list.count, using: &random)] }
        if depth > 0 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0: return "not (\(text(depth: depth - 1, using: &random)))"
            case 1, 2:
                return (0..<Int.random(in: 2...3, using: &random)).map { _ in
                    "(\(text(depth: depth - 1, using: &random)))"
                }.joined(separator: " and ")
            case 3:
                return (0..<Int.random(in: 2...3, using: &random)).map { _ in
                    "(\(text(depth: depth - 1, using: &random)))"
                }.joined(separator: " or ")
            default: break
            }
        }
        let field = pick(fields)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return "exists \(field)"
        case 1:
            let list = (0..<Int.random(in: 1...3, using: &random)).map { _ in pick(values) }
            return "\(field) \(Bool.random(using: &random) ? "not in" : "in") [\(list.joined(separator: ", "))]"
        case 2, 3: return "\(field) \(pick(equalities)) \(pick(values))"
        default:
            let value = pick(values.filter { $0 != "true" && $0 != "false" })
            return "\(field) \(pick(orders)) \(value)"
        }
    }
}
