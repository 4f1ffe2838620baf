import WinnowCore

/// A Markdown or plain text file, in memory once.
struct TextFile {
    var text: String
    /// Of `text` in the file, or in the decoded text where that is another.
    var offset: Int
    var frontMatter: FrontMatter?
    /// What is to be said of the encoding.
    var note: String?

    /// - Throws: ``IngestError``; `TextDecoding.InvalidText`; `CancellationError`.
    static func read(_ path: String, hasFrontMatter: Bool) throws -> TextFile {
        do {
            return try TextFile(utf8: path, hasFrontMatter: hasFrontMatter)
        } catch is TextDecoding.InvalidText {
            // Not the text of most files: it may cost a second reading and a copy.
            return try TextFile(decoding: path, hasFrontMatter: hasFrontMatter)
        }
    }

    private init(decoding path: String, hasFrontMatter: Bool) throws {
        let bytes = try ByteSource(path).readAll(most: ByteSource.longestText, advice: "split it")
        let decoded = try TextDecoding.decode(bytes)
        if hasFrontMatter { frontMatter = FrontMatter(Array(decoded.text.utf8.prefix(FrontMatter.longest))) }
        let end = frontMatter?.end ?? 0
        offset = end
        text = end == 0 ? decoded.text : String(decoding: decoded.text.utf8.dropFirst(end), as: UTF8.self)
        note = decoded.note
    }

    private init(utf8 path: String, hasFrontMatter: Bool) throws {
        let source = try ByteSource(path)
        var head: [UInt8] = []
        func read(to count: Int) throws {
            while head.count < count, try source.read(count - head.count, appendingTo: &head) > 0 {}
        }
        try read(to: 1 << 12)
        if TextEncoding.unmarkedUTF16(head) != nil { throw TextDecoding.InvalidText(kind: .zero, offset: 0) }
        let start = head.starts(with: TextDecoding.byteOrderMark) ? TextDecoding.byteOrderMark.count : 0
        if hasFrontMatter, head[start...].starts(with: "---".utf8) {
            try read(to: FrontMatter.longest)
            frontMatter = FrontMatter(Array(head[start...]))
        }
        offset = start + (frontMatter?.end ?? 0)
        let matter = head[start..<offset]
        if let fault = matter.withUnsafeBufferPointer({ TextDecoding.fault($0, offset: start) }) { throw fault }
        text = try source.readText(after: head[offset...], offset: offset)
    }
}
