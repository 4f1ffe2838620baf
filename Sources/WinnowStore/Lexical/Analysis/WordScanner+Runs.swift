/// Words that joiners join, with what signs and dots make of a word.
extension WordScanner {
    /// `.NET`, `.gitignore`: a dot before a letter, after what opens or parts.
    func beginsDotName(_ place: Int) -> Bool {
        guard isLetter(place + 1) else { return false }
        guard place > 0 else { return true }
        return switch text[place - 1] {
        case 0...0x20, UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "<"): true
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"), UInt8(ascii: "/"), UInt8(ascii: "*"): true
        default: false
        }
    }

    /// - Returns: the place after the run.
    mutating func scanRun(_ start: Int, dot: Bool = false, _ emit: Emit) -> Int {
        var place = scanAbbreviation(start) ?? scanWord(start, emit)
        emitWord(emit)
        if dot { emitDotted(emit) }
        place = scanSign(place, emit)
        guard classes[Int(byte(place))] == ByteClass.joiner, isWord(place + 1) else { return place }

        whole.begin()
        segment.begin()
        var segments = 1
        whole.add(word)
        segment.add(word)
        while classes[Int(byte(place))] == ByteClass.joiner, isWord(place + 1) {
            let joiner = text[place]
            whole.add(joiner: joiner)
            switch joiner {
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): segment.add(joiner: joiner)
            default:
                if let term = segment.term { emit(term) }
                segment.begin()
                segments += 1
            }
            place = scanWord(place + 1, emit)
            emitWord(emit)
            place = scanSign(place, emit)
            whole.add(word)
            segment.add(word)
        }
        if let term = segment.term { emit(term) }
        if segments > 1, let term = whole.term { emit(term) }
        return place
    }

    /// Letters with dots between them and no other word beside them, `U.S.` or `e.g.`: one word without the dots.
    private mutating func scanAbbreviation(_ start: Int) -> Int? {
        func isASCIILetter(_ place: Int) -> Bool {
            let kind = classes[Int(byte(place))]
            return kind == ByteClass.lower || kind == ByteClass.upper
        }
        guard byte(start + 1) == UInt8(ascii: "."), isASCIILetter(start), isASCIILetter(start + 2) else { return nil }
        var end = start
        for _ in 0..<16 {
            guard byte(end + 1) == UInt8(ascii: "."), isASCIILetter(end + 2) else { break }
            end += 2
        }
        switch classes[Int(byte(end + 1))] {
        case ByteClass.separator, ByteClass.comma: break
        case ByteClass.apostrophe: break
        case ByteClass.joiner: if text[end + 1] == UInt8(ascii: "."), isWord(end + 2) { return nil }
        default: return nil
        }
        word.begin()
        for place in stride(from: start, through: end, by: 2) { word.addLower(text[place] | 0x20) }
        end += 1
        if byte(end) == UInt8(ascii: ".") { end += 1 }
        if byte(end) == UInt8(ascii: "'"), byte(end + 1) | 0x20 == UInt8(ascii: "s"), !isWord(end + 2) { end += 2 }
        return end
    }

    /// `C++` and the one-letter `C#`, `F#`: a term beside the word, and the word of a joined form.
    @inline(__always)
    private mutating func scanSign(_ place: Int, _ emit: Emit) -> Int {
        let sign = byte(place)
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "#"), word.count > 0 else { return place }
        let length: Int
        if sign == UInt8(ascii: "+") {
            guard byte(place + 1) == sign, byte(place + 2) != sign, word.count <= JoinedForm.maximumBytes else {
                return place
            }
            length = 2
        } else {
            guard word.count == 1, !word.hasDigit, byte(place + 1) != sign, !isWord(place + 1) else { return place }
            length = 1
        }
        for _ in 0..<length { word.addByte(sign) }
        emit(word.contents)
        return place + length
    }

    private func emitDotted(_ emit: Emit) {
        guard !word.wasCut, word.count > 0, word.count < JoinedForm.maximumBytes else { return }
        changed[0] = UInt8(ascii: ".")
        for place in 0..<word.count { changed[place + 1] = word.bytes[place] }
        emit(UnsafeBufferPointer(start: changed, count: word.count + 1))
    }
}
