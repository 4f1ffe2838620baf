import Foundation
import TestSupport
import Testing
import WinnowEncoders

extension Commands {
    /// `WINNOW_KERNELS` end to end: every variant that this machine runs, forced, with the built-in models.
    @Suite(.serialized) struct KernelVariantTests {
        let winnow: BuiltProgram
        static let variants = Kernels.available.map(\.name)
        /// Each variant is within 1e-4 of the reference in float32 (`ReferenceScoreTests`); codes of int8 move with the last bits of
        /// float32, and attention is not in the same precision in all variants: about twice what was seen.
        static let bounds = ["float32": 2e-4, "int8": 0.25, "bfloat16": 0.12]

        init() throws { winnow = try BuiltProgram.winnow() }

        @Test(arguments: variants)
        func theVersionNamesTheKernels(variant: String) async throws {
            let outcome = try await winnow.run(["version", "--verbose"], environment: ["WINNOW_KERNELS": variant])
            #expect(outcome.code == 0, "\(outcome.errors)")
            let line = try #require(outcome.output.split(separator: "\n").first { $0.hasPrefix("kernels ") })
            #expect(line.hasSuffix(" \(variant) (of \(Self.variants.joined(separator: ", ")))"), "\(line)")
        }

        @Test(arguments: variants, ["float32", "int8", "bfloat16"])
        func logitsAgreeWithThoseOfTheBestKernels(variant: String, precision: String) async throws {
            let first = try await run(variant, precision, RerankTests.lines)
            let logits = try logits(first, variant, precision)
            #expect(logits.count == RerankTests.lines.count)
            // In bfloat16 some variants round weights and some the inputs too: beside float32 all have their bound.
            let best = precision == "bfloat16" ? "float32" : precision
            let expected = try self.logits(
                try await run(Self.variants[0], best, RerankTests.lines), Self.variants[0], best)
            let bound = try #require(Self.bounds[precision])
            for (text, logit) in logits {
                let difference = abs(logit - (try #require(expected[text])))
                #expect(difference <= bound, "\(text): \(difference)")
            }
            // The same bits in another order on one thread, and alone.
            let backwards = try await run(variant, precision, RerankTests.lines.reversed(), "--threads", "1")
            #expect(try self.logits(backwards, variant, precision) == logits)
            let alone = try await run(variant, precision, [RerankTests.lines[1]])
            #expect(try self.logits(alone, variant, precision) == logits.filter { $0.key == RerankTests.lines[1] })
        }

        private func run(_ variant: String, _ precision: String, _ lines: [String], _ more: String...) async throws
            -> BuiltProgram.Outcome
        {
            try await winnow.run(
                ["rerank", "How long do refunds take?", "--candidates", "-", "--json", "--precision", precision] + more,
                input: Array(lines.joined(separator: "\n").utf8), environment: ["WINNOW_KERNELS": variant])
        }

        /// Logits by text, of an output that says that it was computed so.
        private func logits(_ outcome: BuiltProgram.Outcome, _ variant: String, _ precision: String) throws
            -> [String: Double]
        {
            #expect(outcome.code == 0, "\(outcome.errors)")
            let reply = try outcome.json()
            let reranker = try #require((reply["models"] as? [String: Any])?["reranker"] as? [String: String])
            #expect(reranker["kernels"] == variant && reranker["precision"] == precision)
            return Dictionary(
                uniqueKeysWithValues: try reply.hits().map {
                    (try #require($0["text"] as? String), try #require($0["logit"] as? Double))
                })
        }
    }
}
