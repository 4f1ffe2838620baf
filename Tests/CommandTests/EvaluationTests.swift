import Foundation
import TestSupport
import Testing

extension Commands {
    /// `winnow eval`, `sweep` and `calibrate` over a small collection of made-up machines.
    @Suite(.serialized) struct EvaluationTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder

        private static let machines = [
            "boiler", "crane", "lathe", "kiln", "loom", "winch", "forklift", "centrifuge", "compressor", "conveyor",
            "turbine", "press", "grinder", "mixer", "oven", "pump", "router", "sander", "shredder", "welder",
            "anvil", "bellows", "chiller", "dryer", "extruder", "furnace", "gantry", "hopper", "incubator", "jigsaw",
            "kettle", "laminator", "mill", "nailer", "oscilloscope", "printer", "quencher", "riveter", "scanner",
            "tumbler",
        ]

        init() throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
            var corpus = ""
            var queries = ""
            var qrels = "query-id\tcorpus-id\tscore\n"
            for (number, machine) in Self.machines.enumerated() {
                corpus +=
                    #"{"_id": "d\#(number)", "title": "The \#(machine)", "text": "To start the \#(machine), turn key \#(number) and wait. "#
                    + #"The \#(machine) is cleaned every \#(number + 2) days."}"# + "\n"
                queries +=
                    #"{"_id": "q\#(number)", "text": "How often is the \#(machine) cleaned?", "metadata": {"hall": "\#(number % 2 == 0 ? "north" : "south")"}}"#
                    + "\n"
                // Every fifth judgement is of another machine, so that there is something to lose.
                qrels += "q\(number)\td\(number % 5 == 0 ? (number + 1) % 40 : number)\t1\n"
            }
            try folder.write("set/corpus.jsonl", corpus)
            try folder.write("set/queries.jsonl", queries)
            try folder.write("set/qrels/test.tsv", qrels)
        }

        private func eval(_ arguments: String...) async throws -> BuiltProgram.Outcome {
            try await winnow.run(["eval", "set", "--initial-k", "10"] + arguments, folder: folder.path)
        }

        private func text(_ name: String) throws -> String {
            try String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)
        }

        /// nDCG@10 with binary grades, from an exported run and its judgements: written down from the definition, without
        /// anything of the program.
        private func nDCG(run: String, qrels: String) throws -> Double {
            var relevant: [String: Set<String>] = [:]
            for line in qrels.split(separator: "\n") {
                let columns = line.split(separator: " ").map(String.init)
                try #require(columns.count == 4)
                if columns[3] != "0" { relevant[columns[0], default: []].insert(columns[2]) }
            }
            var lists: [String: [(id: String, score: Double)]] = [:]
            for line in run.split(separator: "\n") {
                let columns = line.split(separator: " ").map(String.init)
                try #require(columns.count == 6)
                lists[columns[0], default: []].append((columns[2], try #require(Double(columns[4]))))
            }
            let values = relevant.map { query, relevant in
                let order = (lists[query] ?? []).sorted { $0.score == $1.score ? $0.id > $1.id : $0.score > $1.score }
                let gain = order.prefix(10).enumerated().reduce(0.0) {
                    $0 + (relevant.contains($1.element.id) ? 1 / log2(Double($1.offset) + 2) : 0)
                }
                let ideal = (0..<min(10, relevant.count)).reduce(0.0) { $0 + 1 / log2(Double($1) + 2) }
                return gain / ideal
            }
            return values.reduce(0, +) / Double(values.count)
        }

        @Test func figuresAreThoseOfTheExportedRuns() async throws {
            let outcome = try await eval("--json", "--export-runs", "runs", "--html", "report.html", "--by", "hall")
            #expect(outcome.code == 0, "\(outcome.errors)")
            let report = try outcome.json()
            #expect(report["schema"] as? Int == 1 && report["primary"] as? String == "nDCG@10")
            let systems = try report.hits("systems")
            #expect(systems.map { $0["name"] as? String } == ["hybrid", "reranked"])
            let qrels = try text("runs/qrels.trec")
            for system in systems {
                let name = try #require(system["name"] as? String)
                let measures = try #require(system["measures"] as? [String: Any])
                let mean = try #require(measures["nDCG@10"] as? Double)
                let recomputed = try nDCG(run: try text("runs/\(name).run"), qrels: qrels)
                #expect(abs(mean - recomputed) < 1e-9)
                let queries = try #require(system["queries"] as? [[String: Any]])
                #expect(queries.count == 40)
                let timings = try #require(system["timings"] as? [String: Any])
                #expect(timings["retrieve"] != nil)
            }
            let verdict = try #require(systems[1]["verdict"] as? [String: Any])
            #expect(
                ["helps", "hurts", "cannotTell", "noDifferenceThatMatters"].contains(verdict["outcome"] as? String))
            #expect(try report.hits("slices").map { $0["value"] as? String } == ["north", "south"])
            let page = try text("report.html")
            let measure = try #require(verdict["measure"] as? String)
            #expect(page.hasPrefix("<!") && page.contains(measure))
            #expect(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"))
        }

        @Test func theSummaryOpensWithTheVerdict() async throws {
            let outcome = try await eval("--measures", "RR@5,nDCG@10")
            #expect(outcome.code == 0, "\(outcome.errors)")
            let first = try #require(outcome.output.split(separator: "\n").first)
            #expect(first.contains("Reranking") && outcome.output.contains("RR@5"))
            #expect(outcome.output.contains("latency") && outcome.errors.isEmpty)
        }

        @Test(arguments: [40, 60, 80])
        func tablesFitTheTerminal(_ width: Int) async throws {
            try folder.write("other.run", (0..<40).map { "q\($0) Q0 d\($0) 1 2.5 other\n" }.joined())
            _ = try await winnow.run(["index", "set", "--store", "kb.sqlite"], folder: folder.path)
            let store = ["--store", "kb.sqlite"]
            let name = "a-system-with-a-long-name"
            for (arguments, columns) in [
                (
                    ["eval", "set", "--initial-k", "5", "--by", "hall", "--system", "\(name)=run:other.run"] + store,
                    ["measure", "difference", "+/=/-", "p", "latency", "p50", "p95", "p99", "max", "queries", "north"]
                ),
                (
                    ["sweep", "set", "--initial-k", "2,5", "--final-k", "1,2", "--measure", "RR@5"] + store,
                    [
                        "reranker", "initialK", "RR@5", "p50", "p95", "timed", "finalK", "recall", "passages",
                        "abstained",
                    ]
                ),
                (
                    [
                        "calibrate", "set", "--initial-k", "10", "--output", "c\(width).json", "--unanswerable-share",
                        "0.3",
                    ] + store,
                    [
                        "Brier", "skill", "ECE", "predicted", "observed", "pairs", "threshold", "answered",
                        "unanswerable",
                    ]
                ),
            ] {
                let outcome = try await winnow.run(
                    arguments, environment: ["COLUMNS": "\(width)"], folder: folder.path)
                #expect(outcome.code == 0, "\(outcome.errors)")
                for line in outcome.output.split(separator: "\n") {
                    #expect(line.unicodeScalars.count <= width, "\(line)")
                }
                for column in columns {
                    #expect(outcome.output.contains(column), "\(column) is not in\n\(outcome.output)")
                }
            }
        }

        @Test func aPluralAndASingularNameAreOneOption() async throws {
            let measured = try await eval("--measure", "RR@10", "--no-rerank", "--json")
            #expect(try measured.json()["primary"] as? String == "RR@10", "\(measured.errors)")
            let swept = try await winnow.run(
                [
                    "sweep", "set", "--measures", "RR@5", "--threshold", "none", "--initial-k", "5", "--final-k", "1",
                    "--limit", "10",
                ], folder: folder.path)
            #expect(swept.code == 0, "\(swept.errors)")
            let two = try await winnow.run(["sweep", "set", "--measures", "RR@5,AP"], folder: folder.path)
            #expect(two.code == 64 && two.errors.contains("names 2"), "\(two.errors)")
        }

        @Test func helpNamesWhatIsAccepted() async throws {
            for (command, isThere) in [("eval", true), ("sweep", true), ("calibrate", false)] {
                let help = try await winnow.run(["help", command])
                #expect(help.output.contains("--system") == isThere)
            }
            let refused = try await winnow.run(["calibrate", "set", "--system", "a=b"], folder: folder.path)
            #expect(refused.code == 64 && refused.errors.contains("--system"))
        }

        @Test func initialKSaysWhatItCounts() async throws {
            let text = (1...4).map { "Sentence \($0) of the manual is about the same machine and its keys." }
                .joined(separator: " ")
            try folder.write(
                "long/corpus.jsonl",
                (0..<6).map { #"{"_id": "d\#($0)", "text": "\#(text)"}"# + "\n" }.joined())
            try folder.write("long/queries.jsonl", #"{"_id": "q", "text": "Which keys?"}"# + "\n")
            try folder.write("long/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\td1\t1\n")
            try folder.write("long.run", (0..<6).map { "q Q0 d\($0) 1 \(9 - $0).0 long\n" }.joined())
            let options = [
                "eval", "long", "--chunking", "words", "--chunk-size", "10", "--initial-k", "2", "--measures", "RR@2",
            ]
            for (more, unit, line) in [
                ([], "passages", "initialK 2 · order blend:0.8\n"),
                (["--first-stage", "run:long.run"], "documents", "initialK 2 documents\n"),
            ] {
                let told = try await winnow.run(options + more, folder: folder.path)
                #expect(told.code == 0 && told.output.contains(line), "\(told.errors)\(told.output)")
                let written = try await winnow.run(options + more + ["--json"], folder: folder.path)
                let settings = try #require(try written.json()["settings"] as? [String: Any])
                #expect(settings["initialKUnit"] as? String == unit)
            }
            // A smaller setting that a sweep reads off its one pass is what eval measures there.
            try folder.write("long.run", (0..<6).map { "q Q0 d\((6 - $0) % 6) 1 \(9 - $0).0 long\n" }.joined())
            try folder.write("long/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\td5\t1\n")
            let swept = try await winnow.run(
                [
                    "sweep", "long", "--chunking", "words", "--chunk-size", "10", "--initial-k", "2,5", "--final-k",
                    "1",
                    "--measure", "RR@2", "--first-stage", "run:long.run", "--json",
                ], folder: folder.path)
            #expect(swept.code == 0, "\(swept.errors)")
            let report = try swept.json()
            #expect(report["initialKUnit"] as? String == "documents")
            let sweep = try #require(report["sweep"] as? [String: Any])
            let runs = try sweep.hits("runs").filter { $0["system"] is NSNull }
            #expect(runs.count == 2)
            for run in runs { #expect(run["quality"] as? Double == 0.5) }
        }

        @Test func aTestSetWithoutDocumentsSaysHowToNameThem() async throws {
            try folder.write("bare/queries.jsonl", try text("set/queries.jsonl"))
            try folder.write("bare/qrels/test.tsv", try text("set/qrels/test.tsv"))
            let outcome = try await winnow.run(["eval", "bare"], folder: folder.path)
            #expect(outcome.code == 1 && outcome.errors.contains("--store"), "\(outcome.errors)")
        }

        @Test func noFolderIsMadeForRunsThatAreNotWritten() async throws {
            let failed = try await eval("--export-runs", "new/runs", "--group-by", "colour")
            #expect(failed.code == 1)
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/new"))
            try folder.write("taken", "")
            let impossible = try await eval("--export-runs", "taken/runs")
            #expect(impossible.code == 1 && impossible.errors.contains("taken is a file"), "\(impossible.errors)")
            let done = try await eval("--export-runs", "new/runs", "--no-rerank")
            #expect(done.code == 0)
            #expect(FileManager.default.fileExists(atPath: folder.path + "/new/runs/hybrid.run"))
        }

        @Test func aGivenRunAndJudgedCandidatesAreFirstStagesToo() async throws {
            try folder.write(
                "other.run",
                (0..<40).map { "q\($0) Q0 d\($0) 1 2.5 other\nq\($0) Q0 d\(($0 + 1) % 40) 2 1.5 other\n" }.joined())
            let given = try await eval(
                "--first-stage", "run:other.run", "--measures", "RR@2", "--system", "same=run:other.run", "--json")
            #expect(given.code == 0, "\(given.errors)")
            let systems = try given.json().hits("systems")
            #expect(systems.map { $0["name"] as? String } == ["other", "reranked", "same"])
            // 32 queries are answered at rank 1, 8 at rank 2.
            for index in [0, 2] {
                let measures = try #require(systems[index]["measures"] as? [String: Double])
                #expect(abs((measures["RR@2"] ?? 0) - (32 + 8 * 0.5) / 40) < 1e-12)
            }
            let judged = try await eval("--first-stage", "judged", "--measures", "R@100", "--no-rerank", "--json")
            #expect(judged.code == 0, "\(judged.errors)")
            let measures = try #require(try judged.json().hits("systems")[0]["measures"] as? [String: Double])
            #expect(measures["R@100"] == 1)
        }

        /// The exported run gives the figures.
        @Test func theFinalOrderIsMeasured() async throws {
            try folder.write("saved.json", try await eval("--json").output)
            let outcome = try await eval(
                "--order", "blend:0.3", "--json", "--export-runs", "runs", "--html", "report.html", "--baseline",
                "saved.json",
                "--fail-under", "nDCG@10=-0.5")
            #expect(outcome.code == 0, "\(outcome.errors)")
            let report = try outcome.json()
            #expect((report["settings"] as? [String: Any])?["order"] as? String == "blend:0.3")
            let measures = try #require(try report.hits("systems")[1]["measures"] as? [String: Double])
            let recomputed = try nDCG(run: try text("runs/reranked.run"), qrels: try text("runs/qrels.trec"))
            #expect(abs((measures["nDCG@10"] ?? 0) - recomputed) < 1e-9)
            #expect(outcome.errors.contains("is 'blend:0.8' and this one is 'blend:0.3'"), "\(outcome.errors)")
            #expect(try text("report.html").contains("blend:0.3"))
            // The first stage's whole weight is the first stage's order.
            let first = try await eval("--order", "blend:0", "--json").json()
            let values = try first.hits("systems").map { ($0["measures"] as? [String: Double])?["nDCG@10"] }
            #expect(values[0] == values[1])
            // Of a run that somebody else made no blend was measured; and there is nothing to order without a reranker.
            try folder.write("other.run", (0..<40).map { "q\($0) Q0 d\($0) 1 2.5 other\n" }.joined())
            for (options, order) in [
                (["--first-stage", "run:other.run"], "reranker"), (["--first-stage", "judged"], "reranker"),
                (["--no-rerank"], nil),
            ] {
                let report = try await winnow.run(
                    ["eval", "set", "--initial-k", "10", "--json", "--limit", "5", "--measures", "R@1"] + options,
                    folder: folder.path
                ).json()
                #expect((report["settings"] as? [String: Any])?["order"] as? String == order, "\(options)")
            }
            let refused = try await eval("--no-rerank", "--order", "rrf")
            #expect(refused.code == 64 && refused.errors.contains("rrf"), "\(refused.errors)")
            let header = try await eval("--order", "rrf", "--limit", "10")
            #expect(header.output.contains("order rrf:60"), "\(header.output)")
        }

        @Test func theGateFailsOnASignificantLossOnly() async throws {
            let saved = try await eval("--json")
            try folder.write("saved.json", saved.output)
            let same = try await eval("--baseline", "saved.json", "--fail-under", "nDCG@10=-0.01")
            #expect(same.code == 0, "\(same.errors)")
            #expect(same.output.contains("gate passed"))
            // As if the baseline had been perfect.
            let perfect = saved.output.replacingOccurrences(
                of: #""nDCG@10":0\.[0-9]+"#, with: #""nDCG@10":1.0"#, options: .regularExpression)
            try folder.write("perfect.json", perfect)
            let worse = try await eval("--baseline", "perfect.json", "--fail-under", "nDCG@10=-0.01")
            #expect(worse.code == 2 && worse.output.contains("gate failed"))
            let others = try await eval(
                "--baseline", "saved.json", "--fail-under", "nDCG@10=-0.01", "--limit", "20")
            #expect(others.code == 1)
            // Another level, or candidates of another kind, is no comparison: refused before an hour is spent.
            for (option, value) in [("--level", "passage"), ("--retriever", "judged")] {
                let other = try await eval(
                    "--baseline", "saved.json", "--fail-under", "nDCG@10=-0.01", option, value)
                #expect(other.code == 1 && other.errors.contains(option), "\(other)")
            }
        }

        @Test(arguments: [
            (["--split", "dev"], 1, "'test'"), (["--measures", "nDGC@10"], 64, "nDCG"),
            (["--measures", "R@100"], 64, "initial-k"), (["--system", "nothing"], 64, "NAME="),
            (["--system", "hybrid=run:x"], 64, "hybrid"), (["--baseline", "x.json"], 64, "--fail-under"),
            (["--group-by", "colour"], 1, "hall"), (["--first-stage", "bm26"], 64, "run:FILE"),
            (["--store", "nowhere.sqlite"], 1, "nowhere.sqlite"),
        ])
        func badInputIsNamed(_ arguments: [String], code: Int32, words: String) async throws {
            let outcome = try await winnow.run(["eval", "set", "--initial-k", "10"] + arguments, folder: folder.path)
            #expect(outcome.code == code, "\(outcome.errors)")
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
            #expect(outcome.output.isEmpty)
        }

        /// What cut a store's documents may be said again, and nothing else.
        @Test func chunkingIsThatOfTheStore() async throws {
            _ = try await winnow.run(
                ["index", "set", "--store", "kb.sqlite", "--chunking", "none"], folder: folder.path)
            for (chunking, code) in [("none", Int32(0)), ("words", 64)] {
                let outcome = try await eval("--store", "kb.sqlite", "--chunking", chunking, "--measures", "RR@5")
                #expect(outcome.code == code, "\(outcome.errors)")
                #expect(code == 0 || outcome.errors.contains("were cut by 'none'"), "\(outcome.errors)")
            }
        }

        @Test(arguments: [
            ("query-id\tcorpus-id\tscore\nq1\tx1\t1\nq2\tx2\t1\n", "x1"),
            ("query-id\tcorpus-id\tscore\nd1\tq1\t1\n", "swapped"),
            ("query-id\tcorpus-id\tscore\nq1\td1\thigh\n", "high"),
            ("query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td1\t2\n", "3"), ("", "empty"),
        ])
        func badJudgementsNeverGiveZeros(_ qrels: String, words: String) async throws {
            try folder.write("bad.tsv", qrels)
            let outcome = try await eval("--qrels", "bad.tsv")
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains("bad.tsv") && outcome.errors.contains(words), "\(outcome.errors)")
        }

        @Test func everySystemIsCutAtTheSameDepth() async throws {
            let outcome = try await eval("--final-k", "3", "--json", "--export-runs", "cut")
            #expect(outcome.code == 0, "\(outcome.errors)")
            let report = try outcome.json()
            // What decides by default is what the lists can bear.
            #expect(report["primary"] as? String == "nDCG@3")
            for name in ["hybrid", "reranked"] {
                let lines = try text("cut/\(name).run").split(separator: "\n")
                #expect(lines.count == 3 * 40)
            }
            // All of the candidates can be reached, so nothing is blamed on the cut of the first stage.
            let ceiling = try #require(try report.hits("ceilings").last)
            let recall = try #require(ceiling["candidateRecall"] as? Double)
            let oracle = try #require(ceiling["oracle"] as? Double)
            #expect(abs(recall - oracle) < 1e-9)
        }

        @Test func drawnQueriesAreNotSaidToBeBroken() async throws {
            let outcome = try await eval("--limit", "4", "--no-rerank")
            #expect(outcome.code == 0 && !outcome.output.contains("not there"), "\(outcome.output)")
            #expect(outcome.output.contains("4 queries of 40"))
        }

        @Test func queriesMarkedUnanswerableAreLeftOutAndSaid() async throws {
            let queries = try text("set/queries.jsonl")
            try folder.write(
                "set/queries.jsonl",
                queries + #"{"_id": "none", "text": "Who owns the moon?", "metadata": {"answerable": false}}"# + "\n")
            try folder.write("set/qrels/test.tsv", try text("set/qrels/test.tsv") + "none\td1\t0\n")
            let outcome = try await eval("--no-rerank", "--json")
            #expect(outcome.code == 0, "\(outcome.errors)")
            let counts = try #require(try outcome.json()["counts"] as? [String: Any])
            #expect(counts["queries"] as? Int == 40 && counts["withoutRelevant"] as? Int == 0)
            #expect(outcome.errors.contains("1 query is marked as unanswerable"))
            try folder.write("set/qrels/test.tsv", try text("set/qrels/test.tsv") + "none\td2\t1\n")
            let contradiction = try await eval("--no-rerank")
            #expect(contradiction.code == 1 && contradiction.errors.contains("marked unanswerable"))
        }

        @Test func anExportedRunIsReadBackWhateverItsIds() async throws {
            try folder.write(
                "odd/corpus.jsonl",
                #"{"_id": "a b", "text": "Apples are red."}"# + "\n" + #"{"_id": "100%", "text": "Pears are green."}"#
                    + "\n" + #"{"_id": "plain", "text": "Plums are blue."}"# + "\n")
            try folder.write(
                "odd/queries.jsonl",
                #"{"_id": "q 1", "text": "What colour are apples?"}"# + "\n"
                    + #"{"_id": "q2", "text": "What colour are pears?"}"# + "\n")
            try folder.write("odd/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq 1\ta b\t1\nq2\t100%\t1\n")
            let options = ["--initial-k", "3", "--no-rerank", "--measures", "RR@3", "--json"]
            let first = try await winnow.run(
                ["eval", "odd", "--export-runs", "out"] + options, folder: folder.path)
            #expect(first.code == 0, "\(first.errors)")
            let again = try await winnow.run(
                ["eval", "odd", "--first-stage", "run:out/hybrid.run", "--system", "same=run:out/hybrid.run"] + options,
                folder: folder.path)
            #expect(again.code == 0, "\(again.errors)")
            let systems = try again.json().hits("systems")
            #expect(systems.map { $0["name"] as? String } == ["hybrid", "same"])
            for system in systems {
                #expect((system["measures"] as? [String: Double])?["RR@3"] == 1)
            }
            // The judgements that were exported, percent-encoded for TREC's columns, are those that were read; here only
            // the documents can tell that ids are encoded.
            for stage in ["dense", "bm25", "hybrid", "judged", "run:out/hybrid.run"] {
                let judged = try await winnow.run(
                    [
                        "eval", "--queries", "odd/queries.jsonl", "--documents", "odd/corpus.jsonl", "--qrels",
                        "out/qrels.trec", "--first-stage", stage,
                    ] + options, folder: folder.path)
                #expect(judged.code == 0, "\(stage): \(judged.errors)")
                let counts = try judged.json()["counts"] as? [String: Any]
                #expect(counts?["queries"] as? Int == 2, "\(stage)")
                let measures = try judged.json().hits("systems")[0]["measures"] as? [String: Double]
                #expect(measures?["RR@3"] == 1, "\(stage)")
            }
            try folder.write("ghost.run", "q2 Q0 ghost 1 1.0 ghost\n")
            let ghost = try await winnow.run(
                ["eval", "odd", "--system", "ghost=run:ghost.run"] + options, folder: folder.path)
            #expect(ghost.code == 1 && ghost.errors.contains("'ghost'"), "\(ghost.errors)")
        }

        @Test func whatWasAskedIsEvaluatedFromTheLog() async throws {
            let indexed = try await winnow.run(
                ["index", "set", "--store", "kb.sqlite"], folder: folder.path)
            #expect(indexed.code == 0)
            for number in 1...7 {
                let asked = try await winnow.run(
                    [
                        "ask", "How often is the \(Self.machines[number]) cleaned?", "--store", "kb.sqlite", "--log",
                        "asked.jsonl", "--initial-k", "10",
                    ], folder: folder.path)
                #expect(asked.code == 0, "\(asked.errors)")
            }
            _ = try await winnow.run(
                ["ask", "What time is lunch?", "--store", "kb.sqlite", "--log", "asked.jsonl"], folder: folder.path)
            let outcome = try await winnow.run(
                ["eval", "set", "--from-log", "asked.jsonl", "--json", "--measures", "RR@10"], folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let report = try outcome.json()
            let counts = try #require(report["counts"] as? [String: Any])
            #expect(counts["queries"] as? Int == 7)
            #expect(try report.hits("systems").map { $0["name"] as? String } == ["logged", "reranked"])
            let warnings = try #require(report["warnings"] as? [String])
            #expect(warnings.contains { $0.contains("1 trace is of questions that nobody judged") })
        }

        /// Of 0 only the first stage's best is reranked, which leaves its order; of everything it is plain reranking.
        @Test func aSelectionIsMeasuredAndSaid() async throws {
            func measured(_ options: String...) async throws -> (settings: [String: Any], measures: [[String: Double]])
            {
                let outcome = try await winnow.run(
                    ["eval", "set", "--initial-k", "10", "--json", "--html", "page.html"] + options, folder: folder.path
                )
                #expect(outcome.code == 0, "\(outcome.errors)")
                let report = try outcome.json()
                return (
                    try #require(report["settings"] as? [String: Any]),
                    try report.hits("systems").map { try #require($0["measures"] as? [String: Double]) }
                )
            }
            let plain = try await measured()
            #expect(plain.settings["rerankWithin"] is NSNull)
            #expect(try !text("page.html").contains("reranked within"))
            let all = try await measured("--rerank-within", "1000")
            #expect(all.measures == plain.measures && all.settings["rerankWithin"] as? Double == 1000)
            let none = try await measured("--rerank-within", "0")
            #expect(none.measures[1] == none.measures[0] && none.measures[0] == plain.measures[0])
            #expect(none.measures[1] != plain.measures[1])
            let page = try text("page.html")
            #expect(page.contains("reranked within 0 of the best"))
            #expect(page.contains("candidates within 0 of the first stage"))
            // The gate compares it, and says what it compares.
            try folder.write("saved.json", try await eval("--json").output)
            let gated = try await eval(
                "--rerank-within", "0", "--baseline", "saved.json", "--fail-under", "nDCG@10=-0.9")
            #expect(gated.output.contains("reranked within 0 of the best"), "\(gated.output)")
            let words = gated.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(words.contains("the baseline reranked all candidates and this one candidates within 0 of the best"))
        }

        /// What a deadline or a selection left unscored ranks low, and not for what the reranker says.
        @Test func logsOfPartialRerankingAreTold() async throws {
            _ = try await winnow.run(["index", "set", "--store", "kb.sqlite"], folder: folder.path)
            for (number, options) in [(1, []), (2, ["--deadline", "0.001ms"]), (3, ["--rerank-within", "0"])] {
                let asked = try await winnow.run(
                    [
                        "ask", "How often is the \(Self.machines[number]) cleaned?", "--store", "kb.sqlite", "--log",
                        "asked.jsonl", "--score-cache", "none",
                    ] + options, folder: folder.path)
                #expect(asked.code == 0, "\(asked.errors)")
            }
            let outcome = try await winnow.run(
                ["eval", "set", "--from-log", "asked.jsonl", "--json", "--measures", "RR@10"], folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let warnings = try #require(try outcome.json()["warnings"] as? [String])
            #expect(warnings.contains { $0.hasPrefix("2 traces have candidates that were not scored") }, "\(warnings)")
            // A number that is no duration is a broken log and no trap.
            let log = try text("asked.jsonl")
            try folder.write(
                "broken.jsonl", log.replacingOccurrences(of: #""limit":0.001"#, with: #""limit":1e300"#) + log)
            let broken = try await winnow.run(["eval", "set", "--from-log", "broken.jsonl"], folder: folder.path)
            #expect(
                broken.code == 1 && broken.errors.contains("'limit' is no number of milliseconds"), "\(broken.errors)")
        }

        /// What users got is in the order that they got it in.
        @Test func loggedOrdersAreThoseOfTheDay() async throws {
            _ = try await winnow.run(["index", "set", "--store", "kb.sqlite"], folder: folder.path)
            func ask(_ numbers: ClosedRange<Int>, _ order: String) async throws {
                for number in numbers {
                    let asked = try await winnow.run(
                        [
                            "ask", "How often is the \(Self.machines[number]) cleaned?", "--store", "kb.sqlite",
                            "--log",
                            "asked.jsonl", "--initial-k", "10", "--order", order,
                        ], folder: folder.path)
                    #expect(asked.code == 0, "\(asked.errors)")
                }
            }
            func logged() async throws -> [String: Any] {
                let outcome = try await winnow.run(
                    ["eval", "set", "--from-log", "asked.jsonl", "--json", "--measures", "RR@10"], folder: folder.path)
                #expect(outcome.code == 0, "\(outcome.errors)")
                return try outcome.json()
            }
            try await ask(1...6, "blend:0")
            let report = try await logged()
            #expect((report["settings"] as? [String: Any])?["order"] as? String == "blend:0")
            let systems = try report.hits("systems").map { $0["measures"] as? [String: Double] }
            #expect(systems[0] == systems[1])
            try await ask(7...8, "reranker")
            let mixed = try await logged()
            #expect((mixed["settings"] as? [String: Any])?["order"] is NSNull)
            let warnings = try #require(mixed["warnings"] as? [String])
            #expect(warnings.contains { $0.contains("several final orders (blend:0, reranker)") }, "\(warnings)")
        }

        @Test func aCalibrationFillsProbabilitiesUntilTheModelChanges() async throws {
            _ = try await winnow.run(["index", "set", "--store", "kb.sqlite"], folder: folder.path)
            let question = ["ask", "How often is the kiln cleaned?", "--store", "kb.sqlite", "--initial-k", "10"]
            let before = try await winnow.run(question + ["--threshold", "probability:0.5"], folder: folder.path)
            #expect(before.code == 1 && before.errors.contains("winnow calibrate"))

            let fitted = try await winnow.run(
                [
                    "calibrate", "set", "--store", "kb.sqlite", "--initial-k", "10", "--target", "precision:0.5",
                    "--json",
                ],
                folder: folder.path)
            #expect(fitted.code == 0, "\(fitted.errors)")
            let report = try fitted.json()
            #expect(report["keptAt"] as? String == "kb.sqlite.calibration.json")

            #expect(report["order"] as? String == "blend:0.8")

            let after = try await winnow.run(
                question + ["--threshold", "probability:0.01", "--order", "reranker", "--json"], folder: folder.path)
            #expect(after.code == 0 && !after.errors.contains("calibrated over"), "\(after.errors)")
            let hits = try after.json().hits()
            #expect(!hits.isEmpty)
            var last = 1.0
            for hit in hits {
                let probability = try #require(hit["probability"] as? Double)
                #expect(probability >= 0.01 && probability <= last)
                last = probability
            }
            for (options, difference) in [
                (["--initial-k", "8"], "over 10 candidates a question, and this search takes 8:"),
                (
                    ["--initial-k", "10", "--retriever", "bm25"],
                    "over candidates of the hybrid retriever, and this search takes those of the bm25 one:"
                ),
                (
                    ["--initial-k", "8", "--retriever", "bm25"],
                    "over 10 candidates a question of the hybrid retriever, and this search takes 8 of the bm25 one:"
                ),
            ] {
                let noted = try await winnow.run(Array(question.dropLast(2)) + options, folder: folder.path)
                #expect(noted.code == 0 && noted.errors.contains(difference), "\(noted.errors)")
            }
            // Another truncation is another reranker.
            let other = try await winnow.run(
                question + ["--threshold", "probability:0.01", "--max-length", "300"], folder: folder.path)
            #expect(other.code == 1 && other.errors.contains("truncation"), "\(other.errors)")
            let without = try await winnow.run(
                question + ["--max-length", "300", "--json"], folder: folder.path)
            #expect(without.code == 0)
            #expect(try without.json().hits().allSatisfy { $0["probability"] is NSNull })
        }

        @Test func aMapIsFittedWhereAbstentionCannotBeTested() async throws {
            let outcome = try await winnow.run(
                ["calibrate", "set", "--initial-k", "10", "--target", "abstention:0.7", "--output", "map.json"],
                folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("no threshold can be found") && outcome.output.contains("Brier"))
            #expect(FileManager.default.fileExists(atPath: folder.path + "/map.json"))
        }

        @Test func aCalibrationNeedsEnoughLabels() async throws {
            let outcome = try await winnow.run(
                ["calibrate", "set", "--limit", "10", "--initial-k", "10", "--output", "c.json"], folder: folder.path)
            #expect(outcome.code == 1 && outcome.errors.contains("30"), "\(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/c.json"))
        }

        @Test func aSweepScoresOnceAndRecommends() async throws {
            let outcome = try await winnow.run(
                [
                    "sweep", "set", "--initial-k", "2,5,10", "--final-k", "1,3", "--timed-queries", "3", "--json",
                    "--html",
                    "sweep.html",
                ], folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let sweep = try #require(try outcome.json()["sweep"] as? [String: Any])
            let runs = try sweep.hits("runs")
            #expect(runs.count == 6)
            for run in runs {
                let latency = try #require(run["latency"] as? [String: Any])
                #expect(latency["count"] as? Int == (run["initialK"] as? Int == 10 ? 40 : 3))
            }
            let recommendation = try #require(sweep["recommendation"] as? [String: Any])
            #expect((recommendation["reason"] as? String)?.isEmpty == false)
            #expect(try text("sweep.html").contains("</html>"))
            let orders = try await winnow.run(
                [
                    "sweep", "set", "--initial-k", "10", "--final-k", "1", "--order", "reranker,blend:0.2..0.8:0.3,rrf",
                    "--timed-queries", "0", "--json",
                ], folder: folder.path)
            #expect(orders.code == 0, "\(orders.errors)")
            let swept = try #require(try orders.json()["sweep"] as? [String: Any])
            #expect(
                try swept.hits("runs").map { $0["order"] as? String } == [
                    nil, "reranker", "blend:0.2", "blend:0.5", "blend:0.8", "rrf:60",
                ])
            let late = try await winnow.run(
                ["sweep", "set", "--thresholds", "probability:0.5"], folder: folder.path)
            #expect(late.code == 1 && late.errors.contains("winnow calibrate"))
        }
    }
}
