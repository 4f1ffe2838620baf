#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a server says in the body of an error, in whichever of the usual forms.
package struct ServerError: Sendable, Hashable {
    /// As it came: not yet fit for a message. Empty when there is none.
    package var message: String
    package var parameter: String?
    package var code: String?

    /// - Parameter body: of any kind; what is no JSON in a known form is the message itself.
    package init(body: [UInt8]) {
        let (decoder, data) = (JSONDecoder(), Data(body))
        let form = (try? decoder.decode(Form.self, from: data)) ?? (try? decoder.decode([Form].self, from: data))?.first
        if let error = form?.error {
            self = error
        } else {
            self.init(message: String(decoding: body, as: UTF8.self))
        }
    }

    package init(message: String, parameter: String? = nil, code: String? = nil) {
        self.message = message
        self.parameter = parameter
        self.code = code
    }

    /// `{"error": {…}}` (OpenAI), the same in a list (Google), `{"error": "…"}` (Ollama), `{"message": …}` (Mistral,
    /// TEI), `{"detail": …}` (FastAPI).
    struct Form: Decodable {
        var error: ServerError?

        private enum Key: String, CodingKey {
            case error, message, detail, msg, param, code, type
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            if let text = try? fields.decode(String.self, forKey: .error) {
                error = ServerError(message: text)
            } else if let inner = try? fields.nestedContainer(keyedBy: Key.self, forKey: .error) {
                error = Self.error(in: inner)
            } else if let text = try? fields.decode(String.self, forKey: .detail) {
                error = ServerError(message: text)
            } else if var list = try? fields.nestedUnkeyedContainer(forKey: .detail),
                let first = try? list.nestedContainer(keyedBy: Key.self),
                let text = try? first.decode(String.self, forKey: .msg)
            {
                error = ServerError(message: text)
            } else if fields.contains(.message) {
                error = Self.error(in: fields)
            }
        }

        private static func error(in fields: KeyedDecodingContainer<Key>) -> ServerError {
            func text(_ key: Key) -> String? {
                if let text = try? fields.decode(String.self, forKey: key) { return text }
                return (try? fields.decode(Int.self, forKey: key)).map(String.init)
            }
            let (message, code) = (text(.message), text(.code) ?? text(.type))
            return ServerError(message: message ?? code ?? "", parameter: text(.param), code: code)
        }
    }
}
