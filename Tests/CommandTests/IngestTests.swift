import Foundation
import TestSupport
import Testing

extension Commands {
    /// Files of all formats, as a user has them in a folder.
    @Suite(.serialized) struct IngestTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder

        init() throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
            try folder.write(
                "kb/page.html",
                "<title>Moorings</title><nav>NOISE</nav><h1>Moorings</h1><p>A mooring costs 12 euros a night.</p>")
            try folder.write(
                "kb/prices.csv", "id;question;answer;year\np1;What does ice cost?;Ice is free on Mondays.;2024\n")
            try folder.write("kb/data.json", #"{"crane":{"limit":"two tonnes"}}"#)
            try folder.write(
                "kb/tide.py", "def tide(hour):\n    \"\"\"The height of the tide.\"\"\"\n    return hour * 2\n")
            try folder.write("kb/old.txt", bytes: Array("The caf".utf8) + [0xE9] + Array(" opens at eight.\n".utf8))
            try folder.write("kb/node_modules/x/readme.txt", "NOISE")
            var zip = TestZip()
            zip.add("word/document.xml", "<w:p><w:r><w:t>Lamps burn until three.</w:t></w:r></w:p>")
            try folder.write("kb/lamps.docx", bytes: zip.bytes)
        }

        private func index(_ arguments: String..., path: String? = nil) async throws -> BuiltProgram.Outcome {
            try await winnow.run(
                ["index"] + arguments + ["--store", "kb.sqlite", "--json"],
                environment: path.map { ["PATH": $0] } ?? [:], folder: folder.path)
        }

        private func best(_ question: String) async throws -> [String: Any] {
            let outcome = try await winnow.run(
                ["search", question, "--store", "kb.sqlite", "--json"], folder: folder.path)
            return try #require(try outcome.json().hits().first)
        }

        @Test func everyFormatIsFound() async throws {
            let outcome = try await index("kb")
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try outcome.json()["documents"] as? Int == 6)
            #expect(outcome.errors.contains("old.txt: read as Windows-1252"))
            #expect(outcome.errors.contains("kb: not read: node_modules/"))
            for (question, document) in [
                ("How much is a mooring?", "page.html"), ("Is ice free?", "p1"),
                ("What can the crane lift?", "data.json"),
                ("height of the tide", "tide.py"), ("When does the café open?", "old.txt"),
                ("How long do lamps burn?", "lamps.docx"),
            ] {
                let hit = try await best(question)
                #expect(hit["document"] as? String == document)
                #expect((hit["text"] as? String)?.contains("NOISE") == false)
                if document == "p1" { #expect((hit["metadata"] as? [String: Any])?["year"] as? Int == 2024) }
            }
            let again = try await index("kb")
            #expect(try again.json()["unchanged"] as? Int == 6)
            let elsewhere = try await index("./kb/", "--prune")
            #expect(try elsewhere.json()["unchanged"] as? Int == 6 && elsewhere.json()["pruned"] as? Int == 0)
        }

        @Test(.enabled(if: TestPDF.hasReader, "pdftotext of poppler-utils is not installed"))
        func pagesAreCited() async throws {
            try folder.write(
                "kb/rules.pdf",
                bytes: TestPDF.document([["The gate is locked at night."], ["The pilot lives in the red house."]]))
            #expect(
                try await index("kb/rules.pdf", "--chunking", "words", "--chunk-size", "7", "--chunk-overlap", "0").code
                    == 0)
            let hit = try await best("Where does the pilot live?")
            let metadata = try #require(hit["metadata"] as? [String: Any])
            #expect(metadata["page_end"] as? Int == 2 || metadata["page"] as? Int == 2)
            let answer = try await winnow.run(
                ["ask", "Where does the pilot live?", "--store", "kb.sqlite"], folder: folder.path)
            #expect(answer.output.contains("(page"), "\(answer.output)")
        }

        /// A program of that name that does what a line of the shell says.
        private func fake(_ line: String) throws -> String {
            try folder.write("bin/pdftotext", "#!/bin/sh\n\(line)\n")
            chmod(folder.path + "/bin/pdftotext", 0o755)
            return folder.path + "/bin:/usr/bin:/bin"
        }

        @Test func withoutTheProgramThePDFsAreNamedAndTheRestIsRead() async throws {
            try folder.write("kb/a.pdf", bytes: TestPDF.document([["Text."]]))
            let outcome = try await index("kb", path: folder.path + "/nowhere")
            #expect(outcome.code == 3)
            #expect(
                outcome.errors.contains(
                    "kb/a.pdf: PDFs are read by pdftotext of poppler, which is not installed: apt install"))
            let report = try outcome.json()
            #expect(report["added"] as? Int == 6 && (report["leftOut"] as? [Any])?.count == 1)
        }

        @Test(arguments: [
            ("echo 'Command Line Error: Incorrect password' >&2; exit 1", "locked with a password"),
            ("echo 'Error: Copying of text is not allowed' >&2; exit 3", "does not allow"),
            (
                "echo 'Syntax Error: bad' >&2; exit 1",
                "is no PDF that can be read; pdftotext says (exit code 1): Syntax Error: bad"
            ),
            ("kill -9 $$", "crashed"), ("printf '\\f\\f'", "may be a scan; OCR it first"),
            ("printf '\\377'", "not valid UTF-8"),
            ("exit 0", "may be a scan"),
        ])
        func whatTheProgramSaysIsTold(_ line: String, reason: String) async throws {
            try folder.write("only/a.pdf", bytes: TestPDF.document([["Text."]]))
            try folder.write("only/b.md", "Text")
            let outcome = try await winnow.run(
                ["search", "Text", "--documents", "only", "--json", "--no-rerank"],
                environment: ["PATH": try fake(line)],
                folder: folder.path)
            #expect(outcome.code == 3 && outcome.errors.contains(reason), "\(outcome.errors)")
        }

        @Test func aFormatThatIsNotReadIsToldWhatToDo() async throws {
            let path = try folder.write("a.pptx", "x")
            let outcome = try await winnow.run(["index", path, "--store", "kb.sqlite"], folder: folder.path)
            #expect(outcome.code == 1 && outcome.errors.contains("save it as PDF"), "\(outcome.errors)")
        }

        @Test func watching() async throws {
            let script = """
                until_line() { n=0; until grep -q "$1" out; do n=$((n+1)); [ $n -gt 600 ] && exit 9; sleep 0.1; done; }
                "$0" index kb --store kb.sqlite --prune --watch --interval 0.1 >out 2>err & pid=$!
                until_line 'holds 6 documents'
                echo 'Fog signals sound twice.' >kb/fog.txt; until_line '1 document added'
                echo 'Fog signals sound thrice.' >kb/fog.txt; until_line '1 changed'
                rm kb/fog.txt; until_line '1 pruned'
                mv kb away; n=0; until grep -q 'nothing to read any more' err; do n=$((n+1)); [ $n -gt 600 ] && exit 8; sleep 0.1; done
                sleep 0.5; mv away kb
                printf 'a\\0b' >kb/bad.txt; until_line '1 left out'
                "$0" store delete tide.py --store kb.sqlite >/dev/null || exit 7
                kill -TERM $pid; wait $pid
                """
            let outcome = try await winnow.shell(script, folder: folder.path)
            let output = try String(contentsOfFile: folder.path + "/out", encoding: .utf8)
            let errors = try String(contentsOfFile: folder.path + "/err", encoding: .utf8)
            #expect(outcome.code == 0, "\(outcome.errors)\n\(output)\n\(errors)")
            #expect(output.split(separator: "\n").count == 6, "two lines, then one a round: \(output)")
            #expect(errors.contains("is there again"))
            let info = try await winnow.run(["store", "info", "--store", "kb.sqlite", "--json"], folder: folder.path)
                .json()
            #expect(info["documents"] as? Int == 5)
            #expect(try await winnow.run(["store", "verify", "--store", "kb.sqlite"], folder: folder.path).code == 0)
        }

        @Test func interruptingIsTheWayToEnd() async throws {
            let outcome = try await winnow.run(
                ["index", "kb", "--store", "kb.sqlite", "--watch"], folder: folder.path, interruptAfter: .seconds(15))
            #expect(outcome.code == 0 && outcome.output.contains("holds 6 documents"), "\(outcome)")
            let wrong = try await winnow.run(
                ["index", "kb", "--store", "kb.sqlite", "--interval", "3"], folder: folder.path)
            #expect(wrong.code == 64 && wrong.errors.contains("--watch"))
        }
    }
}
