import NIOCore

/// Reads the body of a successful answer: a stream of events, or one object where a server does not stream.
struct AnswerReading {
    enum Failure: Error {
        case chat(ChatReader.Failure, contentType: String)
        case notAChatAnswer(contentType: String, beginning: [UInt8])
        /// A stream that ended without one event.
        case emptyStream
    }

    private let contentType: String
    private var reader = ChatReader()
    private var events = ServerSentEvents()
    /// The first bytes, to be shown where they make no sense.
    private var beginning: [UInt8] = []

    init(contentType: String) {
        self.contentType = contentType
    }

    /// - Parameter onText: is handed each piece of text that is not empty.
    mutating func read(
        _ answer: inout HTTPAnswer, onText: (String) async throws -> Void
    ) async throws -> ChatReader.Ending {
        do {
            return try await isObject(&answer) ? readObject(&answer, onText) : readStream(&answer, onText)
        } catch let failure as ChatReader.Failure {
            if case .notAChunk(let text) = failure {
                if text.isEmpty, contentType.lowercased().hasPrefix("text/event-stream"), beginningIsComment {
                    throw Failure.emptyStream
                }
                throw Failure.notAChatAnswer(
                    contentType: contentType, beginning: text.isEmpty ? beginning : Array(text.utf8))
            }
            throw Failure.chat(failure, contentType: contentType)
        } catch is ServerSentEvents.TooLong {
            throw Failure.notAChatAnswer(contentType: contentType, beginning: beginning)
        }
    }

    private mutating func readStream(
        _ answer: inout HTTPAnswer, _ onText: (String) async throws -> Void
    ) async throws -> ChatReader.Ending {
        var pending: [ServerSentEvents.Event] = try events.receive(beginning)
        while true {
            for event in pending where !reader.isDone {
                let text = try reader.read(event)
                if !text.isEmpty {
                    answer.pause()
                    try await onText(text)
                }
                // A piece that only opens the message says nothing: the model may still be reading.
                if reader.hasBegun { answer.progress() }
            }
            if reader.isDone { return try reader.finish() }
            let buffer: ByteBuffer?
            do {
                buffer = try await answer.next()
            } catch let failure as HTTPFailure where reader.isFinished {
                // The last word was said; that the connection did not end well no longer matters.
                _ = failure
                return try reader.finish()
            }
            guard let buffer else { break }
            keepBeginning(buffer)
            pending = try events.receive(buffer.readableBytesView)
        }
        if let event = events.finish() {
            let text = try reader.read(event)
            if !text.isEmpty { try await onText(text) }
        }
        return try reader.finish()
    }

    private mutating func readObject(
        _ answer: inout HTTPAnswer, _ onText: (String) async throws -> Void
    ) async throws -> ChatReader.Ending {
        var body = beginning
        while let buffer = try await answer.next() {
            answer.progress()
            body.append(contentsOf: buffer.readableBytesView)
        }
        beginning = Array(body.prefix(Self.shown))
        let text = try reader.read(json: body)
        let ending = try reader.finish()
        if !text.isEmpty {
            answer.pause()
            try await onText(text)
        }
        return ending
    }

    /// By the first byte: no line of a stream begins with a brace. The type that a server states is not always true.
    private mutating func isObject(_ answer: inout HTTPAnswer) async throws -> Bool {
        while true {
            let start = beginning.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
            if let first = beginning[start...].first(where: { !Self.isSpace($0) }) { return first == UInt8(ascii: "{") }
            guard let buffer = try await answer.next() else { return false }
            beginning.append(contentsOf: buffer.readableBytesView)
        }
    }

    private var beginningIsComment: Bool {
        beginning.first { !Self.isSpace($0) }.map { $0 == UInt8(ascii: ":") } ?? true
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }

    private static let shown = 2000

    private mutating func keepBeginning(_ buffer: ByteBuffer) {
        guard beginning.count < Self.shown else { return }
        beginning.append(contentsOf: buffer.readableBytesView.prefix(Self.shown - beginning.count))
    }
}
