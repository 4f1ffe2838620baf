import Foundation
import TestSupport
import Testing
import WinnowStore

private func stem(_ word: String) -> String {
    var bytes = Array(word.utf8)
    let count = bytes.withUnsafeMutableBufferPointer { bytes in
        bytes.baseAddress.map { EnglishStemmer.stem($0, count: bytes.count) } ?? 0
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
}

/// Words with another stem than the file says; `#` begins a comment.
private func differences(_ file: String) throws -> (words: Int, wrong: [String]) {
    var (words, wrong): (Int, [String]) = (0, [])
    for line in file.split(separator: "\n") where !line.hasPrefix("#") {
        let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
        try #require(cells.count == 2, "\(line)")
        words += 1
        if case let stem = stem(String(cells[0])), stem != cells[1] {
            wrong.append("\(cells[0]): \(stem), expected \(cells[1])")
        }
    }
    return (words, wrong)
}

@Suite struct EnglishStemmerTests {
    @Test func equalsSnowball() throws {
        let file = try String(decoding: Fixtures.data("lexical/english-stems.tsv"), as: UTF8.self)
        let (words, wrong) = try differences(file)
        #expect(words > 2000)
        #expect(wrong.isEmpty, "\(wrong.prefix(20))")
    }

    /// Nothing is written behind the word, though steps add letters.
    @Test func staysInItsMemory() throws {
        let file = try String(decoding: Fixtures.data("lexical/english-stems.tsv"), as: UTF8.self)
        for line in file.split(separator: "\n").dropFirst() {
            let word = Array(line.prefix { $0 != "\t" }.utf8)
            var bytes = word + [0xAA, 0xAA, 0xAA]
            bytes.withUnsafeMutableBufferPointer { bytes in
                guard let base = bytes.baseAddress else { return }
                #expect(EnglishStemmer.stem(base, count: word.count) <= word.count)
            }
            #expect(bytes.suffix(3) == [0xAA, 0xAA, 0xAA], "\(line)")
        }
    }
}

private let wordList = ProcessInfo.processInfo.environment["WINNOW_STEMS"]

/// Run by Scripts/compare-stemmers, which writes the list.
@Suite(.enabled(if: wordList != nil, "WINNOW_STEMS names no word list"))
struct StemmerWordListTests {
    @Test func equalsSnowball() throws {
        let path = try #require(wordList)
        let (words, wrong) = try differences(
            String(decoding: Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self))
        print("\(words) words compared, \(wrong.count) mismatches")
        #expect(words > 0)
        #expect(wrong.isEmpty, "\(wrong.prefix(20))")
    }
}
