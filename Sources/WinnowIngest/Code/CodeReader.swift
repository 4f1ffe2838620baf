import WinnowCore

/// A file of source code as a document: its text as it is, cut at its functions and types, whose names become `section`.
struct CodeReader: FormatReader {
    func open(_ file: CorpusFile, limits: ReadingLimits) throws -> any DocumentStream {
        guard let language = CodeLanguage.byExtension[FileName.end(of: file.path)] else {
            throw ReadFailure(description: "is in no programming language that is read")
        }
        let bytes = try ByteSource(file.path).readAll(
            most: limits.mostCode,
            advice: "a program of that length was written by another; copy it to a .txt to have it read")
        let decoded: TextDecoding.Decoded
        do {
            decoded = try TextDecoding.decode(bytes)
        } catch {
            // What ends like code and is none, such as films that end in .ts.
            if bytes.contains(0) { throw NotMeantToBeRead(description: "it \(error)") }
            throw error
        }
        guard !VisibleText.isAbsent(from: decoded.text) else { throw NothingThere(description: "the file is empty") }
        let text = Array(decoded.text.utf8)
        guard !Self.isMinified(text) else {
            throw NotMeantToBeRead(description: "its lines are as long as those of minified or generated code")
        }
        return SingleDocument(
            Document(
                // Its path says what no line of it does.
                id: file.relativePath, title: file.relativePath, text: decoded.text,
                textOffset: decoded.encoding == .utf8 && bytes.starts(with: TextDecoding.byteOrderMark)
                    ? TextDecoding.byteOrderMark.count : 0,
                structure: .code(parts: CodeScanner(text, language).parts)),
            notes: [decoded.note].compactMap(\.self))
    }

    /// Most of it stands in lines of over a thousand bytes, or there are hardly any lines.
    private static func isMinified(_ text: [UInt8]) -> Bool {
        guard text.count > 4096 else { return false }
        var (start, inLongLines) = (0, 0)
        while start < text.count {
            let end = text[start...].firstIndex(of: 0x0A) ?? text.count
            if end - start > 1000 { inLongLines += end - start }
            start = end + 1
        }
        return inLongLines * 2 > text.count
    }
}
