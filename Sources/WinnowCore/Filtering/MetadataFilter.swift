/// A predicate on passages' metadata, as `--where` spells it: `product = "api" and version >= 3`.
///
/// Two-valued: a passage without a field satisfies no comparison of it, and every negated one: `a != 1` is `not (a = 1)`. Values are never
/// coerced: "10" is not 10. Of a list any element may satisfy a comparison. The language: Documentation/filters.md.
///
/// It is a value: parsing its description gives it back.
public struct MetadataFilter: Sendable, Hashable {
    package let expression: FilterExpression

    /// - Throws: ``FilterError``, with the place.
    public init(parsing text: String) throws {
        expression = try FilterParser.parse(text)
    }

    package init(_ expression: FilterExpression) { self.expression = expression }

    /// What satisfies all of some filters; nil when there are none.
    public init?(all filters: [MetadataFilter]) {
        guard let first = filters.first else { return nil }
        expression = filters.count == 1 ? first.expression : .and(filters.map(\.expression))
    }

    /// The fields that it names, each once, in the order of the text.
    public var fields: [String] {
        var names: [String] = []
        expression.forEachLeaf { field, _ in
            if !names.contains(where: { $0.utf8.elementsEqual(field.utf8) }) { names.append(field) }
        }
        return names
    }
}

extension MetadataFilter: PassageFilter {
    /// Costs a look at the fields that it names.
    public func admits(_ passage: Passage) -> Bool { expression.admits(passage) }
}

extension MetadataFilter: CustomStringConvertible {
    public var description: String { expression.description }
}
