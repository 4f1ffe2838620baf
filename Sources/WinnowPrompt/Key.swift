/// What a person pressed, or pasted, as a ``LineEditor`` understands it.
public enum Key: Sendable, Hashable {
    /// Typed characters.
    case text(String)
    /// What the terminal says was pasted, as it came.
    case paste(String)
    case enter, tab, escape
    case left, right, wordLeft, wordRight, home, end
    /// The line before and behind in the history, its first and its last.
    case up, down, oldest, newest
    case backspace, delete
    /// Ctrl-D: deletes the character at the cursor; on an empty line it means the end.
    case deleteOrEnd
    case killToEnd, killToStart, killWordRight
    /// Of letters and digits, as Alt-Backspace has it; and up to white space, as Ctrl-W.
    case killWordLeft, killToBlank
    case yank, transpose
    case searchBack, searchForward
    /// Ctrl-C, Ctrl-G, Ctrl-Z, Ctrl-L.
    case interrupt, cancel, suspend, clearScreen
}
