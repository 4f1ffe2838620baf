/// Lengths of passages in terms, by place; places without a passage have none.
struct LengthTable {
    private var windows: [[UInt32]]
    private let rows: Int

    /// What stands for no passage.
    static let absent = UInt32.max

    init(rows: Int = 0) {
        self.rows = rows
        windows = []
        for first in stride(from: 0, to: rows, by: Window.size) {
            windows.append([UInt32](repeating: Self.absent, count: min(Window.size, rows - first)))
        }
    }

    mutating func set(_ length: UInt32, at place: UInt32) {
        windows[Int(place) >> Window.bits][Int(place) & (Window.size - 1)] = min(length, Self.absent - 1)
    }

    subscript(place: UInt32) -> UInt32? {
        let length = windows[Int(place) >> Window.bits][Int(place) & (Window.size - 1)]
        return length == Self.absent ? nil : length
    }

    /// One number a place: the length plus one, or 0 where there is no passage; nothing for a window without any.
    func encode() -> (byteCounts: [Int], stream: [UInt8]) {
        var byteCounts: [Int] = []
        var stream: [UInt8] = []
        for window in windows {
            let before = stream.count
            if window.contains(where: { $0 != Self.absent }) {
                for length in window { Varint.append(length == Self.absent ? 0 : Int(length) + 1, to: &stream) }
            }
            byteCounts.append(stream.count - before)
        }
        return (byteCounts, stream)
    }

    /// The lengths of one window.
    ///
    /// - Throws: ``DamagedRow``
    static func decodeWindow(_ bytes: [UInt8], places: Int) throws -> [UInt32] {
        guard !bytes.isEmpty else { return [UInt32](repeating: absent, count: places) }
        var reader = ByteReader(bytes) { "the lengths of a lexical segment" }
        var lengths: [UInt32] = []
        lengths.reserveCapacity(places)
        for _ in 0..<places {
            let code = try reader.number(atMost: Int(absent))
            lengths.append(code == 0 ? absent : UInt32(code - 1))
        }
        guard reader.isAtEnd else { throw reader.damaged("there are more than places") }
        return lengths
    }
}
