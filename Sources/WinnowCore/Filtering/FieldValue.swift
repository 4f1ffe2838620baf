/// A single value of a metadata field in the one form that filters compare: equal values are the same case with equal contents.
package enum FieldValue: Sendable, Hashable {
    case bool(Bool)
    /// Also a double without a fraction that 64 bits hold: 3.0 is 3.
    case integer(Int64)
    /// Any other finite double.
    case number(Double)
    /// A string that spells a ``FilterDate``: the microsecond that it begins with.
    case date(Int64)
    /// Any other string, by its bytes.
    case text(ExactText)
    /// There is an object here whose own fields have values.
    case object

    /// - Returns: nil for what is not a single value (lists, objects), and for what counts as absent: null, and doubles that are
    ///   not finite.
    package init?(_ value: MetadataValue) {
        switch value {
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value):
            guard let number = Self.number(exactly: value) else { return nil }
            self = number
        case .string(let text): self = FilterDate(text).map { .date($0.start) } ?? .text(ExactText(text))
        case .null, .array, .object: return nil
        }
    }

    /// - Returns: nil when the number is not finite.
    package static func number(exactly value: Double) -> FieldValue? {
        guard value.isFinite else { return nil }
        return Int64(exactly: value).map(FieldValue.integer) ?? .number(value)
    }

    package var type: FieldType {
        switch self {
        case .bool: .bool
        case .integer, .number: .number
        case .date: .date
        case .text: .text
        case .object: .object
        }
    }

    /// How it stands to another one; nil where the two have no order: other types, truth values and objects.
    ///
    /// Integers and doubles are compared exactly, never by way of a rounded value: 2⁵³ + 1 is over 9007199254740992.0.
    package func order(to other: FieldValue) -> FieldOrder? {
        switch (self, other) {
        case (.integer(let left), .integer(let right)): FieldOrder(left, right)
        case (.number(let left), .number(let right)): FieldOrder(left, right)
        case (.integer(let left), .number(let right)): Self.order(left, right)
        case (.number(let left), .integer(let right)): Self.order(right, left).reversed
        case (.date(let left), .date(let right)): FieldOrder(left, right)
        case (.text(let left), .text(let right)):
            left == right ? .equal : left.precedes(right) ? .less : .greater
        default: nil
        }
    }

    /// Of a double that is no integer of 64 bits.
    private static func order(_ integer: Int64, _ number: Double) -> FieldOrder {
        if number >= 0x1p63 { return .less }
        if number < -0x1p63 { return .greater }
        // In range it has a fraction, so it lies strictly between two integers.
        return integer <= Int64(number.rounded(.down)) ? .less : .greater
    }
}

/// How one value stands to another.
package enum FieldOrder: Sendable, Hashable {
    case less, equal, greater

    init<Value: Comparable>(_ left: Value, _ right: Value) {
        self = left < right ? .less : left == right ? .equal : .greater
    }

    var reversed: FieldOrder {
        switch self {
        case .less: .greater
        case .equal: .equal
        case .greater: .less
        }
    }
}

/// What a field's values can be. A list is of the types of its elements.
public enum FieldType: Int, Sendable, Hashable, CaseIterable, Comparable {
    case bool = 1
    /// Integers and doubles.
    case number = 2
    /// Strings that are ISO 8601 dates.
    case date = 3
    /// All other strings.
    case text = 4
    /// An object, whose fields have names of their own, such as `author.name`.
    case object = 5

    public static func < (left: FieldType, right: FieldType) -> Bool { left.rawValue < right.rawValue }

    /// As messages name one value of it.
    public var name: String {
        switch self {
        case .bool: "true or false"
        case .number: "number"
        case .date: "date"
        case .text: "string"
        case .object: "object"
        }
    }
}
