import TestSupport
import Testing
import WinnowCore
import WinnowIngest

/// Expected texts by Python 3.11's codecs: `"Größe – 5 €".encode(name)`.
@Suite struct EncodingTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let text = "Größe – 5 € 😀"

    private static func units(_ text: String, _ isBig: Bool) -> [UInt8] {
        text.utf16.flatMap { isBig ? [UInt8($0 >> 8), UInt8($0 & 0xFF)] : [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    }

    private static func scalars(_ text: String, _ isBig: Bool) -> [UInt8] {
        text.unicodeScalars.flatMap { scalar in
            let bytes = (0..<4).map { UInt8(scalar.value >> (8 * UInt32($0)) & 0xFF) }
            return isBig ? bytes.reversed() : bytes
        }
    }

    @Test(
        arguments: [
            ("utf-8", Array(text.utf8)), ("utf-8 with mark", [0xEF, 0xBB, 0xBF] + Array(text.utf8)),
            ("utf-16le", [0xFF, 0xFE] + units(text, false)), ("utf-16be", [0xFE, 0xFF] + units(text, true)),
            ("utf-32le", [0xFF, 0xFE, 0, 0] + scalars(text, false)),
            ("utf-32be", [0, 0, 0xFE, 0xFF] + scalars(text, true)),
            ("utf-16le unmarked", units(text + " and more of it", false)),
            ("utf-16be unmarked", units(text + " and more of it", true)),
        ] as [(String, [UInt8])])
    func unicode(_ name: String, _ bytes: [UInt8]) throws {
        for end in ["txt", "md"] {
            let path = try folder.write("a." + end, bytes: bytes)
            let corpus = try CorpusReader().read([path])
            #expect(corpus.documents[0].text.hasPrefix(Self.text), "\(name): \(corpus.documents[0].text)")
            #expect(corpus.notes.isEmpty)
        }
    }

    @Test func windows1252IsReadAndSaid() throws {
        // "Größe – 5 €", "naïve", a lone byte of each row.
        let bytes: [UInt8] =
            [0x47, 0x72, 0xF6, 0xDF, 0x65, 0x20, 0x96, 0x20, 0x35, 0x20, 0x80] + [0x0D, 0x0A, 0x9F, 0xA0, 0xFF]
        let path = try folder.write("a.txt", bytes: bytes)
        let corpus = try CorpusReader().read([path])
        #expect(corpus.documents.map(\.text) == ["Größe – 5 €\r\nŸ\u{A0}ÿ"])
        #expect(corpus.skipped.isEmpty)
        #expect(corpus.notes.map(\.path) == [path] && corpus.notes[0].text.contains("Windows-1252"))
    }

    @Test func frontMatterInUTF16() throws {
        let text = "---\nid: x\n---\n# Größe\n\nText"
        let path = try folder.write("a.md", bytes: [0xFF, 0xFE] + Self.units(text, false))
        let document = try CorpusReader().read([path]).documents[0]
        #expect(document.id == "x" && document.title == "Größe" && document.text == "# Größe\n\nText")
        // Of the decoded text: what follows the front matter.
        #expect(document.textOffset == 14)
    }

    @Test(
        arguments: [
            ("NUL", [0x41, 0, 0x42, 0x43, 0x44], "NUL byte at offset 1"),
            ("control characters", [0x41, 0x01, 0xFF, 0x02], "not valid UTF-8"),
            ("no character of Windows-1252", [0x41, 0x81, 0x42], "not valid UTF-8: byte 0x81 at offset 1"),
            ("damaged UTF-8", Array("éééé".utf8) + [0xFF] + Array("é".utf8), "byte 0xFF at offset 8"),
            (
                "half a surrogate pair", [0xFF, 0xFE, 0x00, 0xD8, 0x41, 0x00],
                "not valid UTF-16: no character begins at offset 0"
            ),
            ("an odd byte", [0xFF, 0xFE, 0x41, 0x00, 0x42], "not valid UTF-16: no character begins at offset 2"),
            ("beyond Unicode", [0xFF, 0xFE, 0, 0, 0, 0, 0x11, 0], "not valid UTF-32"),
        ] as [(String, [UInt8], String)])
    func noText(_ name: String, _ bytes: [UInt8], reason: String) throws {
        try folder.write("good.md", "Text")
        try folder.write("bad.txt", bytes: bytes)
        let corpus = try CorpusReader().read([folder.path])
        #expect(corpus.documents.count == 1)
        #expect(corpus.skipped.map(\.isEmpty) == [false])
        #expect(corpus.skipped.first?.reason.contains(reason) == true, "\(name): \(corpus.skipped)")
    }

    /// The reader of tables decodes in portions of 256 KiB.
    @Test(arguments: [65_535, 65_536, 131_071, 131_072, 131_073])
    func portionsEndAnywhere(_ count: Int) throws {
        let value = String(repeating: "ä", count: count) + "😀"
        let text = "id\ttext\r\n1\t\(value)\r\n2\t\(value)\r\n"
        for bytes in [
            [0xFF, 0xFE] + Self.units(text, false), Array(text.utf8), [0xFE, 0xFF] + Self.units(text, true),
        ] {
            let path = try folder.write("a.tsv", bytes: bytes)
            let corpus = try CorpusReader().read([path])
            #expect(corpus.documents.map(\.text) == [value, value])
            #expect(corpus.skipped.isEmpty)
        }
    }
}
