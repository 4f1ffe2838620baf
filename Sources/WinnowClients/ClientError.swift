/// What a service over the network did wrong. Each message says what, where and how to mend it.
public enum ClientError: Error, Sendable, Hashable {
    /// `reason` is the system's word.
    case cannotConnect(url: String, reason: String)
}

extension ClientError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .cannotConnect(let url, let reason): "\(url) cannot be reached: \(reason)"
        }
    }
}
