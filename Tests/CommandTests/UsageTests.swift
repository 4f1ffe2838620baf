import Foundation
import TestSupport
import Testing

extension Commands {
    @Suite(.serialized) struct UsageTests {
        let winnow: BuiltProgram

        init() throws { winnow = try BuiltProgram.winnow() }

        @Test(arguments: [
            (["rerank", "", "--candidates", "-"], "the query is empty"),
            (["rerank", " \t\u{3000}", "--candidates", "-"], "the query is empty"),
            (["search", "", "--documents", "."], "the query is empty"),
            (["search", "q", "--documents", ".", "--final-k", "21"], "--final-k 21 is over --initial-k 20"),
            (["search", "q", "--documents", ".", "--initial-k", "3"], "--final-k 5 is over --initial-k 3"),
            (["search", "q", "--documents", ".", "--final-k", "0"], "--final-k is 0: it must be at least 1"),
            (["rerank", "q", "--candidates", "-", "--final-k=-1"], "--final-k is -1"),
            (["search", "q", "--documents", ".", "--initial-k", "0"], "--initial-k is 0"),
            (["rerank", "\u{200B}\u{200D}", "--candidates", "-"], "the query is empty"),
            (["search", "q", "--documents", ".", "--max-length", "0"], "--max-length is 0"),
            (["embed", "-", "--max-length=-3"], "--max-length is -3"),
            (["rerank", "q", "--candidates", "-", "--threads", "999"], "--threads is 999: give 1 to 256"),
            (["rerank", "q", "--candidates", "-", "--final-k", "many"], "'many' is invalid for '--final-k <count>'"),
            (["search", "q", "--documents", ".", "--order", "best"], "blend:0.7"),
            (["search", "q", "--documents", ".", "--order", "blend:1.5"], "0 to 1"),
            (["search", "q", "--documents", ".", "--order", "rrf:0"], "above 0"),
            (["search", "q", "--documents", ".", "--order", "rrf", "--no-rerank"], "--order rrf:60 is made of"),
            (["eval", "set", "--order", "rrf", "--no-rerank"], "--order rrf:60 is made of"),
            (["eval", "set", "--order", "rrf", "--from-log", "log.jsonl"], "--order"),
            (["sweep", "set", "--order", "reranker,bleed:1"], "'bleed:1' in the list of order"),
            (["sweep", "set", "--order", "blend:0.5..1.5:0.5"], "0 to 1"),
            (["search", "q"], "--documents"),
            (["search", "--documents", ".", "the query last"], "ahead of --documents"),
            (["rerank", "q"], "--candidates"),
            (["rerank", "q", "--candidates", "-", "--threads", "0"], "--threads is 0"),
            (["rerank", "q", "--candidates", "-", "--precision", "float8"], "float8"),
            (["rerank", "q", "--candidates", "-", "--truncation", "half"], "half"),
            (["tokenize"], "give a text in quotes"),
            (["embed"], "<file|->"),
            (["serch", "q"], "serch"),
            (["search", "q", "--documents", ".", "--frobnicate"], "frobnicate"),
        ])
        func wrongUsage(_ arguments: [String], message: String) async throws {
            let outcome = try await winnow.run(arguments)
            #expect(outcome.code == 64, "\(outcome)")
            #expect(outcome.errors.contains(message), "\(outcome.errors)")
            #expect(outcome.output.isEmpty)
        }

        @Test(arguments: [
            [], ["--help"], ["search", "--help"], ["rerank", "--help"], ["embed", "--help"], ["tokenize", "-h"],
        ])
        func help(_ arguments: [String]) async throws {
            let outcome = try await winnow.run(arguments)
            #expect(outcome.code == 0)
            #expect(outcome.output.contains("USAGE: winnow"))
            #expect(outcome.output.contains("winnow \(arguments.count > 1 ? arguments[0] : "search") "))
            #expect(outcome.errors.isEmpty)
            let examples = outcome.output.split(separator: "\n").filter { $0.contains(" winnow ") }
            #expect(examples.allSatisfy { $0.count <= 80 }, "an example that is wrapped cannot be copied")
        }

        @Test func anArgumentThatIsNoUTF8() async throws {
            let outcome = try await winnow.shell(#""$0" rerank "$(printf 'caf\351')" --candidates -"#)
            #expect(outcome.code == 64)
            #expect(outcome.errors.contains("argument 2 is not valid UTF-8"), "\(outcome.errors)")
        }

        @Test func version() async throws {
            let short = try await winnow.run(["version"])
            #expect(
                short.code == 0 && short.output.hasPrefix("winnow ") && short.output.split(separator: "\n").count == 1)
            let long = try await winnow.run(["version", "--verbose"])
            for name in ["kernels", "processor", "threads", "all-MiniLM-L6-v2", "winnow-reranker-minilm-l6"] {
                #expect(long.output.contains(name), "\(long.output)")
            }
            let scalar = try await winnow.run(["version", "--verbose"], environment: ["WINNOW_KERNELS": "scalar"])
            #expect(scalar.output.contains("scalar (of"))
            let unknown = try await winnow.run(["version", "--verbose"], environment: ["WINNOW_KERNELS": "abacus"])
            #expect(unknown.code == 1 && unknown.errors.contains("WINNOW_KERNELS is 'abacus'"), "\(unknown)")
            let rerank = try await winnow.run(
                ["rerank", "q", "--candidates", "-"], input: Array("a\n".utf8),
                environment: ["WINNOW_KERNELS": "abacus"])
            #expect(rerank.code == 1 && rerank.errors.contains("WINNOW_KERNELS is 'abacus'"), "\(rerank)")
        }

        @Test(arguments: [
            ["rerank", "q", "--candidates", "/no/such/file"], ["search", "q", "--documents", "/no/such/folder"],
            ["embed", "/no/such/file"], ["search", "q", "--documents", ".", "/no/such/folder"],
        ])
        func filesThatAreNotThere(_ arguments: [String]) async throws {
            let outcome = try await winnow.run(arguments)
            #expect(outcome.code == 1)
            #expect(outcome.errors.hasPrefix("winnow: error: /no/such/"), "\(outcome.errors)")
            #expect(outcome.errors.contains("there is no such file or folder"))
        }
    }
}
