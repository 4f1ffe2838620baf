import Testing
import WinnowTokenizers

@Suite("Laws that hold for every text")
struct PropertyTests {
    /// Pieces that meet the borders of every rule.
    static let parts: [String] = [
        "a", "report", "Report", "unaffable", "naïve", "É", "e\u{301}", "\u{323}\u{301}", "\u{302E}\u{302F}", "ᬓ᭄",
        "\u{0}", "\u{1}", "\u{B}", "\u{85}", "\u{AD}", "\u{200D}", "\u{FEFF}", "\u{FFFD}", " ", "\t", "\n", "\u{3000}",
        ".", ",,",
        "'", "[SEP]", "[MASK", "]", "北京", "\u{20000}", "\u{F900}", "한국", "\u{1112}\u{1161}\u{11AB}", "İ", "ΟΔΟΣ", "ß",
        "ﬁ",
        "👨‍👩‍👧", "❤️‍🔥", "<w>", "<l>", "<r>", "<lr", "<lrx>", "Yesterday", "café", "北x", "𝅗𝅥",
        "\u{37E}", "0123456789", "____",
        String(repeating: "x", count: 99), String(repeating: "é", count: 101),
    ]

    static func text(_ generator: inout SeededGenerator) -> String {
        let count = Int.random(in: 0...12, using: &generator)
        return (0..<count).map { _ in parts.randomElement(using: &generator) ?? "" }.joined()
    }

    @Test("the hot path and the exact path agree, and offsets ascend over whole scalars", arguments: Fixture.names)
    func agreement(name: String) throws {
        let tokenizer = try Fixture.tokenizer(name)
        var generator = SeededGenerator(state: 11)
        for _ in 0..<4000 {
            let text = Self.text(&generator)
            let encoding = tokenizer.encode(text)
            #expect(tokenizer.tokenIDs(for: text) == encoding.ids, "\(text.debugDescription)")
            #expect(encoding.ids.count == encoding.offsets.count)
            #expect(encoding.ids.allSatisfy { $0 >= 0 && Int($0) < tokenizer.vocabularySize })
            let bytes = Array(text.utf8)
            var (start, end) = (0, 0)
            for range in encoding.offsets {
                #expect(
                    range.lowerBound >= start && range.upperBound >= end && !range.isEmpty, "\(text.debugDescription)")
                (start, end) = (range.lowerBound, range.upperBound)
                for edge in [start, end] {
                    #expect(edge <= bytes.count && (edge == bytes.count || bytes[edge] & 0xC0 != 0x80))
                }
            }
        }
    }

    @Test("bytes that are not UTF-8 count as U+FFFD, and nothing traps", arguments: Fixture.names)
    func randomBytes(name: String) throws {
        let tokenizer = try Fixture.tokenizer(name)
        var generator = SeededGenerator(state: 12)
        for round in 0..<4000 {
            var bytes = Array(Self.text(&generator).utf8)
            if round % 2 == 0 {
                bytes = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
            } else if !bytes.isEmpty {  // cut and flip a valid text
                bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
                if let place = bytes.indices.randomElement(using: &generator) {
                    bytes[place] = UInt8.random(in: 0...255, using: &generator)
                }
            }
            #expect(tokenizer.ids(bytes) == tokenizer.tokenIDs(for: String(decoding: bytes, as: UTF8.self)), "\(bytes)")
        }
    }

    /// Each length is that of a run of letters, ended in every way, at every distance from the end of the buffer.
    @Test(
        "around the widths of registers",
        arguments: [1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 63, 64, 65, 99, 100, 101])
    func widths(length: Int) throws {
        let tokenizer = try Fixture.tokenizer("built-in")
        let word = String(String(repeating: "Reporting", count: 12).prefix(length))
        for stop in ["", " ", ",", "\u{1}", "\u{0}", "é", "\u{301}", "北", "[SEP]", "\u{200D}s"] {
            for tail in ["", "a", " tail of the text"] {
                let text = word + stop + tail
                #expect(tokenizer.tokenIDs(for: text) == tokenizer.encode(text).ids, "\(text.debugDescription)")
                let bytes = Array(text.utf8)
                for cut in [0, 1, 2, 5, 9] where cut < bytes.count {
                    let part = Array(bytes[cut...])
                    #expect(tokenizer.ids(part) == tokenizer.encode(String(decoding: part, as: UTF8.self)).ids)
                }
            }
        }
    }

    @Test("ids are appended, and words apart are words together")
    func appending() throws {
        let tokenizer = try Fixture.tokenizer("built-in")
        var generator = SeededGenerator(state: 13)
        for _ in 0..<500 {
            let (left, right) = (Self.text(&generator), Self.text(&generator))
            var ids: [Int32] = [-5]
            for text in [left, right] {
                Array(text.utf8).withUnsafeBufferPointer { tokenizer.appendTokenIDs(for: $0, to: &ids) }
            }
            #expect(ids == [-5] + tokenizer.tokenIDs(for: left) + tokenizer.tokenIDs(for: right))
            #expect(tokenizer.tokenIDs(for: left + " . " + right).count == ids.count)
        }
    }

    @Test("one tokenizer on many threads")
    func concurrent() async throws {
        let tokenizer = try Fixture.tokenizer("built-in")
        let texts = Goldens.shared.texts
        let expected = texts.map { tokenizer.encode($0) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    texts.map { tokenizer.encode($0) } == expected
                        && texts.map(tokenizer.tokenIDs) == expected.map(\.ids)
                }
            }
            for await equal in group { #expect(equal) }
        }
    }

    @Test("long texts", arguments: ["x", "word ", "é", "北", "\u{301}", "\u{302E}", "[SEP]", "\u{0}"])
    func megabyte(part: String) throws {
        let tokenizer = try Fixture.tokenizer("built-in")
        let text = String(repeating: part, count: 1_000_000 / part.utf8.count)
        #expect(tokenizer.tokenIDs(for: text) == tokenizer.encode(text).ids)
    }
}
