/// The order of equal scores: by id as Swift compares strings, and by bytes where Swift finds two spellings equal.
package enum PassageOrder {
    package static func precedes(_ left: String, _ right: String) -> Bool {
        left == right ? left.utf8.lexicographicallyPrecedes(right.utf8) : left < right
    }
}
