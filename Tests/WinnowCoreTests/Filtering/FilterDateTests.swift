import Testing
import WinnowCore

/// Dates as numbers; the expected ones are Python's: `(datetime.fromisoformat(…) − datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1)`,
/// Python 3.11.
@Suite struct FilterDateTests {
    private static let day: Int64 = 86_400_000_000

    @Test(
        arguments: [
            ("0001-01-01", -62_135_596_800_000_000), ("1600-02-29", -11_670_998_400_000_000),
            ("1900-03-01", -2_203_891_200_000_000), ("1969-12-31", -86_400_000_000), ("1970-01-01", 0),
            ("2000-02-29", 951_782_400_000_000), ("2026-01-31", 1_769_817_600_000_000),
            ("9999-12-31", 253_402_214_400_000_000),
        ] as [(String, Int64)])
    func aDayIsAllOfIt(_ text: String, _ start: Int64) throws {
        let date = try #require(FilterDate(text))
        #expect(date.start == start)
        #expect(date.last == start + Self.day - 1)
    }

    @Test(
        arguments: [
            ("2026-01-31T10:00:00Z", 1_769_853_600_000_000), ("2026-01-31T10:00:00", 1_769_853_600_000_000),
            ("2026-01-31T10:00", 1_769_853_600_000_000), ("2026-01-31T10:00Z", 1_769_853_600_000_000),
            ("2026-01-31T10:00:00+02:00", 1_769_846_400_000_000), ("2026-01-31T00:30:00-05:30", 1_769_839_200_000_000),
            ("1969-12-31T23:59:59.999999Z", -1), ("2024-02-29T12:34:56.25Z", 1_709_210_096_250_000),
            // Finer than a microsecond is cut off.
            ("2024-02-29T12:34:56.2500009Z", 1_709_210_096_250_000),
        ] as [(String, Int64)])
    func aPointInTimeIsOneMicrosecond(_ text: String, _ start: Int64) throws {
        let date = try #require(FilterDate(text))
        #expect(date.start == start)
        #expect(date.last == start)
    }

    @Test(arguments: [
        "", "2026", "2026-01", "2026-1-31", "2026-13-01", "2026-00-10", "2026-01-32", "2026-01-00", "2026-02-29",
        "1900-02-29",
        "2026-04-31", "0000-01-01", "2026/01/31", "2026-01-31 10:00", "2026-01-31T", "2026-01-31T10",
        "2026-01-31T24:00",
        "2026-01-31T10:60", "2026-01-31T10:00:60Z", "2026-01-31T10:00:00.Z", "2026-01-31T10:00:00z",
        "2026-01-31T10:00:00+2:00",
        "2026-01-31T10:00:00+02", "2026-01-31Z", "2026-01-31 ", " 2026-01-31", "+2026-01-31", "２０２６-01-31",
        "2026-01-31T10:00:00ZZ",
    ])
    func anythingElseIsNoDate(_ text: String) { #expect(FilterDate(text) == nil) }
}
