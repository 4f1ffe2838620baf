/// A filter as a tree. What is written `a != 1` is `not (a = 1)`, and `a not in [1]` is `not (a in [1])`.
package indirect enum FilterExpression: Sendable, Hashable {
    /// Some value of the field stands so to the literal.
    case comparison(field: String, FilterComparison, FilterLiteral)
    /// Some value of the field equals one of the literals; at least one.
    case isIn(field: String, [FilterLiteral])
    /// The field has a value.
    case exists(field: String)
    case not(FilterExpression)
    /// Two or more.
    case and([FilterExpression])
    /// Two or more.
    case or([FilterExpression])
}

package enum FilterComparison: String, Sendable, Hashable, CaseIterable {
    case equal = "="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

/// A value as a filter spells it.
package enum FilterLiteral: Sendable, Hashable {
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)

    /// What the string means as a date; nil: it is none.
    var date: FilterDate? {
        if case .string(let text) = self { FilterDate(text) } else { nil }
    }

    /// What fields are compared with; of a date its beginning.
    package var value: FieldValue {
        switch self {
        case .bool(let value): .bool(value)
        case .integer(let value): .integer(value)
        // The parser lets no other number through.
        case .number(let value): FieldValue.number(exactly: value) ?? .number(value)
        case .string(let text): FilterDate(text).map { .date($0.start) } ?? .text(ExactText(text))
        }
    }
}

// MARK: - As conditions on single values

/// What a leaf of a filter asks of a single value: that it lies between two ends.
///
/// All leaves come down to it, so a table of values can answer them by range. Both ends are of one type, and only values of that
/// type satisfy it.
package struct FieldRange: Sendable, Hashable {
    package struct End: Sendable, Hashable {
        package var value: FieldValue
        package var isIncluded: Bool
    }

    package var type: FieldType
    package var lower: End?
    package var upper: End?

    package func contains(_ value: FieldValue) -> Bool {
        guard value.type == type else { return false }
        if let lower {
            if lower.isIncluded, value == lower.value { return upper.map { admits(value, below: $0) } ?? true }
            guard value.order(to: lower.value) == .greater else { return false }
        }
        return upper.map { admits(value, below: $0) } ?? true
    }

    private func admits(_ value: FieldValue, below upper: End) -> Bool {
        (upper.isIncluded && value == upper.value) || value.order(to: upper.value) == .less
    }

    /// - Parameter isIdentity: the field's values are strings that are never dates.
    package init(_ comparison: FilterComparison, _ literal: FilterLiteral, isIdentity: Bool) {
        let date = isIdentity ? nil : literal.date
        let first: FieldValue
        let last: FieldValue
        if let date {
            (first, last) = (.date(date.start), .date(date.last))
        } else if isIdentity, case .string(let text) = literal {
            (first, last) = (.text(ExactText(text)), .text(ExactText(text)))
        } else {
            (first, last) = (literal.value, literal.value)
        }
        type = first.type
        // A day is all of its microseconds: before it is before the first, after it behind the last.
        switch comparison {
        case .equal:
            lower = End(value: first, isIncluded: true)
            upper = End(value: last, isIncluded: true)
        case .less: upper = End(value: first, isIncluded: false)
        case .lessOrEqual: upper = End(value: last, isIncluded: true)
        case .greater: lower = End(value: last, isIncluded: false)
        case .greaterOrEqual: lower = End(value: first, isIncluded: true)
        }
    }
}

extension FilterExpression {
    func admits(_ passage: Passage) -> Bool {
        switch self {
        case .comparison(let field, let comparison, let literal):
            let range = FieldRange(comparison, literal, isIdentity: FieldLeaves.isIdentity(field))
            return FieldLeaves.contains(field, in: passage, where: range.contains)
        case .isIn(let field, let literals):
            let isIdentity = FieldLeaves.isIdentity(field)
            let ranges = literals.map { FieldRange(.equal, $0, isIdentity: isIdentity) }
            return FieldLeaves.contains(field, in: passage) { value in ranges.contains { $0.contains(value) } }
        case .exists(let field): return FieldLeaves.contains(field, in: passage) { _ in true }
        case .not(let inner): return !inner.admits(passage)
        case .and(let parts): return parts.allSatisfy { $0.admits(passage) }
        case .or(let parts): return parts.contains { $0.admits(passage) }
        }
    }

    /// The fields that it names, each once, in the order in which they first come.
    func forEachLeaf(_ body: (String, FilterExpression) -> Void) {
        switch self {
        case .comparison(let field, _, _), .isIn(let field, _), .exists(let field): body(field, self)
        case .not(let inner): inner.forEachLeaf(body)
        case .and(let parts), .or(let parts): for part in parts { part.forEachLeaf(body) }
        }
    }
}
