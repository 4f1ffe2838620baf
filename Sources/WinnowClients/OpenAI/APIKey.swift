/// A secret that authorises requests. It never prints itself: every description of it, and of what holds it, is
/// redacted.
public struct APIKey: Sendable {
    /// The one place that reads it is the request's header.
    private let secret: String

    /// - Parameter text: as it stands in a file or a variable; white space around it is dropped.
    /// - Throws: ``LLMError/invalidKey(reason:)`` when it is empty or cannot stand in a header.
    public init(_ text: String) throws {
        let trimmed = text.drop { $0.isWhitespace }
        let end = trimmed.lastIndex { !$0.isWhitespace }
        guard let end else { throw LLMError.invalidKey(reason: "it is empty") }
        let secret = String(trimmed[...end])
        guard secret.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw LLMError.invalidKey(
                reason: "it has spaces, line breaks or characters outside ASCII within; a key is one word on one line")
        }
        self.secret = secret
    }

    var authorization: String { "Bearer \(secret)" }

    /// A server may quote what it was sent. What is shorter than any real key, such as `none`, is no secret and stays:
    /// it might be part of every other word.
    func removed(from text: String) -> String {
        guard secret.utf8.count >= 8 else { return text }
        // Bytes, not characters: a combining mark behind it would make another character of the key's last.
        let (bytes, key) = (Array(text.utf8), Array(secret.utf8))
        var kept: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if bytes[position...].starts(with: key) {
                kept += Array(description.utf8)
                position += key.count
            } else {
                kept.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }
}

extension APIKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "[key]" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
