import TestSupport
import Testing
import WinnowClients

@Suite struct ServerSentEventsTests {
    private typealias Event = ServerSentEvents.Event

    private static func events(_ pieces: [some Sequence<UInt8>]) throws -> [ServerSentEvents.Event] {
        var parser = ServerSentEvents()
        var events: [ServerSentEvents.Event] = []
        for piece in pieces { events += try parser.receive(piece) }
        if let last = parser.finish() { events.append(last) }
        return events
    }

    struct Row: Sendable {
        var stream: String
        var data: [String]
    }

    @Test(arguments: [
        Row(stream: "", data: []),
        Row(stream: "\n\n\n", data: []),
        Row(stream: "data: a\n\n", data: ["a"]),
        Row(stream: "data:a\n\ndata:  b\n\n", data: ["a", " b"]),
        Row(stream: "data: a\r\rdata: b\r\r", data: ["a", "b"]),
        Row(stream: "data: a\r\n\r\ndata: b\r\n\r\n", data: ["a", "b"]),
        Row(stream: "data: a\r\n\ndata: b\n\r\n", data: ["a", "b"]),
        Row(stream: "data: one\ndata: two\n\n", data: ["one\ntwo"]),
        Row(stream: "data: one\r\ndata: two\r\n\r\n", data: ["one\ntwo"]),
        Row(stream: "data: one\rdata: two\r\r", data: ["one\ntwo"]),
        Row(stream: "data\n\n", data: [""]),
        Row(stream: "data:\ndata:\n\n", data: ["\n"]),
        Row(stream: ": comment\n\n:data: no\n\ndata: a\n: in between\n\n", data: ["a"]),
        Row(stream: "\u{FEFF}data: a\n\ndata: \u{FEFF}b\n\n", data: ["a", "\u{FEFF}b"]),
        Row(stream: "id: 7\nretry: 10\nevent: x\n\ndata: a\n\n", data: ["a"]),
        Row(stream: "datum: a\nDATA: b\n data: c\n\n", data: []),
        Row(stream: "data: {\"a\": \"b: c\"}\n\n", data: ["{\"a\": \"b: c\"}"]),
        Row(stream: "data: whole\n\ndata: without its empty line", data: ["whole", "without its empty line"]),
        Row(stream: "data: whole\n\ndata: without its empty line\n", data: ["whole", "without its empty line"]),
    ])
    func reads(_ row: Row) throws {
        #expect(try Self.events([Array(row.stream.utf8)]).map(\.data) == row.data)
    }

    @Test func namesAnEventAndForgetsTheNameWithIt() throws {
        let events = try Self.events([Array("event: error\ndata: a\n\ndata: b\n\nevent: lost\n\ndata: c\n\n".utf8)])
        #expect(events == [.init(name: "error", data: "a"), .init(name: "", data: "b"), .init(name: "", data: "c")])
    }

    /// The law: how the bytes are cut does not change the events.
    @Test func everyCutOfTheBytesGivesTheSameEvents() throws {
        let fields = ["data: ", "data:", "event: ", ": ", "id: ", "data", "", "\u{FEFF}data: ", "other: "]
        let texts = ["", "a", "é", "語の", "👩‍👩‍👧", "x: y", "[DONE]", "{\"k\":1}", "\u{FEFF}", "e\u{301}"]
        let ends = ["\n", "\r", "\r\n"]
        var random = SeededGenerator(seed: 4_2026)
        for round in 0..<300 {
            var stream = round % 3 == 0 ? "\u{FEFF}" : ""
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                stream += fields[Int.random(in: 0..<fields.count, using: &random)]
                stream += texts[Int.random(in: 0..<texts.count, using: &random)]
                stream += ends[Int.random(in: 0..<ends.count, using: &random)]
                if Bool.random(using: &random) { stream += ends[Int.random(in: 0..<ends.count, using: &random)] }
            }
            let bytes = Array(stream.utf8)
            let whole = try Self.events([bytes])
            #expect(try Self.events(bytes.map { [$0] }) == whole, "seed 42026, round \(round), byte by byte: \(stream)")
            for _ in 0..<4 {
                var pieces: [ArraySlice<UInt8>] = []
                var rest = bytes[...]
                while !rest.isEmpty {
                    let length = Int.random(in: 0...min(9, rest.count), using: &random)
                    pieces.append(rest.prefix(length))
                    rest = rest.dropFirst(length)
                }
                #expect(
                    try Self.events(pieces) == whole,
                    "seed 42026, round \(round), cut \(pieces.map(\.count)): \(stream)")
            }
        }
    }

    @Test(arguments: [(10, true), (11, false)])
    func anEventEndsAtItsLimit(length: Int, fits: Bool) throws {
        var parser = ServerSentEvents(maximumEventBytes: 16)
        let line = "data: " + String(repeating: "x", count: length)
        if fits {
            #expect(try parser.receive(Array((line + "\n\n").utf8)).count == 1)
        } else {
            #expect(throws: ServerSentEvents.TooLong(limit: 16)) { try parser.receive(Array(line.utf8)) }
        }
    }

    @Test func theLimitCountsAllLinesOfAnEventAndEachEventAnew() throws {
        var parser = ServerSentEvents(maximumEventBytes: 16)
        for _ in 0..<10 { #expect(try parser.receive(Array("data: 12345678\n\n".utf8)).count == 1) }
        #expect(throws: ServerSentEvents.TooLong(limit: 16)) {
            for _ in 0..<10 { _ = try parser.receive(Array("data: 12345678\n".utf8)) }
        }
    }
}
