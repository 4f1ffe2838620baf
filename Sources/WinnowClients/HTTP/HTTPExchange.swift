import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// One request whose answer is read while it comes, under limits of time and size.
package struct HTTPExchange: Sendable {
    let session: HTTPSession
    let request: HTTPClientRequest
    let timeouts: HTTPTimeouts
    /// Of the answer's body.
    let maximumBytes: Int

    enum Part: Sendable {
        case head(status: Int, headers: HTTPHeaders)
        case body(ByteBuffer)
    }

    /// Sends the request and lends the answer. What `read` leaves of it is dropped: little enough to keep the
    /// connection for the next request if it comes at once, and otherwise with the connection.
    ///
    /// - Throws: ``HTTPFailure``, `CancellationError`, and what `read` throws, unchanged.
    func perform<Value>(_ read: (inout HTTPAnswer) async throws -> Value) async throws -> Value {
        let watchdog = Watchdog(timeouts)
        // Without a bound of its own: the body's limit is one.
        let (parts, feed) = AsyncThrowingStream.makeStream(of: Part.self, throwing: (any Error).self)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { await pump(into: feed) }
            group.addTask {
                if let kind = await watchdog.expiry() { feed.finish(throwing: HTTPFailure.timeout(kind)) }
            }
            var answer = try await HTTPAnswer(parts.makeAsyncIterator(), watchdog: watchdog)
            let value = try await read(&answer)
            group.addTask { try? await Task.sleep(for: .milliseconds(250)) }
            // Whichever is first: the pump at the answer's end, or the patience with it.
            try await group.next()
            return value
        }
    }

    private func pump(into feed: AsyncThrowingStream<Part, any Error>.Continuation) async {
        var connected = false
        do {
            let response = try await session.client.execute(request, deadline: .distantFuture)
            connected = true
            feed.yield(.head(status: Int(response.status.code), headers: response.headers))
            var received = 0
            for try await buffer in response.body {
                received += buffer.readableBytes
                guard received <= maximumBytes else { throw HTTPFailure.tooLong(maximumBytes: maximumBytes) }
                feed.yield(.body(buffer))
            }
            feed.finish()
        } catch {
            feed.finish(throwing: Task.isCancelled ? CancellationError() : HTTPFailure(error, connected: connected))
        }
    }
}

/// An answer that is coming in.
struct HTTPAnswer {
    let status: Int
    let headers: HTTPHeaders
    private var parts: AsyncThrowingStream<HTTPExchange.Part, any Error>.Iterator
    private let watchdog: Watchdog

    fileprivate init(
        _ parts: AsyncThrowingStream<HTTPExchange.Part, any Error>.Iterator, watchdog: Watchdog
    ) async throws {
        self.parts = parts
        self.watchdog = watchdog
        guard case .head(let status, let headers) = try await self.parts.next() else {
            // The stream of a cancelled task ends without a word.
            throw CancellationError()
        }
        self.status = status
        self.headers = headers
    }

    /// The next bytes of the body; nil at its regular end.
    mutating func next() async throws -> ByteBuffer? {
        guard case .body(let buffer) = try await parts.next() else {
            try Task.checkCancellation()
            return nil
        }
        return buffer
    }

    /// The bytes up to a limit, or up to where the answer breaks off or dries up: for what is only shown.
    mutating func beginning(_ limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            while bytes.count < limit, let buffer = try await next() {
                progress()
                bytes.append(contentsOf: buffer.readableBytesView)
            }
        } catch is HTTPFailure {}
        return Array(bytes.prefix(limit))
    }

    /// What came is a piece of the answer: the wait for the next one begins.
    func progress() { watchdog.progress() }

    /// What the reader does now is no wait for the server, until ``progress()``.
    func pause() { watchdog.pause() }
}
