import WinnowCore

/// Follows files and folders: what of them was added, changed or removed since it was asked before.
///
/// It looks at names, sizes and times, a folder after the other, whenever it is asked; nothing is opened. That works on every system and
/// file system alike, network ones too, where notifications of the kernel do not. What is still being written is waited for: a change
/// counts once two looks after another have seen the same.
///
/// A folder or file that was given and is not there, or a folder that suddenly has nothing to read, is taken for a disk that does not
/// answer: nothing of it counts as removed until there is something again.
public struct CorpusWatch: Sendable {
    /// A path that was given.
    private struct Root: Sendable {
        var path: String
        /// Its files as they were when their changes were last accepted, and when it was last looked at.
        var accepted: [ExactText: FileState]
        var seen: [ExactText: FileState]
        var answers = true
    }

    private var roots: [Root]

    /// Looks at all paths for the first time; what is there now counts as known.
    ///
    /// - Throws: ``IngestError`` for a path that does not exist or is of no readable format.
    public init(_ paths: [String]) throws {
        roots = try paths.map { path in
            let files = Self.states(try CorpusListing([path]).files)
            return Root(path: path, accepted: files, seen: files)
        }
    }

    private static func states(_ files: [CorpusFile]) -> [ExactText: FileState] {
        Dictionary(files.map { (ExactText($0.origin), $0.state) }, uniquingKeysWith: { first, _ in first })
    }

    /// Looks again.
    public mutating func look() -> CorpusChange {
        var change = CorpusChange()
        for index in roots.indices {
            let wasAnswering = roots[index].answers
            guard let (files, unread) = look(at: index) else {
                if wasAnswering {
                    change.notes.append(
                        ReadingNote(
                            path: roots[index].path,
                            text: "there is nothing to read any more; what was read from it is kept until there is"))
                }
                roots[index].answers = false
                continue
            }
            if !wasAnswering { change.notes.append(ReadingNote(path: roots[index].path, text: "is there again")) }
            roots[index].answers = true
            change.paths.append(roots[index].path)
            let before = roots[index].seen
            roots[index].seen = files
            for (origin, state) in files where roots[index].accepted[origin] != state {
                if before[origin] == state { change.changed.insert(origin) } else { change.isSettled = false }
            }
            for origin in roots[index].accepted.keys where files[origin] == nil {
                // What lies in a folder that cannot be listed is not gone.
                if unread.contains(where: { origin.text == $0 || origin.text.utf8.starts(with: ($0 + "/").utf8) }) {
                    roots[index].seen[origin] = roots[index].accepted[origin]
                } else if before[origin] == nil {
                    change.removed.insert(origin)
                } else {
                    change.isSettled = false
                }
            }
        }
        return change
    }

    /// - Returns: nil where nothing answers.
    private func look(at index: Int) -> (files: [ExactText: FileState], unread: [String])? {
        guard let listing = try? CorpusListing([roots[index].path]) else { return nil }
        let files = Self.states(listing.files)
        if files.isEmpty, !roots[index].accepted.isEmpty { return nil }
        return (files, listing.skipped.compactMap(\.origin))
    }

    /// What a change tells has been dealt with.
    public mutating func accept(_ change: CorpusChange) {
        for index in roots.indices {
            for origin in change.changed {
                if let state = roots[index].seen[origin] { roots[index].accepted[origin] = state }
            }
            for origin in change.removed { roots[index].accepted[origin] = nil }
        }
    }
}

/// What a ``CorpusWatch`` has seen.
public struct CorpusChange: Sendable {
    /// The paths that were given and answer.
    public internal(set) var paths: [String] = []
    /// What is to be told: that a path stopped answering, or does again.
    public internal(set) var notes: [ReadingNote] = []
    /// More has changed than is told here, and may be changing still.
    public internal(set) var isSettled = true
    /// Files that are new or other than before, and those that are gone, as ``WinnowCore/Document/origin`` has them.
    var changed: Set<ExactText> = []
    var removed: Set<ExactText> = []

    public var isEmpty: Bool { changed.isEmpty && removed.isEmpty }

    /// The origins of all files that are new, other than before, or gone, in the order of their bytes.
    public var origins: [String] {
        changed.union(removed).map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Of files that are gone.
    public var removedCount: Int { removed.count }
    public var changedCount: Int { changed.count }
}

extension CorpusReader {
    /// The documents of the files that a change tells are new or other than before, under the ids that they have in the whole.
    ///
    /// - Throws: as ``documents(in:onSkip:onNote:)``.
    public func documents(
        of change: CorpusChange, onSkip: @escaping @Sendable (SkippedRecord) -> Void = { _ in },
        onNote: @escaping @Sendable (ReadingNote) -> Void = { _ in }
    ) throws -> CorpusDocuments {
        let listing = try CorpusListing(change.paths).only { change.changed.contains(ExactText($0.origin)) }
        return CorpusDocuments(listing: listing, limits: limits, onSkip: onSkip, onNote: onNote)
    }
}
