import Foundation

/// What the path asks for: its components before `v1`, each a word or `word=value`, percent-encoded.
///
/// Of the answer: `say=TEXT`, `finish=REASON` (`none` for no reason at all), `no-done`, `linger` (nothing after the
/// reason, and no end), `crlf`, `bytewise`, `plain` (one object instead of a stream), `reasoning`, `usage`, `raw=BODY`
/// with `type=CONTENT-TYPE`, `keep` (the connection).
/// Instead of it: `status=CODE` with `message=TEXT`, `code=TEXT`, `body=TEXT`, `retry-after=…`, `retry-after-ms=…`,
/// `location=…`, `quote` (the message repeats the request's key); `hang-up`; `silent`; `pings`; `flood`; `short`.
/// Within it, after N pieces: `stall=N`, `break=N`, `reset=N`, `error=N`, `gate=N` (goes on when the gate opens).
/// When: `times=N` misbehaves at the first N requests of this path only; `refuse=FIELD` answers 400 to a body with that
/// field.
struct Behaviour {
    private var values: [String: String] = [:]

    init(path: String) {
        for component in path.split(separator: "/") {
            if component == "v1" { return }
            let parts = component.split(separator: "=", maxSplits: 1).map {
                String($0).removingPercentEncoding ?? String($0)
            }
            values[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
    }

    subscript(word: String) -> String? { values[word] }

    func has(_ word: String) -> Bool { values[word] != nil }

    func number(_ word: String) -> Int? { values[word].flatMap(Int.init) }

    /// The same answer without the faults.
    var withoutFaults: Behaviour {
        var behaviour = self
        for fault in [
            "status", "hang-up", "silent", "pings", "flood", "short", "stall", "break", "reset", "error", "raw",
        ] {
            behaviour.values[fault] = nil
        }
        return behaviour
    }
}
