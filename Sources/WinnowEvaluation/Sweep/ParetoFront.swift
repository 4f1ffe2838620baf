/// The settings that no other one beats in both quality and cost.
public enum ParetoFront {
    /// Indices of the points that no other dominates, cheapest first. A point dominates another when it is at least as
    /// good and at most as dear, and differs in one of the two; equal points are both on the front, in the order given.
    ///
    /// - Parameter points: finite values; larger quality and smaller cost are better.
    /// - Complexity: O(n log n).
    public static func indices<Cost: Comparable>(of points: [(quality: Double, cost: Cost)]) -> [Int] {
        let byCost = points.indices.sorted { left, right in
            let (a, b) = (points[left], points[right])
            if a.cost != b.cost { return a.cost < b.cost }
            return a.quality != b.quality ? a.quality > b.quality : left < right
        }
        var front: [Int] = []
        for index in byCost {
            guard let last = front.last else {
                front.append(index)
                continue
            }
            // Costs do not fall along the order: what is on the front last is the best so far.
            let isEqual = points[index].quality == points[last].quality && points[index].cost == points[last].cost
            if points[index].quality > points[last].quality || isEqual { front.append(index) }
        }
        return front
    }
}
