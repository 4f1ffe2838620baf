/// Numbers with their upper bounds, the highest bound on top: a binary heap.
package struct BoundHeap {
    package struct Entry {
        package var bound: Double
        package var index: Int
    }

    private var entries: [Entry] = []

    init() {}

    /// In linear time.
    init(_ entries: [Entry]) {
        self.entries = entries
        for parent in stride(from: entries.count / 2 - 1, through: 0, by: -1) { sink(parent) }
    }

    var top: Entry? { entries.first }
    var count: Int { entries.count }

    mutating func push(_ entry: Entry) {
        entries.append(entry)
        var child = entries.count - 1
        while child > 0, case let parent = (child - 1) / 2, entries[parent].bound < entries[child].bound {
            entries.swapAt(child, parent)
            child = parent
        }
    }

    mutating func pop() -> Entry? {
        guard let top = entries.first, let last = entries.popLast() else { return nil }
        if !entries.isEmpty {
            entries[0] = last
            sink(0)
        }
        return top
    }

    private mutating func sink(_ start: Int) {
        var parent = start
        while true {
            var largest = parent
            for child in 2 * parent + 1...2 * parent + 2
            where child < entries.count && entries[child].bound > entries[largest].bound {
                largest = child
            }
            if largest == parent { return }
            entries.swapAt(parent, largest)
            parent = largest
        }
    }
}
