/// A point in time or a day, as a metadata value or a filter spells it: ISO 8601 in the proleptic Gregorian calendar.
///
/// `2026-01-31` is a day; `2026-01-31T10:00`, `…T10:00:00`, `…T10:00:00.25` are points in time, in UTC or, with `+02:00` behind them, that
/// much ahead of it; `Z` says UTC. Years have four digits, from 0001. What is finer than a microsecond is cut off.
package struct FilterDate: Sendable, Hashable {
    /// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted: of a day its beginning in UTC.
    package let start: Int64
    /// The last microsecond that belongs to it: `start`, or the day's last one.
    package let last: Int64

    private static let day: Int64 = 86_400_000_000

    /// - Returns: nil when the text is anything else.
    package init?(_ text: String) {
        let count = text.utf8.count
        guard count >= 10, count <= 40 else { return nil }
        var reader = Reader(bytes: Array(text.utf8))
        guard let year = reader.digits(4), year >= 1, reader.skip("-"), let month = reader.digits(2), reader.skip("-"),
            let day = reader.digits(2), (1...12).contains(month), day >= 1, day <= Self.days(month, year)
        else { return nil }
        let midnight = Self.dayNumber(year, month, day) * Self.day
        if reader.isAtEnd {
            start = midnight
            last = midnight + Self.day - 1
            return
        }
        guard reader.skip("T"), let time = reader.time(), let offset = reader.offset(), reader.isAtEnd else {
            return nil
        }
        start = midnight + time - offset
        last = start
    }

    private static func days(_ month: Int, _ year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    /// Days since 1970-01-01. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil: years begin in March.
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        var isAtEnd: Bool { position == bytes.count }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
            position += 1
            return true
        }

        mutating func digits(_ count: Int) -> Int? {
            guard position + count <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[position..<position + count] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            position += count
            return value
        }

        /// Microseconds of the day.
        mutating func time() -> Int64? {
            guard let hour = digits(2), hour <= 23, skip(":"), let minute = digits(2), minute <= 59 else { return nil }
            var microseconds = Int64(hour * 3600 + minute * 60) * 1_000_000
            guard skip(":") else { return microseconds }
            guard let second = digits(2), second <= 59 else { return nil }
            microseconds += Int64(second) * 1_000_000
            guard skip(".") else { return microseconds }
            var unit: Int64 = 100_000
            let first = position
            while let digit = digits(1) {
                microseconds += Int64(digit) * unit
                unit /= 10
            }
            return position > first ? microseconds : nil
        }

        /// Microseconds ahead of UTC; none is UTC too.
        mutating func offset() -> Int64? {
            if isAtEnd || skip("Z") { return 0 }
            let sign: Int64
            if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
            guard let hour = digits(2), hour <= 23, skip(":"), let minute = digits(2), minute <= 59 else { return nil }
            return sign * Int64(hour * 3600 + minute * 60) * 1_000_000
        }
    }
}
