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
            threshold: String = "null", milliseconds: Double = 40, places: Int = 2, best: Int = 2,
            retriever: String = "hybrid"
        ) -> String {
            let model =
                #"{"name":"m","fingerprint":"\#(fingerprint)","precision":"int8","kernels":"k","truncation":"t"}"#
            func candidate(_ rank: Int, _ logit: Double) -> String {
                #"{"id":"d#\#(rank)","document":"d","initialRank":\#(rank),"finalRank":\#(rank),"retrievalScore":null,"retrieval":{},"#
                    + #""logit":\#(logit),"score":0.5,"scoreKind":"sigmoid","probability":null,"finalScore":null,"#
                    + #""passageTokensDropped":\#(dropped),"queryTokensDropped":0,"window":null}"#
            }
            let candidates = (1...places).map { candidate($0, $0 == best ? logit : logit - 1) }.joined(separator: ",")
            return
                #"{"version":3,"time":null,"query":"\#(query)","initialK":\#(initialK),"finalK":5,"retriever":"\#(retriever)","order":"reranker","#
                + #""threshold":\#(threshold),"filter":null,"stages":[{"name":"retrieve","milliseconds":5,"counts":{}},"#
                + #"{"name":"rerank","milliseconds":\#(milliseconds),"counts":{}}],"models":{"reranker":\#(model)},"#
                + #""candidates":[\#(candidates)],"answer":null}"# + "\n"
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
            #expect(bad.named("queries.threshold").first?.command?.hasSuffix("--target precision:0.9") == true)
            // One of many had few candidates.
            try log(
                "one.jsonl",
                (0..<200).map { trace("question number \($0) of many", logit: 3, initialK: $0 == 0 ? 5 : 20) })
            let one = try #require(try await doctor("--log", "one.jsonl").named("queries.initial-k").first)
            #expect(one.severity == "note" && one.evidence["share"] as? Double == 0.005)
        }

        /// Where the best passage is among the last candidates, better ones were probably behind them.
        @Test(arguments: [(19, "note"), (2, "ok")])
        func theBestAmongTheLast(_ best: Int, _ severity: String) async throws {
            try log("log.jsonl", (0..<24).map { trace("question \($0) of many", logit: 3, places: 20, best: best) })
            let finding = try #require(
                try await doctor("--log", "log.jsonl").findings.first { $0.id == "queries.late-best" })
            #expect(finding.severity == severity && finding.evidence["traces"] as? Int == 24)
            #expect(finding.evidence["bestAmongLastQuarter"] as? Int == (best == 19 ? 24 : 0))
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
            #expect(unlike.evidence["p"] as? Double ?? 0 > 0)
            let other = try await shift("model.jsonl")
            #expect(other.severity == "warning" && other.what.contains("another cross-encoder"))
            #expect((other.evidence["questionsModel"] as? String)?.hasPrefix("bb ") == true)
            #expect((other.evidence["referenceModel"] as? String)?.hasPrefix("aa ") == true)
            // Asked again and again a question says nothing new.
            try log("again.jsonl", (0..<60).map { trace($0 % 2 == 0 ? " the same " : "the same", logit: -8) })
            let again = try await shift("again.jsonl")
            #expect(again.severity == "note" && again.evidence["questions"] as? Int == 1)
            // Two in five are of something else, and the others are easy.
            try log(
                "mixture.jsonl",
                spread.enumerated().map { trace("mixed question \($0)", logit: $0 % 5 < 2 ? -8 + $1 : 9 + $1) })
            let mixture = try await shift("mixture.jsonl")
            #expect(mixture.severity == "warning" && mixture.evidence["shareBelow"] as? Double == 0.4)
            try log(
                "dense.jsonl",
                spread.enumerated().map { trace("dense question \($0)", logit: -8 + $1, retriever: "dense") })
            let dense = try await shift("dense.jsonl")
            #expect(dense.severity == "note" && dense.what.contains("another first stage"))
        }

        /// For a person a small p-value is no 0.
        @Test func smallPValuesAreNotZero() async throws {
            let spread = (0..<60).map { Double($0) / 20 }
            try log("reference.jsonl", spread.enumerated().map { trace("reference question \($0)", logit: 4 + $1) })
            try log("unlike.jsonl", spread.enumerated().map { trace("strange question \($0)", logit: -8 + $1) })
            let outcome = try await winnow.run(
                ["doctor", "--quick", "--log", "unlike.jsonl", "--reference", "reference.jsonl"], folder: folder.path)
            #expect(outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains("p < 0.0001"))
        }

        /// Of an evaluation of several systems that which has the log's model is the one to compare with.
        @Test func theSystemOfTheSameModel() async throws {
            let spread = (0..<60).map { Double($0) / 20 }
            func system(_ name: String, _ fingerprint: String, _ logit: Double) -> String {
                let queries = spread.enumerated().map { #"{"id":"q\#($0)","measures":{},"bestLogit":\#(logit + $1)}"# }
                return
                    #"{"name":"\#(name)","model":{"name":"m","fingerprint":"\#(fingerprint)","precision":"int8","kernels":"k","truncation":"t"},"#
                    + #""queries":[\#(queries.joined(separator: ","))]}"#
            }
            func evaluation(_ firstStage: String) -> String {
                #"{"schema":1,"kind":"evaluation","settings":{"initialK":20,"firstStage":"\#(firstStage)"},"systems":["#
                    + system("reranked", "bb", -20) + "," + system("other", "aa", 4) + "]}"
            }
            try folder.write("evaluation.json", evaluation("hybrid"))
            try folder.write("judged.json", evaluation("judged"))
            try log("log.jsonl", spread.enumerated().map { trace("question \($0)", logit: 4.02 + $1) })
            let diagnosis = try await doctor("--log", "log.jsonl", "--reference", "evaluation.json")
            #expect(diagnosis.findings.first { $0.id == "queries.shift" }?.severity == "ok")
            // Its candidates were those that were judged.
            let judged = try await doctor("--log", "log.jsonl", "--reference", "judged.json").named("queries.shift")
                .first
            #expect(judged?.severity == "note" && judged?.evidence["referenceFirstStage"] as? String == "judged")
        }

        /// Questions are asked as the reference's were, and long passages are read as it is said.
        @Test func questionsAreAskedAlike() async throws {
            try await index()
            try folder.write("asked.txt", "How long do refunds take?\nHow is SAML set up?\n")
            for question in ["How long do refunds take?", "How is SAML set up?"] {
                let outcome = try await winnow.run(
                    [
                        "ask", question, "--store", "kb.sqlite", "--log", "log.jsonl", "--long", "truncate",
                        "--initial-k", "3",
                        "--final-k", "1", "--retriever", "dense",
                    ], folder: folder.path)
                #expect(outcome.code == 0, "\(outcome.errors)")
            }
            let arguments = ["--store", "kb.sqlite", "--queries", "asked.txt", "--reference", "log.jsonl"]
            let windows = try #require(
                try await winnow.doctor(arguments, folder: folder.path).named("queries.shift").first)
            #expect(windows.what.contains("truncation"), "\(windows.what)")
            let same = try #require(
                try await winnow.doctor(arguments + ["--long", "truncate"], folder: folder.path).named("queries.shift")
                    .first)
            // Two of each, the same ones: no word of another model, depth or first stage.
            #expect(same.what.contains("so few") && same.evidence["distance"] as? Double == 0, "\(same.what)")
            #expect(same.evidence["initialK"] == nil && same.evidence["questions"] as? Int == 2)
        }

        /// As Windows' editors save them.
        @Test func byteOrderMarks() async throws {
            let mark = "\u{FEFF}"
            try folder.write("asked.jsonl", mark + #"  {"_id": "q1", "text": "How do refunds work?"}"# + "\r\n")
            try folder.write("asked.txt", mark + "How do refunds work?\r\n")
            func tokens(_ name: String) async throws -> Int? {
                try await doctor("--queries", name).findings.first { $0.id == "queries.cut-embedder" }?
                    .evidence["longest"] as? Int
            }
            try folder.write("plain.txt", "How do refunds work?\n")
            let plain = try #require(try await tokens("plain.txt"))
            #expect(try await tokens("asked.jsonl") == plain)
            #expect(try await tokens("asked.txt") == plain)
        }

        /// Five words without any of a language's commonest.
        @Test func keywordsAreNoOtherLanguage() async throws {
            try folder.write(
                "asked.txt", (0..<12).map { "python list index error fix \($0)\n" }.joined())
            #expect(try await doctor("--queries", "asked.txt").named("queries.language").isEmpty)
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
