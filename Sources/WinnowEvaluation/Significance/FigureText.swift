#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Numbers as sentences show them. Rounded as `printf` rounds, which is what trec_eval prints with.
package enum FigureText {
    /// `value` with so many decimals: 0.512. A negative zero has no sign.
    package static func fixed(_ value: Double, _ decimals: Int) -> String {
        // The longest double has 309 digits before its point.
        let capacity = 400 + max(0, decimals)
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
            let arguments: [any CVarArg] = [Int32(max(0, decimals)), value]
            let count = withVaList(arguments) { vsnprintf(buffer.baseAddress, capacity, "%.*f", $0) }
            return String(decoding: buffer.prefix(Int(max(0, count))).lazy.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        return text.hasPrefix("-") && !text.utf8.contains { (0x31...0x39).contains($0) }
            ? String(text.dropFirst()) : text
    }

    /// A difference with its sign, +0.049; more decimals (at most 6) where three would show nothing.
    package static func signed(_ value: Double) -> String {
        guard let decimals = (3...6).first(where: { fixed(value, $0) != fixed(0, $0) }) else { return fixed(0, 3) }
        let text = fixed(value, decimals)
        return text.hasPrefix("-") ? text : "+" + text
    }

    /// Two values with the decimals (three to six) that show which is larger.
    package static func pair(_ first: Double, _ second: Double) -> (String, String) {
        let decimals = (3...6).first { fixed(first, $0) != fixed(second, $0) } ?? 3
        return (fixed(first, decimals), fixed(second, decimals))
    }

    /// `p = 0.012`, `p = 0.31`, `p < 0.0001`; four decimals where two or three would stand on the level of 0.05.
    package static func pValue(_ p: Double) -> String {
        guard p >= 0.0001 else { return "p < 0.0001" }
        let decimals = p < 0.001 || fixed(p, 3) == "0.050" ? 4 : p < 0.1 ? 3 : 2
        return "p = " + fixed(p, decimals)
    }

    /// 34 %, and never a 0 % or 100 % that is none.
    package static func percent(_ share: Double) -> String {
        let text = fixed(share * 100, 0)
        return (text == "0" && share > 0 || text == "100" && share < 1 ? fixed(share * 100, 2) : text) + " %"
    }

    /// A number that somebody chose, as short as they wrote it: 0.02.
    package static func chosen(_ value: Double) -> String {
        let rounded = value.rounded()
        return value == rounded && abs(value) < 1e15 ? String(Int(rounded)) : value.description
    }

    /// 1,539
    package static func grouped(_ value: Int) -> String {
        var digits = Array(String(value.magnitude))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return (value < 0 ? "-" : "") + String(digits)
    }

    /// `1 query`, `1,539 queries`, `53 groups`
    package static func count(_ value: Int, of noun: Noun) -> String {
        grouped(value) + " " + (value == 1 ? noun.one : noun.many)
    }

    package struct Noun: Sendable {
        package var one: String
        package var many: String

        package static let query = Noun(one: "query", many: "queries")
        package static let group = Noun(one: "group", many: "groups")
    }
}
