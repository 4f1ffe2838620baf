import WinnowCore

/// Scores in memory, the least recently used of them given up when there are too many.
struct RecentScores {
    struct Entry: Sendable {
        var score: PairScore
        /// When the score was computed, in seconds since 1970.
        var created: Int64
        /// When it was used last as far as the file knows, likewise.
        var used: Int64
    }

    private struct Slot {
        var key: ScoreKey
        var entry: Entry
        /// The slot that was used next before this one, and the one next after it; -1 at the ends.
        var older: Int
        var newer: Int
    }

    let capacity: Int
    private var places: [ScoreKey: Int] = [:]
    private var slots: [Slot] = []
    private var oldest = -1
    private var newest = -1

    /// What an entry takes in memory, about.
    static let entryBytes = MemoryLayout<Slot>.stride + MemoryLayout<ScoreKey>.stride * 2

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { places.count }

    /// - Parameter created: entries that are older than that count as absent, and are forgotten.
    mutating func entry(_ key: ScoreKey, since created: Int64) -> Entry? {
        guard let place = places[key] else { return nil }
        guard slots[place].entry.created >= created else {
            remove(place)
            return nil
        }
        detach(place)
        attach(place)
        return slots[place].entry
    }

    mutating func insert(_ key: ScoreKey, _ entry: Entry) {
        guard capacity > 0 else { return }
        if let place = places[key] {
            slots[place].entry = entry
            detach(place)
            attach(place)
            return
        }
        let place: Int
        if places.count >= capacity, oldest >= 0 {
            place = oldest
            places[slots[place].key] = nil
            detach(place)
            slots[place] = Slot(key: key, entry: entry, older: -1, newer: -1)
        } else {
            place = slots.count
            slots.append(Slot(key: key, entry: entry, older: -1, newer: -1))
        }
        places[key] = place
        attach(place)
    }

    /// The last slot moves into the gap.
    private mutating func remove(_ place: Int) {
        detach(place)
        places[slots[place].key] = nil
        let last = slots.count - 1
        if place != last {
            let moved = slots[last]
            slots[place] = moved
            places[moved.key] = place
            if moved.older >= 0 { slots[moved.older].newer = place } else { oldest = place }
            if moved.newer >= 0 { slots[moved.newer].older = place } else { newest = place }
        }
        slots.removeLast()
    }

    private mutating func detach(_ place: Int) {
        let (older, newer) = (slots[place].older, slots[place].newer)
        if older >= 0 { slots[older].newer = newer } else if oldest == place { oldest = newer }
        if newer >= 0 { slots[newer].older = older } else if newest == place { newest = older }
        slots[place].older = -1
        slots[place].newer = -1
    }

    /// As the most recently used.
    private mutating func attach(_ place: Int) {
        slots[place].older = newest
        slots[place].newer = -1
        if newest >= 0 { slots[newest].newer = place }
        newest = place
        if oldest < 0 { oldest = place }
    }
}
