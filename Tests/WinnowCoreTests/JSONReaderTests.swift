import Foundation
import Testing
import WinnowCore

@Suite struct JSONReaderTests {
    private func read(_ text: String) throws -> MetadataValue { try JSONReader.value(Array(text.utf8)[...]) }

    @Test(
        arguments: [
            ("null", .null), (" true ", .bool(true)), ("false", .bool(false)), ("0", .integer(0)), ("-0", .integer(0)),
            ("-12", .integer(-12)), ("9223372036854775807", .integer(.max)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("1.5e3", .number(1500)), ("1E-2", .number(0.01)), (#""""#, .string("")),
            (#""a\n\"\\\/\b\f\r\t""#, .string("a\n\"\\/\u{8}\u{C}\r\t")),
            (#""é\u00e9\u4E2D\ud83d\ude00😀""#, .string("éé中😀😀")), ("[]", .array([])),
            ("[1 , [2]]", .array([.integer(1), .array([.integer(2)])])),
            ("{}", .object([:])),
            (#"{"a":{"b":[null]},"c":""}"#, .object(["a": .object(["b": .array([.null])]), "c": .string("")])),
            (#""\u0000""#, .string("\0")),
        ] as [(String, MetadataValue)])
    func values(_ text: String, expected: MetadataValue) throws {
        #expect(try read(text) == expected)
    }

    @Test(arguments: [
        ("", 1, "a JSON value is wanted"), ("nul", 1, "misspelt"), ("{\"a\":1", 1, "not closed"),
        ("[1,", 4, "a JSON value is wanted"),
        ("[1", 1, "not closed"), ("{\"a\":1,}", 8, "field's name"), ("[1,]", 4, "a JSON value"),
        ("{a:1}", 2, "field's name"),
        ("{\"a\" 1}", 6, "':' is wanted after the name \"a\""), ("{\"a\":1 \"b\":2}", 8, "',' or '}'"),
        ("01", 1, "misspelt"),
        ("1.", 1, "digits must follow"), ("1e", 1, "exponent"), ("-", 1, "misspelt"), ("+1", 1, "a JSON value"),
        ("NaN", 1, "a JSON value"),
        ("1e999", 1, "out of range"), ("\"abc", 1, "not closed"), ("\"a\tb\"", 3, "control character"),
        (#""\x""#, 2, "no such escape"),
        (#""\u12g4""#, 2, "four hexadecimal"), (#""\ud800""#, 2, "surrogate"), (#""\udc00""#, 2, "surrogate"),
        (#""\ud800\u0041""#, 2, "surrogate"), ("{} x", 4, "something follows"), ("{\"a\":1,\"a\":2}", 8, "twice"),
        ("'a'", 1, "a JSON value"),
    ])
    func failures(_ text: String, column: Int, reason: String) throws {
        let error = try #require(throws: JSONReader.Failure.self) { try read(text) }
        #expect(error.reason.contains(reason), "\(error)")
        #expect(error.column == column, "\(error)")
    }

    /// é in one code point and in two: two names by their bytes, and one to Swift.
    @Test(arguments: [2, 16, 17, 18, 300])
    func namesAreToldApartByTheirBytes(count: Int) throws {
        let others = (0..<count - 2).map { "\"n\($0)\":0," }.joined()
        func object(_ first: String, _ second: String) -> ArraySlice<UInt8> {
            Array("{\"\(first)\":1,\(others)\"\(second)\":2}".utf8)[...]
        }
        guard case .object(let fields) = try JSONReader.tree(object("\u{E9}", "e\u{301}")) else {
            Issue.record("no object")
            return
        }
        #expect(fields.count == count)
        #expect(fields.first.map { Array($0.name.utf8) } == [0xC3, 0xA9])
        #expect(fields.last.map { Array($0.name.utf8) } == [0x65, 0xCC, 0x81])
        // Escaped or not, a name is what it says.
        for second in ["e\u{301}", "\\u0065\\u0301"] {
            let twice = try #require(throws: JSONReader.Failure.self) {
                try JSONReader.tree(object("e\u{301}", second))
            }
            #expect(twice.reason.contains("twice"), "\(twice)")
        }
        // Metadata cannot hold both, and says why rather than that one name stands there twice.
        let both = try #require(throws: JSONReader.Failure.self) { try JSONReader.value(object("\u{E9}", "e\u{301}")) }
        #expect(both.reason.contains("NFC") && both.column == 9 + others.utf8.count, "\(both)")
    }

    @Test func depthIsBounded() throws {
        let deep = JSONReader.deepest
        #expect(throws: Never.self) {
            try read(String(repeating: "[", count: deep) + String(repeating: "]", count: deep))
        }
        let error = try #require(throws: JSONReader.Failure.self) { try read(String(repeating: "[", count: 100_000)) }
        #expect(error.reason.contains("within one another"))
    }

    /// Foundation is the reference: what it writes is read as it was meant, and cut anywhere it is refused.
    @Test func readsWhatFoundationWrites() throws {
        let value: MetadataValue = .object([
            "text": .string("Zeile\r\n\u{1}\"quoted\" \\ / 😀 \u{2028}"),
            "numbers": .array([.integer(-5), .number(0.1), .number(1e-300)]),
            "nested": .object(["deep": .array([.bool(true), .null])]),
        ])
        let bytes = Array(try JSONEncoder().encode(value))
        #expect(try JSONReader.value(bytes[...]) == value)
        for end in 0..<bytes.count where String(validating: bytes[..<end], as: UTF8.self) != nil {
            #expect(throws: JSONReader.Failure.self) { try JSONReader.value(bytes[..<end]) }
        }
    }
}
