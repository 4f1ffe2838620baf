import Foundation
import TestSupport
import Testing

extension Commands {
    /// Keys and options belong together, and `config show`, `config init` tell them all.
    @Suite(.serialized) struct ConfigurationKeyTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder

        init() throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
        }

        /// Options without a key, each for a reason: a new option gets a key, or a line here.
        private static let perRun: Set<String> = [
            // What a run is about, where it writes and what it prints.
            "documents", "candidates", "queries", "qrels", "run", "texts", "held-out", "format", "as", "output", "html",
            "export-runs", "to", "json", "explain", "verbose", "where", "from-log", "baseline", "bulk", "overwrite",
            "question", "document", "id", "metadata", "reference",
            // What has an effect that is asked for each time.
            "prune", "watch", "fail-on-abstain", "fail-under", "quick", "strict",
            // An experiment's own questions.
            "split", "limit", "seed", "level", "group-by", "system", "measures", "measure", "min-effect", "by", "worst",
            "thresholds", "at-most", "percentile", "rule", "choose-on", "timed-queries", "labels", "method", "target",
            "confidence", "unanswerable-share", "depth", "repeats", "first-stage", "kind", "runs", "tokens",
            // Of the configuration and the parser.
            "config", "profile", "no-config", "origin", "version", "help",
        ]

        private func dump() async throws -> [(path: [String], arguments: [[String: Any]])] {
            let outcome = try await winnow.run(["--experimental-dump-help"])
            var found: [(path: [String], arguments: [[String: Any]])] = []
            func walk(_ command: [String: Any], _ path: [String]) {
                let subcommands = (command["subcommands"] as? [[String: Any]] ?? []).filter {
                    $0["commandName"] as? String != "help"
                }
                if subcommands.isEmpty { found.append((path, command["arguments"] as? [[String: Any]] ?? [])) }
                for sub in subcommands { walk(sub, path + [sub["commandName"] as? String ?? ""]) }
            }
            walk(try #require(try outcome.json()["command"] as? [String: Any]), [])
            return found
        }

        private static func names(_ argument: [String: Any]) -> [String] {
            (argument["names"] as? [[String: Any]] ?? []).filter { $0["kind"] as? String == "long" }
                .compactMap { $0["name"] as? String }
        }

        private func keys() async throws -> [[String: Any]] {
            try await winnow.run(["config", "show", "--json"], folder: folder.path).json().hits("keys")
        }

        @Test func everyOptionHasAKeyOrAReason() async throws {
            let options = Set(try await keys().compactMap { ($0["option"] as? String).map { String($0.dropFirst(2)) } })
            var seen: Set<String> = []
            for command in try await dump() {
                for argument in command.arguments {
                    let names = Self.names(argument)
                    seen.formUnion(names)
                    guard !names.isEmpty else { continue }
                    #expect(
                        names.contains { options.contains($0) || Self.perRun.contains($0) },
                        "--\(names[0]) of \(command.path) has no key in winnow.yaml, and no reason in this test")
                }
            }
            #expect(options.subtracting(seen).isEmpty, "keys of options that no command has")
            #expect(Self.perRun.subtracting(seen).isEmpty, "reasons for options that no command has")
            #expect(Self.perRun.intersection(options).isEmpty)
        }

        /// What `config show` calls a default is the parser's.
        @Test func defaultsAreThoseOfTheCommands() async throws {
            let commands = try await dump()
            var compared = 0
            for key in try await keys() {
                guard let option = key["option"] as? String, let standard = key["default"], !(standard is NSNull) else {
                    continue
                }
                for command in ["search", "ask", "index", "rerank"] {
                    let arguments = commands.first { $0.path == [command] }?.arguments ?? []
                    guard
                        let text = arguments.first(where: { Self.names($0).contains(String(option.dropFirst(2))) })?[
                            "defaultValue"] as? String
                    else { continue }
                    compared += 1
                    let same =
                        Double(text).map { $0 == (standard as? NSNumber)?.doubleValue } ?? (text == standard as? String)
                    #expect(same, "\(option) of \(command) is \(text), and config show says \(standard)")
                }
            }
            #expect(compared >= 20)
        }

        /// Every key, set to something of its kind, is an argument of every command that it is for.
        @Test func everyKeyReachesItsCommands() async throws {
            let example = try await uncommentedExample(without: ["key-file"])
            try folder.write("winnow.yaml", example)
            let pair = "model precision threads max-length truncation long"
            let retrieval = "retriever initial-k final-k fusion dense-weight bm25-k1 bm25-b"
            let ranking = "order rerank-within deadline threshold calibration score-cache"
            let experiment =
                "\(pair) embedding-model retriever fusion dense-weight bm25-k1 bm25-b chunking chunk-size chunk-overlap stem words"
            for (line, expected) in [
                ("search q", "store embedding-model \(pair) \(retrieval) \(ranking)"),
                ("search q -d .", "embedding-model \(pair) \(retrieval) \(ranking) stem words"),
                (
                    "ask q",
                    "store embedding-model \(pair) \(retrieval) \(ranking) context-tokens context-order log llm-model llm-url "
                        + "llm-key-env llm-timeout llm-max-tokens"
                ),
                (
                    "index . --watch",
                    "store model embedding-model precision threads chunking chunk-size chunk-overlap stem words wait interval"
                ),
                (
                    "mcp",
                    "store embedding-model \(pair) \(retrieval) \(ranking) context-tokens context-order llm-model llm-url "
                        + "llm-key-env llm-timeout llm-max-tokens"
                ),
                // A distance in another search's scores is left out.
                ("rerank q -c -", "\(pair) final-k deadline threshold calibration score-cache"),
                ("eval set", "\(experiment) initial-k order rerank-within"), ("sweep set", experiment),
                ("calibrate set", "\(experiment) initial-k final-k order"), ("embed -", "model precision threads"),
                ("doctor", "store embedding-model \(pair)"),
                ("tokenize a", "model"), ("bench", "model precision threads"), ("store info", "store"),
                ("store documents", "store"), ("store verify", "store"), ("store compact", "store wait"),
                ("store backup --to x", "store"), ("store delete a", "store wait"),
                ("store rebuild-vectors", "store embedding-model precision threads wait"),
            ] {
                let words = line.split(separator: " ").map(String.init)
                let outcome = try await winnow.run(
                    ["config", "resolve"] + words + ["--config", "winnow.yaml"], folder: folder.path)
                let added = outcome.output.split(separator: " ").filter { $0.hasPrefix("--") && $0.contains("=") }
                    .map { String($0.dropFirst(2).prefix { $0 != "=" }) }
                #expect(Set(added) == Set(expected.split(separator: " ").map(String.init)), "\(line): \(outcome)")
            }
        }

        private func uncommentedExample(without names: Set<String>) async throws -> String {
            let written = try await winnow.run(["config", "init", "example.yaml"], folder: folder.path)
            try #require(written.code == 0, "\(written)")
            let text = try String(contentsOfFile: folder.path + "/example.yaml", encoding: .utf8)
            return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                guard let match = line.wholeMatch(of: /#( *([a-z0-9-]+):.*)/), !names.contains(String(match.2)) else {
                    return String(line)
                }
                return String(match.1)
            }.joined(separator: "\n")
        }

        @Test func theExampleHasAllKeysAndChangesNothing() async throws {
            let defaults = try await keys().map { $0["default"] as? NSObject }
            let text = try await uncommentedExample(without: [])
            let names = try await keys().compactMap { $0["key"] as? String }
            let untouched = try await winnow.run(["config", "check", "example.yaml"], folder: folder.path)
            #expect(untouched.output == "example.yaml is right: 0 keys\n")
            // Never over what is there.
            let again = try await winnow.run(["config", "init", "example.yaml"], folder: folder.path)
            #expect(again.code == 1 && again.errors.contains("example.yaml is there already"), "\(again)")

            try folder.write("winnow.yaml", text)
            let show = try await winnow.run(["config", "show", "--json"], folder: folder.path)
            let shown = try show.json().hits("keys")
            #expect(shown.allSatisfy { ($0["origin"] as? [String: Any])?["kind"] as? String == "file" }, "\(show)")
            #expect(shown.compactMap { $0["key"] as? String } == names)
            #expect(try show.json()["profiles"] as? [String] == ["fast", "careful"])
            for (entry, standard) in zip(shown, defaults) where standard != nil && !(standard is NSNull) {
                #expect(entry["value"] as? NSObject == standard, "\(entry)")
            }
        }

        @Test func showTellsWhereValuesComeFrom() async throws {
            try folder.write(
                "winnow.yaml",
                """
                store: kb.sqlite
                llm: {model: m, url: "https://ada:secret@llm.example/v1"}
                profiles:
                  fast:
                    retrieval: {initial-k: 10}
                """)
            let variable = ["WINNOW_MODEL_THREADS": "2"]
            let text = try await winnow.run(
                ["config", "show", "--origin", "--profile", "fast"], environment: variable, folder: folder.path)
            let rows = text.output.split(separator: "\n").map {
                $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
            }
            #expect(rows[0].hasPrefix("file: winnow.yaml, profile fast (by --profile), found and not named"))
            for row in [
                "key value origin", "store kb.sqlite winnow.yaml:1:8", "model.threads 2 WINNOW_MODEL_THREADS",
                "retrieval.initial-k 10 winnow.yaml:5:28 (profile fast)", "retrieval.final-k 5 default",
                "llm.url https://***@llm.example/v1 winnow.yaml:2:22", "model.reranker (the built-in one) default",
            ] {
                #expect(rows.contains(row), "\(row) in \(text.output)")
            }
            #expect(!text.output.contains("secret"))
            let plain = try await winnow.run(["config", "show"], environment: variable, folder: folder.path)
            #expect(plain.output.contains("retrieval.initial-k") && !plain.output.contains("default"))

            let json = try await winnow.run(
                ["config", "show", "--json", "--profile", "fast"], environment: variable, folder: folder.path
            ).json()
            #expect(Set(json.keys) == ["schema", "file", "onlyFound", "profile", "profiles", "keys"])
            #expect(json["file"] as? String == "winnow.yaml" && json["profile"] as? String == "fast")
            let keys = try json.hits("keys")
            func entry(_ key: String) throws -> [String: Any] {
                let entry = try #require(keys.first { $0["key"] as? String == key })
                #expect(Set(entry.keys) == ["key", "value", "default", "origin", "variable", "option"])
                return entry
            }
            let initial = try entry("retrieval.initial-k")
            #expect(initial["value"] as? Int == 10 && initial["default"] as? Int == 20)
            #expect(
                initial["variable"] as? String == "WINNOW_RETRIEVAL_INITIAL_K"
                    && initial["option"] as? String == "--initial-k")
            let origin = try #require(initial["origin"] as? [String: Any])
            #expect(Set(origin.keys) == ["kind", "file", "line", "column", "profile", "variable"])
            #expect(
                origin["kind"] as? String == "profile" && origin["line"] as? Int == 5
                    && origin["profile"] as? String == "fast")
            let threads = try #require(try entry("model.threads")["origin"] as? [String: Any])
            #expect(
                threads["kind"] as? String == "environment" && threads["variable"] as? String == "WINNOW_MODEL_THREADS")
            #expect(try entry("model.reranker")["value"] is NSNull)
            #expect(try entry("ranking.rerank")["value"] as? Bool == true)
            #expect(try entry("llm.url")["value"] as? String == "https://***@llm.example/v1")
            let none = try await winnow.run(["config", "show", "--no-config"], folder: folder.path)
            #expect(none.output.hasPrefix("no configuration file\n"))
        }
    }
}
