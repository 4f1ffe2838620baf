import Foundation
import TestSupport
import Testing

extension Commands {
    /// What is configured gives way to what is typed: no file makes a line fail that is right without it.
    @Suite(.serialized) struct ConfigurationConflictTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder

        init() throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
        }

        @Test(arguments: [
            // A corpus that was typed, in any of the ways to type it.
            ("store: s", "search q -d docs", "search q -d docs"),
            ("store: s", "search q --documents=docs", "search q --documents=docs"),
            ("store: s", "search q --store t", "search q --store t"),
            ("store: s", "search q", "search --store=s q"),
            ("store: s", "store info t", "store info t"),
            ("store: s", "store info", "store info --store=s"),
            ("store: s", "store delete a b", "store delete --store=s a b"),
            ("store: s", "index docs", "index --store=s docs"),
            // The corpus of an evaluation is what is named.
            ("store: s", "eval set", "eval set"), ("store: s", "sweep set", "sweep set"),
            ("store: s", "calibrate set", "calibrate set"),
            ("store: s", "judge pool set --run a --run b -o c", "judge pool set --run a --run b -o c"),
            // Terms and passages of a store were made long ago.
            ("{store: s, index: {stem: none, words: ascii}}", "search q", "search --store=s q"),
            ("{store: s, index: {stem: none}}", "search q -d .", "search --stem=none q -d ."),
            ("index: {chunking: tokens, stem: none}", "eval set --store s", "eval set --store s"),
            ("index: {chunking: tokens, stem: none}", "eval set", "eval --chunking=tokens --stem=none set"),
            // A second stage that is left out, or wanted.
            (
                "ranking: {order: rrf, threshold: logit:0, calibration: c}", "search q -d . --no-rerank",
                "search q -d . --no-rerank"
            ),
            ("ranking: {rerank: false}", "search q -d .", "search --no-rerank q -d ."),
            ("ranking: {rerank-within: 1.25}", "search q -d . --no-rerank", "search q -d . --no-rerank"),
            ("ranking: {rerank: false, rerank-within: 1.25}", "search q -d .", "search --no-rerank q -d ."),
            (
                "ranking: {rerank: false}", "search q -d . --rerank-within 1",
                "search q -d . --rerank-within 1"
            ),
            ("ranking: {rerank: false}", "search q -d . --order rrf", "search q -d . --order rrf"),
            ("ranking: {rerank: false, order: rrf, threshold: logit:0}", "search q -d .", "search --no-rerank q -d ."),
            (
                "ranking: {rerank: false, order: rrf}", "search q -d . --threshold logit:0",
                "search --order=rrf:60 q -d . --threshold logit:0"
            ),
            ("ranking: {rerank: true}", "search q -d .", "search q -d ."),
            ("ranking: {rerank: false}", "eval set --no-rerank", "eval set --no-rerank"),
            // A server without a store writes no answers.
            ("llm: {model: m}", "mcp", "mcp"), ("llm: {model: m}", "mcp --store s", "mcp --llm-model=m --store s"),
            // Windows cut nothing.
            ("model: {long: window}", "rerank q -c - --truncation error", "rerank q -c - --truncation error"),
            ("model: {truncation: error}", "rerank q -c - --long window", "rerank q -c - --long window"),
            (
                "model: {truncation: error}", "rerank q -c - --long truncate",
                "rerank --truncation=error q -c - --long truncate"
            ),
            // The second stage cannot return more than the first one proposes.
            ("retrieval: {final-k: 10}", "search q -d . --initial-k 6", "search --final-k=6 q -d . --initial-k 6"),
            ("retrieval: {initial-k: 10}", "search q -d . --final-k 15", "search --initial-k=15 q -d . --final-k 15"),
            ("retrieval: {initial-k: 3, final-k: 2}", "eval set", "eval --initial-k=3 set"),
            // Sizes belong to their method.
            (
                "{store: s, index: {chunking: tokens, chunk-size: 99}}", "index . --chunking words",
                "index --store=s . --chunking words"
            ),
            (
                "{store: s, index: {chunking: tokens}}", "index . --chunk-size 9",
                "index --store=s --chunking=tokens . --chunk-size 9"
            ),
            ("{store: s, index: {interval: 9}}", "index .", "index --store=s ."),
            ("{store: s, index: {interval: 9}}", "index . --watch", "index --store=s --interval=9 . --watch"),
            // An answer for a person, and one for a program.
            ("{store: s, answer: {stream: true}}", "ask q", "ask --store=s --stream q"),
            ("{store: s, answer: {stream: true}}", "ask q --json", "ask --store=s q --json"),
            // Without an LLM nothing is said of one; a key goes with the address that it stands beside.
            ("{store: s, llm: {url: 'http://localhost:1/v1', key-env: K, timeout: 9}}", "ask q", "ask --store=s q"),
            (
                "{store: s, llm: {key-env: K, timeout: 9}}", "ask q --llm-model m",
                "ask --store=s --llm-key-env=K --llm-timeout=9 q --llm-model m"
            ),
            (
                "{store: s, llm: {model: m, key-env: K}}", "ask q --llm-url http://h/v1",
                "ask --store=s --llm-model=m q --llm-url http://h/v1"
            ),
            (
                "{store: s, llm: {model: m, key-env: K}}", "ask q --llm-key-file f",
                "ask --store=s --llm-model=m q --llm-key-file f"
            ),
            // Experiments ask their own questions.
            (
                "{retrieval: {initial-k: 9, final-k: 2}, ranking: {order: rrf, threshold: logit:1}}", "sweep set",
                "sweep set"
            ),
            (
                "{retrieval: {initial-k: 9}, ranking: {order: rrf}}", "eval --queries q.jsonl --from-log l",
                "eval --queries q.jsonl --from-log l"
            ),
            (
                "{retrieval: {retriever: bm25}, ranking: {order: rrf}}", "eval set --first-stage run:a",
                "eval set --first-stage run:a"
            ),
            (
                "{retrieval: {retriever: bm25}, ranking: {order: rrf}}", "eval set --first-stage dense",
                "eval --order=rrf:60 set --first-stage dense"
            ),
            (
                "{retrieval: {initial-k: 9}, ranking: {order: rrf}}", "calibrate set",
                "calibrate --initial-k=9 --order=rrf:60 set"
            ),
            // The same name is another thing there.
            ("model: {reranker: r, embedder: e, max-length: 9}", "embed -", "embed --model=e -"),
            ("model: {reranker: r, embedder: e}", "tokenize a", "tokenize --model=e a"),
            ("model: {reranker: r, embedder: e}", "bench", "bench --model=r"),
            ("model: {reranker: r, embedder: e}", "bench --kind embed", "bench --model=e --kind embed"),
            ("model: {reranker: r, threads: 2}", "bench-peer", "bench-peer"),
            ("model: {threads: 2}", "models quantize a b", "models quantize --threads=2 a b"),
            ("model: {threads: 2}", "version", "version"),
            // What looks like an option and is an argument.
            ("retrieval: {initial-k: 9}", "search -d . -- --initial-k", "search --initial-k=9 -d . -- --initial-k"),
            ("store: s", "search q --store", ""),
        ])
        func whatIsTypedWins(_ text: String, line: String, expected: String) async throws {
            try folder.write("winnow.yaml", text.replacingOccurrences(of: "rrf:60", with: "rrf") + "\n")
            let outcome = try await winnow.run(
                ["config", "resolve"] + line.split(separator: " ").map(String.init)
                    + ["--config=winnow.yaml"].filter { _ in
                        !line.contains(" -- ") && !line.hasPrefix("bench-peer") && !line.hasPrefix("version")
                            && !line.hasPrefix("judge") && !expected.isEmpty
                    }, folder: folder.path)
            guard !expected.isEmpty else {
                #expect(outcome.code == 64 && outcome.errors.contains("--store"), "\(outcome)")
                return
            }
            #expect(outcome.code == 0, "\(outcome)")
            #expect(
                outcome.output == "winnow \(expected.replacingOccurrences(of: "rrf:60", with: "rrf"))\n",
                "\(outcome.output)")
        }

        /// Levels of the configuration give way to one another likewise.
        @Test func higherLevelsWin() async throws {
            try folder.write(
                "winnow.yaml",
                """
                ranking: {rerank: false, order: rrf}
                retrieval: {final-k: 10}
                profiles:
                  careful: {ranking: {threshold: logit:0}}
                """)
            func resolved(_ more: [String], _ environment: [String: String] = [:]) async throws -> String {
                try await winnow.run(
                    ["config", "resolve", "search", "q", "-d", "."] + more, environment: environment,
                    folder: folder.path
                ).output
            }
            #expect(try await resolved([]) == "winnow search --final-k=10 --no-rerank q -d .\n")
            #expect(
                try await resolved(["--profile", "careful"])
                    == "winnow search --final-k=10 --order=rrf --threshold=logit:0 q -d .\n")
            #expect(
                try await resolved([], ["WINNOW_RANKING_RERANK": "true"])
                    == "winnow search --final-k=10 --order=rrf q -d .\n")
            #expect(
                try await resolved([], ["WINNOW_RETRIEVAL_INITIAL_K": "4"])
                    == "winnow search --initial-k=4 --final-k=4 --no-rerank q -d .\n")
        }

        @Test func whatGivesWaySilentlyIsSaid() async throws {
            try folder.write(
                "winnow.yaml",
                "ranking: {calibration: c.json, threshold: 'probability:0.5'}\nretrieval: {initial-k: 5}\n")
            let model = try await winnow.run(
                ["config", "resolve", "search", "q", "-d", ".", "--precision", "float32"], folder: folder.path)
            #expect(model.output == "winnow search --initial-k=5 q -d . --precision float32\n")
            #expect(
                model.errors.contains(
                    "note: ranking.calibration (winnow.yaml:1:24) and ranking.threshold (winnow.yaml:1:43) are left out, since "
                        + "--precision was typed"), "\(model.errors)")
            let variable = try await winnow.run(
                ["config", "resolve", "search", "q", "-d", "."], environment: ["WINNOW_MODEL_PRECISION": "float32"],
                folder: folder.path)
            #expect(variable.output == "winnow search --precision=float32 --initial-k=5 q -d .\n")
            #expect(
                variable.errors.contains("since model.precision is set by WINNOW_MODEL_PRECISION"), "\(variable.errors)"
            )
            let measures = try await winnow.run(
                ["config", "resolve", "eval", "set", "--measures", "nDCG@10"], folder: folder.path)
            #expect(measures.output == "winnow eval set --measures nDCG@10\n", "\(measures)")
            #expect(
                measures.errors.contains(
                    "note: retrieval.initial-k (winnow.yaml:2:24) is left out, since --measures was typed"))
        }

        /// A file that merely lies there, as in a repository that was cloned, sends nothing anywhere.
        @Test func aFileThatWasOnlyFound() async throws {
            for (text, message) in [
                (
                    "llm: {model: m, url: 'https://evil.example/v1?a=b'}",
                    "llm.url: the question and passages would go to https://evil.example/v1?***"
                ),
                ("llm: {model: m}", "llm.model: the question and passages would go to https://api.openai.com/v1"),
                ("llm: {model: m, url: 'http://localhost@evil.example/v1'}", "llm.url: "),
                ("llm: {model: m, url: 'http://127.0.0.1.evil.example/v1'}", "llm.url: "),
                (
                    "llm: {model: m, url: 'http://localhost:1/v1', key-env: SECRET}",
                    "llm.key-env: an API key would be sent"
                ),
                (
                    "llm: {model: m, url: 'http://localhost:1/v1', key-file: ~/.ssh/id}",
                    "llm.key-file: an API key would be sent"
                ),
                ("answer: {log: ~/.bashrc}", "answer.log: questions would be written to"),
            ] {
                try folder.write("winnow.yaml", "store: s\n\(text)\n")
                let line = ["config", "resolve", "ask", "q"]
                let found = try await winnow.run(line, folder: folder.path)
                #expect(found.code == 1 && found.errors.contains("winnow.yaml:2:"), "\(found)")
                #expect(found.errors.contains(message), "\(found.errors)")
                #expect(found.errors.contains("give --config winnow.yaml if the file is yours"), "\(found.errors)")
                #expect(try await winnow.run(line + ["--config", "winnow.yaml"], folder: folder.path).code == 0)
                let named = try await winnow.run(
                    line, environment: ["WINNOW_CONFIG": "winnow.yaml"], folder: folder.path)
                #expect(named.code == 0)
                // Who does not ask is not bothered.
                let search = try await winnow.run(["config", "resolve", "search", "q"], folder: folder.path)
                #expect(search.code == 0 && search.output == "winnow search --store=s q\n", "\(search)")
            }
            try folder.write("winnow.yaml", "store: s\nllm: {model: m, url: 'http://[::1]:8080/v1'}\n")
            let here = try await winnow.run(["config", "resolve", "ask", "q"], folder: folder.path)
            #expect(here.output == "winnow ask --store=s --llm-model=m '--llm-url=http://[::1]:8080/v1' q\n", "\(here)")
            // The user's own file is trusted.
            try folder.write(
                "own/winnow/winnow.yaml", "store: s\nllm: {model: m, url: 'https://u:p@llm.example/v1?key=k'}\n")
            try folder.write("empty/x", "")
            let own = try await winnow.run(
                ["config", "resolve", "ask", "q"], environment: ["XDG_CONFIG_HOME": folder.path + "/own"],
                folder: folder.path + "/empty")
            #expect(own.code == 0 && own.output.contains("https://***@llm.example/v1?***"), "\(own)")
            #expect(!own.output.contains("u:p") && !own.output.contains("key=k"))
        }
    }
}
