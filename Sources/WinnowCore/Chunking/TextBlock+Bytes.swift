extension TextBlock {
    /// The blocks of a short text, in order. Bytes that are not UTF-8 must not be given: offsets would shift.
    package static func blocks(in bytes: [UInt8]) -> [TextBlock] {
        Array(TextBlocks(SourceText(String(decoding: bytes, as: UTF8.self))))
    }
}
