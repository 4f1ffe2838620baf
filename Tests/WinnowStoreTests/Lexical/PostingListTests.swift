import TestSupport
import Testing
import WinnowStore

@Suite struct PostingListTests {
    private static let lengths: @Sendable (UInt32) -> UInt32 = { $0 % 97 + 1 }

    /// Around the edges of a window, of packing, and of what has bounds.
    @Test(arguments: [1, 2, 7, 8, 9, 64, 127, 1023, 1024, 1025, Window.size - 1, Window.size, Window.size + 1, 20_000])
    func readsWhatItWrote(count: Int) throws {
        for (seed, spread) in [(1, 1), (2, 3), (3, 500), (4, 70_000)] as [(UInt64, UInt32)] {
            var random = SeededGenerator(seed: seed)
            var place: UInt32 = UInt32.random(in: 0..<spread, using: &random)
            var postings: [Posting] = []
            while postings.count < count, place < 1 << 31 - spread {
                let occurrences: UInt32 =
                    switch UInt32.random(in: 0..<100, using: &random) {
                    case 0: .random(in: 1...70_000, using: &random)
                    case 1..<20: .random(in: 1...9, using: &random)
                    default: 1
                    }
                postings.append(Posting(place: place, count: occurrences))
                place += UInt32.random(in: 1...spread, using: &random)
            }
            let bytes = PostingList.encode(postings[...], length: Self.lengths)
            #expect(try StoredPostings(bytes, frequency: postings.count).postings() == postings)
        }
    }

    @Test func keepsTheLargestNumbers() throws {
        let postings = [Posting(place: 0, count: .max), Posting(place: 1 << 31 - 1, count: 1)]
        let bytes = PostingList.encode(postings[...], length: Self.lengths)
        #expect(try StoredPostings(bytes, frequency: 2).postings() == postings)
    }

    /// Whatever a damaged file holds, it is refused or read, and nothing is touched outside of it.
    @Test func survivesDamage() throws {
        var random = SeededGenerator(seed: 11)
        var refused = 0
        for _ in 0..<4000 {
            let postings = (0..<UInt32.random(in: 1...300, using: &random)).map {
                Posting(place: $0 * 37, count: $0 % 5 + 1)
            }
            var bytes = PostingList.encode(postings[...], length: Self.lengths)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
            case 1:
                bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            default: bytes = (0..<bytes.count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            }
            do {
                let read = try StoredPostings(bytes, frequency: postings.count).postings()
                #expect(read.count == postings.count)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 2500)
    }

    @Test func mergesEightOfAClassAndWhatIsWorn() {
        func next(_ passages: [Int], closing: Bool = false) -> Range<Int>? {
            MergePolicy.next(passages.map { .init(passages: $0) }, closing: closing)
        }
        #expect(next([]) == nil)
        #expect(next(Array(repeating: 10, count: 7)) == nil)
        #expect(next(Array(repeating: 10, count: 8)) == 0..<8)
        #expect(next([100_000] + Array(repeating: 256, count: 8)) == 1..<9)
        #expect(next([100_000] + Array(repeating: 257, count: 8)) == 1..<9)
        #expect(next([2000, 2000, 2000, 2000, 10, 10, 10]) == nil)
        #expect(next([2000, 2000, 2000, 2000, 10, 10, 10, 10]) == 0..<8)
        #expect(MergePolicy.next([.init(passages: 100, deleted: 20)], closing: false) == nil)
        #expect(MergePolicy.next([.init(passages: 100, deleted: 21)], closing: false) == 0..<1)
        #expect(MergePolicy.next([.init(passages: 100_000, deleted: 300, deletions: 257)], closing: false) == 0..<1)
        let scrubbed = [
            MergePolicy.Size(passages: 100), .init(passages: 100, deleted: 1, deletions: 1, mustScrub: true),
        ]
        #expect(MergePolicy.next(scrubbed, closing: false) == nil)
        #expect(MergePolicy.next(scrubbed, closing: true) == 1..<2)
    }
}
