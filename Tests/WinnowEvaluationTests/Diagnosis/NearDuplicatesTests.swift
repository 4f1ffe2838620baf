import TestSupport
import Testing
import WinnowEvaluation

@Suite struct NearDuplicatesTests {
    /// Texts of made-up words; a share of them replaced by others.
    private func words(_ count: Int, seed: UInt64) -> [String] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            String((0..<6).map { _ in "abcdefghijklmnopqrstuvwxyz".randomElement(using: &random) ?? "a" })
        }
    }

    @Test func shinglesAreRunsOfFiveWords() {
        #expect(TextShingles.hashes(of: "One two three four five six").count == 2)
        #expect(TextShingles.hashes(of: "one two three four five").count == 1)
        #expect(TextShingles.hashes(of: "one two").count == 1)
        #expect(TextShingles.hashes(of: " -- !").isEmpty && TextShingles.hashes(of: "").isEmpty)
        #expect(
            TextShingles.hashes(of: "One, two - THREE four\nfive") == TextShingles.hashes(of: "one two three four five")
        )
        #expect(
            TextShingles.hashes(of: "one two three four five") != TextShingles.hashes(of: "five four three two one"))
        // Where there are no spaces each character is a word.
        #expect(TextShingles.wordCount("東京は大きい") == 6 && TextShingles.hashes(of: "東京は大きい").count == 2)
        #expect(TextShingles.wordCount("naïve über-größe") == 3)
    }

    /// The estimate lies within four standard errors of what sets say.
    @Test(arguments: [0, 1, 3, 8, 20, 60])
    func similarityIsThatOfTheSets(_ replaced: Int) {
        let first = words(200, seed: 1)
        var second = first
        for (place, word) in words(replaced, seed: 2).enumerated() { second[place * 3] = word }
        let sets = [first, second].map { TextShingles.hashes(of: $0.joined(separator: " ")) }
        let expected = NearDuplicates.jaccard(sets[0], sets[1])
        var near = NearDuplicates()
        for set in sets { near.add(set) }
        let error = (expected * (1 - expected) / 64).squareRoot()
        #expect(
            abs(near.similarity(0, 1) - expected) <= 4 * error + 1e-12, "\(near.similarity(0, 1)), sets \(expected)")
        if replaced == 0 { #expect(near.similarity(0, 1) == 1) }
    }

    @Test func jaccardByHand() {
        #expect(NearDuplicates.jaccard([1, 2, 3, 3], [2, 3, 4]) == 0.5)
        #expect(NearDuplicates.jaccard([], []) == 0)
    }

    @Test func groupsAreWhatWasCopied() {
        var near = NearDuplicates()
        var texts = (0..<300).map { words(120, seed: UInt64(100 + $0)) }
        // Copies of text 7 at 50 and 51, with one word changed each; of 200 at 201.
        for place in [50, 51] {
            texts[place] = texts[7]
            texts[place][place] = "changed"
        }
        texts[201] = texts[200] + ["more"]
        for text in texts { near.add(TextShingles.hashes(of: text.joined(separator: " "))) }
        #expect(near.count == 300)
        #expect(near.groups() == [[7, 50, 51], [200, 201]])
        #expect(NearDuplicates().groups().isEmpty)
    }

    /// A few shingles fill few of the bins; the others take theirs.
    @Test func shortTextsOfOneSetAreEqual() {
        let shingles: [UInt64] = [11, 1 << 63, 1 << 60]
        #expect(NearDuplicates.signature(shingles) == NearDuplicates.signature(shingles.reversed() + shingles))
        #expect(NearDuplicates.signature(shingles) != NearDuplicates.signature([11, 1 << 63, 1 << 61]))
    }
}

@Suite struct FrequentItemsTests {
    @Test func countsAreExactWhileThereIsRoom() {
        var items = FrequentItems(capacity: 3)
        for item: UInt64 in [1, 2, 1, 3, 1, 2] { items.add(item) }
        #expect(items.shortfall == 0)
        #expect(items.items(atLeast: 2).map(\.item) == [1, 2] && items.items(atLeast: 2).map(\.count) == [3, 2])
    }

    /// Never too much, and at most the shortfall too little.
    @Test func countsAreBounded() {
        var random = SeededGenerator(seed: 5)
        var items = FrequentItems(capacity: 16)
        var counts: [UInt64: Int] = [:]
        for _ in 0..<5000 {
            // Half of them of ten, the rest of a thousand.
            let item = UInt64.random(in: 0..<(Bool.random(using: &random) ? 10 : 1000), using: &random)
            counts[item, default: 0] += 1
            items.add(item)
        }
        let found = Dictionary(uniqueKeysWithValues: items.items(atLeast: 1).map { ($0.item, $0.count) })
        #expect(found.count <= 16 && items.shortfall > 0 && items.shortfall <= 5000 / 17)
        for (item, count) in counts {
            #expect((found[item] ?? 0) <= count)
            #expect((found[item] ?? 0) >= count - items.shortfall)
            #expect(items.isCounted(item) == (found[item] != nil))
        }
    }
}
