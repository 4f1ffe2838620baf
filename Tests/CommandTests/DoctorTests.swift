import Foundation
import Synchronization
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
        _ arguments: [String] = [], folder: String? = nil, environment: [String: String] = [:], quick: Bool = true
    ) async throws -> Diagnosis {
        let diagnosis = try Diagnosis(
            try await run(
                ["doctor", "--json"] + (quick ? ["--quick"] : []) + arguments, environment: environment, folder: folder)
        )
        for command in diagnosis.findings.compactMap(\.command) { try await checkUsage(of: command) }
        return diagnosis
    }

    private static let checked = Mutex<Set<String>>([])

    /// Whatever command a finding of any of these tests names is one that the program takes: where there is nothing of what it names it
    /// fails, and not as wrong usage.
    private func checkUsage(of command: String) async throws {
        var line = command.replacing(/'\/[^']*'|(?<before>^| )\/[^ ]*/) { "\($0.output.before ?? "")missing" }
        if line.contains("winnow bench") { line += " --runs 1 --candidates 1 --tokens 8" }
        line = line.split(separator: " ").map { $0 == "winnow" ? "\"$0\"" : $0 }.joined(separator: " ")
        guard Self.checked.withLock({ $0.insert(line).inserted }) else { return }
        let empty = try TemporaryFolder()
        let outcome = try await shell(line, folder: empty.path)
        withExtendedLifetime(empty) {}
        #expect(![64, 126, 127].contains(outcome.code), "\(command): \(outcome.errors)")
    }

    /// Runs what a finding says mends it.
    func mend(_ finding: Diagnosis.Finding, folder: String) async throws {
        let command = try #require(finding.command)
        let line = command.split(separator: " ").map { $0 == "winnow" ? "\"$0\"" : $0 }.joined(separator: " ")
        let outcome = try await shell(line, folder: folder)
        #expect(outcome.code == 0, "\(command): \(outcome.errors)")
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
            let diagnosis = try await winnow.doctor(
                ["--store", "kb.sqlite", "--queries", example + "/queries.jsonl", "--strict"], folder: folder.path,
                quick: false)
            let outcome = diagnosis.outcome
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
            // These kernels have no peak to be held against.
            let speed = try #require(lax.findings.first { $0.id == "machine.speed" })
            #expect(speed.what.contains("cannot be told") && speed.evidence["roof"] == nil, "\(speed.what)")
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
            try await winnow.mend(finding, folder: folder.path)
            #expect(try await doctor().named("store.scan-cache").isEmpty)
        }

        @Test func aLargeJournal() async throws {
            try Commands.writeArticles(folder)
            try await index()
            let journal = folder.path + "/kb.sqlite-wal"
            try folder.write("kb.sqlite-wal", "")
            try FileHandle(forWritingTo: URL(fileURLWithPath: journal)).truncate(atOffset: 65 << 20)
            let finding = try #require(try await doctor().named("store.journal").first)
            #expect(finding.severity == "warning" && finding.evidence["journal"] as? Int == 65 << 20)
            try await winnow.mend(finding, folder: folder.path)
            #expect(try await doctor().named("store.journal").isEmpty)
        }

        @Test func freePages() async throws {
            let lines = (0..<24).map {
                #"{"_id": "d\#($0)", "text": "\#(String(repeating: "Cart \($0) stands here. ", count: 1400))"}"# + "\n"
            }
            try folder.write("docs/all.jsonl", lines.joined())
            try await index("--embedding-model", Fixtures.url("tiny-bi-encoder").path, "--chunking", "none")
            let deleted = try await winnow.run(
                ["store", "delete", "--store", "kb.sqlite"] + (0..<20).map { "d\($0)" }, folder: folder.path)
            #expect(deleted.code == 0, "\(deleted.errors)")
            let finding = try #require(try await doctor().named("store.free-pages").first)
            #expect(finding.severity == "note" && (finding.evidence["share"] as? Double ?? 0) >= 0.25)
            try await winnow.mend(finding, folder: folder.path)
            #expect(try await doctor().named("store.free-pages").isEmpty)
        }

        #if os(Linux)
        @Test func aScanCacheThatIsLargerThanTheMemory() async throws {
            try Commands.writeArticles(folder)
            try await index()
            #expect(try await doctor().named("machine.memory").isEmpty)
            let cache = URL(fileURLWithPath: folder.path + "/kb.sqlite.vec")
            try FileHandle(forWritingTo: cache).truncate(atOffset: 4 << 40)
            let finding = try #require(try await doctor().named("machine.memory").first)
            #expect(finding.severity == "warning" && finding.evidence["mapped"] as? Int ?? 0 >= 4 << 40)
        }
        #endif

        @Test func aDamagedStore() async throws {
            try Commands.writeArticles(folder)
            try await index()
            let path = folder.path + "/kb.sqlite"
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            // In the text of a passage: its row no longer has its checksum.
            let place = try #require(bytes.range(of: Data("original payment method".utf8)))
            bytes.replaceSubrange(place, with: Data("original PAYMENT method".utf8))
            try bytes.write(to: URL(fileURLWithPath: path))
            let diagnosis = try await winnow.doctor(["--store", "kb.sqlite"], folder: folder.path, quick: false)
            let finding = try #require(diagnosis.named("store.damage").first)
            #expect(
                diagnosis.outcome.code == 2 && finding.severity == "error"
                    && finding.command == "winnow store verify kb.sqlite")
        }

        @Test func anotherModelsStore() async throws {
            try Commands.writeArticles(folder)
            try await index("--embedding-model", Fixtures.url("tiny-bi-encoder").path, "--chunking", "words")
            try folder.write("asked.txt", "How do refunds work?\n")
            try folder.write("set/queries.jsonl", #"{"_id": "q", "text": "When are refunds issued?"}"# + "\n")
            // Questions that cannot be asked take nothing from the report.
            let diagnosis = try await doctor("--queries", "asked.txt", "--reference", "set")
            let finding = try #require(diagnosis.named("store.model").first)
            #expect(finding.severity == "error" && diagnosis.outcome.code == 2)
            // That its folder was forgotten is likelier than that all is to be embedded again.
            #expect(finding.command == "winnow doctor --store kb.sqlite --embedding-model BI-ENCODER-FOLDER")
            #expect(finding.what.contains("give the folder of tiny-bi-encoder with --embedding-model"))
            #expect(finding.what.contains("winnow store rebuild-vectors kb.sqlite"))
            let shift = try #require(diagnosis.named("queries.shift").first)
            #expect(
                shift.severity == "note" && shift.what.contains("cannot be asked of the store: the store 'kb.sqlite'"))
            #expect(diagnosis.findings.contains { $0.check == "machine" })
        }

        /// What mends a finding is about the models that it was found with.
        @Test func commandsNameTheModels() async throws {
            try Commands.writeArticles(folder)
            let model = Fixtures.url("tiny-cross-encoder").path
            let embedder = Fixtures.url("tiny-bi-encoder").path
            try await index("--embedding-model", embedder, "--chunking", "none")
            try folder.write("asked.txt", "How do refunds work?\n")
            let diagnosis = try await doctor(
                "--model", model, "--embedding-model", embedder, "--long", "truncate", "--precision", "float32",
                "--queries", "asked.txt")
            let models = " --model \(model) --embedding-model \(embedder) --precision float32"
            func command(_ id: String) -> String? { diagnosis.findings.first { $0.id == id }?.command }
            #expect(
                command("store.calibration")
                    == "winnow calibrate LABELLED-FOLDER --store kb.sqlite\(models) --long truncate")
            #expect(
                command("queries.unmeasured")
                    == "winnow eval LABELLED-FOLDER --store kb.sqlite\(models) --long truncate --json > reference.json")
            #expect(
                command("corpus.cut-embedder")
                    == "winnow index \(folder.path)/docs --store kb.sqlite.new\(models) --chunking sentences")
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
            // Hybrid candidates cannot be had of it.
            try folder.write("asked.txt", "How do refunds work?\n")
            try folder.write("set/queries.jsonl", #"{"_id": "q", "text": "When are refunds issued?"}"# + "\n")
            let asked = try await doctor("--queries", "asked.txt", "--reference", "set")
            #expect(asked.named("queries.shift").first?.what.contains("cannot be asked of the store") == true)
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

        /// Only what is sure to be the same documents under the same ids is named to be indexed again.
        @Test(arguments: [
            (["docs", "faq.jsonl"], "DOCUMENTS"), (["faq.jsonl"], "/faq.jsonl"), (["docs/a.md"], "/docs/a.md"),
        ])
        func whereDocumentsCameFrom(_ paths: [String], _ expected: String) async throws {
            let long = String(repeating: Self.paragraph, count: 20)
            try folder.write("docs/a.md", "# Part\n\n" + long)
            try folder.write("docs/b.md", "# Part\n\nOther. " + long)
            try folder.write(
                "faq.jsonl",
                #"{"_id": "q1", "text": "One. \#(long)"}"# + "\n" + #"{"_id": "q2", "text": "Two. \#(long)"}"# + "\n")
            let outcome = try await winnow.run(
                ["index"] + paths + ["--store", "kb.sqlite", "--chunking", "none"], folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let command = try #require(try await doctor().named("corpus.cut-embedder").first?.command)
            let place = try #require(command.split(separator: " ").dropFirst(2).first)
            #expect(place == expected || place.hasSuffix(expected) && place.hasPrefix("/"), "\(command)")
        }

        /// Of one passage in two nothing is said of what is there twice.
        @Test func aSampleSaysNothingOfCopies() async throws {
            let lines = (0..<4100).map { #"{"_id": "d\#($0)", "text": "Crate number \#($0 / 2)"}"# + "\n" }
            try folder.write("docs/all.jsonl", lines.joined())
            try await index("--embedding-model", Fixtures.url("tiny-bi-encoder").path, "--chunking", "none")
            let diagnosis = try await doctor("--embedding-model", Fixtures.url("tiny-bi-encoder").path)
            let lengths = try #require(diagnosis.findings.first { $0.id == "corpus.lengths" })
            #expect(lengths.evidence["every"] as? Int == 2 && lengths.evidence["passages"] as? Int == 2050)
            #expect(
                !diagnosis.findings.contains {
                    ["corpus.duplicates", "corpus.near-duplicates", "corpus.boilerplate"].contains($0.id)
                })
            #expect(
                diagnosis.findings.filter { $0.check == "corpus" && $0.id != "corpus.metadata" }
                    .allSatisfy { $0.evidence["every"] as? Int == 2 })
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
            // To cut the documents as they were cut changes nothing.
            #expect(lines.command == nil)
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
            let short = try #require(diagnosis.named("corpus.short").first)
            #expect(short.severity == "warning" && short.command == nil)
        }

        @Test func tokensThatTheVocabularyLacks() async throws {
            let lines = (0..<10).map { #"{"_id": "d\#($0)", "text": "Crate 𒀀 stands by 𒀁"}"# + "\n" }
            try folder.write("docs/all.jsonl", lines.joined())
            try await index()
            let finding = try #require(try await doctor().named("corpus.unknown-tokens").first)
            #expect(finding.severity == "warning" && (finding.evidence["share"] as? Double ?? 0) >= 0.01)
        }

        /// The document has a passage that can be read: it is not to be deleted.
        @Test func blankPassages() async throws {
            let text = "Carts stand in rows. " + String(repeating: "\u{200B} ", count: 300)
            try folder.write("docs/all.jsonl", #"{"_id": "page#intro", "text": "\#(text)"}"# + "\n")
            try await index("--chunking", "words", "--chunk-size", "50", "--chunk-overlap", "0")
            let finding = try #require(try await doctor().named("corpus.blank").first)
            #expect(finding.severity == "warning" && finding.evidence["blank"] as? Int ?? 0 > 0)
            #expect(finding.command == nil && finding.evidence["blankDocuments"] as? Int == 0)
        }

        /// That English's commonest words are missing is no evidence of another language.
        @Test func codeAndTablesAreNoOtherLanguage() async throws {
            let code = (0..<40).map {
                "def load_table_\($0)(path, columns, limit):\n    frame = reader.open(path).select(columns)\n    return frame.head(limit)\n"
            }
            try folder.write("docs/load.py", code.joined(separator: "\n"))
            let rows = (0..<60).map { "\($0),Crate,Oak,Hall \($0 % 7),Shelf \($0 % 13),stored,blue" }
            try folder.write(
                "docs/stock.csv", "number,kind,wood,hall,shelf,state,colour\n" + rows.joined(separator: "\n"))
            try await index("--chunking", "words", "--chunk-size", "80")
            let diagnosis = try await doctor()
            #expect(diagnosis.named("corpus.language").isEmpty, "\(diagnosis.named("corpus.language"))")
            #expect(diagnosis.findings.contains { $0.id == "corpus.language" })
        }

        @Test func anotherLanguageInLatinLetters() async throws {
            let german =
                "Die Rückerstattung wird auf die Karte überwiesen, mit der Sie bezahlt haben, und kann bis zu zehn Tage dauern. "
                + "Wer sie nach dieser Zeit nicht erhalten hat, wendet sich mit der Nummer der Bestellung an die Hotline, und sie prüft, "
                + "ob das Konto noch besteht."
            try folder.write("docs/erstattung.md", "# Erstattung\n\n" + german)
            try await index()
            let finding = try #require(try await doctor().named("corpus.language").first)
            #expect(finding.severity == "warning" && finding.evidence["otherWords"] as? Double == 1)
        }
    }
}
