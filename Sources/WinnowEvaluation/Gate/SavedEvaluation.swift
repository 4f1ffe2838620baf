import WinnowCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An evaluation that `winnow eval --json` wrote, as far as a later one is compared with it.
public struct SavedEvaluation: Sendable {
    public let path: String
    /// In the order of the file.
    public let systems: [System]
    /// How many queries were drawn, and by which seed; nil: all.
    public let drawn: Drawn?

    /// What was ranked, and what proposed the candidates; nil where the file does not say.
    public let conditions: GateSide.Conditions?
    /// What the reranked system's order stood on, as ``FinalOrder`` writes itself; `reranker` in files that say nothing of it, nil
    /// where they say that there was none.
    public let order: String?
    /// How far under the best first-stage score candidates were reranked; nil: all were, or the file says nothing of it.
    public let rerankWithin: Double?

    public struct Drawn: Sendable, Hashable, CustomStringConvertible {
        public var limit: Int64
        public var seed: String

        public var description: String { "--limit \(limit) --seed \(seed)" }
    }

    public struct System: Sendable {
        public let name: String
        public let side: GateSide
    }

    /// - Throws: ``EvaluationError/savedEvaluation(path:reason:)`` when it is not there, no evaluation or of a newer version.
    public init(reading path: String) throws {
        func fault(_ reason: String) -> EvaluationError { .savedEvaluation(path: path, reason: reason) }
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw fault("cannot be read (is it there, and may it be read?)")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw fault("is not UTF-8 text") }
        let value: MetadataValue
        do {
            value = try JSONReader.value(bytes[...])
        } catch {
            throw fault("is not valid JSON: \(error)")
        }
        let shape = "is no evaluation: save one with winnow eval … --json > FILE"
        guard case .object(let root) = value, root["kind"] == .string("evaluation"),
            case .integer(let schema)? = root["schema"]
        else { throw fault(shape) }
        guard schema <= EvaluationReport.schema else {
            throw fault(
                "was made by a newer Winnow (schema \(schema), this build reads up to \(EvaluationReport.schema)): save it again "
                    + "with this one")
        }
        guard case .object(let provenance)? = root["provenance"], case .string(let digest)? = provenance["qrels"],
            case .array(let systems)? = root["systems"]
        else { throw fault(shape) }
        self.path = path
        if case .object(let settings)? = root["settings"], case .integer(let limit)? = settings["limit"] {
            let seed: String =
                switch provenance["seed"] {
                case .integer(let value)?: String(value)
                case .string(let text)?: text
                default: "?"
                }
            drawn = Drawn(limit: limit, seed: seed)
        } else {
            drawn = nil
        }
        order = Self.order(root["settings"])
        rerankWithin = Self.rerankWithin(root["settings"])
        let conditions = Self.conditions(root["settings"], provenance)
        self.conditions = conditions
        var ranges: [String: ClosedRange<Double>] = [:]
        self.systems = try systems.map { entry in
            guard case .object(let fields) = entry, case .string(let name)? = fields["name"],
                case .array(let queries)? = fields["queries"]
            else { throw fault("has a system without name or queries: save it again") }
            var ids: [String] = []
            var values: [String: [Double]] = [:]
            for query in queries {
                guard case .object(let fields) = query, case .string(let id)? = fields["id"],
                    case .object(let measures)? = fields["measures"]
                else { throw fault("has a query without id or measures: save it again") }
                ids.append(id)
                for (measure, value) in measures {
                    let place = "\(PathText.quoted(measure)) of query '\(PathText.quoted(id))'"
                    let number: Double
                    switch value {
                    case .number(let value): number = value
                    case .integer(let value): number = Double(value)
                    default: throw fault("has no number for \(place): save it again")
                    }
                    let range = ranges[measure] ?? GateSide.range(of: measure)
                    ranges[measure] = range
                    guard range.contains(number) else {
                        throw fault("says \(number) for \(place), and that measure lies in 0 to 1: save it again")
                    }
                    values[measure, default: []].append(number)
                }
            }
            return System(
                name: name,
                side: GateSide(
                    queryIDs: ids, valuesByMeasure: values, qrelsDigest: digest, conditions: conditions))
        }
    }

    /// - Parameters:
    ///   - limit: of the evaluation to compare with; nil: all queries.
    /// - Throws: ``EvaluationError/savedEvaluation(path:reason:)`` when other queries were drawn.
    public func checkDrawn(limit: Int?, seed: UInt64) throws {
        let now = limit.map { Drawn(limit: Int64($0), seed: String(seed)) }
        guard now != drawn else { return }
        throw EvaluationError.savedEvaluation(
            path: path,
            reason: "was measured with \(drawn.map(\.description) ?? "all queries"), and this is with "
                + "\(now.map(\.description) ?? "all queries"): compare the same queries")
    }

    /// Before an hour is spent on an evaluation that could not be compared; ``RegressionGate`` looks at it in any case.
    ///
    /// - Throws: ``EvaluationError/savedEvaluation(path:reason:)`` when other things were ranked, or others proposed the
    ///   candidates.
    public func check(_ now: GateSide.Conditions) throws {
        guard let conditions else { return }
        guard conditions.level == now.level else {
            throw EvaluationError.savedEvaluation(
                path: path,
                reason: "was measured with --level \(conditions.level.rawValue), and this is with --level "
                    + "\(now.level.rawValue): compare the same level")
        }
        guard conditions.firstStage == now.firstStage else {
            throw EvaluationError.savedEvaluation(
                path: path,
                reason: "was measured with \(conditions.firstStage.inWords), and this is with "
                    + "\(now.firstStage.inWords): compare the same kind of first stage")
        }
    }

    private static func conditions(
        _ settings: MetadataValue?, _ provenance: [String: MetadataValue]
    ) -> GateSide.Conditions? {
        guard case .object(let settings)? = settings, case .string(let word)? = settings["level"],
            case .string(let firstStage)? = settings["firstStage"],
            let level = QueryObservation.Level(rawValue: word)
        else { return nil }
        let hasEmbedder = if case .object? = provenance["embedder"] { true } else { false }
        return .init(level: level, firstStage: .init(name: firstStage, hasEmbedder: hasEmbedder))
    }

    private static func order(_ settings: MetadataValue?) -> String? {
        guard case .object(let settings)? = settings, let value = settings["order"] else {
            return FinalOrder.reranker.description
        }
        guard case .string(let order) = value else { return nil }
        return order
    }

    private static func rerankWithin(_ settings: MetadataValue?) -> Double? {
        guard case .object(let settings)? = settings else { return nil }
        return switch settings["rerankWithin"] {
        case .number(let within)?: within
        case .integer(let within)?: Double(within)
        default: nil
        }
    }

    /// Likewise of which candidates were reranked.
    ///
    /// - Parameter now: of the current evaluation; nil: all.
    /// - Returns: nil when it was the same, or the baseline reranked nothing.
    public func selectionNote(_ now: Double?) -> String? {
        guard order != nil, rerankWithin != now else { return nil }
        func text(_ within: Double?) -> String {
            within.map { "candidates within \(PlainNumber.text($0)) of the best" } ?? "all candidates"
        }
        return
            "the baseline reranked \(text(rerankWithin)) and this one \(text(now)) (--rerank-within): what the gate sees is that change, too"
    }

    /// What a reader of the gate should know: a change of the final order is a change like another, and is compared.
    ///
    /// - Parameter now: of the current evaluation; nil: nothing was reranked, or in several orders.
    /// - Returns: nil when both were ordered alike.
    public func orderNote(_ now: FinalOrder?) -> String? {
        guard let order, let now, order != now.description else { return nil }
        return
            "the baseline's reranked order is '\(SingleLine.of(order, limit: 40))' and this one is '\(now)': what the gate sees is "
            + "that change, too"
    }

    /// - Throws: ``EvaluationError/savedSystemMissing(path:name:known:)``
    public func side(of name: String) throws -> GateSide {
        guard let system = systems.first(where: { $0.name == name }) else {
            throw EvaluationError.savedSystemMissing(path: path, name: name, known: systems.map(\.name))
        }
        return system.side
    }
}

extension EvaluationReport {
    /// The current side of a gate.
    public func gateSide(of system: System) -> GateSide {
        GateSide(
            queryIDs: system.measured.queryIDs,
            valuesByMeasure: Dictionary(
                measures.map { ($0.name, system.measured.values(of: $0) ?? []) },
                uniquingKeysWith: { first, _ in first }),
            qrelsDigest: provenance.qrelsDigest, groups: groupLabels,
            conditions: .init(
                level: settings.level,
                firstStage: .init(name: settings.firstStage, hasEmbedder: provenance.embedder != nil)))
    }
}
