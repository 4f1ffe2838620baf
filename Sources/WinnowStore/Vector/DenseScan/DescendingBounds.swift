/// Numbers with their upper bounds, the highest bound first, for taking few of many.
///
/// Bounds are looked at in sections; a heap has the highest of each. Taking one looks through its section again. To begin with
/// it costs a look at every bound, where a heap of all would have to be built.
package struct DescendingBounds {
    /// Bounds of a section: few enough to look through, many enough to leave a small heap.
    private let sectionSize: Int
    /// −∞ where there is nothing (more) to take.
    private var bounds: [Double]
    /// The highest of each section that has one.
    private var highest: BoundHeap

    /// - Parameter bounds: of the numbers from 0 on; what has a bound of −∞ is left out.
    package init(_ bounds: [Double] = [], sectionSize: Int) {
        self.sectionSize = sectionSize
        self.bounds = bounds
        highest = BoundHeap(
            stride(from: 0, to: bounds.count, by: sectionSize).compactMap {
                Self.highest(of: bounds, in: $0..<min($0 + sectionSize, bounds.count))
            })
    }

    /// The number with the highest bound.
    package var top: BoundHeap.Entry? { highest.top }

    /// Takes it.
    package mutating func pop() -> BoundHeap.Entry? {
        guard let top = highest.pop() else { return nil }
        bounds[top.index] = -.infinity
        pushHighest(ofSection: top.index / sectionSize)
        return top
    }

    /// Adds a section behind the last one, which must be full.
    ///
    /// - Parameter section: as many bounds as a section has, or fewer if it is to be the last one.
    package mutating func append(section: some Collection<Double>) {
        let start = bounds.count
        bounds += section
        pushHighest(ofSection: start / sectionSize)
    }

    private mutating func pushHighest(ofSection section: Int) {
        let start = section * sectionSize
        if let next = Self.highest(of: bounds, in: start..<min(start + sectionSize, bounds.count)) {
            highest.push(next)
        }
    }

    private static func highest(of bounds: [Double], in section: Range<Int>) -> BoundHeap.Entry? {
        var best = BoundHeap.Entry(bound: -.infinity, index: section.lowerBound)
        for index in section where bounds[index] > best.bound {
            best = BoundHeap.Entry(bound: bounds[index], index: index)
        }
        return best.bound > -.infinity ? best : nil
    }
}
