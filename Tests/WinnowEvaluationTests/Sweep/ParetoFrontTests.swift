import TestSupport
import Testing
import WinnowEvaluation

@Suite struct ParetoFrontTests {
    @Test(
        arguments: [
            ([], []),
            ([(1, 1)], [0]),
            ([(1, 1), (1, 1)], [0, 1]),
            ([(1, 2), (1, 1)], [1]),
            ([(1, 1), (2, 1)], [1]),
            ([(3, 3), (1, 1), (2, 2), (2, 3)], [1, 2, 0]),
            ([(1, 1), (2, 2), (1, 1), (0, 0), (2, 2)], [3, 0, 2, 1, 4]),
        ] as [([(Double, Double)], [Int])])
    func examples(points: [(Double, Double)], front: [Int]) {
        #expect(ParetoFront.indices(of: points.map { (quality: $0.0, cost: $0.1) }) == front)
    }

    /// Against the definition, over points that are often equal in one coordinate or both.
    @Test(arguments: [1, 2, 3, 10, 60], UInt64(1)...20)
    func isTheDefinition(count: Int, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let points = (0..<count).map { _ in
            (quality: Double(Int.random(in: 0..<8, using: &generator)), cost: Int.random(in: 0..<8, using: &generator))
        }
        let front = ParetoFront.indices(of: points)
        let expected = points.indices.filter { index in
            !points.contains { other in
                other.quality >= points[index].quality && other.cost <= points[index].cost
                    && (other.quality > points[index].quality || other.cost < points[index].cost)
            }
        }
        #expect(front.sorted() == expected)
        for (one, next) in zip(front, front.dropFirst()) {
            #expect(points[one].cost <= points[next].cost && points[one].quality <= points[next].quality)
        }
    }
}
