/// What must not stand in a file, on a terminal or in a report.
enum Secrets {
    /// Names under which people write an API key.
    static func isNameOfKey(_ name: String) -> Bool {
        let letters = name.lowercased().filter { $0.isLetter }
        return ["key", "apikey", "llmkey", "openaiapikey", "token", "apitoken", "secret", "password", "bearer"]
            .contains(letters)
    }

    static let advice =
        "an API key does not belong in this file, which is copied and committed: set an environment variable and give its name as "
        + "llm.key-env, or give llm.key-file the path of a file that only you can read"

    /// Keys begin as their makers let them begin; a path or a file's name has a slash or a point.
    static func fault(of text: String) -> String? {
        let begins = ["sk-", "sk_", "gsk_", "hf_", "xai-", "AIza"].contains { text.hasPrefix($0) }
        let isKey = begins && text.utf8.count >= 20 && !text.contains { $0 == "/" || $0 == "." }
        return isKey || text.hasPrefix("Bearer ") ? "its value looks like an API key: \(advice)" : nil
    }

    /// An address without user, password and query.
    static func redacted(_ address: String) -> String {
        guard let scheme = address.firstRange(of: "://") else { return address }
        var rest = address[scheme.upperBound...]
        var shown = String(address[..<scheme.upperBound])
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = authority.lastIndex(of: "@") {
            shown += "***@"
            rest = rest[rest.index(after: at)...]
        }
        guard let query = rest.firstIndex(where: { $0 == "?" || $0 == "#" }) else { return shown + rest }
        return shown + rest[..<query] + "?***"
    }

    /// Whether an address is this machine's own.
    static func isLoopback(_ address: String) -> Bool {
        guard let scheme = address.firstRange(of: "://") else { return false }
        let authority = address[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // Readers of addresses differ in what they make of these.
        guard
            authority.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "@") && $0 != UInt8(ascii: "\\") })
        else { return false }
        if authority.hasPrefix("[::1]") { return ["", ":"].contains(authority.dropFirst(5).prefix(1)) }
        let host = authority.prefix { $0 != ":" }.lowercased()
        if host == "localhost" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
