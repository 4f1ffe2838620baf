import ArgumentParser
import Winnow

/// Where probabilities come from.
struct CalibrationOptions: ParsableArguments {
    @Option(
        name: .customLong("calibration"),
        help: ArgumentHelp(
            "Calibrations that winnow calibrate kept, for probabilities; none for no probabilities. (default: "
                + "STORE.calibration.json where it is there)", valueName: "file"))
    var path: String?

    func validate() throws {
        if path == "" { throw ValidationError("--calibration is empty: give a file, or none") }
    }

    /// Beside the store that it was made for.
    static func path(beside store: String) -> String { store + ".calibration.json" }

    /// The calibration of this reranker's logits; nil when there is none, which is said where one was to be expected.
    ///
    /// - Parameters:
    ///   - store: beside which it may lie.
    ///   - initialK: of the search; probabilities hold for candidates as they were calibrated on.
    ///   - retriever: of the search, likewise.
    /// - Throws: ``EvaluationError`` when a file was named and does not have it, or cannot be read.
    func calibration(
        for reranker: ModelIdentity, store: String?, initialK: Int? = nil, retriever: RetrieverKind? = nil
    ) throws -> Calibration? {
        if path == "none" { return nil }
        let file: CalibrationFile
        if let path {
            file = try CalibrationFile.read(path)
        } else {
            guard let store else { return nil }
            let beside = Self.path(beside: store)
            guard AtomicFile.exists(beside) else { return nil }
            file = try CalibrationFile.read(beside)
        }
        guard let found = file.entry(for: reranker) else {
            let reason = file.explanation(whyNotFor: reranker) ?? "nothing is calibrated there"
            if let path { throw EvaluationError.calibrationFile(path: path, reason: reason) }
            StandardStreams.note("note: no probabilities: the store's calibration was \(reason)")
            return nil
        }
        if let difference = Self.difference(found.settings, initialK: initialK, retriever: retriever) {
            StandardStreams.note(
                "note: probabilities were calibrated over \(difference): they hold as far as the candidates are alike (fit them again "
                    + "with winnow calibrate under these settings)")
        }
        return found
    }

    /// How the candidates of this search come about otherwise than those that were calibrated on; nil: not otherwise.
    static func difference(
        _ settings: CalibrationSettings, initialK: Int?, retriever: RetrieverKind?
    ) -> String? {
        let depth = initialK.flatMap { $0 == settings.initialK ? nil : (then: settings.initialK, now: $0) }
        // A run goes by its file's name, and whose it was is not known.
        let kind = retriever.flatMap { retriever in
            RetrieverKind(rawValue: settings.firstStage).flatMap {
                $0 == retriever ? nil : (then: $0.rawValue, now: retriever.rawValue)
            }
        }
        return switch (kind, depth) {
        case (let kind?, let depth?):
            "\(depth.then) candidates a question of the \(kind.then) retriever, and this search takes \(depth.now) of the \(kind.now) "
                + "one"
        case (let kind?, nil):
            "candidates of the \(kind.then) retriever, and this search takes those of the \(kind.now) one"
        case (nil, let depth?): "\(depth.then) candidates a question, and this search takes \(depth.now)"
        case (nil, nil): nil
        }
    }
}
