/// The `text/event-stream` format (WHATWG HTML, section 9.2) as a machine that is handed bytes in pieces of any size.
///
/// How the bytes are cut never changes the events: lines end with LF, CR or CRLF, also where the pair is torn apart.
package struct ServerSentEvents: Sendable {
    package struct Event: Sendable, Hashable {
        /// Of the `event` field; empty when the server named none.
        package var name: String
        /// The `data` lines, joined by line feeds.
        package var data: String

        package init(name: String = "", data: String) {
            self.name = name
            self.data = data
        }
    }

    /// One event grew over the limit: what arrives is hardly a stream of events.
    package struct TooLong: Error, Hashable {
        package var limit: Int

        package init(limit: Int) {
            self.limit = limit
        }
    }

    private let maximumEventBytes: Int
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var name = ""
    private var endedWithReturn = false
    private var isFirstLine = true

    /// - Parameter maximumEventBytes: of one event's lines together.
    package init(maximumEventBytes: Int = 1 << 20) {
        self.maximumEventBytes = maximumEventBytes
    }

    /// The events that these bytes complete.
    package mutating func receive(_ bytes: some Sequence<UInt8>) throws(TooLong) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            let followsReturn = endedWithReturn
            endedWithReturn = false
            switch byte {
            case UInt8(ascii: "\n") where followsReturn:
                break  // The second half of CRLF.
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                endedWithReturn = byte == UInt8(ascii: "\r")
                if let event = endLine() { events.append(event) }
            default:
                line.append(byte)
                if line.count + data.count > maximumEventBytes { throw TooLong(limit: maximumEventBytes) }
            }
        }
        return events
    }

    /// The event that the end of the stream completes, for servers that save themselves the last empty line.
    package mutating func finish() -> Event? {
        if !line.isEmpty, let event = endLine() { return event }
        return dispatch()
    }

    private mutating func endLine() -> Event? {
        defer { line.removeAll(keepingCapacity: true) }
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        guard !line.isEmpty else { return dispatch() }
        let colon = line.firstIndex(of: UInt8(ascii: ":"))
        var value = colon.map { line[($0 + 1)...] } ?? []
        if value.first == UInt8(ascii: " ") { value.removeFirst() }
        // A line that starts with a colon is a comment; `id` and `retry` are for reconnecting, which no answer
        // survives.
        switch String(decoding: line[..<(colon ?? line.endIndex)], as: UTF8.self) {
        case "data":
            if hasData { data.append(UInt8(ascii: "\n")) }
            data.append(contentsOf: value)
            hasData = true
        case "event":
            name = String(decoding: value, as: UTF8.self)
        default:
            break
        }
        return nil
    }

    private mutating func dispatch() -> Event? {
        defer {
            data.removeAll(keepingCapacity: true)
            hasData = false
            name = ""
        }
        return hasData ? Event(name: name, data: String(decoding: data, as: UTF8.self)) : nil
    }
}
