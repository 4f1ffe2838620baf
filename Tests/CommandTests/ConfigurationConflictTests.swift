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
            // A server has limits of its own.
            (
                "retrieval: {initial-k: 2000, final-k: 300}", "mcp --store s",
                "mcp --initial-k=1000 --final-k=100 --store s"
            ),
            ("retrieval: {initial-k: 2000}", "search q -d .", "search --initial-k=2000 q -d ."),
            // A distance is in the units of one first stage's scores.
            ("ranking: {rerank-within: 1.25}", "search q -d .", "search --rerank-within=1.25 q -d ."),
            ("ranking: {rerank-within: 1.25}", "search q -d . --retriever bm25", "search q -d . --retriever bm25"),
            ("ranking: {rerank-within: 1.25}", "ask q --store s --fusion rrf", "ask q --store s --fusion rrf"),
            ("ranking: {rerank-within: 1.25}", "eval set --first-stage bm25", "eval set --first-stage bm25"),
            ("ranking: {rerank-within: 1.25}", "rerank q -c -", "rerank q -c -"),
            ("ranking: {rerank-within: 1.25}", "rerank q -c - --rerank-within 2", "rerank q -c - --rerank-within 2"),
            (
                "{retrieval: {retriever: bm25}, ranking: {rerank-within: 9}}", "search q -d .",
                "search --retriever=bm25 --rerank-within=9 q -d ."
            ),
            // A threshold in probability is for what makes probabilities.
            ("{store: s, ranking: {threshold: 'probability:0.5'}}", "search q -d .", "search q -d ."),
            ("{store: s, ranking: {threshold: 'probability:0.5'}}", "rerank q -c -", "rerank q -c -"),
            (
                "{store: s, ranking: {threshold: 'probability:0.5'}}", "search q",
                "search --store=s --threshold=probability:0.5 q"
            ),
            ("{store: s, ranking: {threshold: 'probability:0.5'}}", "search q --store t", "search q --store t"),
            (
                "{store: s, ranking: {threshold: 'probability:0.5'}}", "search q --calibration none",
                "search --store=s q --calibration none"
            ),
            (
                "ranking: {threshold: 'probability:0.5'}", "rerank q -c - --calibration c",
                "rerank --threshold=probability:0.5 q -c - --calibration c"
            ),
            ("ranking: {threshold: 'logit:0'}", "rerank q -c -", "rerank --threshold=logit:0 q -c -"),
            ("ranking: {threshold: 'probability:0.5'}", "mcp", "mcp"),
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

        /// What is left out of a line that would not be right with it is left out of the run as well.
        @Test func aLineThatIsRightStaysRight() async throws {
            try folder.write(
                "winnow.yaml", "store: kb.sqlite\nranking: {threshold: 'probability:0.5', rerank-within: 1}\n")
            try folder.write("c.txt", "Refunds are paid.\nThe canteen is closed.\n")
            let outcome = try await winnow.run(["rerank", "refunds", "-c", "c.txt", "--json"], folder: folder.path)
            #expect(outcome.code == 0)
            #expect(try outcome.json().hits().allSatisfy { $0["logit"] is Double })
            for note in [
                "note: ranking.threshold (winnow.yaml:2:22) is left out, since there is no calibration here",
                "note: ranking.rerank-within (winnow.yaml:2:56) is left out, since the candidates are another search's",
            ] { #expect(outcome.errors.contains(note), "\(outcome.errors)") }
            let typed = try await winnow.run(
                ["config", "resolve", "search", "q", "-d", "."],
                environment: ["WINNOW_RETRIEVAL_RETRIEVER": "bm25"], folder: folder.path)
            #expect(
                typed.errors.contains("is left out, since retrieval.retriever is set by WINNOW_RETRIEVAL_RETRIEVER"),
                "\(typed.errors)")
            try folder.write("winnow.yaml", "retrieval: {initial-k: 2000}\n")
            let check = try await winnow.run(["config", "check"], folder: folder.path)
            #expect(check.code == 0, "\(check)")
            let server = try await winnow.run(["mcp"], folder: folder.path)
            #expect(server.code == 0, "\(server)")
            #expect(
                server.errors.contains("note: retrieval.initial-k (winnow.yaml:1:24) is 2000, and 1000 here"),
                "\(server.errors)")
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
            #expect(
                here.output
                    == "winnow ask --store=s --llm-model=m '--llm-url=http://[::1]:8080/v1' --llm-key-env=none q\n",
                "\(here)")
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

        /// Nobody said that this server is to have the key.
        @Test func aFileThatWasOnlyFoundSendsNoKey() async throws {
            let stub = try StubServer()
            try Commands.writeArticles(folder)
            #expect(try await winnow.run(["index", "docs", "--store", "kb.sqlite"], folder: folder.path).code == 0)
            try folder.write("winnow.yaml", "store: kb.sqlite\nllm: {model: m, url: '\(stub.url())'}\n")
            let line = ["ask", "When are refunds issued?"]
            let key = ["OPENAI_API_KEY": "the-key"]
            func sent(_ more: [String], _ environment: [String: String]) async throws -> String? {
                let outcome = try await winnow.run(line + more, environment: environment, folder: folder.path)
                #expect(outcome.code == 0, "\(outcome)")
                #expect(
                    outcome.errors.contains("OPENAI_API_KEY is not sent, since llm.url (winnow.yaml:2:22)")
                        == (more.isEmpty && environment == key), "\(outcome.errors)")
                return try #require(try stub.requests().last).headers["authorization"]
            }
            #expect(try await sent([], key) == nil)
            #expect(try await sent([], ["OPENAI_API_KEY": ""]) == nil)
            #expect(try await sent(["--llm-key-env", "OPENAI_API_KEY"], key) == "Bearer the-key")
            #expect(try await sent(["--config", "winnow.yaml"], key) == "Bearer the-key")
            let variable = key.merging(["WINNOW_LLM_KEY_ENV": "OPENAI_API_KEY"]) { $1 }
            #expect(try await sent([], variable) == "Bearer the-key")
            // Where only the model's name is the file's.
            try folder.write("winnow.yaml", "store: kb.sqlite\nllm: {model: m}\n")
            let resolved = ["config", "resolve"] + line
            let local = try await winnow.run(
                resolved, environment: ["WINNOW_LLM_URL": "http://127.0.0.1:9/v1"], folder: folder.path)
            #expect(local.code == 0 && local.output.contains(" --llm-key-env=none "), "\(local)")
            let remote = try await winnow.run(
                resolved, environment: ["WINNOW_LLM_URL": "https://llm.example/v1?k=secret"], folder: folder.path)
            #expect(
                remote.code == 1
                    && remote.errors.contains(
                        "2:14: llm.model: the question and passages would go to https://llm.example/v1?***"),
                "\(remote)")
            // What was typed is shown no more than what was set.
            let typed = try await winnow.run(
                resolved + ["--llm-url", "https://u:p@h/v1?k=1", "--llm-model", "x", "--llm-key-env=none"],
                folder: folder.path)
            #expect(
                typed.output.hasSuffix(" --llm-url 'https://***@h/v1?***' --llm-model x --llm-key-env=none\n"),
                "\(typed)")
        }

        /// What it may write lies below its own folder, whatever links say.
        @Test func aFileThatWasOnlyFoundWritesOnlyBelowIt() async throws {
            let home = ["HOME": folder.path + "/home"]
            try folder.write("home/x", "")
            try folder.write("work/sub/x", "")
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/work/out", withDestinationPath: folder.path + "/home")
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/work/link.sqlite", withDestinationPath: folder.path + "/home/none.sqlite")
            func code(_ text: String, _ line: String, _ more: [String] = []) async throws -> (Int32, String) {
                try folder.write("work/winnow.yaml", text + "\n")
                let outcome = try await winnow.run(
                    ["config", "resolve"] + line.split(separator: " ").map(String.init) + more, environment: home,
                    folder: folder.path + "/work")
                return (outcome.code, outcome.errors)
            }
            let writing = ["index docs", "store delete a", "store compact", "store rebuild-vectors"]
            for path in [
                "~/kb.sqlite", "../kb.sqlite", "out/kb.sqlite", "link.sqlite", "/kb.sqlite", "sub/../../kb.sqlite",
            ] {
                for line in writing {
                    let (code, errors) = try await code("store: \(path)", line)
                    #expect(code == 1 && errors.contains("winnow.yaml:1:8: store: "), "\(path) \(line): \(errors)")
                    #expect(errors.contains("outside of the file's folder"), "\(errors)")
                }
                #expect(try await code("store: \(path)", "search q").0 == 0)
                #expect(try await code("store: \(path)", "index docs", ["--config", "winnow.yaml"]).0 == 0)
                let (cache, errors) = try await code("ranking: {score-cache: \(path)}", "search q -d .")
                #expect(
                    cache == 1 && errors.contains("1:24: ranking.score-cache: scores would be written to"), "\(errors)")
            }
            for path in ["kb.sqlite", "sub/kb.sqlite", "sub/../kb.sqlite", "none/of/these.sqlite"] {
                for line in writing { #expect(try await code("store: \(path)", line).0 == 0, "\(path) \(line)") }
                #expect(try await code("ranking: {score-cache: \(path)}", "search q -d .").0 == 0)
            }
            #expect(try await code("ranking: {score-cache: none}", "search q -d .").0 == 0)
            // A search reads such a store, and keeps no scores beside it, unless that is asked for.
            for (path, more, keeps) in [
                ("~/kb.sqlite", [], false), ("kb.sqlite", [], true),
                ("~/kb.sqlite", ["--config", "winnow.yaml"], true),
                ("~/kb.sqlite", ["--score-cache", "here.sqlite"], true),
            ] {
                try folder.write("work/winnow.yaml", "store: \(path)\n")
                let outcome = try await winnow.run(
                    ["config", "resolve", "search", "q"] + more, environment: home, folder: folder.path + "/work")
                #expect(outcome.code == 0 && outcome.output.contains("--score-cache=none") != keeps, "\(outcome)")
            }
        }
    }
}
