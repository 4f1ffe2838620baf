#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Points in time as a store writes them.
enum Timestamp {
    /// ISO 8601, UTC, to the second: `2026-11-23T14:05:09Z`.
    static func now() -> String {
        var seconds = time(nil)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday].map(twoDigits).joined(separator: "-")
        return date + "T" + [parts.tm_hour, parts.tm_min, parts.tm_sec].map(twoDigits).joined(separator: ":") + "Z"
    }

    private static func twoDigits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
