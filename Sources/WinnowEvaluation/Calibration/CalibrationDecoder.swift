import WinnowCore

/// Reads kept calibrations and believes nothing: a map that falls, or leaves 0…1, would be wrong in silence.
enum CalibrationDecoder {
    struct Failure: Error {
        var reason: String
    }

    static func file(_ bytes: [UInt8]) throws -> CalibrationFile {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw Failure(reason: "it is not UTF-8 text") }
        let value: MetadataValue
        do {
            value = try JSONReader.value(bytes[...])
        } catch {
            // The reader counts from the start; files are edited by line.
            let before = bytes.prefix(max(0, error.column - 1))
            let line = before.reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
            let column = before.count - ((before.lastIndex(of: 0x0A) ?? -1) + 1) + 1
            throw Failure(reason: "line \(line), column \(column): \(error.reason); restore it or fit it again")
        }
        let root = try Object(value, "the file")
        let schema = try root.integer("schema")
        guard schema == CalibrationFile.schema else {
            throw Failure(
                reason: schema > CalibrationFile.schema
                    ? "schema \(schema) is of a newer winnow, and this one reads \(CalibrationFile.schema): use the newer one"
                    : "there is no schema \(schema): this is no file of winnow calibrate")
        }
        var entries: [Calibration] = []
        for (index, value) in try root.array("calibrations").enumerated() {
            let entry = try calibration(Object(value, "calibrations[\(index)]"))
            if entries.contains(where: { $0.reranker.sharesLogits(with: entry.reranker) }) {
                throw Failure(
                    reason: "calibrations[\(index)]: \(entry.reranker.inMessages) is there twice; remove one of the two"
                )
            }
            entries.append(entry)
        }
        return CalibrationFile(entries: entries)
    }

    private static func calibration(_ object: Object) throws -> Calibration {
        Calibration(
            reranker: try reranker(object.object("reranker")), map: try map(object.object("map")),
            settings: try settings(object.object("settings")), data: try data(object.object("data")),
            quality: try quality(object.object("heldBack")), date: try object.string("date"))
    }

    private static func reranker(_ object: Object) throws -> ModelIdentity {
        guard let fingerprint = Fingerprint(hexadecimal: try object.string("fingerprint")) else {
            throw object.failure("fingerprint", "64 hexadecimal digits are wanted")
        }
        return ModelIdentity(
            name: try object.string("name"), fingerprint: fingerprint, precision: try object.string("precision"),
            kernels: try object.string("kernels"), truncation: try object.string("truncation"))
    }

    private static func map(_ object: Object) throws -> CalibrationMap {
        guard let method = CalibrationMap.Method(rawValue: try object.string("method")) else {
            throw object.failure("method", "it must be platt or isotonic")
        }
        switch method {
        case .platt:
            guard let map = PlattMap(slope: try object.number("slope"), intercept: try object.number("intercept"))
            else {
                throw object.failure("slope", "it must be over 0, or the probability falls when the logit rises")
            }
            return .platt(map)
        case .isotonic:
            let knots = try object.array("knots").enumerated().map { index, value in
                guard case .array(let pair) = value, pair.count == 2, let logit = pair[0].asDouble,
                    let probability = pair[1].asDouble, Float(logit).isFinite
                else { throw object.failure("knots[\(index)]", "[logit, probability] is wanted, two numbers") }
                guard probability >= 0, probability <= 1 else {
                    throw object.failure("knots[\(index)]", "the probability \(probability) is not in 0…1")
                }
                return IsotonicMap.Knot(logit: Float(logit), probability: probability)
            }
            guard let map = IsotonicMap(knots: knots) else {
                throw object.failure("knots", "logits must rise from knot to knot, and probabilities never fall")
            }
            return .isotonic(map)
        }
    }

    private static func settings(_ object: Object) throws -> CalibrationSettings {
        guard let labels = LabelKind(rawValue: try object.string("labels")) else {
            throw object.failure(
                "labels", "it must be " + LabelKind.allCases.map(\.rawValue).joined(separator: " or "))
        }
        return CalibrationSettings(
            collection: try object.string("collection"), firstStage: try object.string("firstStage"),
            chunking: try object.string("chunking"), initialK: try object.count("initialK"), labels: labels)
    }

    private static func data(_ object: Object) throws -> CalibrationData {
        let data = CalibrationData(
            queries: try object.count("queries"), unanswerable: try object.count("unanswerable"),
            groups: try object.count("groups"), pairs: try object.count("pairs"),
            positives: try object.count("positives"))
        guard data.positives <= data.pairs else { throw object.failure("positives", "there are not so many pairs") }
        return data
    }

    private static func quality(_ object: Object) throws -> ForecastQuality {
        let count = try object.count("count")
        guard count > 0 else { throw object.failure("count", "it must be at least 1") }
        return ForecastQuality(
            count: count, positives: try object.count("positives"), brier: try object.number("brier"),
            brierSkill: try object.optionalNumber("brierSkill"), logLoss: try object.number("logLoss"),
            calibrationError: try object.number("calibrationError"),
            calibrationErrorLimit: try object.number("calibrationErrorLimit"),
            debiasedSquaredError: try object.number("debiasedSquaredError"),
            miscalibration: try object.number("miscalibration"), discrimination: try object.number("discrimination"),
            uncertainty: try object.number("uncertainty"))
    }

    /// A JSON object and where it stands, for messages.
    private struct Object {
        let fields: [String: MetadataValue]
        let place: String

        init(_ value: MetadataValue, _ place: String) throws {
            guard case .object(let fields) = value else { throw Failure(reason: "\(place) is no JSON object") }
            self.fields = fields
            self.place = place
        }

        func failure(_ field: String, _ reason: String) -> Failure { Failure(reason: "\(place).\(field): \(reason)") }

        private func value(_ field: String) throws -> MetadataValue {
            guard let value = fields[field] else { throw failure(field, "it is missing") }
            return value
        }

        func object(_ field: String) throws -> Object { try Object(value(field), "\(place).\(field)") }

        func array(_ field: String) throws -> [MetadataValue] {
            guard case .array(let values) = try value(field) else { throw failure(field, "an array is wanted") }
            return values
        }

        func string(_ field: String) throws -> String {
            guard case .string(let text) = try value(field) else { throw failure(field, "a string is wanted") }
            return text
        }

        func number(_ field: String) throws -> Double {
            guard let number = try value(field).asDouble else { throw failure(field, "a number is wanted") }
            return number
        }

        func optionalNumber(_ field: String) throws -> Double? {
            if case .null = try value(field) { return nil }
            return try number(field)
        }

        func integer(_ field: String) throws -> Int {
            guard case .integer(let integer) = try value(field), let integer = Int(exactly: integer) else {
                throw failure(field, "a whole number is wanted")
            }
            return integer
        }

        func count(_ field: String) throws -> Int {
            let count = try integer(field)
            guard count >= 0 else { throw failure(field, "it is \(count), and cannot be under 0") }
            return count
        }
    }
}

extension MetadataValue {
    /// Finite; nil when it is no number.
    fileprivate var asDouble: Double? {
        switch self {
        case .number(let number): number
        case .integer(let integer): Double(integer)
        default: nil
        }
    }
}
