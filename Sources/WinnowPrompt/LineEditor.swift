/// Edits one line after the other: keys in, what happened out. It reads nothing and draws nothing; ``LineScreen`` says what to draw.
public struct LineEditor: Sendable {
    public enum Event: Sendable, Hashable {
        /// The line, the cursor or the prompt may have changed.
        case changed
        /// Nothing could be done.
        case refused
        /// Enter: the line as it was; the editor is at a new one.
        case submitted(String)
        /// Ctrl-C: the line was given up; the editor is at a new one.
        case interrupted
        /// Ctrl-D on an empty line.
        case ended
        case suspended
        /// The screen is to be cleared, and drawn again.
        case cleared
        /// Tab: what may stand here is wanted, see ``complete(_:)``.
        case completing
        /// Tab: these may stand here, and none of them is nearer than the others.
        case listed([String])
    }

    public private(set) var line = EditedLine()
    public private(set) var history: HistoryBrowser
    private var search: Search?
    private var killed = ""
    /// The key before took text away too, so this one adds to it.
    private var wasKilling = false
    private let ownPrompt: String

    /// What is looked for in the history.
    private struct Search {
        var term = EditedLine()
        /// The entry that was found last.
        var match: Int?
        var failed = false
        /// What was there before.
        var line: EditedLine
    }

    /// - Parameter prompt: ahead of the line; one line, without controls.
    public init(prompt: String, history: [String] = []) {
        ownPrompt = prompt
        self.history = HistoryBrowser(history)
    }

    /// What stands ahead of the line: while the history is searched, what is looked for.
    public var prompt: String {
        guard let search else { return ownPrompt }
        return (search.failed ? "no line with '" : "search '") + search.term.text + "': "
    }

    public mutating func handle(_ key: Key) -> Event {
        if search != nil, let event = handleInSearch(key) { return event }
        let isKill = Self.kills.contains(key)
        defer { wasKilling = isKill }
        switch key {
        case .text(let text), .paste(let text): return line.insert(text) ? .changed : .refused
        case .enter: return submit()
        case .tab: return .completing
        case .left: return move(to: line.cursor - 1)
        case .right: return move(to: line.cursor + 1)
        case .wordLeft: return move(to: line.wordStart)
        case .wordRight: return move(to: line.wordEnd)
        case .home: return move(to: 0)
        case .end: return move(to: line.characters.count)
        case .up: return show(history.line(at: -1, leaving: line))
        case .down: return show(history.line(at: 1, leaving: line))
        case .oldest: return show(history.go(to: 0, leaving: line))
        case .newest: return show(history.go(to: history.entries.count, leaving: line))
        case .backspace: return remove(line.cursor - 1..<line.cursor)
        case .delete: return remove(line.cursor..<line.cursor + 1)
        case .deleteOrEnd: return line.isEmpty ? .ended : remove(line.cursor..<line.cursor + 1)
        case .killToEnd: return kill(line.cursor..<line.characters.count, before: false)
        case .killToStart: return kill(0..<line.cursor, before: true)
        case .killWordRight: return kill(line.cursor..<line.wordEnd, before: false)
        case .killWordLeft: return kill(line.wordStart..<line.cursor, before: true)
        case .killToBlank: return kill(line.blankStart..<line.cursor, before: true)
        case .yank: return killed.isEmpty ? .refused : line.insert(killed) ? .changed : .refused
        case .transpose: return line.transpose() ? .changed : .refused
        case .searchBack, .searchForward:
            search = Search(line: line)
            return .changed
        case .interrupt:
            line = EditedLine()
            history.leave()
            return .interrupted
        case .suspend: return .suspended
        case .clearScreen: return .cleared
        case .escape, .cancel: return .refused
        }
    }

    private static let kills: Set<Key> = [.killToEnd, .killToStart, .killWordRight, .killWordLeft, .killToBlank]

    /// Takes a new line up: what was submitted goes into the history.
    private mutating func submit() -> Event {
        let text = line.text
        history.add(text)
        line = EditedLine()
        return .submitted(text)
    }

    private mutating func move(to position: Int) -> Event {
        let before = line.cursor
        line.move(to: position)
        return line.cursor == before ? .refused : .changed
    }

    private mutating func show(_ other: EditedLine?) -> Event {
        guard var other else { return .refused }
        other.move(to: other.characters.count)
        line = other
        return .changed
    }

    private mutating func remove(_ range: Range<Int>) -> Event {
        guard range.lowerBound >= 0, range.upperBound <= line.characters.count else { return .refused }
        line.remove(range)
        return .changed
    }

    private mutating func kill(_ range: Range<Int>, before: Bool) -> Event {
        guard !range.isEmpty else { return .refused }
        let text = line.remove(range)
        killed = !wasKilling ? text : before ? text + killed : killed + text
        return .changed
    }
}

extension LineEditor {
    /// Puts in what a tab asked for.
    public mutating func complete(_ completion: Completion) -> Event {
        guard (0...line.cursor).contains(completion.start), let first = completion.candidates.first else {
            return .refused
        }
        let range = completion.start..<line.cursor
        if completion.candidates.count == 1 {
            return line.replace(range, with: first + completion.suffix) ? .changed : .refused
        }
        let common = completion.commonBeginning
        guard common.count > range.count || (common.count == range.count && common != String(line.characters[range]))
        else {
            return .listed(completion.candidates)
        }
        return line.replace(range, with: common) ? .changed : .refused
    }
}

// MARK: - Searching the history

extension LineEditor {
    /// - Returns: nil: the search is over, and the key means what it means elsewhere.
    private mutating func handleInSearch(_ key: Key) -> Event? {
        guard var current = search else { return nil }
        switch key {
        case .text(let text), .paste(let text):
            guard current.term.insert(text) else { return .refused }
            return find(current, from: current.match ?? history.entries.count - 1, backwards: true)
        case .backspace:
            guard !current.term.isEmpty else { return .refused }
            current.term.remove(current.term.cursor - 1..<current.term.cursor)
            current.match = nil
            current.failed = false
            line = current.line
            return current.term.isEmpty
                ? keep(current) : find(current, from: history.entries.count - 1, backwards: true)
        case .searchBack:
            return find(current, from: (current.match ?? history.entries.count) - 1, backwards: true)
        case .searchForward:
            return find(current, from: (current.match ?? -1) + 1, backwards: false)
        case .cancel:
            line = current.line
            search = nil
            return .changed
        case .interrupt:
            search = nil
            return nil
        case .escape:
            leave(current)
            return .changed
        default:
            leave(current)
            return nil
        }
    }

    private mutating func keep(_ current: Search) -> Event {
        search = current
        return .changed
    }

    private mutating func find(_ current: Search, from index: Int, backwards: Bool) -> Event {
        var current = current
        guard !current.term.isEmpty else { return keep(current) }
        if let found = history.match(current.term.text, from: index, backwards: backwards) {
            current.match = found
            current.failed = false
            line = EditedLine(history.entries[found])
            search = current
            return .changed
        }
        current.failed = true
        search = current
        return .refused
    }

    /// Goes on with the line that was found, at its place in the history.
    private mutating func leave(_ current: Search) {
        search = nil
        guard let match = current.match else { return }
        let found = line
        _ = history.go(to: match, leaving: current.line)
        line = found
    }
}
