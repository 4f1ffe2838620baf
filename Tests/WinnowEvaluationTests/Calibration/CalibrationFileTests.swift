import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowEvaluation

@Suite struct CalibrationFileTests {
    private static func identity(
        _ digit: String = "a", precision: String = "float32", truncation: String = "passage:512",
        kernels: String = "avx512",
        name: String = "model"
    ) throws -> ModelIdentity {
        ModelIdentity(
            name: name, fingerprint: try #require(Fingerprint(hexadecimal: String(repeating: digit, count: 64))),
            precision: precision, kernels: kernels, truncation: truncation)
    }

    private static func calibration(_ reranker: ModelIdentity, slope: Double = 0.7, seed: UInt64 = 1) throws
        -> Calibration
    {
        var random = SeededGenerator(seed: seed)
        let queries = DrawnQueries(slope: slope).draw(60, &random)
        let report = try Calibrator(method: seed % 2 == 0 ? .isotonic : .platt).fit(
            queries, settings: DrawnQueries.settings)
        return Calibration(report, reranker: reranker)
    }

    @Test func everythingComesBack() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/calibrations.json"
        var first = try Self.calibration(Self.identity())
        first.settings.collection = "tab\tquote\"line\nend"
        first.quality.brierSkill = nil
        let second = try Self.calibration(Self.identity("b"), seed: 2)
        try CalibrationFile.add(first, to: path)
        try CalibrationFile.add(second, to: path)
        let file = try CalibrationFile.read(path)
        #expect(file.entries == [first, second])
        #expect(second.map.method == .isotonic)
        #expect(file.entry(for: try Self.identity(kernels: "generic", name: "renamed")) == first)
        // Only the entry of the same key is replaced.
        let again = try Self.calibration(Self.identity(kernels: "neon"), seed: 3)
        try CalibrationFile.add(again, to: path)
        #expect(try CalibrationFile.read(path).entries == [again, second])
        let entries = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(entries == ["calibrations.json"], "nothing is left beside it")
        var empty = CalibrationFile()
        try empty.write(path)
        #expect(try CalibrationFile.read(path) == empty)
        empty.set(first)
        #expect(empty.entries == [first])
    }

    @Test func whyNoneFits() throws {
        var file = CalibrationFile()
        let int8 = try Self.identity(precision: "int8")
        #expect(file.explanation(whyNotFor: int8)?.contains("winnow calibrate") == true)
        file.set(try Self.calibration(Self.identity("b", name: "other")))
        file.set(try Self.calibration(Self.identity()))
        #expect(file.explanation(whyNotFor: try Self.identity()) == nil)
        let text = try #require(file.explanation(whyNotFor: int8))
        for part in [
            "model (fingerprint aaaaaaaa…, float32", "this is model", "int8", "another precision", "winnow calibrate",
        ] {
            #expect(text.contains(part), "\(text)")
        }
        #expect(!text.contains("weights"))
        let cut = try Self.identity(truncation: "longest-first:256")
        #expect(file.explanation(whyNotFor: cut)?.contains("another truncation") == true)
        #expect(file.entry(for: cut) == nil)
        #expect(file.explanation(whyNotFor: try Self.identity("c"))?.contains("other weights") == true)
    }

    /// Each damage to a good file is refused with words that name it.
    @Test func damagedFilesAreRefused() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/c.json"
        var calibration = try Self.calibration(Self.identity())
        calibration.map = .platt(try #require(PlattMap(slope: 0.5, intercept: -1.25)))
        try CalibrationFile.add(calibration, to: path)
        let platt = try String(contentsOfFile: path, encoding: .utf8)
        let knots = [(-1.5, 0.125), (0.5, 0.25), (2, 0.75)].map {
            IsotonicMap.Knot(logit: Float($0.0), probability: $0.1)
        }
        calibration.map = .isotonic(try #require(IsotonicMap(knots: knots)))
        try CalibrationFile.add(calibration, to: path)
        let isotonic = try String(contentsOfFile: path, encoding: .utf8)
        #expect(isotonic.contains("[[-1.5,0.125],[0.5,0.25],[2.0,0.75]]"))
        let fingerprint = String(repeating: "a", count: 64)
        let damages: [(String, String, String, String)] = [
            (platt, "\"schema\":1", "\"schema\":2", "newer winnow"),
            (platt, "\"schema\":1", "\"schema\":0", "no schema 0"),
            (platt, "\"schema\":1", "\"schema\":\"1\"", "the file.schema: a whole number"),
            (platt, "\"schema\":1,", "", "the file.schema: it is missing"),
            (platt, "\"slope\":0.5", "\"slope\":-0.5", "it must be over 0"),
            (platt, "\"slope\":0.5", "\"slope\":null", "a number is wanted"),
            (platt, "\"slope\":0.5", "\"slope\":1e999", "out of range"),
            (platt, "\"method\":\"platt\"", "\"method\":\"spline\"", "platt or isotonic"),
            (platt, fingerprint, "aa", "64 hexadecimal"),
            (platt, "\"labels\":\"judgedOnly\"", "\"labels\":\"some\"", "judgedOnly or unjudgedAsNegative"),
            (platt, "\"initialK\":20", "\"initialK\":-1", "cannot be under 0"),
            (platt, "\"date\"", "\"day\"", "calibrations[0].date: it is missing"),
            (isotonic, "[0.5,0.25]", "[-1.5,0.25]", "logits must rise"),
            (isotonic, "[0.5,0.25]", "[0.5,0.0625]", "never fall"),
            (isotonic, "[0.5,0.25]", "[0.5,1.25]", "not in 0…1"),
            (isotonic, "[0.5,0.25]", "[1e60,0.25]", "two numbers"),
            (isotonic, "[0.5,0.25]", "[0.5]", "two numbers"),
            (isotonic, "[[-1.5,0.125],[0.5,0.25],[2.0,0.75]]", "[]", "logits must rise"),
            (isotonic, "]}\n", "", "line 1, column 28: the array is not closed"),
            (isotonic, "\"calibrations\":[", "\"calibrations\":{", "line 2, column 1"),
        ]
        for (text, part, damage, expected) in damages {
            let damaged = text.replacingOccurrences(of: part, with: damage)
            #expect(damaged != text, "\(part) is not there")
            try Data(damaged.utf8).write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: EvaluationError.self) { try CalibrationFile.read(path) }
            let message = error?.description ?? ""
            #expect(message.contains(expected) && message.contains("c.json"), "\(damage): \(message)")
            // What cannot be read is not overwritten.
            #expect(throws: EvaluationError.self) { try CalibrationFile.add(calibration, to: path) }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(damaged.utf8))
        }
        let entry = isotonic.split(separator: "\n")[1]
        try Data("{\"schema\":1,\"calibrations\":[\(entry),\(entry)]}".utf8).write(to: URL(fileURLWithPath: path))
        let twice = #expect(throws: EvaluationError.self) { try CalibrationFile.read(path) }
        #expect(twice?.description.contains("there twice") == true)
        try Data([0x7B, 0xFF, 0x7D]).write(to: URL(fileURLWithPath: path))
        let bytes = #expect(throws: EvaluationError.self) { try CalibrationFile.read(path) }
        #expect(bytes?.description.contains("UTF-8") == true)
    }

    @Test func placesThatDoNotWork() throws {
        let folder = try TemporaryFolder()
        let absent = #expect(throws: EvaluationError.self) { try CalibrationFile.read(folder.path + "/none.json") }
        #expect(absent?.description.contains("no such file") == true)
        #expect(throws: EvaluationError.self) { try CalibrationFile.read(folder.path) }
        #expect(throws: EvaluationError.self) { try CalibrationFile().write(folder.path + "/missing/c.json") }
        #expect(throws: EvaluationError.self) { try CalibrationFile().write(folder.path) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
}
