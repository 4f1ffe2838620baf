/// Which neighbouring segments become one.
///
/// Segments are in classes of size, each eight times as large as the one below. Eight neighbours of a class or below it become one,
/// so that a passage is written again about as often as the index has classes, and a search meets about eight segments of each.
/// A segment of which a fifth was deleted is written anew, as is one in which many single passages were, for each costs every search a look.
package enum MergePolicy {
    package static let segmentsToMerge = 8
    private static let smallestClass = 256
    private static let mostDeletions = 256

    package struct Size: Sendable, Hashable {
        /// Deleted ones among them.
        package var passages: Int
        var deleted: Int
        var deletions: Int
        /// Something of it must not be left.
        var mustScrub: Bool

        package init(passages: Int, deleted: Int = 0, deletions: Int = 0, mustScrub: Bool = false) {
            self.passages = passages
            self.deleted = deleted
            self.deletions = deletions
            self.mustScrub = mustScrub
        }
    }

    /// - Returns: neighbours to be merged, or one to be written anew; nil: nothing.
    package static func next(_ sizes: [Size], closing: Bool) -> Range<Int>? {
        if closing, let index = sizes.firstIndex(where: \.mustScrub) { return index..<index + 1 }
        for largest in 0..<32 {
            var start = sizes.startIndex
            while start < sizes.endIndex {
                var end = start
                while end < sizes.endIndex, sizeClass(sizes[end].passages) <= largest { end += 1 }
                if end - start >= segmentsToMerge { return start..<end }
                start = end + 1
            }
        }
        if let index = sizes.firstIndex(where: isWorn) { return index..<index + 1 }
        return nil
    }

    private static func sizeClass(_ passages: Int) -> Int {
        var bound = smallestClass
        var number = 0
        while passages > bound {
            bound *= segmentsToMerge
            number += 1
        }
        return number
    }

    private static func isWorn(_ size: Size) -> Bool {
        size.deleted == size.passages || size.deleted * 5 > size.passages || size.deletions > mostDeletions
    }
}
