/// The dates of HTTP (RFC 9110, section 5.6.7): the one form that is sent today and the two that must still be read.
package enum HTTPDate {
    /// - Parameter now: seconds since 1970, which decides the century of a year of two digits.
    /// - Returns: seconds since 1970; nil for anything that is no date in one of the three forms.
    package static func seconds(_ text: String, now: Int64) -> Int64? {
        let words = text.split { $0 == " " || $0 == "," }.map(String.init)
        switch words.count {
        case 6:  // Sun, 06 Nov 1994 08:49:37 GMT
            guard words[5] == "GMT", words[3].count == 4 else { return nil }
            return seconds(day: words[1], month: words[2], year: Int64(words[3]), time: words[4])
        case 5 where words[4].contains(":") == false && words[3].contains(":"):  // Sun Nov  6 08:49:37 1994
            guard words[4].count == 4 else { return nil }
            return seconds(day: words[2], month: words[1], year: Int64(words[4]), time: words[3])
        case 4:  // Sunday, 06-Nov-94 08:49:37 GMT
            let date = words[1].split(separator: "-").map(String.init)
            guard words[3] == "GMT", date.count == 3, date[2].count == 2, let short = Int64(date[2]) else { return nil }
            let year = civilYear(of: now)
            var full = year - year % 100 + short
            // RFC 9110: what seems more than 50 years ahead is the last year in the past with these digits.
            if full > year + 50 { full -= 100 }
            return seconds(day: date[0], month: date[1], year: full, time: words[2])
        default:
            return nil
        }
    }

    private static func seconds(day: String, month: String, year: Int64?, time: String) -> Int64? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let clock = time.split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
        guard let day = Int64(day), 1...31 ~= day, let year, 1600...9999 ~= year,
            let month = months.firstIndex(of: month), clock.count == 3, let hour = clock[0], 0...23 ~= hour,
            let minute = clock[1], 0...59 ~= minute, let second = clock[2], 0...60 ~= second
        else { return nil }
        return daysSince1970(year: year, month: Int64(month) + 1, day: day) * 86_400 + hour * 3600 + minute * 60
            + second
    }

    /// Days of the Gregorian calendar, with years that begin in March so that a leap day is a year's last.
    private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month > 2 ? year : year - 1
        let century = marchYear / 400
        let yearOfEra = marchYear - century * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return century * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civilYear(of seconds: Int64) -> Int64 {
        var year = 1970 + seconds / 31_556_952
        while daysSince1970(year: year + 1, month: 1, day: 1) * 86_400 <= seconds { year += 1 }
        while daysSince1970(year: year, month: 1, day: 1) * 86_400 > seconds { year -= 1 }
        return year
    }
}
