import AsyncHTTPClient
import NIOCore

/// The connections to services. They are closed when the last value that uses the session goes.
///
/// Redirects are not followed, so that a key goes to the host that it was meant for and to no other. A connection that
/// cannot be made fails at once: whether to try again is for whoever asks.
package final class HTTPSession: Sendable {
    let client: HTTPClient

    /// Runs on the process's shared event loops: it starts no thread of its own.
    package init(connectTimeout: Duration) {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: TimeAmount(connectTimeout)))
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }

    deinit {
        // It ends in the background; the client keeps itself alive for as long.
        client.shutdown { _ in }
    }
}
