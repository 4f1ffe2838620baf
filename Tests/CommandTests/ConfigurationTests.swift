import Foundation
import TestSupport
import Testing

extension Commands {
    /// Which value holds, and where the file is found. `config resolve` prints the line that the parser gets.
    @Suite(.serialized) struct ConfigurationTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder

        init() throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
        }

        private func resolved(
            _ line: [String], in subfolder: String = "", environment: [String: String] = [:]
        ) async throws -> String {
            let outcome = try await winnow.run(
                ["config", "resolve"] + line, environment: environment, folder: folder.path + "/" + subfolder)
            try #require(outcome.code == 0, "\(outcome)")
            return outcome.output
        }

        /// Four levels, each over the one below it, for keys of every kind.
        @Test(arguments: [
            ("retrieval", "initial-k", "30", "31", "32", "33", "initial-k", "search q -d ."),
            ("retrieval", "retriever", "bm25", "dense", "hybrid", "bm25", "retriever", "search q -d ."),
            ("ranking", "order", "rrf:7", "blend:0.5", "reranker", "rrf:9", "order", "search q -d ."),
            ("ranking", "threshold", "logit:-2", "score:0.25", "logit:0", "logit:1", "threshold", "ask q --store s"),
            ("model", "threads", "1", "2", "3", "4", "threads", "embed -"),
            ("model", "reranker", "/m/a", "/m/b", "/m/c", "/m/d", "model", "rerank q -c -"),
            ("retrieval", "bm25-b", "0.1", "0.2", "0.3", "0.5", "bm25-b", "eval set"),
            ("llm", "timeout", "10", "11", "12", "13", "llm-timeout", "ask q --store s --llm-model m"),
        ])
        func precedence(
            group: String, name: String, file: String, profile: String, variable: String, typed: String,
            option: String, command: String
        ) async throws {
            let line = command.split(separator: " ").map(String.init)
            let name = name.lowercased()
            try folder.write(
                "winnow.yaml",
                "\(group):\n  \(name): \(file)\nprofiles:\n  other:\n    \(group):\n      \(name): \(profile)\n")
            let environment = [
                "WINNOW_\(group.uppercased())_\(name.uppercased().replacingOccurrences(of: "-", with: "_"))": variable
            ]
            // Where a key goes, and where not, is no part of this.
            let named = ["--config", "winnow.yaml"]
            #expect(try await resolved(line + named).contains(" --\(option)=\(file) "))
            #expect(try await resolved(line + named + ["--profile", "other"]).contains(" --\(option)=\(profile) "))
            let both = line + named + ["--profile=other"]
            #expect(try await resolved(both, environment: environment).contains(" --\(option)=\(variable) "))
            let all = try await resolved(both + ["--\(option)", typed], environment: environment)
            #expect(all.hasSuffix(" --\(option) \(typed)\n") && !all.contains("--\(option)="), "\(all)")
            // A variable that is empty is one that is not set; and a file that is not read says nothing.
            let empty = environment.mapValues { _ in "" }
            #expect(try await resolved(line + named, environment: empty).contains(" --\(option)=\(file) "))
            let none = try await resolved(line + ["--no-config"], environment: environment)
            #expect(none.contains(" --\(option)=\(variable) "))
            #expect(try await resolved(line + ["--no-config"]) == "winnow \(command)\n")
        }

        @Test func whoChoosesTheProfile() async throws {
            try folder.write(
                "winnow.yaml",
                """
                profile: a
                retrieval: {final-k: 1}
                profiles:
                  a: {retrieval: {final-k: 2}}
                  b: {retrieval: {final-k: 3}}
                  c: {retrieval: {final-k: 4}}
                  nothing:
                """)
            let line = ["search", "q", "-d", "."]
            #expect(try await resolved(line).contains("--final-k=2"))
            let b = ["WINNOW_PROFILE": "b"]
            #expect(try await resolved(line, environment: b).contains("--final-k=3"))
            #expect(try await resolved(line + ["--profile", "c"], environment: b).contains("--final-k=4"))
            #expect(try await resolved(line + ["--profile", "nothing"]).contains("--final-k=1"))
        }

        /// The line that was resolved is the line that is run.
        @Test func aSearchTakesWhatIsConfigured() async throws {
            try Commands.writeArticles(folder)
            let line = ["search", "refunds", "-d", "docs", "--json"]
            try folder.write("winnow.yaml", "retrieval: {retriever: bm25, final-k: 1}\nranking: {rerank: false}\n")
            let outcome = try await winnow.run(line, folder: folder.path)
            let hits = try outcome.json().hits()
            #expect(hits.count == 1 && outcome.errors.isEmpty, "\(outcome)")
            #expect(hits[0]["logit"] is NSNull)
            let typed = try await winnow.run(
                line + ["--retriever=bm25", "--final-k=1", "--no-rerank", "--no-config"], folder: folder.path)
            #expect(try typed.json().hits()[0]["id"] as? String == hits[0]["id"] as? String)
            let without = try await winnow.run(line + ["--no-config", "--precision=float32"], folder: folder.path)
            #expect(try without.json().hits().count > 1)
        }

        @Test func aMeasurementSaysWhatItWasMadeOf() async throws {
            try folder.write("winnow.yaml", "retrieval: {retriever: bm25}\nstore: elsewhere.sqlite\n")
            try folder.write("set/corpus.jsonl", #"{"_id": "a", "text": "Refunds are paid."}"# + "\n")
            try folder.write("set/queries.jsonl", #"{"_id": "1", "text": "refunds"}"# + "\n")
            try folder.write("set/qrels/test.tsv", "query-id\tcorpus-id\tscore\n1\ta\t1\n")
            let outcome = try await winnow.run(
                ["eval", "set", "--no-rerank", "--json"], environment: ["WINNOW_MODEL_THREADS": "1"],
                folder: folder.path)
            #expect(outcome.code == 0, "\(outcome)")
            #expect(
                outcome.errors.contains(
                    "note: settings that were not typed: model.threads=1 (WINNOW_MODEL_THREADS), "
                        + "retrieval.retriever=bm25 (winnow.yaml:1:24)\n"), "\(outcome.errors)")
            #expect(
                outcome.output.contains(#""winnow eval --threads=1 --retriever=bm25 set --no-rerank --json""#),
                "\(outcome.output)")
        }

        @Test func whereTheFileIsFound() async throws {
            let line = ["rerank", "q", "-c", "-"]
            func depth(_ subfolder: String, _ environment: [String: String] = [:]) async throws -> String? {
                let text = try await resolved(line, in: subfolder, environment: environment)
                return text.split(separator: " ").first { $0.hasPrefix("--final-k=") }.map { String($0.dropFirst(10)) }
            }
            try folder.write("winnow.yaml", "retrieval: {final-k: 1}\n")
            try folder.write("repository/inner/deep/x", "")
            try folder.write("own/winnow/winnow.yaml", "retrieval: {final-k: 3}\n")
            try folder.write("named.yaml", "retrieval: {final-k: 4}\n")
            let own = ["XDG_CONFIG_HOME": folder.path + "/own"]

            // Nothing above the current folder counts without a .git that says where the project begins.
            #expect(try await depth("repository/inner") == nil)
            #expect(try await depth("repository/inner", own) == "3")
            #expect(try await depth("") == "1")
            #expect(try await depth("", own) == "1")
            try folder.write("repository/.git/HEAD", "")
            #expect(try await depth("repository/inner/deep") == nil)
            try folder.write("repository/winnow.yaml", "retrieval: {final-k: 2}\n")
            #expect(try await depth("repository/inner/deep") == "2")
            #expect(try await depth("repository/inner/deep", own) == "2")
            try folder.write("repository/inner/deep/winnow.yaml", "retrieval: {final-k: 5}\n")
            #expect(try await depth("repository/inner/deep") == "5")
            #expect(try await depth("", ["WINNOW_CONFIG": "named.yaml"]) == "4")
            #expect(try await depth("", ["WINNOW_CONFIG": "none"]) == nil)
            #expect(try await depth("", ["WINNOW_CONFIG": ""]) == "1")
            // The home folder's .config, and never a folder above the home folder.
            try folder.write("home/.config/winnow/winnow.yaml", "retrieval: {final-k: 6}\n")
            try folder.write("home/work/x", "")
            try folder.write(".git/HEAD", "")
            let home = ["HOME": folder.path + "/home", "XDG_CONFIG_HOME": ""]
            #expect(try await depth("home/work", home) == "6")
            #expect(try await depth("home/work") == "1")
            let typed = try await resolved(
                line + ["--config", "named.yaml"], environment: ["WINNOW_CONFIG": "winnow.yaml"])
            #expect(typed.contains("--final-k=4"))
            #expect(try await resolved(line + ["--config", "none"]) == "winnow rerank q -c -\n")
        }

        @Test func pathsBeginAtTheFile() async throws {
            try folder.write(
                "winnow.yaml",
                """
                store: kb.sqlite
                model: {reranker: ~/models/r, embedder: /abs/e}
                ranking: {score-cache: none, calibration: ../c.json}
                """)
            try folder.write(".git/HEAD", "")
            try folder.write("a/b/x", "")
            let home = ["HOME": "/home/ada"]
            let rest = "--model=/home/ada/models/r --embedding-model=/abs/e"
            #expect(
                try await resolved(["search", "q"], environment: home)
                    == "winnow search --store=kb.sqlite \(rest) --calibration=../c.json --score-cache=none q\n")
            #expect(
                try await resolved(["search", "q"], in: "a/b", environment: home)
                    == "winnow search --store=../../kb.sqlite \(rest) --calibration=../../../c.json --score-cache=none q\n"
            )
            // As typed, what a variable says begins at the current folder.
            let variable = try await resolved(
                ["search", "q"], in: "a", environment: ["WINNOW_STORE": "other.sqlite", "HOME": "/home/ada"])
            #expect(variable.hasPrefix("winnow search --store=other.sqlite "))
        }

        @Test func helpTellsOfTheFile() async throws {
            for line in [["search", "--help"], ["help", "index"], ["store", "info", "-h"]] {
                let outcome = try await winnow.run(line)
                #expect(outcome.output.contains("\nCONFIGURATION (winnow help config):\n  --config <file> "), "\(line)")
            }
            for line in [["version", "--help"], ["bench-peer", "--help"], ["--help"], ["search", "--version"]] {
                #expect(try await !winnow.run(line).output.contains("--config"), "\(line)")
            }
        }
    }
}
