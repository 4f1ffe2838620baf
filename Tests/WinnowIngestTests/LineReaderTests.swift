import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowIngest

@Suite struct LineReaderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private enum Item: Equatable {
        case line(number: Int, offset: Int, bytes: [UInt8])
        case tooLong(number: Int)
    }

    private static func all(_ path: String, longestLine: Int) throws -> [Item] {
        var reader = try LineReader(path: path, longestLine: longestLine)
        var items: [Item] = []
        while true {
            do {
                guard let line = try reader.next() else { break }
                items.append(.line(number: line.number, offset: line.offset, bytes: Array(line.bytes)))
            } catch let error as LineReader.TooLong {
                items.append(.tooLong(number: error.number))
            }
        }
        #expect(try reader.next() == nil, "the end stays the end")
        return items
    }

    /// The law: cutting the whole source at its line feeds gives the same, whatever the lengths.
    @Test(arguments: [0, 1, 5, 300_000, 1 << 20])
    func theLinesOfTheWholeSource(longestLine: Int) throws {
        var random = SeededGenerator(seed: 0x11AE)
        let lengths = [0, 1, 2, 4, 5, 6, 100, 262_143, 262_144, 262_145, 299_999, 300_000, 300_001, 700_000, 1_200_000]
        for round in 0..<6 {
            let lines = (0..<12).map { _ in
                Array(
                    repeating: UInt8.random(in: 0x61...0x7A, using: &random),
                    count: lengths.randomElement(using: &random) ?? 0)
            }
            let endsWithFeed = Bool.random(using: &random)
            let path = try folder.write(
                "a", bytes: Array(lines.joined(separator: [0x0A])) + (endsWithFeed ? [0x0A] : []))
            var expected: [Item] = []
            var offset = 0
            for (index, line) in lines.enumerated() {
                // What follows the last line feed is a line unless it is nothing.
                if index == lines.count - 1, !endsWithFeed, line.isEmpty { break }
                expected.append(
                    line.count > longestLine
                        ? .tooLong(number: index + 1) : .line(number: index + 1, offset: offset, bytes: line))
                offset += line.count + 1
            }
            #expect(try Self.all(path, longestLine: longestLine) == expected, "seed 0x11AE, round \(round)")
        }
    }

    @Test func aLineThatIsTooLongIsNotHeld() throws {
        let path = try folder.write("a.jsonl", "first\n")
        #expect(truncate(path, 50 << 20) == 0)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("\nlast".utf8))
        try handle.close()
        var reader = try LineReader(path: path, longestLine: 1 << 20)
        #expect(try reader.next().map { Array($0.bytes) } == Array("first".utf8))
        let error = #expect(throws: LineReader.TooLong.self) { _ = try reader.next() }
        #expect(error?.number == 2)
        #expect(reader.capacity < 8 << 20)
        let last = try #require(try reader.next())
        #expect(last.number == 3 && last.offset == 50 << 20 + 1 && Array(last.bytes) == Array("last".utf8))
        #expect(try reader.next() == nil)
    }

    @Test func theMemoryOfALongLineIsGivenBack() throws {
        let path = try folder.write(
            "a",
            bytes: Array(repeating: 0x61, count: 40 << 20)
                + Array(repeatElement(Array("\nshort".utf8), count: 10).joined()))
        var reader = try LineReader(path: path, longestLine: LineReader.longestLine)
        #expect(try reader.next()?.bytes.count == 40 << 20)
        #expect(try reader.next().map { Array($0.bytes) } == Array("short".utf8))
        #expect(reader.capacity <= 1 << 20, "\(reader.capacity)")
        var count = 1
        while let line = try reader.next() {
            #expect(line.bytes.elementsEqual("short".utf8))
            count += 1
        }
        #expect(count == 10)
    }

    @Test func recordsAfterALineThatIsTooLongAreRead() throws {
        let long = "{\"_id\":\"b\",\"text\":\"" + String(repeating: "x", count: 2000) + "\"}"
        let path = try folder.write(
            "a.jsonl", "{\"_id\":\"a\",\"text\":\"x\"}\n\(long)\n{\"_id\":\"c\",\"text\":\"x\"}\n\(long)")
        let corpus = try CorpusReader(longestLine: long.utf8.count - 1).read([path])
        #expect(corpus.documents.map(\.id) == ["a", "c"])
        #expect(corpus.skipped.map(\.line) == [2, 4])
        #expect(corpus.skipped.allSatisfy { $0.origin == corpus.documents[0].origin && !$0.isEmpty })
        #expect(corpus.skipped.first?.reason.contains("the line has over \(long.utf8.count - 1) bytes") == true)
        #expect(try CorpusReader(longestLine: long.utf8.count).read([path]).documents.map(\.id) == ["a", "b", "c"])
    }
}
