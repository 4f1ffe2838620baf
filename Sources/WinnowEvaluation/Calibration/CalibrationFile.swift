import WinnowCore

/// Calibrations as they are kept: JSON, one entry a reranker, precision and truncation.
public struct CalibrationFile: Sendable, Hashable {
    /// The version that this build writes, and the only one there is.
    public static let schema = 1

    /// No two of one key, in the order in which they came.
    public private(set) var entries: [Calibration] = []

    public init() {}

    /// Puts a calibration in, in the place of the one with its key.
    public mutating func set(_ calibration: Calibration) {
        if let index = entries.firstIndex(where: { $0.reranker.sharesLogits(with: calibration.reranker) }) {
            entries[index] = calibration
        } else {
            entries.append(calibration)
        }
    }

    /// The calibration for a reranker's logits; nil: see ``explanation(whyNotFor:)``.
    public func entry(for reranker: ModelIdentity) -> Calibration? {
        entries.first { $0.reranker.sharesLogits(with: reranker) }
    }

    /// Why no entry is for this reranker, naming the nearest one and what differs; nil when one is.
    public func explanation(whyNotFor reranker: ModelIdentity) -> String? {
        guard entry(for: reranker) == nil else { return nil }
        let again = "run winnow calibrate for it"
        let nearest =
            entries.first { $0.reranker.fingerprint == reranker.fingerprint }
            ?? entries.first { ExactText($0.reranker.name) == ExactText(reranker.name) } ?? entries.first
        guard let fitted = nearest?.reranker else { return "nothing is calibrated there: \(again)" }
        var differences: [String] = []
        if fitted.fingerprint != reranker.fingerprint { differences.append("other weights") }
        if fitted.precision != reranker.precision { differences.append("another precision") }
        if fitted.truncation != reranker.truncation { differences.append("another truncation") }
        return
            "fitted for \(fitted.inMessages); this is \(reranker.inMessages): \(differences.joined(separator: ", ")), so "
            + "its logits mean something else; \(again)"
    }

    /// Reads a kept file.
    ///
    /// - Throws: ``EvaluationError/calibrationFile(path:reason:)`` when there is none, it is no such file, a newer winnow wrote
    ///   it, or a map in it could not be a calibration.
    public static func read(_ path: String) throws -> CalibrationFile {
        let bytes: [UInt8]
        switch WholeFile.read(path) {
        case .content(let content): bytes = content
        case .absent:
            throw EvaluationError.calibrationFile(
                path: path, reason: "there is no such file; winnow calibrate writes one")
        case .failure(let reason): throw EvaluationError.calibrationFile(path: path, reason: reason)
        }
        do {
            return try CalibrationDecoder.file(bytes)
        } catch let failure as CalibrationDecoder.Failure {
            throw EvaluationError.calibrationFile(
                path: path, reason: failure.reason + "; move the file away and run winnow calibrate again")
        }
    }

    /// Replaces the file in one step: a reader sees the old one or the new one, also after a crash.
    ///
    /// - Throws: ``EvaluationError/calibrationFile(path:reason:)``; the old file is then as it was.
    public func write(_ path: String) throws {
        do {
            try AtomicFile.write(Array(text.utf8), to: path, overwriting: true)
        } catch EvaluationError.file(let fault) {
            throw EvaluationError.calibrationFile(path: path, reason: fault.reason)
        }
    }

    /// Puts a calibration into the file, which is made when it is not there; entries with other keys stay.
    ///
    /// Two processes that add at the same time are not kept apart: the later one wins.
    /// - Throws: as ``read(_:)`` and ``write(_:)``: a damaged file is not overwritten.
    public static func add(_ calibration: Calibration, to path: String) throws {
        var file = CalibrationFile()
        if case .absent = WholeFile.read(path) {} else { file = try read(path) }
        file.set(calibration)
        try file.write(path)
    }

    package init(entries: [Calibration]) {
        for entry in entries { set(entry) }
    }
}
