import Foundation
import TestSupport
import Testing

extension Commands {
    /// Every mistake has its place, and says how to mend it.
    @Suite(.serialized) struct ConfigurationErrorTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder

        init() throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
        }

        @Test(arguments: [
            (
                "retrieval:\n  inital-k: 3\n",
                "2:3: there is no key 'retrieval.inital-k': did you mean retrieval.initial-k?"
            ),
            ("modle: {}\n", "1:1: there is no key 'modle': did you mean model?"),
            ("initial-k: 3\n", "1:1: there is no key 'initial-k': did you mean retrieval.initial-k?"),
            ("model: {order: rrf}\n", "1:9: there is no key 'model.order': did you mean ranking.order?"),
            ("llm: {llm-url: x}\n", "1:7: there is no key 'llm.llm-url': did you mean llm.url?"),
            ("zzz: 1\n", "1:1: there is no key 'zzz': winnow config show lists all keys"),
            ("<<: {a: 1}\n", "1:1: '<<': YAML's merge keys are not read here"),
            (
                "retrieval: {initial-k: many}\n",
                "1:24: retrieval.initial-k: 'many' is not what it wants: give a whole number from 1"
            ),
            (
                "retrieval: {initial-k: 0}\n",
                "retrieval.initial-k: '0' is not what it wants: give a whole number from 1"
            ),
            ("retrieval: {initial-k: 1_000}\n", "'1_000' is not what it wants"),
            ("retrieval: {initial-k: 010}\n", "'010' is not what it wants"),
            ("retrieval: {initial-k: 99999999999999999999}\n", "'99999999999999999999' is not what it wants"),
            ("retrieval: {bm25-b: 2}\n", "retrieval.bm25-b: '2' is not what it wants: give a number, 0 to 1"),
            ("retrieval: {dense-weight: .inf}\n", "'.inf' is not what it wants: give a number from 0"),
            (
                "model: {threads: \"2\"}\n",
                "1:18: model.threads: \"2\" in quotes is a text: give a whole number, 1 to 256, without quotes"
            ),
            ("ranking: {rerank: 'true'}\n", "\"true\" in quotes is a text: give true or false, without quotes"),
            (
                "ranking: {rerank: yes}\n",
                "ranking.rerank: 'yes' is not what it wants: give true or false, without quotes"
            ),
            (
                "model: {precision: int7}\n",
                "model.precision: 'int7' is none of its values: did you mean int8? give auto, float32, bfloat16 or int8"
            ),
            ("ranking: {order: best}\n", "1:18: ranking.order: "),
            ("ranking: {threshold: 0.5}\n", "1:22: ranking.threshold: "),
            ("store:\n", "1:1: store: it has no value: give a path, or leave the key out"),
            ("store: null\n", "1:1: store: it has no value"),
            ("store: ''\n", "1:8: store: it has no value"),
            ("store: [a, b]\n", "1:8: store: found a list: give a path"),
            ("store: {a: b}\n", "1:8: store: found a mapping: give a path"),
            ("store: \"a\\nb\"\n", "store: its value has a line break or another control character"),
            ("retrieval: 4\n", "1:12: retrieval: expected a mapping of keys to values, found a single value"),
            ("- a\n", "1:1: a configuration is a mapping of keys to values"),
            ("just a text\n", "1:1: a configuration is a mapping of keys to values"),
            ("profiles: [a]\n", "1:11: profiles: expected a mapping of names to settings"),
            ("profiles: {a: 1}\n", "1:15: profiles.a: expected a mapping of settings"),
            ("profiles: {a: {profile: b}}\n", "1:16: profile: a profile has settings only"),
            ("profiles: {a: {store: 1, stor: 2}}\n", "1:26: there is no key 'stor': did you mean store?"),
            ("profile: fats\nprofiles: {fast: {}}\n", "1:10: profile: there is no profile 'fats': did you mean fast?"),
            ("profile: x\n", "1:10: profile: there is no profile 'x': the file has none"),
            ("store: a\nstore: b\n", "the key 'store' stands twice"),
            // Else it could stand twice.
            (
                "retrieval.initial-k: 3\nretrieval: {initial-k: 5}\n",
                "1:1: retrieval.initial-k: a key stands in its group: write retrieval: {initial-k: …}"
            ),
            (
                "profiles: {a: {retrieval.initial-k: 3}}\n",
                "1:16: retrieval.initial-k: a key stands in its group: write retrieval: {initial-k: …}"
            ),
            ("model: {threads: 1, threads: 2}\n", "the key 'threads' stands twice"),
            ("store: &a b\nmodel: {reranker: *a}\n", "1:8: YAML's anchors and aliases (& and *) are not read here"),
            ("a: [&x [1], *x]\n", "1:5: YAML's anchors"),
            ("? *a\n: b\n", "1:3: YAML's anchors"),
            ("store: !!str b\n", "1:8: YAML's tags (!) are not read here"),
            ("retrieval:\n\tinitial-k: 3\n", "2:1: a tab: YAML is indented with spaces"),
            ("store: [a\n", "this is no YAML"),
            ("store: a\n---\nstore: b\n", "2:1: this is no YAML: expected a single document"),
            ("store: a\u{1}b\n", "1:9: this is no YAML: control characters are not allowed"),
            ("llm: {api-key: abc}\n", "1:7: 'llm.api-key': an API key does not belong in this file"),
            ("llm: {token: abc}\n", "'llm.token': an API key does not belong in this file"),
            ("openai-api-key: abc\n", "'openai-api-key': an API key does not belong in this file"),
            ("llm: {url: kb.example}\n", "llm.url: 'kb.example' is no address"),
        ])
        func aMistakeInTheFile(_ text: String, message: String) async throws {
            try folder.write("winnow.yaml", text)
            let check = try await winnow.run(["config", "check"], folder: folder.path)
            #expect(check.code == 1 && check.output.isEmpty, "\(check)")
            #expect(check.errors.hasPrefix("winnow: error: winnow.yaml:"), "\(check.errors)")
            #expect(check.errors.contains(message), "\(check.errors)")
        }

        /// Every command that takes keys refuses the file, and those that take none do not look at it.
        @Test func whoReadsTheFile() async throws {
            try folder.write("winnow.yaml", "stor: a\nretrieval: {initial-k: x}\n")
            for line in [["search", "q", "-d", "."], ["store", "info"], ["tokenize", "a"], ["config", "show"]] {
                let outcome = try await winnow.run(line, folder: folder.path)
                #expect(outcome.code == 1 && outcome.output.isEmpty, "\(line): \(outcome)")
                #expect(
                    outcome.errors.contains("winnow.yaml:1:1: there is no key 'stor'")
                        && outcome.errors.contains("winnow.yaml:2:24: retrieval.initial-k"), "\(outcome.errors)")
            }
            for line in [
                ["version"], ["search", "--help"], ["tokenize", "a", "--no-config"], ["config", "show", "--no-config"],
            ] {
                #expect(try await winnow.run(line, folder: folder.path).code == 0, "\(line)")
            }
            let peer = try await winnow.run(["bench-peer"], folder: folder.path)
            #expect(peer.code == 0 && peer.output == "{\"ready\":true}\n", "\(peer)")
        }

        @Test func aSecretIsNotRepeated() async throws {
            let secret = "sk-abcdefghijklmnopqrstuvwxyz0123456789"
            for text in [
                "llm: {key-env: \(secret)}", "llm: {api-key: \(secret)}", "llm: {model: \(secret)}",
                "llm: {key-file: \(secret)}",
            ] {
                try folder.write("winnow.yaml", text + "\n")
                let outcome = try await winnow.run(["config", "check"], folder: folder.path)
                #expect(
                    outcome.code == 1 && outcome.errors.contains("an API key does not belong in this file"),
                    "\(outcome)")
                #expect(!outcome.errors.contains(secret))
            }
            try folder.write("winnow.yaml", "llm: {model: m, key-env: 'not a name'}\n")
            let name = try await winnow.run(["config", "check"], folder: folder.path)
            #expect(
                name.errors.contains("llm.key-env: its value is no name of a variable")
                    && !name.errors.contains("not a name"))
            let typed = try await winnow.run(["ask", "q", "--store", "s", "--llm-model", "m", "--llm-key-env", secret])
            #expect(typed.code == 64 && !typed.errors.contains(secret), "\(typed)")
            let unset = try await winnow.run(
                ["ask", "q", "--store", "s", "--llm-model", "m", "--llm-key-env", "A", "--llm-key-file", "f"])
            #expect(unset.code == 64 && unset.errors.contains("two places of one key"), "\(unset)")
        }

        @Test func filesThatAreNone() async throws {
            try folder.write("latin.yaml", bytes: [0x61, 0x3A, 0x20, 0xE9, 0x0A])
            try folder.write("large.yaml", String(repeating: "# comment\n", count: 7000))
            try folder.write("sub/x", "")
            try folder.write("empty.yaml", "")
            try folder.write("comment.yaml", "# nothing yet\n\n")
            try folder.write("marked.yaml", "\u{FEFF}store: a\n")
            try folder.write("windows.yaml", "retrieval:\r\n  initial-k: 7\r\n")
            try folder.write("deep.yaml", "a: " + String(repeating: "[", count: 30_000))
            for (file, message) in [
                ("latin.yaml", "latin.yaml cannot be read: it is not UTF-8"), ("large.yaml", "larger than 65536 bytes"),
                ("sub", "sub cannot be read: Is a directory"),
                ("absent.yaml", "absent.yaml cannot be read: No such file"),
                ("deep.yaml", "Maximum nesting level"),
            ] {
                for line in [["config", "check", file], ["search", "q", "-d", ".", "--config", file]] {
                    let outcome = try await winnow.run(line, folder: folder.path)
                    #expect(outcome.code == 1 && outcome.errors.contains(message), "\(outcome)")
                }
            }
            for (file, keys) in [
                ("empty.yaml", "0 keys"), ("comment.yaml", "0 keys"), ("marked.yaml", "1 key"),
                ("windows.yaml", "1 key"),
            ] {
                let outcome = try await winnow.run(["config", "check", file], folder: folder.path)
                #expect(outcome.code == 0 && outcome.output == "\(file) is right: \(keys)\n", "\(outcome)")
            }
        }

        /// What lies there and is no file neither hangs nor stops a command that did not name it.
        @Test func whatIsNoFileIsPassedOver() async throws {
            let line = ["config", "resolve", "search", "q", "-d", "."]
            try folder.write("own/winnow/winnow.yaml", "retrieval: {final-k: 3}\n")
            let own = ["XDG_CONFIG_HOME": folder.path + "/own"]
            func passesOver(_ what: String) async throws {
                for (environment, option) in [([:], ""), (own, "--final-k=3 ")] {
                    let outcome = try await winnow.run(
                        line, environment: environment, folder: folder.path, limit: .seconds(20))
                    #expect(
                        outcome.code == 0 && outcome.output == "winnow search \(option)q -d .\n", "\(what): \(outcome)")
                }
                let told = try await winnow.run(line, folder: folder.path)
                #expect(told.errors == "winnow: note: winnow.yaml is no file and is passed over\n", "\(told.errors)")
            }
            let path = folder.path + "/winnow.yaml"
            #expect(mkfifo(path, 0o600) == 0)
            try await passesOver("a pipe")
            try FileManager.default.removeItem(atPath: path)
            try folder.write("winnow.yaml/x", "")
            try await passesOver("a folder")
        }

        /// What looks like YAML's machinery and stands in a text is a text.
        @Test func textsAreTexts() async throws {
            try folder.write(
                "winnow.yaml",
                """
                store: "&a *b !c.sqlite" # & no * anchor !
                model: {reranker: 'it''s [a] & *b', embedder: a &b *c}
                llm: {model: "x\\" &y"}
                profiles: {"&p": {retrieval: {initial-k: 9}}}
                """)
            let outcome = try await winnow.run(["config", "show", "--json"], folder: folder.path)
            let keys = try outcome.json().hits("keys")
            func value(_ key: String) -> String? { keys.first { $0["key"] as? String == key }?["value"] as? String }
            #expect(value("store") == "&a *b !c.sqlite")
            #expect(value("model.reranker") == "it's [a] & *b" && value("model.embedder") == "a &b *c")
            #expect(value("llm.model") == "x\" &y")
            #expect(try outcome.json()["profiles"] as? [String] == ["&p"])
        }

        @Test(arguments: [
            (["search", "q", "-d", ".", "--config"], "--config wants a file"),
            (["search", "q", "-d", ".", "--config="], "--config is empty"),
            (["search", "q", "-d", ".", "--profile"], "--profile wants the name of a profile"),
            (["search", "q", "-d", ".", "--config", "a", "--config", "b"], "--config is given twice"),
            (["search", "q", "-d", ".", "--config", "a", "--no-config"], "contradict each other"),
            (["search", "q", "-d", ".", "--profile", "a", "--no-config"], "contradict each other"),
            (
                ["search", "q", "-d", ".", "--profile", "fast"],
                "--profile fast: there is no winnow.yaml that could have profiles"
            ),
            (["version", "--config", "a"], "Unknown option '--config'"),
            (["bench-peer", "--no-config"], "Unknown option '--no-config'"),
        ])
        func wrongUsage(_ line: [String], message: String) async throws {
            let outcome = try await winnow.run(line, folder: folder.path)
            #expect(outcome.code == 64 && outcome.errors.contains(message), "\(outcome)")
        }

        @Test func theEnvironmentIsNamed() async throws {
            func outcome(_ name: String, _ value: String) async throws -> BuiltProgram.Outcome {
                try await winnow.run(["search", "q", "-d", "."], environment: [name: value], folder: folder.path)
            }
            let number = try await outcome("WINNOW_RETRIEVAL_INITIAL_K", "x")
            #expect(number.code == 1)
            #expect(
                number.errors.contains(
                    "error: WINNOW_RETRIEVAL_INITIAL_K: 'x' is not what it wants: give a whole number from 1"))
            let both = try await outcome("WINNOW_RETRIEVAL_FINAL_K", "21")
            #expect(
                both.code == 1 && both.errors.contains("retrieval.final-k is 21 by WINNOW_RETRIEVAL_FINAL_K"), "\(both)"
            )
            let profile = try await outcome("WINNOW_PROFILE", "fast")
            #expect(
                profile.code == 1 && profile.errors.contains("WINNOW_PROFILE: there is no winnow.yaml"), "\(profile)")
            // Who wants no file wants no profile.
            for (more, environment) in [
                (["--config", "none"], [:]), ([], ["WINNOW_CONFIG": "none"]), (["--no-config"], [:]),
            ] {
                let none = try await winnow.run(
                    ["config", "resolve", "search", "q", "-d", "."] + more,
                    environment: ["WINNOW_PROFILE": "fast"].merging(environment) { $1 }, folder: folder.path)
                #expect(none.code == 0 && none.output == "winnow search q -d .\n", "\(none)")
            }
            let typo = try await winnow.run(
                ["config", "show"],
                environment: ["WINNOW_RETRIEVAL_INITAL_K": "3", "WINNOW_HISTORY": "h", "WINNOW_KERNELS": ""],
                folder: folder.path)
            #expect(
                !typo.errors.contains("WINNOW_HISTORY") && !typo.errors.contains("WINNOW_KERNELS"), "\(typo.errors)")
            #expect(
                typo.errors.contains(
                    "nothing reads the variable WINNOW_RETRIEVAL_INITAL_K: did you mean WINNOW_RETRIEVAL_INITIAL_K?"))
        }

        /// Errors of the command itself, about what nobody typed.
        @Test(arguments: [
            (
                "retrieval: {final-k: 30}\n", ["search", "q", "-d", "."],
                "retrieval.final-k 30 is over retrieval.initial-k 20", "retrieval.final-k is 30 by winnow.yaml:1:22"
            ),
            (
                "model: {long: window, truncation: error}\n", ["rerank", "q", "-c", "-"],
                "model.long window cuts nothing, and model.truncation error",
                "model.truncation is error by winnow.yaml:1:35"
            ),
            (
                "index: {chunk-size: 20}\nstore: s\n", ["index", "."],
                "index.chunk-size and index.chunk-overlap belong to a method",
                "index.chunk-size is 20 by winnow.yaml:1:21"
            ),
            (
                "model: {reranker: nowhere}\n", ["rerank", "q", "-c", "-"], "nowhere: there is no such folder",
                "model.reranker is nowhere by winnow.yaml:1:19"
            ),
            (
                "store: no.sqlite\n", ["ask", "q"], "there is no store at 'no.sqlite'",
                "store is no.sqlite by winnow.yaml:1:8"
            ),
        ])
        func anErrorNamesTheKey(_ text: String, line: [String], message: String, place: String) async throws {
            try folder.write("winnow.yaml", text)
            let outcome = try await winnow.run(line, folder: folder.path)
            #expect(outcome.code == 1 && outcome.output.isEmpty, "\(outcome)")
            #expect(outcome.errors.contains(message) && outcome.errors.contains(place), "\(outcome.errors)")
            #expect(!outcome.errors.contains("--") && !outcome.errors.contains("Usage:"), "\(outcome.errors)")
        }

        /// A mistake that was typed is told as ever.
        @Test func whatWasTypedIsTold() async throws {
            try folder.write("winnow.yaml", "store: s\nretrieval: {initial-k: 30}\n")
            for (line, message) in [
                (["ask", "q", "--frob"], "Unknown option '--frob'"), (["ask", ""], "the query is empty"),
                (["ask", "q", "--final-k", "0"], "--final-k is 0"),
                (["ask"], "there is no question, and no terminal to ask for one"),
            ] {
                let outcome = try await winnow.run(line, folder: folder.path)
                #expect(outcome.code == 64 && outcome.errors.contains(message), "\(outcome)")
            }
        }

        @Test func allMistakesAtOnce() async throws {
            try folder.write(
                "winnow.yaml",
                """
                retrieval: {initial-k: 4, final-k: 10}
                profiles:
                  x: {model: {long: window, truncation: error}}
                """)
            let outcome = try await winnow.run(["config", "check", "--json"], folder: folder.path)
            #expect(outcome.code == 1)
            let problems = try outcome.json().hits("problems").compactMap { $0["text"] as? String }
            #expect(problems.count == 2, "\(problems)")
            #expect(problems.first?.contains("retrieval.final-k is 10 by winnow.yaml:1:36") ?? false, "\(problems)")
            #expect(problems.last?.hasSuffix("with the profile x") ?? false, "\(problems)")
            #expect(try outcome.json()["ok"] as? Bool == false)
        }
    }
}
