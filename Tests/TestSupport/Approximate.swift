/// How far floats may be from their reference, with the reason for that bound.
public struct Tolerance: Sendable, CustomStringConvertible {
    public enum Scale: Sendable {
        /// |actual − expected|.
        case absolute
        /// |actual − expected| over the largest |expected| of the array (at least 1e-30).
        case largest
    }

    public let name: String
    public let bound: Double
    public let scale: Scale

    /// - Parameter name: says why the bound is what it is.
    public init(_ name: String, _ bound: Double, _ scale: Scale = .absolute) {
        self.name = name
        self.bound = bound
        self.scale = scale
    }

    public var description: String { "\(name): \(bound) \(scale)" }
}

/// The comparison of two arrays: whether it holds, and the largest error with its place, for the failure's message.
///
///     let comparison = Approximate(actual, expected, within: .kernel)
///     #expect(comparison.holds, "\(comparison)")
public struct Approximate: Sendable, CustomStringConvertible {
    public let holds: Bool
    /// On the tolerance's scale; infinite when a value is NaN where the reference is not.
    public let maximumError: Double
    public let description: String

    public init(_ actual: [Float], _ expected: [Float], within tolerance: Tolerance, _ what: String = "values") {
        guard actual.count == expected.count else {
            holds = false
            maximumError = .infinity
            description = "\(what): \(actual.count) values, expected \(expected.count)"
            return
        }
        let scale =
            switch tolerance.scale {
            case .absolute: 1.0
            case .largest: expected.reduce(1e-30) { max($0, abs(Double($1))) }
            }
        var worst = (error: 0.0, index: 0)
        for (index, (left, right)) in zip(actual, expected).enumerated() where left != right {
            let difference = abs(Double(left) - Double(right)) / scale
            let error = difference.isNaN ? (left.isNaN && right.isNaN ? 0 : Double.infinity) : difference
            if error > worst.error { worst = (error, index) }
        }
        maximumError = worst.error
        holds = worst.error <= tolerance.bound
        description =
            actual.isEmpty
            ? "\(what): empty"
            : "\(what): largest error \(worst.error) at \(worst.index) of \(actual.count) (is \(actual[worst.index]), "
                + "expected \(expected[worst.index])), allowed \(tolerance)"
    }
}
