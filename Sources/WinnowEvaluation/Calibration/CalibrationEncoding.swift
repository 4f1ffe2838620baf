import WinnowCore

extension CalibrationFile {
    /// As it is written: one line an entry.
    package var text: String {
        let lines = entries.map { "\n" + $0.json.text }.joined(separator: ",")
        return #"{"schema":\#(Self.schema),"calibrations":["# + lines + (lines.isEmpty ? "" : "\n") + "]}\n"
    }
}

extension Calibration {
    package var json: JSONText {
        .object([
            (
                "reranker",
                .object([
                    ("name", .string(reranker.name)), ("fingerprint", .string(reranker.fingerprint.hexadecimal)),
                    ("precision", .string(reranker.precision)), ("kernels", .string(reranker.kernels)),
                    ("truncation", .string(reranker.truncation)),
                ])
            ),
            ("map", map.json), ("date", .string(date)), ("settings", settings.json), ("data", data.json),
            ("heldBack", quality.json),
        ])
    }
}

extension CalibrationMap {
    package var json: JSONText {
        switch self {
        case .platt(let map):
            .object([
                ("method", .string(method.rawValue)), ("slope", .number(map.slope)),
                ("intercept", .number(map.intercept)),
            ])
        case .isotonic(let map):
            .object([
                ("method", .string(method.rawValue)),
                (
                    "knots",
                    .array(map.knots.map { .array([.float($0.logit), .number($0.probability)]) })
                ),
            ])
        }
    }
}

extension CalibrationSettings {
    package var json: JSONText {
        .object([
            ("collection", .string(collection)), ("firstStage", .string(firstStage)), ("chunking", .string(chunking)),
            ("initialK", .integer(initialK)), ("labels", .string(labels.rawValue)),
        ])
    }
}

extension CalibrationData {
    /// With what follows from it: `negatives`, `baseRate`.
    package var json: JSONText {
        .object([
            ("queries", .integer(queries)), ("unanswerable", .integer(unanswerable)), ("groups", .integer(groups)),
            ("pairs", .integer(pairs)), ("positives", .integer(positives)), ("negatives", .integer(negatives)),
            ("baseRate", .number(baseRate)),
        ])
    }
}

extension ForecastQuality {
    package var json: JSONText {
        .object([
            ("count", .integer(count)), ("positives", .integer(positives)), ("brier", .number(brier)),
            ("brierSkill", .optional(brierSkill, JSONText.number)), ("logLoss", .number(logLoss)),
            ("calibrationError", .number(calibrationError)), ("calibrationErrorLimit", .number(calibrationErrorLimit)),
            ("debiasedSquaredError", .number(debiasedSquaredError)), ("miscalibration", .number(miscalibration)),
            ("discrimination", .number(discrimination)), ("uncertainty", .number(uncertainty)),
        ])
    }
}
