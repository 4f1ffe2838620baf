import Foundation
import TestSupport
import Testing

extension Commands {
    /// `--deadline` on `search`, `ask` and `rerank`.
    @Suite(.serialized) struct DeadlineTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder
        static let question = "When are refunds issued?"
        /// Over before the first candidate's turn, and never.
        static let none = "0.001ms"
        static let ample = "600s"

        init() async throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
            try Commands.writeArticles(folder)
            let outcome = try await winnow.run(["index", "docs", "--store", "kb.sqlite"], folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
            try folder.write(
                "found.txt", "Limits are per minute.\nRefunds are issued within ten days.\nNothing here.\n")
        }

        private func run(_ arguments: [String]) async throws -> BuiltProgram.Outcome {
            try await winnow.run(arguments, folder: folder.path)
        }

        private static let commands = [
            ["search", question, "--store", "kb.sqlite", "--score-cache", "none"],
            ["ask", question, "--store", "kb.sqlite", "--score-cache", "none"],
            ["rerank", question, "--candidates", "found.txt"],
        ]

        @Test(arguments: commands)
        func withAmpleTimeNothingChanges(_ command: [String]) async throws {
            let plain = try await run(command + ["--json", "--explain"]).json()
            #expect(plain["deadline"] is NSNull)
            let outcome = try await run(command + ["--json", "--explain", "--deadline", Self.ample])
            #expect(outcome.code == 0, "\(outcome.errors)")
            let hurried = try outcome.json()
            let deadline = try #require(hurried["deadline"] as? [String: Double])
            let candidates = try hurried.hits("candidates")
            #expect(deadline == ["limit": 600_000, "scored": Double(candidates.count), "of": Double(candidates.count)])
            #expect(
                candidates as [NSDictionary] == (try plain.hits("candidates")) as [NSDictionary], "\(command)")
        }

        @Test(arguments: commands)
        func withoutTimeTheFirstStageDecides(_ command: [String]) async throws {
            let outcome = try await run(command + ["--json", "--explain", "--deadline", Self.none])
            #expect(outcome.code == 0, "\(outcome.errors)")
            let json = try outcome.json()
            let candidates = try json.hits("candidates")
            let deadline = try #require(json["deadline"] as? [String: Double])
            #expect(deadline == ["limit": 0.001, "scored": 0, "of": Double(candidates.count)])
            #expect(candidates.count >= 3)
            for (index, candidate) in candidates.enumerated() {
                #expect(candidate["initialRank"] as? Int == index + 1 && candidate["finalRank"] as? Int == index + 1)
                #expect(
                    candidate["logit"] is NSNull && candidate["score"] is NSNull && candidate["finalScore"] is NSNull)
            }
            #expect(
                outcome.errors.contains("0 of \(candidates.count) candidates were scored in the 0.0 ms of --deadline"),
                "\(outcome.errors)")
        }

        /// Extraction has no time either: the best passage's first sentences.
        @Test func anAnswerWithoutTime() async throws {
            let outcome = try await run(Self.commands[1] + ["--json", "--deadline", Self.none])
            let json = try outcome.json()
            let answer = try #require(json["answer"] as? String)
            let source = try #require((json["sources"] as? [[String: Any]])?.first?["text"] as? String)
            let extract = try #require(answer.components(separatedBy: " [1]").first)
            #expect(!extract.isEmpty && source.contains(extract), "\(answer) / \(source)")
            let sentences = try #require(json["sentences"] as? [String: Int])
            #expect(sentences["scored"] == 0 && (sentences["of"] ?? 0) > 1)
            #expect(outcome.errors.contains("none of \(sentences["of"] ?? 0) sentences was compared with the question"))
            // Also where no candidate was to be scored.
            let unranked = try await run(Self.commands[1] + ["--no-rerank", "--json", "--deadline", Self.none])
            #expect(try unranked.json()["deadline"] is NSNull)
            #expect(unranked.errors.contains("was compared with the question"), "\(unranked.errors)")
        }

        /// What was not scored reaches no threshold, and that is what is said.
        @Test func anAbstentionForWantOfTime() async throws {
            let outcome = try await run(Self.commands[1] + ["--threshold", "logit:-20", "--deadline", Self.none])
            #expect(outcome.code == 0)
            #expect(outcome.output.contains("no passage was scored in time"), "\(outcome.output)")
            let json = try await run(
                Self.commands[1] + ["--threshold", "logit:-20", "--deadline", Self.none, "--json"]
            ).json()
            #expect(json["abstention"] as? String == "outOfTime" && json["sentences"] is NSNull)
        }

        /// What was not read was not read whole.
        @Test(arguments: commands)
        func theExplanationSaysWhatWasNotRead(_ command: [String]) async throws {
            let whole = "nothing was cut: the cross-encoder read the query and all candidates whole"
            let unread = "not read by the cross-encoder, "
            let plain = try await run(command + ["--explain"])
            #expect(plain.output.contains(whole) && !plain.output.contains(unread), "\(plain.output)")
            let hurried = try await run(command + ["--explain", "--deadline", Self.none])
            #expect(!hurried.output.contains(whole) && hurried.output.contains(unread), "\(hurried.output)")
        }

        /// Scores that were computed before cost no time.
        @Test func scoresThatAreKeptAreFound() async throws {
            let search = ["search", Self.question, "--store", "kb.sqlite", "--json", "--explain"]
            let computed = try await run(search).json()
            let found = try await run(search + ["--deadline", Self.none]).json()
            #expect(
                (try found.hits("candidates")) as [NSDictionary] == (try computed.hits("candidates")) as [NSDictionary])
        }

        /// Only what the first stage finds nearly as good as its best is scored.
        @Test(arguments: commands.prefix(2))
        func onlyCandidatesNearTheBestAreScored(_ command: [String]) async throws {
            func candidates(_ within: String, passedOver: Int) async throws -> [[String: Any]] {
                let outcome = try await run(command + ["--json", "--explain", "--rerank-within", within])
                #expect(outcome.code == 0, "\(outcome.errors)")
                let json = try outcome.json()
                let selection = try #require(json["selection"] as? [String: Double])
                let candidates = try json.hits("candidates")
                #expect(
                    selection == [
                        "within": Double(within) ?? -1, "of": Double(candidates.count),
                        "passedOver": Double(passedOver),
                    ])
                let note = "\(passedOver) of \(candidates.count) candidates were passed over"
                #expect(outcome.errors.contains(note) == (passedOver > 0), "\(outcome.errors)")
                return candidates
            }
            let unselected = try await run(command + ["--json", "--explain"]).json()
            #expect(unselected["selection"] is NSNull)
            let plain = try unselected.hits("candidates")
            #expect(try await candidates("1000", passedOver: 0) as [NSDictionary] == plain as [NSDictionary])
            let scores = plain.compactMap { $0["retrievalScore"] as? Double }.sorted(by: >)
            #expect(scores.count == plain.count && scores.count >= 3 && scores[0] > scores[1])
            // Between the second and the third: two are scored.
            let within = scores[0] - (scores[1] + scores[2]) / 2
            let some = try await candidates("\(within)", passedOver: plain.count - 2)
            #expect(some.map { $0["logit"] is NSNull } == plain.indices.map { $0 >= 2 })
            #expect(some.dropFirst(2).map { $0["initialRank"] as? Int } == Array(3...plain.count))
            #expect(Set(some.prefix(2).map { $0["initialRank"] as? Int }) == [1, 2])
        }

        @Test(arguments: [
            (["--rerank-within", "nan"], "--rerank-within is nan: give a finite number, at least 0"),
            (["--rerank-within=-1"], "--rerank-within is -1.0: give a finite number, at least 0"),
            (["--rerank-within", "1", "--no-rerank"], "drop one of the two"),
        ])
        func noSelection(options: [String], message: String) async throws {
            let outcome = try await run(Self.commands[0] + options)
            #expect(outcome.code == 64 && outcome.errors.contains(message), "\(outcome.errors)")
        }

        @Test(arguments: ["40", "0ms", "-1ms", "fast", "1h"])
        func noDuration(_ text: String) async throws {
            let outcome = try await run(Self.commands[0] + ["--deadline=\(text)"])
            #expect(outcome.code == 64)
            #expect(outcome.errors.contains("'\(text)' is no duration: write 50ms or 1.5s"), "\(outcome.errors)")
        }
    }
}
