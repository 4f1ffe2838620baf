import WinnowCore

/// Measured service times by system and initialK: from the query to the final order, one query at a time, nothing else
/// running. A time is never derived from that at another initialK.
public struct SweepTimes: Sendable {
    private struct Key: Hashable {
        var system: ExactText?
        var initialK: Int
    }

    private var times: [Key: [Duration]] = [:]

    public init() {}

    /// - Parameters:
    ///   - times: of the whole search, its first stage included; one a measured search, in any order; an empty list
    ///     says that nothing was measured.
    ///   - system: the system's name; nil: the first stage alone.
    public mutating func set(_ times: [Duration], system: String?, initialK: Int) {
        self.times[Key(system: system.map(ExactText.init), initialK: initialK)] = times
    }

    /// Empty where nothing was measured.
    public func times(system: String?, initialK: Int) -> [Duration] {
        times[Key(system: system.map(ExactText.init), initialK: initialK)] ?? []
    }
}
