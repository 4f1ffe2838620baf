import WinnowCore

extension RegressionGate {
    package var json: JSONText {
        .object([("passes", .bool(passes)), ("rules", .array(findings.map(\.json)))])
    }
}

extension RegressionGate.Finding {
    package var json: JSONText {
        .object([
            ("measure", .string(rule.measure)),
            ("margin", .number(rule.margin)),
            ("outcome", .string(outcome.rawValue)),
            ("sentence", .string(sentence)),
            ("p", .number(pValue)),
            ("detectableLoss", .optional(detectableLoss, JSONText.number)),
            ("comparison", comparison.json),
        ])
    }
}
