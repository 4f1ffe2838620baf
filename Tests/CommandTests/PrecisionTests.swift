import Foundation
import TestSupport
import Testing
import WinnowEncoders

extension Commands {
    /// `--precision` on every command that loads a model: what was computed is named, and is what was asked for.
    @Suite(.serialized) struct PrecisionTests {
        let winnow: BuiltProgram

        init() throws { winnow = try BuiltProgram.winnow() }

        /// int8 is computed everywhere, is named in the output, and is not float32 under another name.
        @Test func int8IsNamedAndIsAnotherNumber() async throws {
            var logits: [Double] = []
            for precision in ["float32", "int8"] {
                let outcome = try await winnow.run(
                    ["rerank", "refunds", "--candidates", "-", "--json", "--precision", precision],
                    input: Array("Refunds take five days.\n".utf8))
                #expect(outcome.code == 0, "\(outcome.errors)")
                let reply = try outcome.json()
                let models = reply["models"] as? [String: Any]
                #expect((models?["reranker"] as? [String: Any])?["precision"] as? String == precision)
                logits.append(try #require(reply.hits().first?["logit"] as? Double))
            }
            #expect(logits[0] != logits[1])
            #expect(abs(logits[0] - logits[1]) < 0.5)
        }

        @Test func quantisingAtLoadIsSaidOnStandardError() async throws {
            let model = Fixtures.url("tiny-cross-encoder").path
            let outcome = try await winnow.run(
                ["rerank", "refunds", "--candidates", "-", "--json", "--precision", "int8", "--model", model],
                input: Array("Refunds take five days.\n".utf8))
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("note: tiny-cross-encoder holds float32 weights"), "\(outcome.errors)")
            #expect(try outcome.json().hits().count == 1)
        }

        /// The default is `auto`: int8 for the built-in models where products of int8 are fast, else float32.
        @Test(arguments: Kernels.available.filter { $0.name != "scalar" }.map(\.name))
        func theDefaultIsWhatIsFastAtNoCost(kernels: String) async throws {
            let hasVNNI = try #require(Kernels.available.first { $0.name == kernels }).hasVNNI
            var outputs: [String: String] = [:]
            for precision in ["", "auto", "float32", "int8"] {
                let outcome = try await winnow.run(
                    ["embed", "-", "--json"] + (precision.isEmpty ? [] : ["--precision", precision]),
                    input: Array("a plan\n".utf8), environment: ["WINNOW_KERNELS": kernels])
                #expect(outcome.code == 0, "\(outcome.errors)")
                outputs[precision] = outcome.output
            }
            #expect(outputs[""] == outputs["auto"])
            #expect(outputs["auto"] == outputs[hasVNNI ? "int8" : "float32"])
            #expect(outputs["int8"] != outputs["float32"])
        }
    }
}
