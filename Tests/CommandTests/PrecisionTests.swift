import Foundation
import TestSupport
import Testing

extension Commands {
    /// `--precision` on every command that loads a model: what is not computed is refused by its name, never replaced.
    @Suite(.serialized) struct PrecisionTests {
        let winnow: BuiltProgram

        init() throws { winnow = try BuiltProgram.winnow() }

        @Test(arguments: ["search", "rerank", "embed"], ["bfloat16", "int8"])
        func whatIsNotComputedIsRefusedByName(command: String, precision: String) async throws {
            let folder = try TemporaryFolder()
            try Commands.writeArticles(folder)
            let arguments =
                switch command {
                case "search": ["search", "refunds", "--documents", folder.path + "/docs"]
                case "rerank": ["rerank", "refunds", "--candidates", "-"]
                default: ["embed", "-"]
                }
            let outcome = try await winnow.run(arguments + ["--precision", precision], input: Array("a\n".utf8))
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains("\"\(precision)\""), "\(outcome.errors)")
            #expect(outcome.output.isEmpty)
        }

        @Test(arguments: ["bfloat16", "int8"], ["rerank", "embed"])
        func aBenchmarkIsToldSoToo(precision: String, kind: String) async throws {
            let folder = try TemporaryFolder()
            let workload = try folder.write("w.json", #"{"kind": "\#(kind)", "query": "q", "docs": ["a"]}"#)
            let request = #"{"op":"load","workload":"\#(workload)"}"# + "\n"
            let refused = try await winnow.run(["bench-peer", "--precision", precision], input: Array(request.utf8))
            let answers = refused.output.split(separator: "\n")
            #expect(answers.count == 2, "\(refused)")
            #expect(answers.last?.contains("error") == true && answers.last?.contains(precision) == true, "\(answers)")
        }

        @Test func whatIsComputedIsTheDefault() async throws {
            var outputs: Set<String> = []
            for arguments in [[], ["--precision", "auto"], ["--precision", "float32"]] {
                let outcome = try await winnow.run(["embed", "-", "--json"] + arguments, input: Array("a plan\n".utf8))
                #expect(outcome.code == 0, "\(outcome.errors)")
                outputs.insert(outcome.output)
            }
            #expect(outputs.count == 1)
        }
    }
}
