import WinnowPrompt

/// Where a session's lines come from.
protocol LineReader: Sendable {
    /// Waits for a line.
    func line(_ complete: @escaping @Sendable (EditedLine) -> Completion) async -> LineInput

    /// Drops what was read and not yet asked for.
    func forget()
}

enum LineInput: Sendable {
    case line(String)
    /// Ctrl-C: the line was given up.
    case interrupted
    /// Ctrl-D, or the terminal is gone.
    case ended
}
