import Testing
import WinnowCore

/// A filter held against the fields that there are.
@Suite struct FieldCatalogueTests {
    private static let passages = [
        Passage(
            id: "a", documentID: "a", text: "",
            metadata: [
                "product": .string("api"), "version": .integer(3), "released": .string("2026-01-31"),
                "beta": .bool(true),
                "author": .object(["name": .string("Ada"), "mail": .string("x")]), "mixed": .string("x"),
            ]),
        Passage(
            id: "b", documentID: "b", title: "B", text: "", metadata: ["mixed": .integer(1), "rating": .number(1.5)]),
    ]

    private static let catalogue = FieldCatalogue(passages)

    @Test func theCatalogueNamesFieldsAndTypes() {
        #expect(
            Self.catalogue.fields.map { "\($0.name) \($0.types.sorted().map(\.name).joined(separator: "+"))" } == [
                "author object", "author.mail string", "author.name string", "beta true or false",
                "mixed number+string",
                "product string", "rating number", "released date", "title string", "version number",
            ])
    }

    @Test(arguments: [
        "product = 'x'", "version >= 2.5", "released > '2025-01-01'", "released = '2025-01-01'", "beta = true",
        "mixed = 1 or mixed = 'y'",
        "author.name != 'x'", "exists author", "id = 'a' and document in ['b', '2026-01-31']", "title = 'B'",
        "product = '2026-01-31'", "not exists rating",
    ])
    func whatFitsIsLetThrough(_ text: String) throws {
        try MetadataFilter(parsing: text).check(against: Self.catalogue)
    }

    @Test(arguments: [
        ("prodct = 'api'", "no passage has a field prodct; did you mean product?"),
        ("Product = 'api'", "did you mean product?"),
        ("exists vresion", "did you mean version?"),
        ("name = 'Ada'", "did you mean author.name?"),
        ("zzz = 1", "there are: author (object), author.mail (string)"),
        ("a = 1", "no passage has a field a\nthere are"),
        ("product = 'api' and not (versio in [1])", "did you mean version?"),
        ("version >= '3'", "version holds numbers, and \"3\" is a string that is no date: write it without quotes"),
        ("version = true", "version holds numbers, and true is a truth value"),
        ("product = 3", "product holds strings, and 3 is a number: write \"3\", in quotes"),
        ("product > '2026-01-31'", "product holds strings, and \"2026-01-31\" is a date"),
        (
            "released > 'yesterday'",
            "released holds dates, and \"yesterday\" is a string that is no date: write dates as"
        ),
        (
            "beta = 'true'",
            "beta holds true or false, and \"true\" is a string that is no date: write it without quotes"
        ),
        ("version in [1, '2']", "\"2\" is a string"),
        (
            "author = 'Ada'",
            "author is an object and has no value of its own: compare one of its fields, such as author.mail, author.name"
        ),
        ("id = 3", "id holds strings, and 3 is a number"),
    ])
    func whatDoesNotFitIsNamed(_ text: String, _ words: String) throws {
        let filter = try MetadataFilter(parsing: text)
        let error = try #require(throws: FilterError.self) { try filter.check(against: Self.catalogue) }
        #expect(error.description.contains(words), "\(error)")
        #expect(!error.isSyntax && error.position == nil)
    }

    @Test func ofNoPassagesNothingIsUnknown() throws {
        try MetadataFilter(parsing: "anything = 1").check(against: FieldCatalogue([]))
    }

    @Test func aLongListOfFieldsIsCut() throws {
        let metadata = Dictionary(uniqueKeysWithValues: (0..<50).map { ("field\($0)", MetadataValue.integer(1)) })
        let catalogue = FieldCatalogue([Passage(id: "a", documentID: "a", text: "", metadata: metadata)])
        let filter = try MetadataFilter(parsing: "other = 1")
        let error = try #require(throws: FilterError.self) { try filter.check(against: catalogue) }
        #expect(error.description.hasSuffix("and 30 more"), "\(error)")
    }
}
