#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where chat completions are asked for.
package struct ChatEndpoint: Sendable, Hashable {
    /// What the request goes to, with a query if the address has one.
    package let url: String
    /// For messages: without the query, which in some services holds a key.
    package let shown: String
    let isSecure: Bool
    let host: String

    /// - Parameter address: `http://host:port/v1`, with or without a slash at its end, or the whole address up to
    ///   `/chat/completions`. An address without any path means `/v1`, as every service has it.
    package init(_ address: String) throws(LLMError) {
        func refuse(_ reason: String) -> LLMError {
            .invalidAddress(RemoteText.line(Self.withoutSecrets(address)), reason: reason)
        }
        let trimmed = Self.trimmed(address)
        guard !trimmed.contains(where: \.isWhitespace), let parts = URLComponents(string: trimmed) else {
            throw refuse("it is no URL")
        }
        guard let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https" else {
            throw refuse("it must begin with http:// or https://")
        }
        guard parts.user == nil, parts.password == nil else {
            throw refuse("a key or password does not belong into the URL: give it as the API key")
        }
        guard let host = parts.percentEncodedHost, !host.isEmpty else { throw refuse("it names no host") }
        guard Self.hasValidPort(trimmed) else { throw refuse("its port is not between 1 and 65535") }
        guard parts.fragment == nil else { throw refuse("it has a fragment (#…)") }

        var path = parts.percentEncodedPath
        while path.hasSuffix("/") { path.removeLast() }
        if path.isEmpty { path = "/v1" }
        if !path.hasSuffix("/chat/completions") { path += "/chat/completions" }
        let base = "\(scheme)://\(host.lowercased())" + (parts.port.map { ":\($0)" } ?? "") + path
        shown = base
        url = base + (parts.percentEncodedQuery.map { "?\($0)" } ?? "")
        isSecure = scheme == "https"
        self.host = host.lowercased()
    }

    private static func trimmed(_ address: String) -> String {
        let start = address.drop { $0.isWhitespace }
        return String(start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? "")
    }

    /// URL readers drop a port that is no number, and the request would go to another one.
    private static func hasValidPort(_ url: String) -> Bool {
        let authority = (url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]).prefix {
            !"/?#".contains($0)
        }
        let behindHost = authority.lastIndex(of: "]").map { authority[$0...] } ?? authority
        guard let colon = behindHost.firstIndex(of: ":") else { return true }
        return UInt16(behindHost[behindHost.index(after: colon)...]).map { $0 > 0 } ?? false
    }

    /// An address that could not be read may still hold a key: what stands before an `@` or behind a `?` is not
    /// repeated.
    private static func withoutSecrets(_ address: String) -> String {
        let text = address.prefix { $0 != "?" }
        guard let at = text.lastIndex(of: "@") else { return String(text) }
        let scheme = text[..<at].firstRange(of: "//").map { text[..<$0.upperBound] } ?? ""
        return scheme + "…" + text[at...]
    }

    /// The host is this machine or in a network that is not the internet's: by its address, or by a name that no public
    /// name server knows.
    var isPrivate: Bool {
        if host.hasPrefix("[") {
            let address = host.dropFirst().prefix { $0 != "]" && $0 != "%" }
            return address == "::1" || ["fc", "fd", "fe8", "fe9", "fea", "feb"].contains { address.hasPrefix($0) }
        }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = labels.compactMap { UInt8($0) }
        if labels.count == 4, bytes.count == 4 {
            switch (bytes[0], bytes[1]) {
            case (127, _), (10, _), (172, 16...31), (192, 168), (169, 254), (100, 64...127): return true
            default: return false
            }
        }
        return labels.count == 1
            || ["localhost", "local", "internal", "lan", "home", "test"].contains { labels.last ?? "" == $0 }
    }
}
