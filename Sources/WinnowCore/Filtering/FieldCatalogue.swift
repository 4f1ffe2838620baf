/// Which fields some passages have, and of which types their values are.
public struct FieldCatalogue: Sendable, Hashable {
    public struct Field: Sendable, Hashable {
        /// Dotted where it lies in an object.
        public var name: String
        /// At least one.
        public var types: Set<FieldType>

        public init(name: String, types: Set<FieldType>) {
            self.name = name
            self.types = types
        }
    }

    /// In the order of their names' bytes, `document` and `id` not among them: every passage has those.
    public let fields: [Field]
    /// Of no passages nothing is unknown.
    public let hasPassages: Bool
    private let types: [ExactText: Set<FieldType>]

    /// - Parameter fields: in any order; of one name once.
    public init(fields: [Field], hasPassages: Bool = true) {
        self.hasPassages = hasPassages
        self.fields = fields.sorted { ExactText($0.name).precedes(ExactText($1.name)) }
        types = Dictionary(fields.map { (ExactText($0.name), $0.types) }, uniquingKeysWith: { $0.union($1) })
    }

    /// Looks at every passage.
    public init(_ passages: some Sequence<Passage>) {
        var types: [ExactText: Set<FieldType>] = [:]
        var hasPassages = false
        for passage in passages {
            hasPassages = true
            FieldLeaves.forEach(of: passage) { types[$0, default: []].insert($1.type) }
        }
        self.init(fields: types.map { Field(name: $0.key.text, types: $0.value) }, hasPassages: hasPassages)
    }

    /// The types of a field's values; nil: no passage has it.
    package func types(of field: String) -> Set<FieldType>? {
        FieldLeaves.isIdentity(field) ? [.text] : types[ExactText(field)]
    }
}

extension MetadataFilter {
    /// Holds the filter against the fields that there are.
    ///
    /// - Throws: ``FilterError`` for a field that no passage has, with the nearest names, and for a value of a type that its field
    ///   never has: the one would find nothing (or with `not` everything), and nobody would know why.
    public func check(against catalogue: FieldCatalogue) throws {
        guard catalogue.hasPassages else { return }
        var fault: FilterError?
        expression.forEachLeaf { field, leaf in
            if fault == nil { fault = catalogue.fault(field, leaf) }
        }
        if let fault { throw fault }
    }
}

extension FieldCatalogue {
    fileprivate func fault(_ field: String, _ leaf: FilterExpression) -> FilterError? {
        guard let types = types(of: field) else {
            let names = fields.map(\.name) + [FieldLeaves.document, FieldLeaves.id]
            return FilterError(
                .unknownField(
                    name: field, nearest: NearestNames.of(field, among: names).map(FilterText.field), known: summary))
        }
        switch leaf {
        case .comparison(_, let comparison, let literal):
            return fault(field, types, literal, isEquality: comparison == .equal)
        case .isIn(_, let literals):
            return literals.lazy.compactMap { fault(field, types, $0, isEquality: true) }.first
        default: return nil
        }
    }

    private func fault(
        _ field: String, _ types: Set<FieldType>, _ literal: FilterLiteral, isEquality: Bool
    ) -> FilterError? {
        var type = literal.value.type
        if type == .date, FieldLeaves.isIdentity(field) { type = .text }
        if types.contains(type) { return nil }
        // That no text is this date is an answer; that a text is before a date is none.
        if type == .date, isEquality, types.contains(.text) { return nil }
        let name = FilterText.field(SingleLine.of(field, limit: 60))
        let shown = SingleLine.of(literal.description, limit: 60)
        if types == [.object] {
            let inner = fields.map(\.name).filter { $0.utf8.starts(with: field.utf8 + [UInt8(ascii: ".")]) }.prefix(5)
            return FilterError(
                .type(
                    reason: "\(name) is an object and has no value of its own: compare one of its fields, such as "
                        + inner.map(FilterText.field).joined(separator: ", ")))
        }
        let held = types.subtracting([.object]).sorted().map(Self.plural).joined(separator: " and ")
        return FilterError(
            .type(
                reason: "\(name) holds \(held), and \(shown) is \(Self.single(type))\(Self.advice(literal, types))"))
    }

    private static func plural(_ type: FieldType) -> String {
        switch type {
        case .bool: "true or false"
        case .number: "numbers"
        case .date: "dates"
        case .text: "strings"
        case .object: "objects"
        }
    }

    private static func single(_ type: FieldType) -> String {
        switch type {
        case .bool: "a truth value"
        case .number: "a number"
        case .date: "a date"
        case .text: "a string that is no date"
        case .object: "an object"
        }
    }

    /// How the literal is written in a type that the field has.
    private static func advice(_ literal: FilterLiteral, _ types: Set<FieldType>) -> String {
        switch literal {
        case .string(let text):
            if types.contains(.number), (try? FilterParser.parse("a = \(text)")) != nil, Double(text) != nil {
                return ": write it without quotes"
            }
            if types.contains(.bool), text == "true" || text == "false" { return ": write it without quotes" }
            if types.contains(.date) { return ": write dates as \"2026-01-31\" or \"2026-01-31T10:00:00Z\"" }
        case .integer, .number, .bool:
            if types.contains(.text) { return ": write \"\(literal)\", in quotes" }
        }
        return ""
    }

    private static let mostShown = 20

    /// The first fields with their types, on one line.
    private var summary: String {
        let known = fields.prefix(Self.mostShown).map { field in
            let types = field.types.sorted().map(\.name).joined(separator: " or ")
            return "\(FilterText.field(SingleLine.of(field.name, limit: 60))) (\(types))"
        }
        let rest = fields.count - known.count
        return (known + ["document, id (string)"]).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}
