import Foundation
import TestSupport
import Testing

extension Commands {
    /// `winnow ask` without a question, at a terminal.
    @Suite(.serialized) struct PromptTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder
        let prompt = "winnow> "

        init() async throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
            try Commands.writeArticles(folder)
            let outcome = try await winnow.run(["index", "docs", "--store", "kb.sqlite"], folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
        }

        private func session(_ arguments: [String] = [], environment: [String: String] = [:]) async throws
            -> TerminalProgram
        {
            let program = try TerminalProgram(
                winnow, ["ask", "--store", folder.path + "/kb.sqlite"] + arguments,
                environment: ["XDG_STATE_HOME": folder.path + "/state"].merging(environment) { $1 })
            try await program.wait(for: prompt)
            return program
        }

        /// Types a line and waits for the next prompt.
        @discardableResult
        private func say(_ line: String, to program: TerminalProgram) async throws -> String {
            program.send(line + "\r")
            // Below the line itself, which is drawn behind a prompt too.
            try await program.wait(for: "\r\n")
            return try await program.wait(for: prompt)
        }

        private var history: String {
            get throws { try String(contentsOfFile: folder.path + "/state/winnow/history", encoding: .utf8) }
        }

        @Test func questionsAndSettings() async throws {
            let program = try await session()
            #expect(program.output.contains("passages of 3 documents; loaded in "), "\(program.output)")
            #expect(program.modes.c_lflag & tcflag_t(ICANON | ECHO | ISIG) == 0)
            let first = try await say("When are refunds issued?", to: program)
            for part in [
                "Answer (extracts", "within ten business days. [1]", "[1] docs/refunds.md", " candidates, ",
            ] {
                #expect(first.contains(part), "\(part) is missing in \(first)")
            }
            let second = try await say("How many requests may I send?", to: program)
            #expect(second.contains("600 requests per minute") && second.contains("[1] docs/limits.txt"), "\(second)")

            #expect(try await say(":k 2", to: program).contains("--final-k 5 is over --initial-k 2"))
            #expect(try await say(":n 1", to: program).contains(":n 1"))
            #expect(try await say(":k 2", to: program).contains(":k 2"))
            #expect(try await say(":rerank off", to: program).contains(":rerank off"))
            // Up, up, up, up, up: the first stage alone answers the question before the settings.
            let again = try await say("\u{1B}[A\u{1B}[A\u{1B}[A\u{1B}[A\u{1B}[A", to: program)
            #expect(again.contains("1 passage of 2 candidates, ") && !again.contains("logit"), "\(again)")
            let settings = try await say(":set", to: program)
            for part in [":k          2", ":rerank     off", ":retriever  hybrid", ":threshold  off"] {
                #expect(settings.contains(part), "\(part) is missing in \(settings)")
            }
            let json = try await say(":json", to: program)
            // Behind the sequence that ends editing.
            let object = try #require(json.firstMatch(of: /\{"schema".*\}/)).0
            let fields = try #require(
                try JSONSerialization.jsonObject(with: Data(object.utf8)) as? [String: Any])
            #expect(fields["query"] as? String == "How many requests may I send?")
            #expect(fields["retrievedCount"] as? Int == 2 && fields["usedCount"] as? Int == 1)
            #expect(try await say(":explain", to: program).contains("All candidates (1 of 2 kept)"))

            program.send("\u{04}")
            #expect(try await program.end() == 0)
            #expect(program.isRestored)
            #expect(program.output.hasSuffix("\u{1B}[?2004l"), "pastes are not marked any more")
            #expect(try history.hasPrefix("When are refunds issued?\nHow many requests may I send?\n:k 2\n:n 1\n"))
        }

        @Test func sources() async throws {
            let program = try await session()
            #expect(try await say(":open 1", to: program).contains("there is no answer yet"))
            try await say("Are annual plans refunded?", to: program)
            let sources = try await say(":sources", to: program)
            #expect(sources.contains("[1] docs/refunds.md"))
            let opened = try await say(":open 1", to: program)
            let path = try #require(realpath(folder.path + "/docs/refunds.md", nil).map { String(cString: $0) })
            let file = try String(contentsOfFile: path, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            // The line that is named is where what is shown begins.
            let place = try #require(opened.firstMatch(of: /refunds\.md:(\d+)/))
            #expect(opened.contains(path))
            let line = try #require(Int(place.1))
            #expect(opened.contains("│ \(file[line - 1])"), "\(opened)")
            #expect(opened.contains("│ Annual plans are refunded pro rata"), "\(opened)")
            let missing = try await say(":open 9", to: program)
            #expect(missing.contains("the last answer has no source 9"), "\(missing)")

            // The file has changed since: its path, and no line.
            try folder.write("docs/refunds.md", "Something else.")
            let changed = try await say(":open 1", to: program)
            #expect(changed.contains(path) && !changed.contains("refunds.md:"), "\(changed)")
            #expect(changed.contains("Annual plans are refunded pro rata"))
            // And the store has read it: what surrounds those bytes now is none of the answer's.
            #expect(
                try await winnow.run(["index", "docs", "--store", "kb.sqlite"], folder: folder.path).code == 0)
            let replaced = try await say(":open 1", to: program)
            #expect(replaced.contains("The document has changed in the store since"), "\(replaced)")
            #expect(replaced.contains("│ Annual plans are refunded pro rata") && !replaced.contains("Something else"))
            #expect(
                try await winnow.run(["store", "delete", "refunds.md", "--store", folder.path + "/kb.sqlite"]).code == 0
            )
            #expect(try await say(":open 1", to: program).contains("not in the store any more"))
            try await quit(program)
        }

        private func quit(_ program: TerminalProgram) async throws {
            program.send("\u{15}:quit\r")
            #expect(try await program.end() == 0)
            #expect(program.isRestored)
        }

        @Test func whatCannotBeDone() async throws {
            let program = try await session()
            for (line, answer) in [
                (":oepn 1", "did you mean :open?"), (":frobnicate", ":help lists the commands"),
                (":k many", "'many' is invalid"),
                (":k 0", "--initial-k is 0: it must be at least 1"), (":rerank maybe", "on or off"),
                (":retriever magic", "dense, bm25 or hybrid"), (":order best", "blend:0.7"),
                (":order blend:2", "0 to 1"),
                (":threshold 0.5", "score:0.3"), (":threshold probability:0.5", "winnow calibrate"),
                (":where tem = \"billing\"", "team"), (":where team =", "^"), (":help me", "takes nothing"),
                (":open", "its number"),
                ("\u{200B}", "the query is empty"), (":threshold logit:1", ":threshold logit:1"),
                (":rerank off", "the threshold logit:1 is about the reranker's word"),
                (":threshold off", ":threshold off"),
                (":order rrf", ":order rrf:60"), (":rerank off", "the order rrf:60 is made of"),
                (":order default", ":order blend:0.8 (default)"), (":where", ":where off"),
                (":where team = \"billing\"", ":where team = \"billing\""), (":set", ":where      team = \"billing\""),
                (":threshold logit:30", ":threshold logit:30"), ("When are refunds issued?", "No answer: "),
                (":sources", "the last answer has no sources"), (":open 1", "the last answer has no sources"),
            ] {
                let shown = try await say(line, to: program)
                #expect(shown.contains(answer), "\(line): \(shown)")
            }
            try await quit(program)
        }

        @Test func editingAndCompletion() async throws {
            let program = try await session()
            program.send(":whe\tte\t= \"billing\"\r")
            try await program.wait(for: "  :where team = \"billing\"")
            try await program.wait(for: prompt)
            program.send("Wehn\u{1B}[D\u{1B}[D\u{14}\u{05} are refunds issued?\r")
            try await program.wait(for: "ten business days")
            try await program.wait(for: prompt)
            #expect(try history.contains("\nWhen are refunds issued?\n"))
            // A paste is one line, whatever it holds.
            program.send("\u{1B}[200~When are\nrefunds issued?\n\u{1B}[201~")
            try await program.wait(for: "> When are refunds issued?")
            program.resize(columns: 20, rows: 10)
            try await program.wait(for: "> When are refunds issued?")
            program.send("\r")
            try await program.wait(for: "ten business days")
            try await program.wait(for: prompt)
            program.send("\u{12}team")
            try await program.wait(for: "search 'team': :where team")
            program.send("\u{03}")
            try await program.wait(for: "^C")
            try await quit(program)
        }

        /// What another process commits is found by the next question.
        @Test func newDocumentsAreSeen() async throws {
            let program = try await session()
            #expect(try await !say("What colour is the mascot?", to: program).contains("purple heron"))
            try folder.write("docs/mascot.txt", "The colour of the mascot, a purple heron, is purple.")
            #expect(
                try await winnow.run(["index", "docs", "--store", "kb.sqlite"], folder: folder.path).code == 0)
            #expect(try await say("What colour is the mascot?", to: program).contains("purple heron"))
            try await quit(program)
        }

        /// Another file takes the store's place.
        @Test func aStoreThatWasReplaced() async throws {
            let program = try await session()
            try await say("When are refunds issued?", to: program)
            try folder.write("other/zoo.txt", "The zoo has a zebra and two gnus. The zebra is called Tom.")
            for suffix in ["", ".vec", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: folder.path + "/kb.sqlite" + suffix)
            }
            // Meanwhile there is none.
            #expect(try await say("What is the zebra called?", to: program).contains("there is no store at"))
            let made = try await winnow.run(["index", "other", "--store", "kb.sqlite"], folder: folder.path)
            #expect(made.code == 0, "\(made)")
            // The last answer's source is of the one before.
            #expect(try await say(":open 1", to: program).contains("not in the store any more"))
            let answer = try await say("What is the zebra called?", to: program)
            #expect(answer.contains("called Tom. [1]") && answer.contains("1 passage of 1 candidate"), "\(answer)")
            try await quit(program)
        }

        /// A store that cannot be used takes its place: each question says so, and none is answered from what is gone.
        @Test func aStoreOfAnotherModelTookItsPlace() async throws {
            let program = try await session()
            #expect(try await say("When are refunds issued?", to: program).contains("Sources"))
            for suffix in ["", ".vec", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: folder.path + "/kb.sqlite" + suffix)
            }
            let made = try await winnow.run(
                ["index", "docs", "--store", "kb.sqlite", "--embedding-model", Fixtures.url("tiny-bi-encoder").path],
                folder: folder.path)
            #expect(made.code == 0, "\(made)")
            for _ in 0..<2 {
                let refused = try await say("When are refunds issued?", to: program)
                #expect(refused.contains("error: ") && refused.contains("tiny-bi-encoder"), "\(refused)")
                #expect(!refused.contains("Sources"), "\(refused)")
            }
            try await quit(program)
        }

        /// A distance is in the units of one retriever's scores.
        @Test func aSelectionIsOfItsRetriever() async throws {
            let program = try await session(["--rerank-within", "0", "--explain", "--score-cache", "none"])
            // Dashes stand for logits that there are not.
            #expect(try await say("When are refunds issued?", to: program).contains("–       –"))
            let note = try await say(":retriever dense", to: program)
            #expect(note.contains("--rerank-within 0.0 is in the units of the hybrid retriever's scores"), "\(note)")
            #expect(try await !say("When are refunds issued?", to: program).contains("–       –"))
            try await quit(program)
        }

        @Test func countsWithoutMeasure() async throws {
            let program = try await session()
            let refused = try await say(":k 9223372036854775807", to: program)
            #expect(refused.contains("--initial-k is 9223372036854775807: 1000000000 is the most"), "\(refused)")
            #expect(try await say(":k 1000000000", to: program).contains(":k 1000000000"))
            #expect(try await say(":n 1000000000", to: program).contains(":n 1000000000"))
            let answer = try await say("When are refunds issued?", to: program)
            #expect(answer.contains("raise --initial-k to 4000000000 or more"), "\(answer)")
            try await quit(program)
        }

        // MARK: - Interruptions

        @Test func anAnswerIsGivenUp() async throws {
            let stub = try StubServer()
            let program = try await session(["--llm-url", stub.url("stall=1"), "--llm-model", "stub"])
            program.send("When are refunds issued?\r")
            // The first word of the answer has come, and no more will.
            try await program.wait(for: "Answer (by stub)")
            program.send("typed ahead")
            program.send("\u{03}")
            try await program.wait(for: "interrupted")
            try await program.wait(for: prompt)
            try await stub.clientLeft()
            #expect(try await say(":open 1", to: program).contains("there is no answer yet"))
            // The program goes on, and the next answer can be given up as well.
            program.send("When are refunds issued?\r")
            try await program.wait(for: "Answer (by stub)")
            program.signal(SIGINT)
            try await program.wait(for: "interrupted")
            try await program.wait(for: prompt)
            #expect(try await say(":sources", to: program).contains("there is no answer yet"))
            try await quit(program)
        }

        /// Sources of the answer before are not those on the screen.
        @Test func sourcesOfAnAnswerThatWasGivenUp() async throws {
            let stub = try StubServer()
            let program = try await session(["--llm-url", stub.url("gate=2"), "--llm-model", "stub"])
            try stub.openGate()
            try await say("When are refunds issued?", to: program)
            #expect(try await say(":open 1", to: program).contains("refunds.md"))
            let again = try await session(["--llm-url", stub.url("say=A [1].", "stall=1"), "--llm-model", "stub"])
            again.send("How many requests may I send?\r")
            try await again.wait(for: "Answer (by stub)")
            again.send("\u{03}")
            try await again.wait(for: "interrupted")
            try await again.wait(for: prompt)
            #expect(try await say(":open 1", to: again).contains("the last one was given up"))
            try await quit(again)
            try await quit(program)
        }

        /// A paste that comes while an answer is made is one line, which waits for Enter.
        @Test func aPasteWhileItAnswers() async throws {
            let stub = try StubServer()
            let program = try await session(["--llm-url", stub.url("gate=2"), "--llm-model", "stub"])
            program.send("When are refunds issued?\r")
            try await program.wait(for: "Answer (by stub)")
            let shown = program.output
            #expect(
                shown.range(of: "\u{1B}[?2004h", options: .backwards) != nil && !shown.contains("\u{1B}[?2004l"),
                "pastes are not marked while an answer is made")
            program.send("\u{1B}[200~first\nsecond\n\u{1B}[201~")
            try stub.openGate()
            try await program.wait(for: "> first second")
            try await Task.sleep(for: .milliseconds(300))
            #expect(try stub.requests().count == 1)
            program.send("\u{03}")
            try await program.wait(for: "^C")
            // Unmarked lines behind the one that is given up are not asked either.
            program.send("third\rfourth\r")
            try await program.wait(for: "Answer (by stub)")
            try await quit(program)
        }

        /// Ctrl-C ends a paste whose end was lost.
        @Test func aPasteWithoutAnEnd() async throws {
            let program = try await session()
            program.send("\u{1B}[200~lost")
            try await Task.sleep(for: .milliseconds(400))
            program.send("\u{03}")
            try await program.wait(for: "^C")
            try await program.wait(for: prompt)
            #expect(try await say(":k 7", to: program).contains(":k 7"))
            try await quit(program)
        }

        #if os(Linux)
        /// A job in the background waits for the terminal, and leaves it to the shell.
        @Test(arguments: ["xterm", "dumb"])
        func inTheBackground(_ terminal: String) async throws {
            let script = #"""
                set -m
                "$0" ask --store "$1" & job=$!
                for i in $(seq 600); do
                    read -r _ _ state _ < /proc/$job/stat
                    [ $state = T ] && break
                    sleep 0.05
                done
                echo "state $state"
                sleep 1
                fg %1 > /dev/null
                echo "ended $?"
                """#
            let shell = BuiltProgram(url: URL(fileURLWithPath: "/bin/bash"))
            let program = try TerminalProgram(
                shell, ["--norc", "-c", script, winnow.url.path, folder.path + "/kb.sqlite"],
                environment: ["XDG_STATE_HOME": folder.path + "/state", "TERM": terminal])
            if terminal == "dumb" {
                // It waits without reading, until there is something to read.
                try await program.wait(for: prompt)
                program.send(":k 7\n")
            }
            try await program.wait(for: "state T")
            #expect(program.modes.c_lflag & tcflag_t(ICANON | ECHO) == tcflag_t(ICANON | ECHO))
            if terminal != "dumb" {
                try await program.wait(for: prompt)
                program.send(":k 7\r")
            }
            try await program.wait(for: "  :k 7")
            try await program.wait(for: prompt)
            program.send("\u{04}")
            try await program.wait(for: "ended 0")
            #expect(try await program.end() == 0)
            #expect(program.isRestored)
        }
        #endif

        @Test func anAnswerIsStreamed() async throws {
            let stub = try StubServer()
            let program = try await session(["--llm-url", stub.url("gate=2"), "--llm-model", "stub"])
            program.send("When are refunds issued?\r")
            try await program.wait(for: "[1] docs/refunds.md")
            try await program.wait(for: "The stub")
            try stub.openGate()
            try await program.wait(for: "answers [1].")
            try await program.wait(for: prompt)
            try await quit(program)
        }

        @Test(arguments: [SIGTERM, SIGHUP, SIGQUIT, SIGABRT])
        func signals(_ signal: CInt) async throws {
            let program = try await session()
            program.send("begun")
            try await program.wait(for: "begun")
            // At the prompt this is Ctrl-C from elsewhere: the line is given up.
            program.signal(SIGINT)
            try await program.wait(for: "^C")
            try await program.wait(for: prompt)
            #expect(!program.isRestored)
            program.signal(signal)
            #expect(try await program.end() == 128 + signal)
            #expect(program.isRestored)
        }

        @Test func whileItAnswers() async throws {
            let stub = try StubServer()
            let program = try await session(["--llm-url", stub.url("stall=1"), "--llm-model", "stub"])
            program.send("When are refunds issued?\r")
            try await program.wait(for: "Answer (by stub)")
            program.signal(SIGTERM)
            #expect(try await program.end() == 128 + SIGTERM)
            #expect(program.isRestored)
        }

        /// As a shell does: it takes the terminal for itself while the program is stopped.
        @Test func stoppedAndContinued() async throws {
            let program = try await session()
            program.send("begun")
            try await program.wait(for: "begun")
            program.signal(SIGSTOP)
            program.set(program.modesBefore)
            program.signal(SIGCONT)
            try await program.wait(for: "winnow> begun")
            #expect(program.modes.c_lflag & tcflag_t(ICANON | ECHO) == 0)
            try await quit(program)
        }

        // MARK: - Terminals, histories, usage

        @Test func aTerminalThatUnderstandsNothing() async throws {
            let program = try await session(environment: ["TERM": "dumb"])
            #expect(program.isRestored)
            program.send("When are refunds issued?\n")
            try await program.wait(for: "within ten business days. [1]")
            try await program.wait(for: prompt)
            program.send("begun\u{03}")
            try await program.wait(for: prompt)
            program.send(":k 7\n")
            try await program.wait(for: "  :k 7")
            program.send("\u{04}")
            #expect(try await program.end() == 0)
            #expect(!program.output.contains("\u{1B}"))
        }

        @Test func historiesOfSessions() async throws {
            var program = try await session()
            try await say(":k 7", to: program)
            try await say(" :k 8", to: program)
            try await quit(program)
            #expect(try history == ":k 7\n:quit\n")
            program = try await session()
            program.send("\u{1B}[A\u{1B}[A")
            try await program.wait(for: "> :k 7")
            try await quit(program)
            let kept = try history
            for (arguments, environment) in [(["--no-history"], [:]), ([], ["WINNOW_HISTORY": ""])] {
                program = try await session(arguments, environment: environment)
                try await say(":k 9", to: program)
                program.send("\u{1B}[A\u{1B}[A\u{1B}[A")
                try await program.wait(for: ":k 9")
                try await quit(program)
                #expect(try history == kept)
            }
            program = try await session(environment: ["WINNOW_HISTORY": folder.path])
            try await say(":k 9", to: program)
            try await say(":k 8", to: program)
            try await quit(program)
            let notes = program.output.components(separatedBy: "no history is kept").count - 1
            #expect(notes == 1 && program.output.contains("is no regular file"), "\(program.output)")
        }

        @Test func usage() async throws {
            let store = folder.path + "/kb.sqlite"
            let noTerminal = try await winnow.run(["ask", "--store", store], input: Array("a question\n".utf8))
            #expect(noTerminal.code == 64 && noTerminal.errors.contains("give a question in quotes"), "\(noTerminal)")
            #expect(noTerminal.output.isEmpty)
            for (arguments, word) in [(["--json"], "--json"), (["--fail-on-abstain"], "--fail-on-abstain")] {
                let program = try TerminalProgram(winnow, ["ask", "--store", store] + arguments)
                #expect(try await program.end() == 64)
                #expect(program.output.contains(word) && program.isRestored)
            }
            let missing = try TerminalProgram(winnow, ["ask", "--store", folder.path + "/none.sqlite"])
            #expect(try await missing.end() == 1)
            #expect(missing.output.contains("none.sqlite") && missing.isRestored)
        }
    }
}
