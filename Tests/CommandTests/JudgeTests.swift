import Foundation
import TestSupport
import Testing

extension Commands {
    /// `winnow judge`, as somebody uses it who has tickets and two systems' runs.
    @Suite(.serialized) struct JudgeTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder

        init() throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
            try Commands.writeArticles(folder)
            try folder.write(
                "queries.jsonl",
                """
                {"_id": "q1", "text": "How long does a refund take?"}
                {"_id": "q2", "text": "=HOW many requests per minute?"}
                {"_id": "q3", "text": "Nobody ranked anything for this."}

                """)
            try folder.write(
                "dense.run",
                """
                q1 Q0 refunds.md 1 0.9 dense
                q1 Q0 limits.txt 2 0.5 dense
                q2 Q0 limits.txt 1 0.8 dense
                q2 Q0 refunds.md 2 0.2 dense

                """)
            try folder.write(
                "bm25.run",
                """
                q1 Q0 refunds.md 1 7.5 bm25
                q1 Q0 more/sso.md 2 3.5 bm25
                q2 Q0 limits.txt 1 9 bm25

                """)
        }

        private func judge(_ arguments: String...) async throws -> BuiltProgram.Outcome {
            try await winnow.run(["judge"] + arguments, folder: folder.path)
        }

        private func pool(_ more: String..., output: String = "pool.csv") async throws -> BuiltProgram.Outcome {
            try await winnow.run(
                [
                    "judge", "pool", "--run", "dense.run", "--run", "bm25.run", "--queries", "queries.jsonl",
                    "--output",
                    output, "--json",
                ] + (more.isEmpty ? ["--documents", "docs"] : more), folder: folder.path)
        }

        private func text(_ name: String) throws -> String {
            try String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)
        }

        private func rows(_ name: String) throws -> [[String: Any]] {
            try text(name).split(separator: "\n").map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
        }

        /// Grades each row of a pool in JSONL and writes it back.
        private func fillIn(_ name: String, _ grade: (_ row: [String: Any], _ isRepeat: Bool) -> Any?) throws {
            var seen: Set<String> = []
            let filled = try rows(name).map { row -> String in
                let pair = "\(row["query_id"] ?? "") \(row["document_id"] ?? "")"
                var row = row
                row["grade"] = grade(row, !seen.insert(pair).inserted) ?? NSNull()
                return String(decoding: try JSONSerialization.data(withJSONObject: row), as: UTF8.self)
            }
            try folder.write(name, filled.joined(separator: "\n") + "\n")
        }

        // MARK: Pools

        @Test func aPoolHoldsEachPairOnceAndThoseInDisputeFirst() async throws {
            let outcome = try await pool("--documents", "docs", "--repeats", "0", output: "pool.jsonl")
            #expect(outcome.code == 0, "\(outcome.errors)")
            let summary = try outcome.json()
            #expect(summary["pairs"] as? Int == 5 && summary["queries"] as? Int == 2)
            #expect(summary["contested"] as? Int == 3 && summary["repeats"] as? Int == 0)
            #expect(summary["judgedBefore"] as? Int == 0 && summary["format"] as? String == "jsonl")
            let pairs = try rows("pool.jsonl").map { "\($0["query_id"] ?? "") \($0["document_id"] ?? "")" }
            #expect(Set(pairs.prefix(3)) == ["q1 limits.txt", "q1 more/sso.md", "q2 refunds.md"])
            #expect(Set(pairs.suffix(2)) == ["q1 refunds.md", "q2 limits.txt"])
            for row in try rows("pool.jsonl") {
                #expect(Set(row.keys) == ["pair", "query_id", "document_id", "query", "passage", "grade"])
                #expect(row["grade"] is NSNull)
            }
            let refunds = try rows("pool.jsonl").first { $0["document_id"] as? String == "refunds.md" }
            #expect((refunds?["passage"] as? String)?.contains("pro rata") == true)
        }

        @Test func aTableIsBlindAndHarmless() async throws {
            #expect(try await pool().code == 0)
            let table = try text("pool.csv")
            #expect(table.contains("pair,query_id,document_id,query,passage,grade\n"))
            #expect(table.contains("'=HOW many requests"), "a spreadsheet would take it for a formula")
            #expect(!table.contains("dense") && !table.contains("bm25") && !table.contains("0.9"))
        }

        @Test func theSameSeedGivesTheSamePool() async throws {
            for (name, seed) in [("a.csv", "7"), ("b.csv", "7")] {
                #expect(try await pool("--documents", "docs", "--seed", seed, output: name).code == 0)
            }
            #expect(try text("a.csv") == text("b.csv"))
        }

        @Test func whatWasJudgedIsLeftOutAndFilesAreKept() async throws {
            try folder.write("test.tsv", "query-id\tcorpus-id\tscore\nq1\trefunds.md\t2\nq1\tlimits.txt\t0\n")
            let outcome = try await pool(
                "--documents", "docs", "--qrels", "test.tsv", "--repeats", "0", output: "p.jsonl")
            #expect(try outcome.json()["pairs"] as? Int == 3)
            #expect(try outcome.json()["judgedBefore"] as? Int == 2)
            let before = try text("p.jsonl")
            let again = try await pool("--documents", "docs", output: "p.jsonl")
            #expect(again.code == 1 && again.errors.contains("--overwrite"), "\(again.errors)")
            #expect(try text("p.jsonl") == before)
            #expect(try await pool("--documents", "docs", "--overwrite", output: "p.jsonl").code == 0)
            #expect(try text("p.jsonl") != before)
        }

        @Test func aFolderGivesAllOfIt() async throws {
            try folder.write("docs/queries.jsonl", try text("queries.jsonl"))
            try folder.write("docs/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq2\tlimits.txt\t1\n")
            let outcome = try await judge(
                "pool", "docs", "--run", "dense.run", "--run", "bm25.run", "--output", "p.csv", "--json")
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try outcome.json()["judgedBefore"] as? Int == 1)
        }

        @Test func idsThatARunEncodesAreFound() async throws {
            try folder.write("docs/two words.md", "# Two words\n\nA name may hold a space.\n")
            try folder.write("dense.run", "q1 Q0 two%20words.md 1 0.9 dense\nq1 Q0 refunds.md 2 0.5 dense\n")
            let outcome = try await pool("--documents", "docs", "--repeats", "0", output: "p.jsonl")
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try rows("p.jsonl").contains { $0["document_id"] as? String == "two words.md" })
        }

        @Test func passagesAreLookedUpInTheirStore() async throws {
            let indexed = try await winnow.run(
                [
                    "index", "docs", "--store", "kb.sqlite", "--chunking", "words", "--chunk-size", "8",
                    "--chunk-overlap", "2",
                ], folder: folder.path)
            #expect(indexed.code == 0, "\(indexed.errors)")
            try folder.write("dense.run", "q1 Q0 refunds.md#1 1 0.9 dense\nq1 Q0 limits.txt 2 0.5 dense\n")
            let outcome = try await pool("--store", "kb.sqlite", "--repeats", "0", output: "p.jsonl")
            #expect(outcome.code == 0, "\(outcome.errors)")
            let texts = try rows("p.jsonl").reduce(into: [String: String]()) {
                $0[$1["document_id"] as? String ?? ""] = $1["passage"] as? String
            }
            let passage = try #require(texts["refunds.md#1"])
            let whole = try #require(texts["refunds.md"])
            #expect(passage.utf8.count < whole.utf8.count)
            #expect(
                texts["limits.txt"]
                    == "Each workspace may send 600 requests per minute. More than that is answered with status 429.",
                "put together from overlapping passages")

            let files = try await pool("--documents", "docs", output: "q.jsonl")
            #expect(files.code == 1 && files.errors.contains("--store"), "\(files.errors)")
        }

        @Test func whatIsNotThereIsNamed() async throws {
            try folder.write("bm25.run", "q1 Q0 gone.md 1 7.5 bm25\n")
            let missing = try await pool()
            #expect(missing.code == 1 && missing.errors.contains("'gone.md'") && missing.errors.contains("'q1'"))
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/pool.csv"))
            try folder.write("other.jsonl", #"{"_id": "x1", "text": "Something else?"}"# + "\n")
            let strangers = try await judge(
                "pool", "--run", "dense.run", "--run", "bm25.run", "--queries", "other.jsonl", "--documents", "docs",
                "--output", "p.csv")
            #expect(strangers.code == 1 && strangers.errors.contains("'q1'"), "\(strangers.errors)")
        }

        @Test func aQueryThatOneSystemLeftOutIsSaid() async throws {
            try folder.write("bm25.run", "q1 Q0 refunds.md 1 7.5 bm25\nq9 Q0 refunds.md 1 7.5 bm25\n")
            let outcome = try await pool()
            #expect(outcome.code == 0)
            #expect(outcome.errors.contains("bm25.run has no list for 1 of 2 queries"), "\(outcome.errors)")
            #expect(outcome.errors.contains("1 query of the runs"), "\(outcome.errors)")
        }

        // MARK: Reading back

        @Test func gradesComeBackAsJudgements() async throws {
            #expect(try await pool("--documents", "docs", "--repeats", "0.5", output: "p.jsonl").code == 0)
            try fillIn("p.jsonl") { row, _ in row["document_id"] as? String == "refunds.md" ? 2 : 0 }
            let outcome = try await judge("read", "p.jsonl", "--output", "set/qrels/test.tsv", "--json")
            #expect(outcome.code == 0, "\(outcome.errors)")
            let summary = try outcome.json()
            #expect(summary["judgements"] as? Int == 5 && summary["added"] as? Int == 5)
            let agreement = try #require(summary["agreement"] as? [String: Any])
            #expect((agreement["count"] as? Int ?? 0) >= 1 && agreement["observed"] as? Double == 1)
            #expect(
                try text("set/qrels/test.tsv") == """
                    query-id\tcorpus-id\tscore
                    q1\tlimits.txt\t0
                    q1\tmore/sso.md\t0
                    q1\trefunds.md\t2
                    q2\tlimits.txt\t0
                    q2\trefunds.md\t2

                    """)
        }

        @Test func aHalfJudgedPoolIsCheckedAgainstItsDocuments() async throws {
            #expect(try await pool("--documents", "docs", output: "p.jsonl").code == 0)
            try fillIn("p.jsonl") { row, _ in row["document_id"] as? String == "refunds.md" ? 1 : nil }
            let outcome = try await judge("read", "p.jsonl", "--output", "half.tsv", "--documents", "docs", "--json")
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try outcome.json()["judgements"] as? Int == 2)
        }

        @Test func aJudgeWhoDisagreesWithHimselfIsNamed() async throws {
            #expect(try await pool("--documents", "docs", "--repeats", "1", output: "p.jsonl").code == 0)
            try fillIn("p.jsonl") { _, isRepeat in isRepeat ? 0 : 1 }
            let outcome = try await judge("read", "p.jsonl", "--output", "test.tsv")
            #expect(outcome.code == 0)
            #expect(outcome.output.contains("0 % alike"), "\(outcome.output)")
            #expect(outcome.errors.contains("judged twice: p.jsonl:"), "\(outcome.errors)")
            #expect(!(try text("test.tsv")).contains("\t0\n"), "the first word counts")
        }

        @Test func judgementsAreAddedToThoseThatAreThere() async throws {
            try folder.write("test.tsv", "query-id\tcorpus-id\tscore\nq1\trefunds.md\t2\nq2\tlimits.txt\t-1\n")
            #expect(
                try await pool("--documents", "docs", "--qrels", "test.tsv", "--repeats", "0", output: "p.jsonl").code
                    == 0)
            try fillIn("p.jsonl") { row, _ in row["query_id"] as? String == "q2" ? 1 : nil }
            let alone = try await judge("read", "p.jsonl", "--output", "test.tsv")
            #expect(alone.code == 1 && alone.errors.contains("--qrels test.tsv"), "\(alone.errors)")
            let outcome = try await judge("read", "p.jsonl", "--qrels", "test.tsv", "--output", "./test.tsv", "--json")
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try outcome.json()["added"] as? Int == 1, "one of two replaces a grade that said: not judged")
            #expect(try outcome.json()["unjudged"] as? Int == 2)
            #expect(try text("test.tsv").contains("q1\trefunds.md\t2\n"))
            #expect(try text("test.tsv").contains("q2\tlimits.txt\t1\n"))

            let before = try text("test.tsv")
            try fillIn("p.jsonl") { row, _ in row["query_id"] as? String == "q2" ? 0 : nil }
            let contradicting = try await judge("read", "p.jsonl", "--qrels", "test.tsv", "--output", "test.tsv")
            #expect(contradicting.code == 1 && contradicting.errors.contains("make them say the same"))
            #expect(try text("test.tsv") == before)
        }

        @Test(arguments: [
            ("q1,refunds.md,1\nq1,2-Jan,1\n", ["--documents", "docs"], "pool.csv:3: there is no document '2-Jan'"),
            ("q1,refunds.md,yes\n", [], "pool.csv:2: the grade 'yes' is no whole number"),
            ("q1,refunds.md,\n", [], "not one of 1 grades is filled in"),
            ("Q1,refunds.md,1\n", ["--queries", "queries.jsonl"], "pool.csv:2: there is no query 'Q1'"),
        ])
        func aSpoiltPoolIsRefused(_ rows: String, _ more: [String], _ message: String) async throws {
            try folder.write("pool.csv", "query_id,document_id,grade\n" + rows)
            let outcome = try await winnow.run(
                ["judge", "read", "pool.csv", "--output", "test.tsv"] + more, folder: folder.path)
            #expect(outcome.code == 1 && outcome.errors.contains(message), "\(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/test.tsv"))
        }

        // MARK: Tickets

        private func writeTickets() throws {
            try folder.write(
                "tickets.csv",
                """
                ticket,customer,subject,kb article,product
                1,Ada,"Refund, please?",refunds.md,billing
                2,Bob,"refund,  PLEASE?",refunds.md;limits.txt,billing
                3,Cy,,refunds.md,billing
                4,Di,How many requests?,nowhere.md,api

                """)
        }

        @Test func ticketsBecomeATestSet() async throws {
            try writeTickets()
            let outcome = try await judge(
                "tickets", "tickets.csv", "--output", "set/", "--document", "KB article", "--id", "ticket",
                "--metadata",
                "product", "--documents", "docs", "--json")
            #expect(outcome.code == 3, "\(outcome.errors)")
            let summary = try outcome.json()
            #expect(summary["queries"] as? Int == 2 && summary["merged"] as? Int == 1)
            #expect(summary["judgements"] as? Int == 3 && summary["output"] as? String == "set")
            let leftOut = try #require(summary["leftOut"] as? [[String: Any]])
            #expect(leftOut.count == 1 && leftOut[0]["line"] as? Int == 4)
            #expect(outcome.errors.contains("tickets.csv:4: the question is blank"))
            #expect(outcome.errors.contains("nowhere.md"))

            let queries = try rows("set/queries.jsonl")
            #expect(queries.compactMap { $0["_id"] as? String } == ["1", "4"])
            #expect((queries[0]["metadata"] as? [String: Any])?["product"] as? String == "billing")
            #expect(!(try text("set/queries.jsonl")).contains("Ada"), "customers stay where they were")
            #expect(
                try text("set/qrels/test.tsv")
                    == "query-id\tcorpus-id\tscore\n1\tlimits.txt\t1\n1\trefunds.md\t1\n4\tnowhere.md\t1\n")

            let again = try await judge("tickets", "tickets.csv", "--output", "set", "--document", "kb article")
            #expect(again.code == 1 && again.errors.contains("--overwrite"), "\(again.errors)")
            #expect(try rows("set/queries.jsonl").count == 2)
        }

        @Test func ticketsWithoutTheColumn() async throws {
            try writeTickets()
            let outcome = try await judge("tickets", "tickets.csv", "--output", "set", "--document", "solution")
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains("no column 'solution'") && outcome.errors.contains("'kb article'"))
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/set"))
        }

        // MARK: Usage

        @Test(arguments: [
            (["pool", "docs", "--run", "a", "--output", "p"], "at least two systems"),
            (["pool", "docs", "--run", "a", "--run", "a", "--output", "p"], "given twice"),
            (["pool", "--run", "a", "--run", "b", "--output", "p"], "--queries"),
            (["pool", "--run", "a", "--run", "b", "--queries", "q", "--output", "p"], "--documents or --store"),
            (["pool", "docs", "--run", "a", "--run", "b", "--output", "p", "--depth", "0"], "--depth is 0"),
            (["pool", "docs", "--run", "a", "--run", "b", "--output", "p", "--repeats", "2"], "--repeats is 2"),
            (["pool", "docs", "--run", "a", "--run", "b", "--output", "p", "--limit", "0"], "--limit is 0"),
            (["pool", "docs", "--run", "a", "--run", "b", "--output", "p", "--format", "xlsx"], "xlsx"),
            (["pool", "docs", "--run", "a", "--run", "b"], "--output"),
            (["read", "pool.csv"], "--output"), (["read", "--output", "test.tsv"], "<pool>"),
            (["tickets", "t.csv"], "--output"),
            (["tickets", "t.csv", "--output", "s", "--split", "a/b"], "--split 'a/b'"),
            (["tickets", "t.csv", "--output", "s", "--store", "x", "--documents", "docs"], "two corpora"),
        ])
        func wrongUsage(_ arguments: [String], message: String) async throws {
            let outcome = try await winnow.run(["judge"] + arguments, folder: folder.path)
            #expect(outcome.code == 64 && outcome.output.isEmpty, "\(outcome)")
            #expect(outcome.errors.contains(message), "\(outcome.errors)")
        }

        @Test(arguments: [[], ["pool"], ["read"], ["tickets"]])
        func help(_ arguments: [String]) async throws {
            let outcome = try await winnow.run(["judge"] + arguments + ["--help"])
            #expect(outcome.code == 0 && outcome.errors.isEmpty)
            #expect(outcome.output.contains("USAGE: winnow judge"))
            let examples = outcome.output.split(separator: "\n").filter { $0.contains(" winnow ") }
            #expect(examples.allSatisfy { $0.count <= 80 }, "an example that is wrapped cannot be copied")
        }
    }
}
