import TestSupport
import Testing
import WinnowPrompt

@Suite struct KeyDecoderTests {
    static let sequences: [(String, [Key])] = [
        ("abc", [.text("abc")]), ("é漢👍", [.text("é漢👍")]),
        ("\u{01}\u{02}\u{05}\u{06}", [.home, .left, .end, .right]), ("\r", [.enter]), ("\n", [.enter]),
        ("\u{03}\u{04}\u{07}\u{08}\t", [.interrupt, .deleteOrEnd, .cancel, .backspace, .tab]),
        ("\u{0B}\u{0C}\u{0E}\u{10}", [.killToEnd, .clearScreen, .down, .up]),
        (
            "\u{12}\u{13}\u{14}\u{15}\u{17}\u{19}\u{1A}",
            [
                .searchBack, .searchForward, .transpose, .killToStart, .killToBlank, .yank, .suspend,
            ]
        ),
        ("\u{7F}", [.backspace]),
        // Arrows as terminals send them in both modes, and with Ctrl and Alt.
        ("\u{1B}[A\u{1B}[B\u{1B}[C\u{1B}[D", [.up, .down, .right, .left]),
        ("\u{1B}OA\u{1B}OB\u{1B}OC\u{1B}OD", [.up, .down, .right, .left]),
        ("\u{1B}[1;5C\u{1B}[1;5D\u{1B}[1;3C\u{1B}[1;3D", [.wordRight, .wordLeft, .wordRight, .wordLeft]),
        ("\u{1B}[1;2C", [.right]), ("\u{1B}\u{1B}[D", [.wordLeft]),
        (
            "\u{1B}[H\u{1B}[F\u{1B}OH\u{1B}OF\u{1B}[1~\u{1B}[4~\u{1B}[7~\u{1B}[8~",
            [
                .home, .end, .home, .end, .home, .end, .home, .end,
            ]
        ),
        ("\u{1B}[3~\u{1B}[3;5~", [.delete, .killWordRight]),
        (
            "\u{1B}b\u{1B}f\u{1B}d\u{1B}\u{7F}\u{1B}<\u{1B}>",
            [
                .wordLeft, .wordRight, .killWordRight, .killWordLeft, .oldest, .newest,
            ]
        ),
        ("\u{1B}OM", [.enter]), ("\u{1B}é", [.text("é")]),
        // Function keys, the console's too, replies of the terminal and whatever else: passed over, and nothing of it is text.
        ("a\u{1B}[15~\u{1B}OP\u{1B}[[A\u{1B}[24;5~\u{1B}[?1;2c\u{1B}[12;40Rb", [.text("ab")]),
        ("\u{1B}[200~one\ntwo\u{1B}[A\u{03}\u{1B}[201~c", [.paste("one\ntwo\u{1B}[A\u{03}"), .text("c")]),
        ("\u{1B}[200~\u{1B}[201~", [.paste("")]), ("\u{1B}[201~a", [.text("a")]),
        ("\u{1B}[\u{1B}[C", [.right]),
    ]

    @Test(arguments: sequences)
    func keys(_ bytes: String, _ keys: [Key]) {
        var decoder = KeyDecoder()
        #expect(decoder.keys(of: bytes.utf8) == keys)
        #expect(!decoder.isPending && !decoder.isPasting)
    }

    /// However a terminal's bytes are cut, the keys are the same.
    @Test(arguments: sequences)
    func bytewise(_ bytes: String, _ keys: [Key]) {
        var decoder = KeyDecoder()
        #expect(bytes.utf8.flatMap { decoder.keys(of: [$0]) }.merged == keys.merged)
    }

    @Test func whatIsNoUTF8() {
        for (bytes, text) in [
            ([0xFF], "\u{FFFD}"), ([0x61, 0xC3, 0x62], "a\u{FFFD}b"), ([0xE6, 0xBC], ""), ([0x80, 0x61], "\u{FFFD}a"),
            ([0xED, 0xA0, 0x80], "\u{FFFD}"), ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}"),
            ([0xC0, 0x80], "\u{FFFD}\u{FFFD}"),
        ] as [([UInt8], String)] {
            var decoder = KeyDecoder()
            #expect(decoder.keys(of: bytes) == (text.isEmpty ? [] : [.text(text)]), "\(bytes)")
        }
    }

    @Test func aLoneEscape() {
        var decoder = KeyDecoder()
        #expect(decoder.keys(of: [0x1B]).isEmpty && decoder.isPending)
        #expect(decoder.flush() == [.escape] && !decoder.isPending)
        #expect(decoder.keys(of: "[A".utf8) == [.text("[A")])
        // A beginning that nothing follows is nothing.
        #expect(decoder.keys(of: "\u{1B}[1;".utf8).isEmpty && decoder.flush().isEmpty && !decoder.isPending)
        #expect(decoder.keys(of: "x".utf8) == [.text("x")])
    }

    @Test func aPasteWaitsForItsEnd() {
        var decoder = KeyDecoder()
        #expect(decoder.keys(of: "\u{1B}[200~a\r".utf8).isEmpty && decoder.isPasting && decoder.isPending)
        #expect(decoder.flush().isEmpty && decoder.isPasting && !decoder.isPending)
        #expect(decoder.keys(of: "b\u{1B}[201~".utf8) == [.paste("a\rb")])
    }

    /// The rest of a paste that is not wanted any more does not become keys.
    @Test func aForgottenPasteIsTakenToItsEnd() {
        var decoder = KeyDecoder()
        #expect(decoder.keys(of: "\u{1B}[200~one\r".utf8).isEmpty)
        decoder.forget()
        #expect(decoder.keys(of: "two\r\u{1B}[201~x".utf8) == [.text("x")])
        #expect(decoder.keys(of: "\u{1B}[200~b\u{1B}[201~".utf8) == [.paste("b")])
        // A sequence that has begun is dropped.
        #expect(decoder.keys(of: "\u{1B}[".utf8).isEmpty)
        decoder.forget()
        #expect(decoder.keys(of: "A".utf8) == [.text("A")])
    }

    /// The end of a paste was lost: Ctrl-C that comes alone, and after a silence, is a key.
    @Test func aPasteWithoutAnEnd() {
        var decoder = KeyDecoder()
        #expect(decoder.keys(of: "\u{1B}[200~rm\n".utf8).isEmpty)
        // In the middle of what is pasted it is pasted.
        #expect(decoder.keys(of: [0x03]).isEmpty && decoder.isPasting)
        #expect(decoder.flush().isEmpty)
        #expect(decoder.keys(of: "\u{03}x".utf8).isEmpty && decoder.isPasting)
        #expect(decoder.flush().isEmpty && decoder.isPasting)
        #expect(decoder.keys(of: [0x03]) == [.interrupt] && !decoder.isPasting)
        #expect(decoder.keys(of: "\u{1B}[200~b\u{1B}[201~".utf8) == [.paste("b")])
    }

    /// A paste of any size takes time and room in proportion, and what is over the limit does not become keys.
    @Test func anEndlessPaste() {
        var decoder = KeyDecoder()
        var keys = decoder.keys(of: "\u{1B}[200~".utf8)
        for _ in 0..<17 { keys += decoder.keys(of: [UInt8](repeating: 0x61, count: 1 << 16)) }
        keys += decoder.keys(of: "\u{1B}[201~z".utf8)
        guard case .paste(let text)? = keys.first else { return #expect(Bool(false), "\(keys.count)") }
        #expect(text.utf8.count == 1 << 20 && keys.dropFirst() == [.text("z")])
    }

    @Test func anythingAtAll() {
        var random = SeededGenerator(seed: 7)
        let common = Array("\u{1B}[O;~1A0".utf8)
        for _ in 0..<2000 {
            var decoder = KeyDecoder()
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                let byte = Bool.random(using: &random) ? common.randomElement(using: &random) : nil
                _ = decoder.keys(of: [byte ?? UInt8.random(in: 0...255, using: &random)])
            }
            // An end of a paste, if one was begun, and then everything is as it was.
            _ = decoder.keys(of: "\u{1B}[201~".utf8)
            _ = decoder.flush()
            #expect(decoder.keys(of: "x".utf8) == [.text("x")])
        }
    }
}

extension [Key] {
    /// Neighbouring texts as one.
    var merged: [Key] {
        reduce(into: []) { keys, key in
            if case .text(let text) = key, case .text(let before)? = keys.last {
                keys[keys.count - 1] = .text(before + text)
            } else {
                keys.append(key)
            }
        }
    }
}
