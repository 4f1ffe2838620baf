import TestSupport
import Testing
import WinnowCore

/// What is a filter, how it is written back, and what is said of a text that is none.
@Suite struct FilterGrammarTests {
    /// Each text beside the form in which it is written back.
    @Test(arguments: [
        ("a = 1", "a = 1"), ("a==1", "a = 1"), ("a <> 1", "a != 1"), ("not a = 1", "a != 1"),
        ("a=1 and b=2 or c=3", "a = 1 and b = 2 or c = 3"), ("a=1 or b=2 and c=3", "a = 1 or b = 2 and c = 3"),
        ("(a=1 or b=2) and c=3", "(a = 1 or b = 2) and c = 3"),
        ("a=1 and (b=2 and c=3)", "a = 1 and (b = 2 and c = 3)"),
        ("NOT (a = 1 AND b = 2)", "not (a = 1 and b = 2)"), ("not not exists a", "not not exists a"),
        ("not exists a.b-c_d", "not exists a.b-c_d"), ("a in [1,2 , 'x']", "a in [1, 2, \"x\"]"),
        ("a NOT IN [true]", "a not in [true]"), ("not (a != 1)", "not a != 1"),
        ("`odd field` = 'it\\'s'", "`odd field` = \"it's\""), ("`and` = 1", "`and` = 1"), ("`In` = 1", "`In` = 1"),
        ("größe >= 1.50", "größe >= 1.5"), ("2fa = true", "2fa = true"), ("2026-01 = 1", "2026-01 = 1"),
        ("a < -0.5e-3", "a < -0.0005"), ("a = 9223372036854775807", "a = 9223372036854775807"),
        ("a = 9223372036854775808", "a = 9.223372036854776e+18"),
        ("a = \"\\u00e9\\n\\\\\\u0000\"", "a = \"é\\n\\\\\\u0000\""),
        ("a = \"\\ud83e\\uddc2\"", "a = \"🧂\""), (" a\n=\t1 ", "a = 1"), ("a = \"2026-01-31\"", "a = \"2026-01-31\""),
        ("a>=1 and a<2", "a >= 1 and a < 2"), ("`a\\`b` = 1", "`a\\`b` = 1"),
    ])
    func whatIsReadIsWrittenBack(_ text: String, _ written: String) throws {
        let filter = try MetadataFilter(parsing: text)
        #expect(filter.description == written)
        #expect(try MetadataFilter(parsing: written) == filter)
    }

    /// The place counts scalars from 0.
    @Test(arguments: [
        ("", 0, "a field, '(', 'not' or 'exists' is wanted here, found the end"),
        ("a", 1, "is wanted here, found the end; whether a field is there is written exists a"),
        ("a =", 3, "a value is wanted here, found the end"),
        ("a = b", 4, "a text stands in quotes: \"b\""),
        ("a = null", 4, "found by not exists"),
        ("a = 1 b = 2", 6, "'and', 'or' or the end of the filter is wanted here, found 'b'"),
        ("a = 2026-01-31", 8, "texts and dates stand in quotes"),
        ("(a = 1", 0, "this parenthesis is not closed"),
        ("(a = 1 b", 7, "'and', 'or' or ')' is wanted here"),
        ("a = 1)", 5, "found ')'"),
        ("a in 1", 5, "'[' is wanted here"),
        ("a in []", 6, "a value is wanted here, found ']'"),
        ("a in [1, 2", 5, "this list is not closed"),
        ("a in [1 2]", 8, "',' or ']' is wanted here"),
        ("a not 1", 6, "'in' is wanted here"),
        ("a === 1", 2, "there is no comparison '==='"),
        ("a => 1", 2, "there is no comparison '=>'"),
        ("a = \"x", 4, "this quote is not closed"),
        ("a = 'x\\q'", 6, "there is no such escape"),
        ("a = '\\u12'", 5, "four hexadecimal digits"),
        ("a = '\\ud800'", 5, "half a surrogate pair"),
        ("a = “x”", 4, "typographic quote"),
        ("a = 1e999", 4, "too large"),
        ("a > true", 4, "true and false have no order"),
        ("and = 1", 0, "a field of that name is written `and`"),
        ("\"a\" = 1", 0, "a field's name stands in backticks: `a`"),
        ("`` = 1", 0, "name is empty"),
        ("a & b", 2, "nothing that a filter knows begins with '&'"),
        ("a = -", 4, "digits must follow"),
        ("exists", 6, "a field"),
        ("a = 1 and", 9, "a field"),
        ("a = 1; drop table passage", 5, "nothing that a filter knows begins with ';'"),
    ])
    func aTextThatIsNoFilterIsToldWhere(_ text: String, _ position: Int, _ words: String) throws {
        let error = try #require(throws: FilterError.self) { try MetadataFilter(parsing: text) }
        #expect(error.position == position, "\(error)")
        #expect(error.description.contains(words), "\(error)")
        #expect(error.isSyntax)
        let lines = error.description.split(separator: "\n", omittingEmptySubsequences: false)
        try #require(lines.count == 3)
        #expect(lines[2].count == 2 + position + 1 && lines[2].last == "^", "\(error)")
    }

    @Test func theCaretStandsUnderTheFaultOfALongText() throws {
        let text =
            String(repeating: "abc = 1 or ", count: 30) + "x = ? and " + String(repeating: "y = 1 and ", count: 30)
        let error = try #require(throws: FilterError.self) { try MetadataFilter(parsing: text) }
        let lines = error.description.split(separator: "\n").map(Array.init)
        try #require(lines.count == 3 && lines[1].count < 90)
        #expect(lines[1][lines[2].count - 1] == "?")
    }

    @Test func nestingAndLengthHaveLimits() throws {
        for depth in [1, 199, 200] {
            let text = String(repeating: "(", count: depth) + "a = 1" + String(repeating: ")", count: depth)
            #expect(try MetadataFilter(parsing: text).description == "a = 1")
            let nots = String(repeating: "not ", count: depth) + "exists a"
            #expect(try MetadataFilter(parsing: nots).description == nots)
        }
        let deep = try #require(throws: FilterError.self) {
            try MetadataFilter(parsing: String(repeating: "(", count: 100_000))
        }
        #expect(deep.isSyntax)
        for text in [String(repeating: "not ", count: 201) + "exists a", String(repeating: "(", count: 201) + "a = 1"] {
            let error = try #require(throws: FilterError.self) { try MetadataFilter(parsing: text) }
            #expect(error.description.contains("200"), "\(error)")
        }
        let long = "a in [" + Array(repeating: "\"0123456789\"", count: 6000).joined(separator: ",") + "]"
        #expect(throws: FilterError.self) { try MetadataFilter(parsing: long) }
    }

    @Test func severalFiltersAreOne() throws {
        let filters = try ["a = 1 or b = 2", "c = 3"].map { try MetadataFilter(parsing: $0) }
        #expect(MetadataFilter(all: []) == nil)
        #expect(MetadataFilter(all: [filters[0]]) == filters[0])
        #expect(MetadataFilter(all: filters)?.description == "(a = 1 or b = 2) and c = 3")
        #expect(MetadataFilter(all: filters)?.fields == ["a", "b", "c"])
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func anyFilterGivesItselfBack(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let text = RandomFilter.text(depth: 4, using: &random)
            let filter = try MetadataFilter(parsing: text)
            #expect(try MetadataFilter(parsing: filter.description) == filter, "\(text)")
        }
    }

    /// Nothing that is typed ends the process.
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func anyTextIsReadOrRefused(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "a", "and", "or", "not", "in", "exists", "(", ")", "[", "]", ",", "=", "!", "<", ">", "\"", "'", "`", "\\",
            "u12", "1", "-",
            ".", "e", " ", "\n", "\u{0}", "é", "🧂", "\u{200B}", "true", "null", "2026-01-31",
        ]
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
            }.joined()
            do {
                let filter = try MetadataFilter(parsing: text)
                #expect(try MetadataFilter(parsing: filter.description) == filter)
            } catch {
                #expect(error is FilterError && !"\(error)".isEmpty)
            }
        }
    }
}
