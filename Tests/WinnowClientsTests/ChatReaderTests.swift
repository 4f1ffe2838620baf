import Testing
import WinnowClients

@Suite struct ChatReaderTests {
    /// What a stream of these data comes to.
    private static func outcome(_ data: [String], named name: String = "") -> Outcome {
        var reader = ChatReader()
        var text = ""
        do throws(ChatReader.Failure) {
            for item in data { text += try reader.read(.init(name: name, data: item)) }
            return Outcome(text: text, ending: try reader.finish())
        } catch {
            return Outcome(text: text, failure: error)
        }
    }

    struct Outcome: Hashable {
        var text: String
        var ending: ChatReader.Ending?
        var failure: ChatReader.Failure?
    }

    private static func piece(_ content: String) -> String {
        #"{"choices":[{"index":0,"delta":{"content":\#(content)}}]}"#
    }
    private static func end(_ reason: String) -> String {
        #"{"choices":[{"index":0,"delta":{},"finish_reason":"\#(reason)"}]}"#
    }

    struct Row: Sendable {
        var data: [String]
        var text: String
        var ending = ChatReader.Ending.complete
    }

    @Test(arguments: [
        Row(data: [piece("\"a\""), piece("\" b\""), end("stop"), "[DONE]"], text: "a b"),
        Row(data: [piece("\"a\""), "[DONE]"], text: "a", ending: .cutOff),
        Row(data: [piece("\"a\""), end("stop")], text: "a"),
        Row(data: [piece("\"a\""), end("length"), "[DONE]"], text: "a", ending: .cutOff),
        Row(data: [piece("null"), piece("\"\""), piece("\"a\""), end("stop")], text: "a"),
        Row(data: [#"{"choices":[{"delta":{"role":"assistant"}}]}"#, piece("\"a\""), end("stop")], text: "a"),
        Row(data: [piece("\"a\""), end("stop"), #"{"choices":[],"usage":{"total_tokens":3}}"#, "[DONE]"], text: "a"),
        Row(data: [piece("\"a\""), #"{"type":"ping"}"#, "", "  ", end("stop")], text: "a"),
        Row(
            data: [
                #"{"choices":[{"index":1,"delta":{"content":"b"}},{"index":0,"delta":{"content":"a"}}]}"#, end("stop"),
            ], text: "a"),
        Row(
            data: [
                piece(#"[{"type":"text","text":"a"},{"type":"thinking","thinking":[]},{"type":"text","text":"b"}]"#),
                end("stop"),
            ], text: "ab"),
        Row(
            data: [#"{"choices":[{"delta":{"reasoning_content":"hm","content":null}}]}"#, piece("\"a\""), end("stop")],
            text: "a"),
        Row(
            data: [#"{"choices":[{"delta":{"content":null,"refusal":"I cannot."}}]}"#, end("stop")], text: "I cannot."),
        Row(
            data: [#"{"choices":[{"message":{"content":"all of it"},"finish_reason":"stop"}],"error":null}"#],
            text: "all of it"),
        Row(data: [piece("\"\\n \""), piece("\"\\na b\""), piece("\" \""), end("stop")], text: "a b "),
        Row(data: [piece("\"<think>x [1]</think>\\n\\na\""), end("stop")], text: "a"),
        Row(
            data: [piece("\"\\n<th\""), piece("\"ink>x</thi\""), piece("\"nk> \""), piece("\"a\""), end("stop")],
            text: "a"),
        Row(data: [piece("\"<thi\""), end("stop")], text: "<thi"),
        Row(data: [piece("\"<thin\""), piece("\" ice>\""), end("stop")], text: "<thin ice>"),
        Row(data: [piece("\"a <think>b</think>\""), end("stop")], text: "a <think>b</think>"),
    ])
    func reads(_ row: Row) {
        #expect(Self.outcome(row.data) == Outcome(text: row.text, ending: row.ending))
    }

    @Test func tellsHowAnAnswerFailed() {
        #expect(Self.outcome([]).failure == .notAChunk(""))
        #expect(Self.outcome(["{}"]).failure == .notAChunk(""))
        #expect(Self.outcome(["hello"]).failure == .notAChunk("hello"))
        #expect(Self.outcome([#"{"choices":7}"#]).failure == .notAChunk(#"{"choices":7}"#))
        #expect(Self.outcome([Self.piece("\"a\"")]) == Outcome(text: "a", failure: .unfinished))
        #expect(
            Self.outcome([Self.piece("\"a\""), Self.end("content_filter")]) == Outcome(text: "a", failure: .filtered))
        #expect(Self.outcome([Self.end("stop")]).failure == .noText(finishReason: "stop", hadReasoning: false))
        #expect(Self.outcome(["[DONE]"]).failure == .unfinished)
        #expect(
            Self.outcome([#"{"choices":[{"delta":{"reasoning":"hm"}}]}"#, Self.end("length")]).failure
                == .noText(finishReason: "length", hadReasoning: true))
        #expect(
            Self.outcome([Self.piece("\"<think>and on and on\""), Self.end("length")]).failure
                == .noText(finishReason: "length", hadReasoning: true))
        #expect(
            Self.outcome([Self.piece("\"a\""), #"{"error":{"message":"out of memory","code":500}}"#])
                == Outcome(text: "a", failure: .reported(ServerError(message: "out of memory", code: "500"))))
        #expect(
            Self.outcome([#"{"message":"overloaded"}"#], named: "error").failure
                == .reported(ServerError(message: "overloaded")))
        #expect(Self.outcome([#"{"detail":"not here"}"#]).failure == .reported(ServerError(message: "not here")))
    }

    @Test func hostileNestingIsAnErrorAndNoCrash() {
        let deep = String(repeating: "[", count: 200_000)
        #expect(Self.outcome(["{\"choices\":" + deep]).failure != nil)
        #expect(ServerError(body: Array(("{\"error\":" + deep).utf8)).message.hasPrefix("{\"error\""))
    }

    @Test(arguments: [
        (
            #"{"error":{"message":"m","type":"t","param":"p","code":null}}"#,
            ServerError(message: "m", parameter: "p", code: "t")
        ),
        (#"{"error":{"message":"m","type":"t","code":"c"}}"#, ServerError(message: "m", code: "c")),
        (#"[{"error":{"code":400,"message":"m","status":"s"}}]"#, ServerError(message: "m", code: "400")),
        (#"[]"#, ServerError(message: "[]")), (#"{"error":"m"}"#, ServerError(message: "m")),
        (#"{"object":"error","message":"m","code":40301}"#, ServerError(message: "m", code: "40301")),
        (#"{"detail":"m"}"#, ServerError(message: "m")),
        (#"{"detail":[{"loc":["body","model"],"msg":"m","type":"missing"}]}"#, ServerError(message: "m")),
        (#"{"error":{}}"#, ServerError(message: "")),
        (#"{"other":1}"#, ServerError(message: #"{"other":1}"#)),
        ("<html>no</html>", ServerError(message: "<html>no</html>")), ("", ServerError(message: "")),
    ])
    func readsWhatServersSayOfErrors(body: String, error: ServerError) {
        #expect(ServerError(body: Array(body.utf8)) == error)
    }

    @Test(arguments: [
        (OpenAIChat.decliningSentence, true),
        ("  \"the documents do not contain   enough information to answer this question\"\n", true),
        ("**The documents do not contain enough information to answer this question.** [1]", true),
        ("“The documents do not contain enough information to answer this question” They speak of plans only.", true),
        ("", false), ("The documents do not contain enough information.", false),
        ("Yes [1]. The documents do not contain enough information to answer this question.", false),
    ])
    func detectsThatTheModelDeclines(answer: String, declines: Bool) {
        #expect(OpenAIChat.declines(answer) == declines)
    }

    @Test func linesOfOthersAreFitForAMessage() throws {
        #expect(RemoteText.line("a\r\n\u{1B}[31mb\u{202E}c\u{0}\t d ") == "a [31mb c d")
        #expect(RemoteText.line("") == "")
        #expect(RemoteText.line(String(repeating: "x", count: 200)) == String(repeating: "x", count: 200))
        #expect(RemoteText.line(String(repeating: "x", count: 201)) == String(repeating: "x", count: 200) + "…")
        let key = try APIKey("sk-secret-123")
        #expect(
            RemoteText.line("key sk-secret-123, Bearer sk-secret-123\u{301}.", without: key)
                == "key [key], Bearer [key]\u{301}.")
    }
}
