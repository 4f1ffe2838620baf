/// How long each part of a request may take. A wait that runs out fails the request and is not repeated.
public struct HTTPTimeouts: Sendable, Hashable {
    /// Until the connection stands, TLS included.
    public var connect: Duration
    /// From sending the request, with the connecting, until the first piece of the answer that says something. A model
    /// reads its whole prompt in this time, so on a slow machine it grows with the context.
    public var firstByte: Duration
    /// Between two pieces of an answer. What a server sends only to keep the connection alive is no piece.
    public var idle: Duration

    public init(
        connect: Duration = .seconds(10), firstByte: Duration = .seconds(60), idle: Duration = .seconds(30)
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.idle = idle
    }

    /// One of the three, named as the property is.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case connect, firstByte, idle
    }

    public subscript(kind: Kind) -> Duration {
        switch kind {
        case .connect: connect
        case .firstByte: firstByte
        case .idle: idle
        }
    }
}
