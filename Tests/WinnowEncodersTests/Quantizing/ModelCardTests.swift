import Foundation
import TestSupport
import Testing
import WinnowEncoders

/// The card of an int8 folder, and the figures in it.
@Suite struct ModelCardTests {
    /// A copy of a fixture with a card of its own, quantised; the new card.
    private func card(_ original: String?, _ checkpoint: String = "tiny-cross-encoder") async throws -> String {
        let folder = try TemporaryFolder()
        let source = Fixtures.url(checkpoint).path
        for entry in try FileManager.default.subpathsOfDirectory(atPath: source) {
            var isFolder: ObjCBool = false
            let path = source + "/" + entry
            if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
                try folder.write(try Data(contentsOf: URL(fileURLWithPath: path)), to: "my-model/" + entry)
            }
        }
        if let original { try folder.write("my-model/README.md", original) }
        _ = try await ModelQuantizer(method: .nearest).quantize(
            .directory(folder.path + "/my-model"), into: folder.path + "/out", calibration: .builtInCalibration,
            heldOut: .builtInHeldOut)
        return try String(contentsOfFile: folder.path + "/out/README.md", encoding: .utf8)
    }

    @Test func theLicenceAndTheTextOfTheOriginalStay() async throws {
        let text = try await card(
            "---\nlicense: mit\ntags:\n- license: no\nlicense_link: https://example.org/x\n---\n\n# My model\n\nIts story.\n"
        )
        #expect(text.hasPrefix("---\nlicense: mit\nlicense_link: https://example.org/x\n---\n\n# my-model, int8\n"))
        #expect(text.hasSuffix("## The original's card\n\n# My model\n\nIts story.\n"))
        #expect(text.contains("The licence of the original model applies."))
        #expect(text.contains("winnow eval FOLDER --model THIS_FOLDER --precision int8"))
        #expect(text.contains("logit: largest difference") && text.contains("16 queries, 16 passages, 256 pairs"))
        #expect(text.contains("not a measurement of ranking"))
    }

    @Test func aModelWithoutACard() async throws {
        let text = try await card(nil, "tiny-bi-encoder")
        #expect(text.hasPrefix("# my-model, int8\n"))
        #expect(text.contains("did not say which") && !text.contains("The original's card"))
        #expect(text.contains("winnow eval FOLDER --embedding-model THIS_FOLDER --precision int8"))
        #expect(text.contains("cosine of the two vectors of a text: largest"))
    }

    @Test func frontMatterWithoutAnEndIsText() async throws {
        let text = try await card("---\nlicense: mit\n")
        #expect(text.hasPrefix("# my-model, int8\n") && text.hasSuffix("---\nlicense: mit\n"))
    }

    @Test(arguments: [
        (0.0, "0"), (1, "1.000"), (0.05678912, "0.05679"), (-0.999962, "-1.0000"), (12.3456, "12.35"),
        (0.99999, "1.0000"),
        (0.000012344, "0.00001234"), (1234.6, "1235"), (123_456, "123456"),
    ])
    func numbersHaveFourDigits(value: Double, text: String) {
        #expect(ModelCard.number(value) == text)
    }

    /// Kendall's tau-b by hand: of six pairs four agree; with ties five are no tie on each side and four agree.
    @Test(
        arguments: [
            ([1, 2, 3, 4], [1, 3, 2, 4], 4.0 / 6), ([1, 1, 2, 3], [1, 2, 2, 3], 0.8), ([1, 2, 3], [3, 2, 1], -1),
            ([5, 6], [0, 9], 1),
        ] as [([Float], [Float], Double)])
    func kendallsTau(left: [Float], right: [Float], tau: Double) throws {
        let found = try #require(QuantizationCost.Differences.kendallTau(left, right))
        #expect(abs(found - tau) < 1e-12)
    }

    @Test func noTauOfTiesAlone() {
        #expect(QuantizationCost.Differences.kendallTau([1, 1], [1, 2]) == nil)
        #expect(QuantizationCost.Differences.kendallTau([1], [1]) == nil)
    }
}
