import TestSupport
import Testing
import WinnowCore

/// Which passages a filter admits.
@Suite struct FilterMatchingTests {
    private static let passage = Passage(
        id: "d1#0", documentID: "d1", title: "Short", text: "text",
        metadata: [
            "product": .string("api"), "version": .integer(10), "spelt": .string("10"), "half": .number(2.5),
            "whole": .number(3),
            "big": .integer(9_007_199_254_740_993), "huge": .number(1e300), "flag": .bool(false), "nothing": .null,
            "tags": .array([.string("a"), .integer(5), .array([.string("deep")]), .null]), "empty": .array([]),
            "hollow": .object(["x": .null]),
            "author": .object(["name": .string("Ada"), "langs": .array([.string("en")])]),
            "people": .array([.object(["age": .integer(36)]), .object(["age": .integer(5)])]),
            "a.b": .integer(1), "a": .object(["b": .integer(2)]), "day": .string("2026-01-31"),
            "moment": .string("2026-01-31T10:00:00Z"), "offset": .string("2026-01-31T12:00:00+02:00"),
            "title": .string("A whole title"), "accent": .string("e\u{301}"), "id": .string("hidden"),
            "blank": .string(""),
            "infinite": .number(.infinity),
        ])

    @Test(
        arguments: [
            // Values and types
            ("product = \"api\"", true), ("product = 'API'", false), ("product != 'app'", true), ("version = 10", true),
            ("version = 10.0", true), ("version = \"10\"", false), ("spelt = 10", false), ("spelt = '10'", true),
            ("spelt > 5", false),
            ("version > '5'", false), ("half > 2 and half < 3", true), ("whole = 3", true), ("flag = false", true),
            ("flag = true", false),
            ("flag = 0", false), ("blank = ''", true), ("exists blank", true), ("accent = '\u{E9}'", false),
            ("accent = 'e\u{301}'", true),
            // Integers and doubles, exactly
            ("big = 9007199254740993", true), ("big = 9007199254740992", false), ("big = 9007199254740992.0", false),
            ("big > 9007199254740992.0", true), ("big < 9007199254740994.0", true), ("version < 10.5", true),
            ("version > 9.5", true),
            ("version < 1e300", true), ("huge > 9223372036854775807", true), ("huge > -1", true), ("half <= 2", false),
            ("version > -1e300", true),
            // Absence
            ("ghost = 1", false), ("ghost != 1", true), ("not ghost = 1", true), ("exists ghost", false),
            ("not exists ghost", true),
            ("exists nothing", false), ("nothing != 1", true), ("exists empty", false), ("exists hollow", false),
            ("exists flag", true),
            ("exists infinite", false), ("infinite > 0", false), ("ghost not in [1]", true),
            ("ghost < 1 or ghost >= 1", false),
            // Lists and objects
            ("tags = 'a'", true), ("tags = 5", true), ("tags = 'deep'", true), ("tags != 'a'", false),
            ("tags > 4 and tags < 6", true),
            ("tags in ['x', 'a']", true), ("tags not in ['x', 'y']", true), ("author.name = 'Ada'", true),
            ("exists author", true),
            ("author = 'Ada'", false), ("exists author.name", true), ("exists author.age", false),
            ("author.langs = 'en'", true),
            ("people.age = 36 and people.age = 5", true), ("people.age > 40", false), ("exists people", true),
            ("a.b = 1 and a.b = 2", true), ("exists a", true),
            // Dates
            ("day = '2026-01-31'", true), ("moment = '2026-01-31'", true), ("moment = '2026-01-30'", false),
            ("moment >= '2026-01-31' and moment < '2026-02-01'", true), ("moment > '2026-01-31'", false),
            ("moment < '2026-01-31'", false), ("moment <= '2026-01-31'", true), ("day = '2026-01-31T00:00:00Z'", true),
            ("day < '2026-01-31T00:00:01Z'", true), ("offset = '2026-01-31T10:00:00Z'", true), ("offset = moment", nil),
            ("offset = '2026-01-31T10:00Z'", true), ("day in ['2026-01-30', '2026-01-31']", true),
            ("day > '2026'", false),
            ("product < '2026-01-31'", false), ("product != '2026-01-31'", true),
            // What is no metadata
            ("id = 'd1#0'", true), ("id = 'hidden'", false), ("document = 'd1'", true),
            ("document > 'd0' and document < 'd2'", true),
            ("title = 'A whole title'", true), ("title = 'Short'", false), ("exists id and exists document", true),
            ("id = 1", false),
        ] as [(String, Bool?)])
    func aPassageIsAdmittedOrNot(_ text: String, _ admitted: Bool?) throws {
        guard let admitted else {
            #expect(throws: FilterError.self) { try MetadataFilter(parsing: text) }
            return
        }
        #expect(try MetadataFilter(parsing: text).admits(Self.passage) == admitted)
        #expect(try MetadataFilter(parsing: "not (\(text))").admits(Self.passage) == !admitted)
    }

    @Test func aPassagesOwnTitleStandsInForMetadata() throws {
        let filter = try MetadataFilter(parsing: "title = 'Own'")
        #expect(filter.admits(Passage(id: "p", documentID: "p", title: "Own", text: "")))
        #expect(
            !filter.admits(
                Passage(id: "p", documentID: "p", title: "Own", text: "", metadata: ["title": .string("Other")])))
        #expect(filter.admits(Passage(id: "p", documentID: "p", title: "Own", text: "", metadata: ["title": .null])))
        #expect(
            try MetadataFilter(parsing: "not exists title").admits(
                Passage(id: "p", documentID: "p", title: "", text: "")))
    }

    /// An id is a string whatever it looks like.
    @Test func idsAreNeverDates() throws {
        let passage = Passage(id: "2026-01-31", documentID: "2026-01-31T00:00:00Z", text: "")
        #expect(try MetadataFilter(parsing: "id = '2026-01-31' and id > '2026'").admits(passage))
        #expect(try !MetadataFilter(parsing: "document = '2026-01-31'").admits(passage))
    }

    // MARK: - Laws

    private static func passages(_ count: Int, _ random: inout SeededGenerator) -> [Passage] {
        let values: [MetadataValue] = [
            .string("api"), .string("app"), .string(""), .string("10"), .integer(10), .integer(3), .number(2.5),
            .integer(-1), .null,
            .integer(9_007_199_254_740_993), .number(9_007_199_254_740_992), .bool(true), .bool(false),
            .string("2026-01-31"),
            .string("2026-01-31T10:00:00Z"), .array([.string("api"), .integer(3)]), .array([]),
            .object(["name": .string("Ada")]),
        ]
        return (0..<count).map { number in
            var metadata: Metadata = [:]
            for field in ["product", "version", "tags", "released", "author", "odd field", "flag"]
            where Bool.random(using: &random) { metadata[field] = values.randomElement(using: &random) }
            return Passage(id: "d\(number)#1", documentID: "d\(number)", title: "api", text: "", metadata: metadata)
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func booleanLawsHold(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let passages = Self.passages(40, &random)
        for _ in 0..<100 {
            let (a, b) = (RandomFilter.text(depth: 2, using: &random), RandomFilter.text(depth: 2, using: &random))
            func admitted(_ text: String) throws -> [Bool] {
                let filter = try MetadataFilter(parsing: text)
                return passages.map(filter.admits)
            }
            let (left, right) = (try admitted(a), try admitted(b))
            #expect(try admitted("not not (\(a))") == left)
            #expect(try admitted("not ((\(a)) and (\(b)))") == admitted("not (\(a)) or not (\(b))"))
            #expect(try admitted("not ((\(a)) or (\(b)))") == admitted("not (\(a)) and not (\(b))"))
            #expect(try admitted("(\(a)) and (\(b))") == zip(left, right).map { $0 && $1 })
            #expect(try admitted("(\(a)) or (\(b))") == zip(left, right).map { $0 || $1 })
        }
    }

    /// A list's comparisons are those of its elements.
    @Test(arguments: RandomFilter.values)
    func comparisonsAgreeWithEachOther(_ value: String) throws {
        var random = SeededGenerator(seed: 9)
        let passages = Self.passages(200, &random)
        let isOrdered = value != "true" && value != "false"
        for field in ["version", "released", "tags"] {
            func filter(_ text: String) throws -> MetadataFilter { try MetadataFilter(parsing: text) }
            let equal = try filter("\(field) = \(value)")
            let isIn = try filter("\(field) in [\(value)]")
            for passage in passages { #expect(equal.admits(passage) == isIn.admits(passage)) }
            guard isOrdered else { continue }
            let less = try filter("\(field) < \(value)")
            let atMost = try filter("\(field) <= \(value)")
            let greater = try filter("\(field) > \(value)")
            let atLeast = try filter("\(field) >= \(value)")
            for passage in passages {
                #expect(atMost.admits(passage) == (less.admits(passage) || equal.admits(passage)))
                #expect(atLeast.admits(passage) == (greater.admits(passage) || equal.admits(passage)))
            }
        }
    }
}
