import WinnowCore

/// A Markdown or plain text file, in memory once.
struct TextFile {
    var text: String
    /// Of `text` in the file.
    var offset: Int
    var frontMatter: FrontMatter?

    /// - Throws: ``IngestError``; `TextDecoding.InvalidText`; `CancellationError`.
    init(_ file: CorpusFile) throws {
        let source = try ByteSource(file.path)
        var head: [UInt8] = []
        func read(to count: Int) throws {
            while head.count < count, try source.read(count - head.count, appendingTo: &head) > 0 {}
        }
        try read(to: 1 << 12)
        let start = head.starts(with: TextDecoding.byteOrderMark) ? TextDecoding.byteOrderMark.count : 0
        if file.format == .markdown, head[start...].starts(with: "---".utf8) {
            try read(to: FrontMatter.longest)
            frontMatter = FrontMatter(Array(head[start...]))
        }
        offset = start + (frontMatter?.end ?? 0)
        let matter = head[start..<offset]
        if let fault = matter.withUnsafeBufferPointer({ TextDecoding.fault($0, offset: start) }) { throw fault }
        text = try source.readText(after: head[offset...], offset: offset)
    }
}
