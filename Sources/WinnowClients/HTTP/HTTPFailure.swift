import AsyncHTTPClient
import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Why no whole answer came over a connection, whatever the answer would have said.
package enum HTTPFailure: Error, Sendable, Hashable {
    case noConnection(ConnectionProblem)
    case timeout(HTTPTimeouts.Kind)
    /// The connection ended within the answer or before it.
    case brokeOff(reason: String)
    case tooLong(maximumBytes: Int)

    /// - Parameter connected: a part of the answer was there already.
    init(_ error: any Error, connected: Bool) {
        switch error {
        case let failure as HTTPFailure:
            self = failure
        case let error as HTTPClientError:
            self = Self.of(error, connected: connected)
        case ChannelError.connectTimeout:
            self = .timeout(.connect)
        case let error as NIOConnectionError:
            self = Self.of(error)
        case let error as IOError where connected || error.errnoCode == ECONNRESET || error.errnoCode == EPIPE:
            self = .brokeOff(reason: SystemError.text(error.errnoCode))
        default:
            let problem = ConnectionProblem(error)
            self = connected ? .brokeOff(reason: problem.reason) : .noConnection(problem)
        }
    }

    private static func of(_ error: HTTPClientError, connected: Bool) -> HTTPFailure {
        switch error {
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout: .timeout(.connect)
        case .remoteConnectionClosed: .brokeOff(reason: "the server closed the connection")
        case _ where connected: .brokeOff(reason: error.shortDescription)
        default: .noConnection(ConnectionProblem(kind: .other, reason: error.shortDescription))
        }
    }

    private static func of(_ error: NIOConnectionError) -> HTTPFailure {
        for failure in error.connectionErrors {
            if case ChannelError.connectTimeout = failure.error { return .timeout(.connect) }
        }
        return .noConnection(ConnectionProblem(error))
    }
}

/// What stood in the way of a connection.
public struct ConnectionProblem: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// A machine is there and nothing listens on the port.
        case refused
        /// The name has no address.
        case unknownHost
        /// The two sides cannot agree on a secure connection, or the certificate is not trusted.
        case tls
        case other
    }

    public var kind: Kind
    /// The system's word.
    public var reason: String

    public init(kind: Kind, reason: String) {
        self.kind = kind
        self.reason = reason
    }

    init(_ error: any Error) {
        switch error {
        case let error as NIOConnectionError:
            if let failure = error.connectionErrors.first {
                self.init(failure.error)
            } else if let lookup = error.dnsAError ?? error.dnsAAAAError {
                self.init(lookup)
            } else {
                self.init(kind: .other, reason: "no connection to \(error.host) could be made")
            }
        case let error as SocketAddressError.UnknownHost:
            self.init(kind: .unknownHost, reason: error.errorDescription)
        case let error as IOError:
            self.init(
                kind: error.errnoCode == ECONNREFUSED ? .refused : .other, reason: SystemError.text(error.errnoCode))
        default:
            let reason = RemoteText.line("\(error)", limit: 300)
            // The TLS library is a dependency of a dependency: its errors are known by the module that they come from.
            let isTLS = String(reflecting: type(of: error)).hasPrefix("NIOSSL.")
            self.init(kind: isTLS ? .tls : .other, reason: isTLS ? Self.tlsReason(reason) : reason)
        }
    }

    /// BoringSSL's reason without the file and line it arose in.
    private static func tlsReason(_ text: String) -> String {
        guard let marker = text.firstRange(of: "OPENSSL_internal:") else { return text }
        let reason = text[marker.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        return String(reason).lowercased().split(separator: "_").joined(separator: " ")
    }
}

enum SystemError {
    static func text(_ code: CInt) -> String {
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
