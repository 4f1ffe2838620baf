import WinnowCore

/// From a logit to the probability that a pair with it is labelled relevant. Never falls.
public enum CalibrationMap: Sendable, Hashable {
    case platt(PlattMap)
    case isotonic(IsotonicMap)

    public func probability(of logit: Logit) -> Probability {
        switch self {
        case .platt(let map): map.probability(of: logit)
        case .isotonic(let map): map.probability(of: logit)
        }
    }

    public var method: Method {
        switch self {
        case .platt: .platt
        case .isotonic: .isotonic
        }
    }

    /// As files and tables name it.
    public enum Method: String, Sendable, Hashable, CaseIterable {
        case platt, isotonic
    }

    static func fit(_ method: Method, _ pairs: some Collection<LabelledLogit>) throws -> CalibrationMap {
        switch method {
        case .platt: .platt(try PlattMap.fit(pairs))
        case .isotonic: .isotonic(try IsotonicMap.fit(pairs))
        }
    }
}
