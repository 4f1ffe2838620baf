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
    /// - Throws: ``EvaluationError`` when a file was named and does not have it, or cannot be read.
    func calibration(
        for reranker: ModelIdentity, store: String?, initialK: Int? = nil
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
        if let initialK, found.settings.initialK != initialK {
            StandardStreams.note(
                "note: probabilities were calibrated over \(found.settings.initialK) candidates a question and this search takes "
                    + "\(initialK): they hold as far as the further candidates are alike")
        }
        return found
    }
}
