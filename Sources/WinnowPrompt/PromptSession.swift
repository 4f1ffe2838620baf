/// One line after the other from a terminal, without the terminal: its bytes in, what to write to it out.
public struct PromptSession: Sendable {
    /// How a line ended.
    public enum Outcome: Sendable, Hashable {
        case submitted(String)
        /// Ctrl-C.
        case interrupted
        /// Ctrl-D on an empty line.
        case ended
        /// Ctrl-Z; the line goes on when the process does.
        case suspended
    }

    public struct Step: Sendable, Hashable {
        /// To be written as it is.
        public var output = ""
        /// nil: more bytes are needed.
        public var outcome: Outcome?
    }

    public private(set) var editor: LineEditor
    private var screen = LineScreen()
    private var decoder = KeyDecoder()
    /// Typed ahead.
    private var waiting: [Key] = []
    private var size: LineScreen.Size

    public init(prompt: String, history: [String], size: LineScreen.Size) {
        editor = LineEditor(prompt: prompt, history: history)
        self.size = size
    }

    /// More may belong to what is begun: a caller waits for it a moment, and then calls ``flush()``.
    public var isPending: Bool { decoder.isPending }

    public mutating func take(_ bytes: some Collection<UInt8>) { waiting += decoder.keys(of: bytes) }

    public mutating func flush() { waiting += decoder.flush() }

    /// What was typed ahead, or pasted behind a line's end, is not wanted any more.
    public mutating func forget() {
        waiting = []
        decoder.forget()
    }

    /// As Ctrl-C, from elsewhere.
    public mutating func interrupt() { waiting.insert(.interrupt, at: 0) }

    /// The prompt, and the line as far as there is one, where others have written before.
    ///
    /// - Parameter size: of the terminal now.
    public mutating func begin(_ size: LineScreen.Size) -> String {
        self.size = size
        screen.reset()
        return screen.frame(editor, size)
    }

    public mutating func resize(_ size: LineScreen.Size) -> String {
        self.size = size
        screen.resize(editor, size)
        return screen.frame(editor, size)
    }

    /// Works off keys until a line ends or there are no more.
    ///
    /// - Parameter complete: what may stand at the cursor.
    public mutating func step(_ complete: (EditedLine) -> Completion) -> Step {
        var step = Step()
        var isDrawn = true
        while !waiting.isEmpty {
            let key = waiting.removeFirst()
            // Below the line that was ended there must be all of it.
            var whole = editor
            _ = whole.handle(.end)
            switch answer(key, complete) {
            case .changed: isDrawn = false
            case .refused:
                step.output += "\u{07}"
                isDrawn = false
            case .submitted(let text):
                end(whole, "", &step)
                step.outcome = .submitted(text)
                return step
            case .interrupted:
                end(whole, "^C", &step)
                step.outcome = .interrupted
                return step
            case .ended:
                end(whole, "", &step)
                step.outcome = .ended
                return step
            case .suspended:
                end(whole, "", &step)
                step.outcome = .suspended
                return step
            case .cleared:
                step.output += screen.clear()
                isDrawn = false
            case .listed(let words):
                end(whole, "", &step)
                step.output += LineScreen.list(words, columns: size.columns)
                isDrawn = false
            case .completing: break
            }
        }
        if !isDrawn { step.output += screen.frame(editor, size) }
        return step
    }

    private mutating func answer(_ key: Key, _ complete: (EditedLine) -> Completion) -> LineEditor.Event {
        let event = editor.handle(key)
        return event == .completing ? editor.complete(complete(editor.line)) : event
    }

    private mutating func end(_ editor: LineEditor, _ mark: String, _ step: inout Step) {
        step.output += screen.frame(editor, size) + mark + screen.leave()
    }
}
