import Foundation
import TestSupport
import Testing

/// What `winnow doctor --json` said.
struct Diagnosis {
    struct Finding {
        var id, check, severity, what: String
        var evidence: [String: Any]
        var command: String?
    }

    var outcome: BuiltProgram.Outcome
    var json: [String: Any]
    var findings: [Finding]

    init(_ outcome: BuiltProgram.Outcome) throws {
        self.outcome = outcome
        json = try outcome.json()
        let listed = try #require(json["findings"] as? [[String: Any]])
        findings = try listed.map { fields in
            #expect(Set(fields.keys) == ["id", "check", "severity", "what", "evidence", "command"])
            return Finding(
                id: try #require(fields["id"] as? String), check: try #require(fields["check"] as? String),
                severity: try #require(fields["severity"] as? String), what: try #require(fields["what"] as? String),
                evidence: try #require(fields["evidence"] as? [String: Any]), command: fields["command"] as? String)
        }
    }

    /// Those of an id that are not in order.
    func named(_ id: String) -> [Finding] { findings.filter { $0.id == id && $0.severity != "ok" } }

    /// Ids of warnings and errors.
    var wrong: [String] { findings.filter { ["warning", "error"].contains($0.severity) }.map(\.id).sorted() }
}

extension BuiltProgram {
    func doctor(
        _ arguments: [String] = [], folder: String? = nil, environment: [String: String] = [:]
    ) async throws -> Diagnosis {
        try Diagnosis(
            try await run(["doctor", "--quick", "--json"] + arguments, environment: environment, folder: folder))
    }
}

extension Commands {
    /// `winnow doctor` as a whole, and what it says of stores and their corpora.
    @Suite(.serialized) struct DoctorTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder

        init() throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
        }

        private func index(_ arguments: String...) async throws {
            let outcome = try await winnow.run(
                ["index", "docs", "--store", "kb.sqlite"] + arguments, folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
        }

        private func doctor(_ arguments: String..., environment: [String: String] = [:]) async throws -> Diagnosis {
            try await winnow.doctor(
                ["--store", "kb.sqlite"] + arguments, folder: folder.path, environment: environment)
        }

        private var example: String {
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("Examples/support-kb").path
        }

        @Test func theReadmesStoreIsHealthy() async throws {
            let indexed = try await winnow.run(["index", example, "--store", "kb.sqlite"], folder: folder.path)
            #expect(indexed.code == 0)
            let outcome = try await winnow.run(
                ["doctor", "--store", "kb.sqlite", "--queries", example + "/queries.jsonl", "--json", "--strict"],
                folder: folder.path)
            let diagnosis = try Diagnosis(outcome)
            #expect(outcome.code == 0 && diagnosis.wrong.isEmpty, "\(diagnosis.wrong) \(outcome.errors)")
            #expect(diagnosis.json["schema"] as? Int == 1)
            let checks = try #require(diagnosis.json["checks"] as? [[String: Any]])
            #expect(
                checks.map { $0["name"] as? String } == [
                    "reranker", "embedder", "store", "corpus", "queries", "machine",
                ])
            for check in checks {
                #expect(Set(check.keys) == ["name", "title", "status", "skipped", "findings", "milliseconds"])
                #expect(check["skipped"] is NSNull)
            }
            let summary = try #require(diagnosis.json["summary"] as? [String: Any])
            #expect(summary["passed"] as? Bool == true && summary["error"] as? Int == 0)
            #expect(summary["ok"] as? Int == diagnosis.findings.filter { $0.severity == "ok" }.count)
            // Known answers, bit for bit in batches, every row verified.
            for id in ["model.known-answers", "model.batch", "store.damage", "corpus.lengths", "machine.speed"] {
                #expect(diagnosis.findings.contains { $0.id == id }, "\(id)")
            }
            let damage = try #require(diagnosis.findings.first { $0.id == "store.damage" })
            #expect(damage.evidence["documents"] as? Int == 68 && damage.evidence["faults"] as? Int == 0)
        }

        @Test func aPersonReadsItInGroups() async throws {
            let outcome = try await winnow.run(["doctor", "--quick", "--threads", "200"])
            #expect(outcome.code == 0, "\(outcome.errors)")
            let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            for title in ["Cross-encoder", "Bi-encoder", "Store", "Corpus", "Questions", "Machine"] {
                #expect(lines.contains(title), "\(title)")
            }
            #expect(lines.contains { $0.hasPrefix("  not looked at:") })
            #expect(
                outcome.output.contains("[machine.threads]") && outcome.output.contains("\n           $ winnow bench "))
            #expect(!outcome.output.contains("\u{1B}") && outcome.errors.isEmpty, "\(outcome.errors)")
            #expect(outcome.output.contains("1 warning"))
        }

        @Test func warningsCountWhenStrict() async throws {
            let environment = ["WINNOW_KERNELS": "scalar"]
            let lax = try await winnow.doctor(environment: environment)
            #expect(lax.outcome.code == 0 && lax.wrong == ["machine.kernels"])
            let strict = try await winnow.doctor(["--strict", "--threads", "200"])
            #expect(strict.outcome.code == 2 && strict.wrong == ["machine.threads"])
            #expect((strict.json["summary"] as? [String: Any])?["passed"] as? Bool == false)
        }

        @Test func usage() async throws {
            for arguments in [
                ["--queries", "a", "--log", "b"], ["--reference", "a"], ["--queries", "a", "--reference", "b"],
                ["--store", ""],
                ["--model", ""],
            ] {
                let outcome = try await winnow.run(["doctor"] + arguments)
                #expect(outcome.code == 64, "\(arguments): \(outcome.errors)")
            }
            let missing = try await winnow.run(["doctor", "--queries", "/no/such/file"])
            #expect(missing.code == 1 && missing.errors.contains("/no/such/file"))
        }

        // MARK: Stores

        @Test func aStoreThatIsNotThere() async throws {
            let diagnosis = try await doctor()
            let finding = try #require(diagnosis.named("store.open").first)
            #expect(diagnosis.outcome.code == 2 && finding.severity == "error")
            #expect(finding.command?.hasPrefix("winnow index ") == true)
            try folder.write("kb.sqlite", "no store, but a text that is long enough to be taken for something")
            #expect(try await doctor().named("store.open").first?.severity == "error")
        }

        @Test func aScanCacheOfAnotherTime() async throws {
            try Commands.writeArticles(folder)
            try await index()
            let cache = folder.path + "/kb.sqlite.vec"
            let early = try Data(contentsOf: URL(fileURLWithPath: cache))
            let deleted = try await winnow.run(
                ["store", "delete", "limits.txt", "--store", "kb.sqlite"], folder: folder.path)
            #expect(deleted.code == 0, "\(deleted.errors)")
            try early.write(to: URL(fileURLWithPath: cache))
            let finding = try #require(try await doctor().named("store.scan-cache").first)
            #expect(finding.severity == "warning" && finding.what.contains("stale"))
            // What is said to mend it does.
            let command = try #require(finding.command)
            let line = command.split(separator: " ").map { $0 == "winnow" ? "\"$0\"" : $0 }.joined(separator: " ")
            let mended = try await winnow.shell(line, folder: folder.path)
            #expect(mended.code == 0, "\(mended.errors)")
            #expect(try await doctor().named("store.scan-cache").isEmpty)
        }

        @Test func aDamagedStore() async throws {
            try Commands.writeArticles(folder)
            try await index()
            let path = folder.path + "/kb.sqlite"
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            // In the text of a passage: its row no longer has its checksum.
            let place = try #require(bytes.range(of: Data("original payment method".utf8)))
            bytes.replaceSubrange(place, with: Data("original PAYMENT method".utf8))
            try bytes.write(to: URL(fileURLWithPath: path))
            let outcome = try await winnow.run(["doctor", "--store", "kb.sqlite", "--json"], folder: folder.path)
            let diagnosis = try Diagnosis(outcome)
            let finding = try #require(diagnosis.named("store.damage").first)
            #expect(
                outcome.code == 2 && finding.severity == "error" && finding.command == "winnow store verify kb.sqlite")
        }

        @Test func anotherModelsStore() async throws {
            try Commands.writeArticles(folder)
            try await index("--embedding-model", Fixtures.url("tiny-bi-encoder").path, "--chunking", "words")
            let diagnosis = try await doctor()
            let finding = try #require(diagnosis.named("store.model").first)
            #expect(finding.severity == "error" && finding.command == "winnow store rebuild-vectors kb.sqlite")
            #expect(diagnosis.outcome.code == 2)
        }

        @Test func filesBesideTheStore() async throws {
            try Commands.writeArticles(folder)
            try await index()
            try folder.write("kb.sqlite.scores.sqlite", "not a cache, and no database of anybody's at all")
            try folder.write("kb.sqlite.calibration.json", "{")
            let diagnosis = try await doctor()
            #expect(diagnosis.named("store.score-cache").first?.severity == "warning")
            #expect(diagnosis.named("store.calibration").first?.severity == "error")
            #expect(diagnosis.outcome.code == 2)
        }

        @Test func aStoreOfAnOlderVersion() async throws {
            try FileManager.default.copyItem(
                atPath: Fixtures.url("stores/schema-1.sqlite").path, toPath: folder.path + "/kb.sqlite")
            let diagnosis = try await doctor()
            #expect(diagnosis.named("store.schema").first?.command == "winnow store compact kb.sqlite")
            #expect(diagnosis.named("store.lexical-index").first?.severity == "warning")
            #expect(diagnosis.named("store.fields").count == 1)
        }

        // MARK: Corpora

        private static let paragraph =
            "The warehouse counts every pallet when it arrives and again before it leaves, so that a number that is wrong is "
            + "found on the day that it happened and not at the end of the year. "

        @Test func passagesThatAreCut() async throws {
            for number in 0..<3 {
                try folder.write(
                    "docs/long\(number).md",
                    "# Part \(number)\n\n" + String(repeating: Self.paragraph, count: 20 + number))
            }
            try await index("--chunking", "none")
            let diagnosis = try await doctor()
            let cut = try #require(diagnosis.named("corpus.cut-embedder").first)
            #expect(cut.severity == "warning" && cut.evidence["longer"] as? Int == 3)
            #expect(cut.evidence["reads"] as? Int == 254 && (cut.evidence["tokensBehind"] as? Double ?? 0) > 0.4)
            #expect(cut.command?.hasSuffix("--store kb.sqlite.new --chunking sentences") == true)
            #expect(cut.command?.contains("/docs ") == true, "\(cut.command ?? "")")
            #expect(diagnosis.named("corpus.cut-reranker").first?.evidence["reads"] as? Int == 445)
            #expect(diagnosis.named("corpus.whole-documents").first?.severity == "warning")
            #expect(diagnosis.outcome.code == 0)
        }

        @Test func repetition() async throws {
            for number in 0..<24 {
                // One text four times, one with a word changed, and a line in all of them.
                let body =
                    number < 4
                    ? Self.paragraph
                    : number == 4
                        ? Self.paragraph.replacingOccurrences(of: "pallet", with: "crate")
                        : "Machine number \(number) of hall \(number * 7) runs \(number * 13) hours a week and stands near door \(number * 3)."
                try folder.write(
                    "docs/\(number).jsonl",
                    #"{"_id": "d\#(number)", "text": "\#(body)\nAll rights are reserved by the owner of this site."}"#
                        + "\n")
            }
            try await index()
            let diagnosis = try await doctor()
            let copies = try #require(diagnosis.named("corpus.duplicates").first)
            #expect(copies.severity == "warning" && copies.evidence["copies"] as? Int == 3)
            #expect(copies.evidence["most"] as? Int == 4)
            let lines = try #require(diagnosis.named("corpus.boilerplate").first)
            #expect(lines.severity == "warning" && lines.evidence["most"] as? Int == 24)
            #expect((lines.evidence["lines"] as? [String])?.first?.hasPrefix("All rights") == true)
            #expect(diagnosis.findings.contains { $0.id == "corpus.near-duplicates" })
        }

        @Test func nearDuplicates() async throws {
            let long = (0..<12).map {
                "Rule \($0) of the yard says that carts of kind \($0 * 17) stand in row \($0 + 40)."
            }
            .joined(separator: " ")
            for number in 0..<6 {
                try folder.write(
                    "docs/\(number).md", number < 3 ? long + " Version \(number)." : "\(number) " + Self.paragraph)
            }
            try await index("--chunking", "none")
            let finding = try #require(try await doctor().named("corpus.near-duplicates").first)
            #expect(finding.severity == "warning" && finding.evidence["most"] as? Int ?? 0 >= 3)
        }

        @Test func lengthsMetadataAndLanguage() async throws {
            var lines = ""
            for number in 0..<10 {
                let weight = number % 2 == 0 ? "\(number)" : #""\#(number) kg""#
                lines +=
                    #"{"_id": "d\#(number)", "text": "Возврат средств занимает до десяти рабочих дней номер \#(number).", "metadata": {"weight": \#(weight)}}"#
                    + "\n"
            }
            for number in 0..<10 { lines += #"{"_id": "s\#(number)", "text": "Crate \#(number)"}"# + "\n" }
            try folder.write("docs/all.jsonl", lines)
            try await index()
            let diagnosis = try await doctor()
            let metadata = try #require(diagnosis.named("corpus.metadata").first)
            #expect((metadata.evidence["mixed"] as? [String])?.first?.hasPrefix("weight (") == true)
            #expect(diagnosis.named("corpus.language").first?.evidence["scripts"] as? [String] == ["Cyrillic"])
            #expect(diagnosis.named("corpus.short").first?.severity == "warning")
        }
    }
}
