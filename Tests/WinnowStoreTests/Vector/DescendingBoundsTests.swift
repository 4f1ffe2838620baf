import TestSupport
import Testing
import WinnowStore

@Suite struct DescendingBoundsTests {
    /// What is taken, in its order, and what lay on top before each.
    private func taken(_ bounds: [Double]) -> (taken: [Int], tops: [Int]) {
        var descending = DescendingBounds(bounds, sectionSize: 128)
        var taken: [Int] = []
        var tops: [Int] = []
        while let top = descending.top, let next = descending.pop() {
            tops.append(top.index)
            taken.append(next.index)
            #expect(next.bound == bounds[next.index])
        }
        #expect(descending.pop() == nil)
        return (taken, tops)
    }

    @Test(arguments: [0, 1, 2, 127, 128, 129, 255, 256, 257, 1000])
    func takesAllHighestFirst(count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        let bounds = (0..<count).map { _ in Double.random(in: -2...1, using: &random) }
        let (taken, tops) = taken(bounds)
        #expect(taken == bounds.indices.sorted { bounds[$0] > bounds[$1] })
        #expect(tops == taken)
    }

    @Test func equalBoundsOfASectionComeInTheirOrder() {
        #expect(taken([Double](repeating: 0.5, count: 100)).taken == Array(0..<100))
    }

    @Test func equalBoundsOfManySectionsAllCome() {
        let bounds = (0..<1000).map { Double($0 % 3) }
        let taken = taken(bounds).taken
        #expect(taken.sorted() == Array(0..<1000))
        #expect(taken.map { bounds[$0] } == bounds.sorted(by: >))
    }

    /// A whole section of them, and the ends of another.
    @Test func leavesOutWhatHasNoBound() {
        var bounds = (0..<384).map { -Double($0) }
        for index in 128..<257 { bounds[index] = -.infinity }
        bounds[383] = -.infinity
        #expect(taken(bounds).taken == Array(0..<128) + Array(257..<383))
        #expect(taken([Double](repeating: -.infinity, count: 200)).taken.isEmpty)
    }

    @Test func sectionsMayComeLater() {
        var descending = DescendingBounds(sectionSize: 3)
        #expect(descending.top == nil && descending.pop() == nil)
        descending.append(section: [0.5, -.infinity, 0.75])
        #expect(descending.pop()?.index == 2)
        descending.append(section: [-.infinity, -.infinity, -.infinity])
        descending.append(section: [0.25, 1])
        var taken: [Int] = []
        while let next = descending.pop() { taken.append(next.index) }
        #expect(taken == [7, 0, 6])
    }
}
