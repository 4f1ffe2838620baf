import Foundation
import TestSupport
import Testing

extension Commands {
    /// `--where` on the commands that search.
    @Suite(.serialized) struct FilterTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder

        init() async throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
            var corpus = ""
            var queries = ""
            var qrels = "query-id\tcorpus-id\tscore\n"
            for (number, thing) in ["boiler", "crane", "lathe", "kiln", "loom", "winch"].enumerated() {
                let product = number % 2 == 0 ? "api" : "app"
                corpus +=
                    #"{"_id": "d\#(number)", "text": "The \#(thing) is cleaned every \#(number + 2) days.", "metadata": {"product": "\#(product)", "#
                    + #""version": \#(number), "day": "2026-01-0\#(number + 1)"}}"# + "\n"
                queries += #"{"_id": "q\#(number)", "text": "How often is the \#(thing) cleaned?"}"# + "\n"
                qrels += "q\(number)\td\(number)\t1\n"
            }
            try folder.write("set/corpus.jsonl", corpus)
            try folder.write("set/queries.jsonl", queries)
            try folder.write("set/qrels/test.tsv", qrels)
            let outcome = try await winnow.run(
                ["index", "set/corpus.jsonl", "--store", "kb.sqlite"], folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
        }

        private func run(_ arguments: String...) async throws -> BuiltProgram.Outcome {
            try await winnow.run(arguments, folder: folder.path)
        }

        @Test(arguments: [["--store", "kb.sqlite"], ["-d", "set/corpus.jsonl"]], ["dense", "bm25", "hybrid"])
        func onlyWhatSatisfiesItIsFound(_ corpus: [String], _ retriever: String) async throws {
            let outcome = try await winnow.run(
                [
                    "search", "How often is the crane cleaned?", "--where", #"product = "api""#, "--where",
                    "version in [2, 3, 4]",
                ] + [
                    "--retriever", retriever, "--no-rerank", "--json",
                ] + corpus, folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let json = try outcome.json()
            #expect(Set(try json.hits().compactMap { $0["document"] as? String }) == ["d2", "d4"])
            #expect(json["filter"] as? String == #"product = "api" and version in [2, 3, 4]"#)
        }

        @Test func anAnswerIsMadeOfWhatSatisfiesIt() async throws {
            let outcome = try await run(
                "ask", "How often is the crane cleaned?", "--store", "kb.sqlite", "--where", #"day < "2026-01-02""#,
                "--json", "--log",
                "asked.jsonl")
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try outcome.json().hits().compactMap { $0["document"] as? String } == ["d0"])
            let log = try String(contentsOfFile: folder.path + "/asked.jsonl", encoding: .utf8)
            #expect(log.contains(#""filter":"day < \"2026-01-02\"""#), "\(log)")
            let none = try await run("search", "crane", "--store", "kb.sqlite", "--where", "version > 100")
            #expect(none.code == 0 && none.errors.contains("satisfy --where"), "\(none.errors)")
        }

        @Test func aTextThatIsNoFilterIsShownWithACaret() async throws {
            for command in [["search", "x"], ["ask", "x"], ["eval", "set"]] {
                let outcome = try await winnow.run(
                    command + ["--store", "kb.sqlite", "--where", "version >= and"], folder: folder.path)
                #expect(outcome.code == 64)
                #expect(outcome.errors.contains("a value is wanted here, found 'and'"), "\(outcome.errors)")
                #expect(outcome.errors.contains("  version >= and\n             ^"), "\(outcome.errors)")
            }
        }

        @Test(arguments: [
            ("versoin >= 3", "did you mean version?"), ("version >= '3'", "write it without quotes"),
            ("zzz = 1", "there are: day (date)"),
        ])
        func whatThePassagesDoNotHaveIsNamed(_ text: String, _ words: String) async throws {
            for arguments in [
                ["search", "x", "--store", "kb.sqlite"], ["search", "x", "-d", "set/corpus.jsonl"],
                ["ask", "x", "--store", "kb.sqlite"],
                ["eval", "set"], ["eval", "set", "--store", "kb.sqlite"],
            ] {
                let outcome = try await winnow.run(arguments + ["--where", text], folder: folder.path)
                #expect(outcome.code == 1, "\(arguments)")
                #expect(
                    outcome.errors.contains("error: --where: ") && outcome.errors.contains(words), "\(outcome.errors)")
            }
        }

        @Test(arguments: [[], ["--store", "kb.sqlite"], ["--first-stage", "judged"], ["--retriever", "bm25"]])
        func anEvaluationSaysWhatTheFilterLeavesOut(_ more: [String]) async throws {
            let outcome = try await winnow.run(
                ["eval", "set", "--where", "product = 'api'", "--no-rerank", "--measures", "R@5", "--json"] + more,
                folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let json = try outcome.json()
            #expect((json["settings"] as? [String: Any])?["filter"] as? String == #"product = "api""#)
            #expect((json["counts"] as? [String: Any])?["queries"] as? Int == 3)
            #expect(
                outcome.errors.contains(
                    "3 judged documents are left out by --where, with 3 relevant judgements: they are not counted; 3 queries are not asked"
                ), "\(outcome.errors)")
        }

        @Test func aFilterNeedsSomethingToFilter() async throws {
            let log = try await run("eval", "set", "--from-log", "asked.jsonl", "--where", "version = 1")
            #expect(log.code == 64 && log.errors.contains("--where"), "\(log.errors)")
            let further = try await run("eval", "set", "--system", "other=run:x.run", "--where", "version = 1")
            #expect(
                further.code == 64 && further.errors.contains("cannot be applied to a further run"), "\(further.errors)"
            )
            let nothing = try await run("eval", "set", "--where", "version > 100", "--no-rerank")
            #expect(nothing.code == 1 && nothing.errors.contains("nothing can be measured"), "\(nothing.errors)")
        }
    }
}
