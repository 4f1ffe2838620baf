import WinnowCore

/// What is wrong with a measure as it was asked for.
public enum MeasureFault: Sendable, Hashable {
    /// No measure has that name; `suggestion` is the nearest one.
    case unknown(text: String, suggestion: String?)
    /// Not of the form `Name(parameter=value)@k`.
    case malformed(text: String, reason: String)
    case noneNamed
    /// `@` with something that is no whole number from 1 on.
    case cutoff(Measure.Kind, String)
    case missingCutoff(Measure.Kind)
    case needlessCutoff(Measure.Kind)
    case level(Measure.Kind, String)
    /// A parameter that this measure does not have.
    case parameter(Measure.Kind, String)
    case value(Measure.Kind, parameter: String, value: String, allowed: String)
    case deeper(Measure, depth: Int, system: String)

    var error: EvaluationError { .measure(self) }
}

extension MeasureFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknown(let text, let suggestion):
            "there is no measure '\(Self.quoted(text))'" + (suggestion.map { "; did you mean \($0)?" } ?? ".")
                + " Known are \(Self.known)"
        case .malformed(let text, let reason):
            "'\(Self.quoted(text))' is no measure: \(reason); a measure looks like nDCG@10, AP or AP(rel=2)@100"
        case .noneNamed:
            "no measure is named; name some, such as nDCG@10,RR@10"
        case .cutoff(let kind, let text):
            "\(kind.rawValue)@\(Self.quoted(text)): the number behind @ is how many documents count, a whole number "
                + "from 1 to \(Measure.deepestCutoff)"
        case .missingCutoff(let kind):
            "\(kind.rawValue) needs a cutoff, such as \(kind.rawValue)@10"
                + (kind == .recall ? "; the recall of the whole list is SetR" : "")
        case .needlessCutoff(let kind):
            "\(kind.rawValue) has no cutoff: write \(kind.rawValue)"
                + (kind == .setRecall ? ", or R@10 for the recall of the first 10" : "")
        case .level(let kind, let text):
            "\(kind.rawValue)(rel=\(Self.quoted(text))): rel is the least grade of a relevant document, a whole "
                + "number from 1 on"
        case .parameter(let kind, let name):
            "\(kind.rawValue) has no parameter '\(Self.quoted(name))'"
                + (kind == .nDCG && name == "rel" ? ": it uses the grades themselves" : "")
                + "; it has \(Self.parameters(of: kind))"
        case .value(let kind, let parameter, let value, let allowed):
            "\(kind.rawValue)(\(parameter)=\(Self.quoted(value))): \(parameter) is \(allowed)"
        case .deeper(let measure, let depth, let system):
            "\(measure.name) looks at the first \(measure.cutoff ?? 0) documents, but the lists of "
                + "'\(PathText.quoted(system))' are only \(depth) deep: take a measure with @\(depth) or less, or "
                + "deeper lists"
        }
    }

    private static func quoted(_ text: String) -> String { SingleLine.of(text, limit: 60) }

    private static let known = Measure.Kind.allCases.map { kind in
        kind.rawValue + (kind.needsCutoff ? "@k" : kind.allowsCutoff ? "[@k]" : "")
    }.joined(separator: ", ")

    private static func parameters(of kind: Measure.Kind) -> String {
        let names =
            (kind.hasLevel ? ["rel=GRADE"] : []) + (kind == .nDCG ? ["gain=exp"] : [])
            + (kind.canCondense ? ["judged_only=True"] : [])
        return names.isEmpty ? "none" : names.joined(separator: ", ")
    }
}
