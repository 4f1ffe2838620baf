import WinnowCore

/// The arguments of a call, held against what its tool takes. A model that made a mistake reads what to do instead: no such mistake is one
/// against the protocol.
struct ToolArguments: Sendable {
    private let fields: RPCParams

    /// - Parameter known: names that the tool takes.
    init(_ fields: [JSONTree.Field], known: [String]) throws {
        for field in fields where !known.contains(where: { $0.utf8.elementsEqual(field.name.utf8) }) {
            throw ToolFailure(
                "there is no argument '\(SingleLine.of(field.name, limit: 60))': there are "
                    + (known.isEmpty ? "none" : known.joined(separator: ", "))
            )
        }
        self.fields = RPCParams(fields: fields)
    }

    /// nil where nothing was given, or null, which some clients put in for what they leave out.
    subscript(name: String) -> JSONTree? {
        switch fields[name] {
        case nil, .null: nil
        case let value?: value
        }
    }

    func string(_ name: String) throws -> String? {
        switch self[name] {
        case nil: nil
        case .string(let value)?: value
        default: throw ToolFailure("\(name) must be a string")
        }
    }

    /// A text to search with.
    func query(_ name: String) throws -> Query {
        guard let text = try string(name) else { throw ToolFailure("\(name) is missing: give a string") }
        let query = Query(text)
        guard !query.isBlank else { throw ToolFailure("\(name) is blank: give at least one visible character") }
        return query
    }

    func bool(_ name: String) throws -> Bool? {
        switch self[name] {
        case nil: nil
        case .bool(let value)?: value
        default: throw ToolFailure("\(name) must be true or false")
        }
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        let wanted = "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)"
        let value: Int?
        switch self[name] {
        case nil: return nil
        case .integer(let number)?: value = Int(exactly: number)
        // 5.0 is a whole number to a JSON schema.
        case .number(let number)?: value = Int(exactly: number)
        default: value = nil
        }
        guard let value, range.contains(value) else { throw ToolFailure(wanted) }
        return value
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, _: Choice.Type) throws -> Choice?
    where Choice.RawValue == String {
        guard let text = try string(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw ToolFailure("\(name) must be \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }
}
