import GRDB

/// What a file that is to hold scores is.
package enum ScoreCacheCondition: Sendable, Hashable {
    case missing
    /// Of this build.
    case usable(entries: Int, bytes: Int)
    /// Of another build: it is made anew when scores are to be kept.
    case older
    /// Not a cache of Winnow's: it is left alone, and no scores are kept.
    case foreign
    /// Cannot be read: damaged, or not for this user.
    case unreadable(reason: String)
}

extension ScoreCache {
    /// Looks at a file and changes nothing. Whose scores it holds cannot be told: keys are hashes.
    package static func condition(ofFile path: String) -> ScoreCacheCondition {
        guard let status = WinnowStore.StorePath.status(path) else { return .missing }
        do { return try ScoreFile.condition(path, bytes: status.size) } catch {
            return .unreadable(reason: (error as? DatabaseError)?.message ?? "\(error)")
        }
    }
}
