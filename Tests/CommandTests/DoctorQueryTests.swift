import Foundation
import TestSupport
import Testing

extension Commands {
    /// What `winnow doctor` says of questions, in a file and in a log.
    @Suite(.serialized) struct DoctorQueryTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder

        init() throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
        }

        private func index() async throws {
            try Commands.writeArticles(folder)
            let outcome = try await winnow.run(["index", "docs", "--store", "kb.sqlite"], folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
        }

        private func doctor(_ arguments: String...) async throws -> Diagnosis {
            try await winnow.doctor(arguments, folder: folder.path)
        }

        @Test func questionsOfAllKinds() async throws {
            let long = String(repeating: "and what about the other question ", count: 60)
            let middle = String(repeating: "and what about the next question ", count: 14)
            try folder.write(
                "asked.txt",
                "How do refunds work?\n\n  \nhow do  REFUNDS work?\nWhen is the office open?\n\(middle)\n\(long)\n")
            let diagnosis = try await doctor("--queries", "asked.txt")
            #expect(diagnosis.named("queries.blank").first?.evidence["blank"] as? Int == 2)
            #expect(diagnosis.named("queries.duplicates").first?.evidence["repeated"] as? Int == 1)
            #expect(diagnosis.named("queries.refused").first?.severity == "error")
            #expect(diagnosis.named("queries.cut-embedder").first?.evidence["longer"] as? Int == 1)
            #expect(diagnosis.outcome.code == 2)
            #expect(diagnosis.named("queries.unmeasured").first?.severity == "note")
        }

        @Test func questionsInOtherLanguages() async throws {
            try folder.write(
                "asked.jsonl",
                (0..<12).map {
                    #"{"_id": "q\#($0)", "text": "Wie lange dauert eine Rückerstattung von Posten \#($0)?"}"# + "\n"
                }
                .joined())
            #expect(try await doctor("--queries", "asked.jsonl").named("queries.language").first?.severity == "warning")
            try folder.write("asked.txt", "How long does it take?\nСколько это стоит?\n返金はいつですか\n")
            #expect(try await doctor("--queries", "asked.txt").named("queries.language").first?.severity == "warning")
        }

        @Test func filesThatAreNoQuestions() async throws {
            for (name, text) in [
                ("bad.jsonl", "{\"text\": 3}\n"), ("torn.jsonl", "{\"text\": \"a\"}\n{\"te"), ("empty.txt", ""),
            ] {
                let path = try folder.write(name, text)
                let outcome = try await winnow.run(["doctor", "--queries", path])
                #expect(outcome.code == 1 && outcome.errors.contains(name), "\(outcome.errors)")
            }
        }

        /// A trace as `ask --log` writes it, with a best logit and one that is lower.
        private func trace(
            _ query: String, logit: Double, fingerprint: String = "aa", initialK: Int = 20, dropped: Int = 0,
            threshold: String = "null", milliseconds: Double = 40
        ) -> String {
            let model =
                #"{"name":"m","fingerprint":"\#(fingerprint)","precision":"int8","kernels":"k","truncation":"t"}"#
            func candidate(_ rank: Int, _ logit: Double) -> String {
                #"{"id":"d#\#(rank)","document":"d","initialRank":\#(rank),"finalRank":\#(rank),"retrievalScore":null,"retrieval":{},"#
                    + #""logit":\#(logit),"score":0.5,"scoreKind":"sigmoid","probability":null,"finalScore":null,"#
                    + #""passageTokensDropped":\#(dropped),"queryTokensDropped":0,"window":null}"#
            }
            return
                #"{"version":3,"time":null,"query":"\#(query)","initialK":\#(initialK),"finalK":5,"retriever":"hybrid","order":"reranker","#
                + #""threshold":\#(threshold),"filter":null,"stages":[{"name":"retrieve","milliseconds":5,"counts":{}},"#
                + #"{"name":"rerank","milliseconds":\#(milliseconds),"counts":{}}],"models":{"reranker":\#(model)},"#
                + #""candidates":[\#(candidate(1, logit - 1)),\#(candidate(2, logit))],"answer":null}"# + "\n"
        }

        private func log(_ name: String, _ traces: [String]) throws { try folder.write(name, traces.joined()) }

        @Test func aLogTellsHowTheSearchWasSetUp() async throws {
            try log(
                "bad.jsonl",
                (0..<30).map {
                    trace(
                        "question number \($0) of many", logit: 3, initialK: 5, dropped: 9, threshold: #""score:0.3""#,
                        milliseconds: 1500)
                })
            let bad = try await doctor("--log", "bad.jsonl")
            for id in ["queries.initial-k", "queries.cut-passages", "queries.threshold", "queries.latency"] {
                #expect(bad.named(id).first?.severity == "warning", "\(id): \(bad.wrong)")
            }
            #expect(bad.named("queries.initial-k").first?.evidence["few"] as? Int == 30)
            #expect(bad.outcome.code == 0)
            try log("good.jsonl", (0..<30).map { trace("question number \($0) of many", logit: 3) })
            let good = try await doctor("--log", "good.jsonl")
            #expect(good.wrong.isEmpty, "\(good.wrong)")
        }

        @Test func questionsUnlikeTheEvaluations() async throws {
            let spread = (0..<60).map { Double($0) / 20 }
            try log("reference.jsonl", spread.enumerated().map { trace("reference question \($0)", logit: 4 + $1) })
            try log("like.jsonl", spread.enumerated().map { trace("other question \($0)", logit: 4.02 + $1) })
            try log("unlike.jsonl", spread.enumerated().map { trace("strange question \($0)", logit: -8 + $1) })
            try log("few.jsonl", spread.prefix(10).enumerated().map { trace("strange question \($0)", logit: -8 + $1) })
            try log(
                "model.jsonl", spread.enumerated().map { trace("question \($0)", logit: 4 + $1, fingerprint: "bb") })
            func shift(_ name: String) async throws -> Diagnosis.Finding {
                let diagnosis = try await doctor("--log", name, "--reference", "reference.jsonl")
                return try #require(diagnosis.findings.first { $0.id == "queries.shift" })
            }
            let unlike = try await shift("unlike.jsonl")
            #expect(unlike.severity == "warning" && unlike.what.contains("unlike those the model was evaluated on"))
            // Sixty below sixty: apart by 1, and every one is below the reference's quantile.
            #expect(unlike.evidence["distance"] as? Double == 1 && unlike.evidence["shareBelow"] as? Double == 1)
            #expect(try await shift("like.jsonl").severity == "ok")
            let few = try await shift("few.jsonl")
            #expect(few.severity == "note" && few.what.contains("cannot be told"))
            let other = try await shift("model.jsonl")
            #expect(other.severity == "warning" && other.what.contains("another cross-encoder"))
        }

        /// An evaluation's own file, and its folder, with questions that are asked now.
        @Test func evaluationsAreReferences() async throws {
            try await index()
            let questions = [
                "How long do refunds take?", "How many requests may a workspace send?", "How is SAML set up?",
            ]
            try folder.write(
                "set/queries.jsonl",
                questions.enumerated().map { #"{"_id": "q\#($0)", "text": "\#($1)"}"# + "\n" }.joined())
            try folder.write("set/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq0\trefunds.md\t1\nq1\tlimits.txt\t1\n")
            let saved = try await winnow.run(["eval", "set", "--store", "kb.sqlite", "--json"], folder: folder.path)
            #expect(saved.code == 0, "\(saved.errors)")
            try folder.write("evaluation.json", saved.output)
            let systems = try #require(try saved.json()["systems"] as? [[String: Any]])
            let reranked = try #require(systems.first { $0["role"] as? String == "reranked" })
            let rows = try #require(reranked["queries"] as? [[String: Any]])
            #expect(rows.allSatisfy { $0["bestLogit"] is Double })
            for reference in ["evaluation.json", "set"] {
                let diagnosis = try await doctor(
                    "--store", "kb.sqlite", "--queries", "set/queries.jsonl", "--reference", reference)
                let shift = try #require(diagnosis.findings.first { $0.id == "queries.shift" })
                #expect(shift.severity == "note" && shift.what.contains("so few"), "\(shift.what)")
                #expect(shift.evidence["questions"] as? Int == 3)
                #expect(shift.evidence["reference"] as? Int == (reference == "set" ? 3 : 2))
            }
            // The same questions asked now have the logits that the evaluation saw.
            let logits = rows.compactMap { $0["bestLogit"] as? Double }.sorted()
            #expect(logits.count == 2)
            let missing = try await winnow.run(
                ["doctor", "--store", "kb.sqlite", "--queries", "set/queries.jsonl", "--reference", "docs"],
                folder: folder.path)
            #expect(missing.code == 1 && missing.errors.contains("queries.jsonl"))
        }
    }
}
