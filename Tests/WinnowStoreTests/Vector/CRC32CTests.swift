import TestSupport
import Testing
import WinnowStore

@Suite struct CRC32CTests {
    /// RFC 3720, appendix B.4, and the check value of the CRC catalogues.
    @Test(
        arguments: [
            (Array("123456789".utf8), 0xE306_9283), ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43), (Array(0..<32), 0x46DD_794E), ([], 0),
        ] as [([UInt8], UInt32)])
    func agreesWithTheStandard(bytes: [UInt8], expected: UInt32) {
        #expect(bytes.withUnsafeBytes(CRC32C.of) == expected)
        var byTables = CRC32C()
        bytes.withUnsafeBytes { byTables.addByTables($0) }
        #expect(byTables.value == expected)
    }

    @Test func partsMakeTheWhole() {
        var random = SeededGenerator(seed: 3)
        let bytes = (0..<100).map { _ in UInt8.random(in: 0...255, using: &random) }
        let whole = bytes.withUnsafeBytes(CRC32C.of)
        for cut in 0...bytes.count {
            var parts = CRC32C()
            bytes.withUnsafeBytes {
                parts.add(UnsafeRawBufferPointer(rebasing: $0[..<cut]))
                parts.add(UnsafeRawBufferPointer(rebasing: $0[cut...]))
            }
            #expect(parts.value == whole, "cut at \(cut)")
            var mixed = CRC32C()
            bytes.withUnsafeBytes {
                mixed.addByTables(UnsafeRawBufferPointer(rebasing: $0[..<cut]))
                mixed.add(UnsafeRawBufferPointer(rebasing: $0[cut...]))
            }
            #expect(mixed.value == whole, "cut at \(cut)")
        }
    }
}
