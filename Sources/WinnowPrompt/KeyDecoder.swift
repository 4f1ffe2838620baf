/// A terminal's bytes as keys.
///
/// Bytes come in any pieces. What is begun and not yet whole waits for the next piece; after a lone escape nothing may follow, so a
/// caller that has waited calls ``flush()``. Nothing that comes makes it fail: sequences that mean nothing here are passed over, and what
/// is no UTF-8 becomes U+FFFD.
public struct KeyDecoder: Sendable {
    /// What is begun.
    private enum State {
        case ground
        /// Of a scalar, its first bytes.
        case scalar([UInt8])
        /// Behind an escape. A second one makes an arrow one of words, as some terminals send Alt-arrows.
        case escape(isMeta: Bool)
        case control([UInt8], isMeta: Bool)
        /// Behind `ESC O`.
        case single(isMeta: Bool)
        /// Behind `ESC [ [`, of the Linux console's function keys.
        case console
        case paste
    }

    private var state = State.ground
    private var pasted: [UInt8] = []
    /// The paste has paused.
    private var isSilent = false
    /// Nobody wants the paste that has begun: it is taken to its end and left out.
    private var isUnwanted = false
    private var keys: [Key] = []

    /// A sequence that is longer is none of a terminal's.
    private static let longest = 64
    /// Of a paste; the rest of it is left out.
    private static let mostPasted = 1 << 20
    private static let interrupt: UInt8 = 0x03
    private static let pasteEnd = Array("\u{1B}[201~".utf8)

    public init() {}

    /// What came ends within an escape sequence, a scalar or a paste, and was not flushed since.
    public var isPending: Bool {
        switch state {
        case .ground: false
        case .paste: !isSilent
        default: true
        }
    }

    /// A paste has begun whose end has not come.
    public var isPasting: Bool { if case .paste = state { true } else { false } }

    /// What has begun is not wanted: a sequence is dropped, and a paste too when its end comes.
    public mutating func forget() {
        if isPasting {
            pasted = []
            isUnwanted = true
        } else {
            self = KeyDecoder()
        }
    }

    public mutating func keys(of bytes: some Collection<UInt8>) -> [Key] {
        // The end of a paste may be lost on its way; what a terminal pastes comes in one go, so this is a key.
        if isPasting, isSilent, bytes.elementsEqual([Self.interrupt]) {
            state = .ground
            pasted = []
            isUnwanted = false
        }
        isSilent = false
        for byte in bytes { take(byte) }
        defer { keys.removeAll(keepingCapacity: true) }
        return keys
    }

    /// What was begun means what it means alone: nothing follows.
    public mutating func flush() -> [Key] {
        switch state {
        case .ground: break
        case .paste: isSilent = true
        case .escape: emit(.escape)
        case .scalar: type("\u{FFFD}")
        case .control, .single, .console: break
        }
        if !isPasting { state = .ground }
        defer { keys.removeAll(keepingCapacity: true) }
        return keys
    }

    private mutating func emit(_ key: Key) { keys.append(key) }

    /// Text that comes in one piece is one key: it is inserted at once.
    private mutating func type(_ text: String) {
        if case .text(let before)? = keys.last {
            keys[keys.count - 1] = .text(before + text)
        } else {
            keys.append(.text(text))
        }
    }

    private mutating func take(_ byte: UInt8) {
        switch state {
        case .ground: begin(byte)
        case .scalar(let bytes): goOn(bytes, byte)
        case .escape(let isMeta): follow(byte, isMeta: isMeta)
        case .control(let bytes, let isMeta): control(bytes, byte, isMeta: isMeta)
        case .single(let isMeta):
            state = .ground
            if byte == 0x1B { return begin(byte) }
            if byte == UInt8(ascii: "M") {
                emit(.enter)
            } else if let key = Self.motion(byte, byWords: isMeta) {
                emit(key)
            }
        case .console: state = .ground
        case .paste: paste(byte)
        }
    }

    private mutating func begin(_ byte: UInt8) {
        switch byte {
        case 0x1B: state = .escape(isMeta: false)
        case 0..<0x20, 0x7F: if let key = Self.controls[byte] { emit(key) }
        case 0x20..<0x7F: type(String(Unicode.Scalar(byte)))
        case 0xC2...0xF4: state = .scalar([byte])
        default: type("\u{FFFD}")
        }
    }

    private mutating func goOn(_ bytes: [UInt8], _ byte: UInt8) {
        guard 0x80...0xBF ~= byte else {
            type("\u{FFFD}")
            state = .ground
            return begin(byte)
        }
        let bytes = bytes + [byte]
        let length = bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : 4
        guard bytes.count == length else {
            state = .scalar(bytes)
            return
        }
        state = .ground
        type(String(validating: bytes, as: UTF8.self) ?? "\u{FFFD}")
    }

    private mutating func follow(_ byte: UInt8, isMeta: Bool) {
        state = .ground
        switch byte {
        case 0x1B: state = .escape(isMeta: true)
        case UInt8(ascii: "["): state = .control([], isMeta: isMeta)
        case UInt8(ascii: "O"): state = .single(isMeta: isMeta)
        case UInt8(ascii: "b"), UInt8(ascii: "B"): emit(.wordLeft)
        case UInt8(ascii: "f"), UInt8(ascii: "F"): emit(.wordRight)
        case UInt8(ascii: "d"), UInt8(ascii: "D"): emit(.killWordRight)
        case UInt8(ascii: "<"): emit(.oldest)
        case UInt8(ascii: ">"): emit(.newest)
        case 0x7F, 0x08: emit(.killWordLeft)
        // The letter of another script that was typed with Alt is at least that letter.
        case 0x03, 0x04, 0x07, 0x80...0xFF: begin(byte)
        default: break
        }
    }

    private mutating func control(_ bytes: [UInt8], _ byte: UInt8, isMeta: Bool) {
        switch byte {
        case 0x20...0x3F where bytes.count < Self.longest: state = .control(bytes + [byte], isMeta: isMeta)
        case UInt8(ascii: "[") where bytes.isEmpty: state = .console
        case 0x1B:
            state = .ground
            begin(byte)
        case 0x40...0x7E:
            state = .ground
            finish(bytes, byte, isMeta: isMeta)
        default: state = .ground
        }
    }

    private mutating func finish(_ bytes: [UInt8], _ final: UInt8, isMeta: Bool) {
        let parameters = String(decoding: bytes, as: UTF8.self).split(
            separator: ";", omittingEmptySubsequences: false
        ).map { Int($0) ?? 1 }
        // 1 and a bit each for Shift, Alt, Ctrl.
        let modifiers = (parameters.count > 1 ? max(1, parameters[1]) : 1) - 1
        let byWords = isMeta || modifiers & 0b110 != 0
        guard final == UInt8(ascii: "~") else {
            if let key = Self.motion(final, byWords: byWords) { emit(key) }
            return
        }
        switch parameters[0] {
        case 1, 7: emit(.home)
        case 4, 8: emit(.end)
        case 3: emit(byWords ? .killWordRight : .delete)
        case 200: state = .paste
        default: break
        }
    }

    private static func motion(_ final: UInt8, byWords: Bool) -> Key? {
        switch final {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): byWords ? .wordRight : .right
        case UInt8(ascii: "D"): byWords ? .wordLeft : .left
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "F"): .end
        default: nil
        }
    }

    private mutating func paste(_ byte: UInt8) {
        pasted.append(byte)
        let end = Self.pasteEnd
        if byte == end.last, pasted.count >= end.count, pasted.suffix(end.count).elementsEqual(end) {
            pasted.removeLast(end.count)
            let text = String(decoding: pasted.prefix(Self.mostPasted), as: UTF8.self)
            pasted = []
            state = .ground
            if !isUnwanted { emit(.paste(text)) }
            isUnwanted = false
        } else if pasted.count > Self.mostPasted + end.count {
            // The end is looked for in what remains.
            pasted.remove(at: Self.mostPasted)
        }
    }

    private static let controls: [UInt8: Key] = [
        0x01: .home, 0x02: .left, 0x03: .interrupt, 0x04: .deleteOrEnd, 0x05: .end, 0x06: .right, 0x07: .cancel,
        0x08: .backspace, 0x09: .tab, 0x0A: .enter, 0x0B: .killToEnd, 0x0C: .clearScreen, 0x0D: .enter, 0x0E: .down,
        0x10: .up, 0x12: .searchBack, 0x13: .searchForward, 0x14: .transpose, 0x15: .killToStart, 0x17: .killToBlank,
        0x19: .yank, 0x1A: .suspend, 0x7F: .backspace,
    ]
}
