/// Makes terms; holds scratch memory, so one instance serves one thread.
///
/// A term has 1 to ``maximumTermBytes`` bytes. Time is linear in the text, and nothing is allocated per term.
package struct LexicalAnalyzer {
    /// No term is longer.
    package static let maximumTermBytes = ScannedWord.maximumBytes

    /// Texts that are not ASCII are prepared in windows of about this many bytes that end at white space.
    private static let windowBytes = 1 << 16

    private let analysis: LexicalAnalysis
    private var scratch = [UInt8](repeating: 0, count: max(WordScanner.scratchBytes, ASCIIScanner.scratchBytes))
    private var preparation: TextPreparation?

    package init(_ analysis: LexicalAnalysis) {
        self.analysis = analysis
    }

    /// Lends the UTF-8 of each term in the order of the text. Repeats are kept. The buffer is valid during the call only.
    ///
    /// - Parameter text: need not be UTF-8: ill-formed bytes separate words.
    package mutating func forEachTerm(
        in text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        switch analysis.words {
        case .ascii:
            scratch.withUnsafeMutableBufferPointer { scratch in
                guard let scratch = scratch.baseAddress else { return }
                ASCIIScanner(text, stemming: analysis.stemming, scratch: scratch).forEachTerm(body)
            }
        case .unicode:
            var start = 0
            while start < text.count {
                let end = Self.windowEnd(text, start)
                scanWindow(UnsafeBufferPointer(rebasing: text[start..<end]), body)
                start = end
            }
        }
    }

    package mutating func forEachTerm(in text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        var text = text
        text.withUTF8 { forEachTerm(in: $0, body) }
    }

    package mutating func terms(of text: String) -> [String] {
        var terms: [String] = []
        forEachTerm(in: text) { terms.append(String(decoding: $0, as: UTF8.self)) }
        return terms
    }

    private mutating func scanWindow(
        _ window: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        if Self.isASCII(window) {
            scan(window, body)
            return
        }
        var preparation = self.preparation ?? TextPreparation()
        self.preparation = nil  // so that it is not copied
        preparation.prepare(window)
        preparation.bytes.withUnsafeBufferPointer { scan($0, body) }
        preparation.shrink(to: 4 * Self.windowBytes)
        self.preparation = preparation
    }

    private mutating func scan(_ prepared: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        scratch.withUnsafeMutableBufferPointer { scratch in
            guard let scratch = scratch.baseAddress else { return }
            var scanner = WordScanner(prepared, stemming: analysis.stemming, scratch: scratch)
            scanner.forEachTerm(body)
        }
    }

    private static func windowEnd(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var end = start + windowBytes
        if end >= text.count { return text.count }
        while end < text.count, text[end] > 0x20 { end += 1 }
        return end
    }

    private static func isASCII(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var place = 0
        let whole = text.count & ~7
        guard let base = UnsafeRawPointer(text.baseAddress) else { return true }
        while place < whole {
            if base.loadUnaligned(fromByteOffset: place, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { return false }
            place += 8
        }
        while place < text.count {
            if text[place] >= 0x80 { return false }
            place += 1
        }
        return true
    }
}
