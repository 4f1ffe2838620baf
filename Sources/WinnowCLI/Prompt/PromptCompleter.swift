import WinnowCore
import WinnowPrompt

/// What may stand at the cursor of a session's line: commands, their values, fields of metadata.
struct PromptCompleter: Sendable {
    /// Of the store's passages, as they are called.
    var fields: [String] = []
    /// Of the last answer's sources.
    var numbers: [Int] = []

    func completion(_ line: EditedLine) -> Completion {
        let before = Array(line.beforeCursor)
        guard before.first == ":" else { return Completion(start: line.cursor, candidates: []) }
        guard let blank = before.firstIndex(where: \.isWhitespace) else {
            return Self.completion(PromptCommandName.allCases.map(\.spelled), of: before[...])
        }
        guard let name = PromptCommandName.named(String(before[1..<blank])) else {
            return Completion(start: line.cursor, candidates: [])
        }
        let arguments = before[(blank + 1)...]
        switch name {
        case .whereField: return completionOfFilter(arguments)
        case .open: return Self.completion(numbers.map(String.init), of: Self.lastWord(arguments))
        default:
            // They take one value.
            let word = Self.lastWord(arguments)
            let isFirst = before[(blank + 1)..<word.startIndex].allSatisfy(\.isWhitespace)
            return Self.completion(isFirst ? name.values : [], of: word)
        }
    }

    private func completionOfFilter(_ text: ArraySlice<Character>) -> Completion {
        // Within a string nothing is known.
        let isInString = text.reduce((inside: false, escaped: false)) { state, character in
            if state.escaped { return (state.inside, false) }
            if state.inside, character == "\\" { return (true, true) }
            return (character == "\"" ? !state.inside : state.inside, false)
        }.inside
        guard !isInString else { return Completion(start: text.endIndex, candidates: []) }
        let word = text[(text.lastIndex { " \t()[],=<>!".contains($0) }.map { $0 + 1 } ?? text.startIndex)...]
        let isWhole = word.startIndex == text.startIndex
        let names = Set(fields + [FieldLeaves.document, FieldLeaves.id]).map(FilterText.field)
        let words = ["and", "exists", "in", "not", "or"] + (isWhole ? ["off"] : [])
        // A name in backticks is found by its beginning without them, too.
        let candidates = word.isEmpty ? names : names + words
        let matching = candidates.filter { $0.hasPrefix(String(word)) || $0.hasPrefix("`" + String(word)) }
        return Completion(start: word.startIndex, candidates: matching.sorted())
    }

    private static func lastWord(_ text: ArraySlice<Character>) -> ArraySlice<Character> {
        text[(text.lastIndex(where: \.isWhitespace).map { $0 + 1 } ?? text.startIndex)...]
    }

    private static func completion(_ words: [String], of begun: ArraySlice<Character>) -> Completion {
        let found = words.filter { $0.hasPrefix(String(begun)) }
        // A number follows.
        let suffix = found.count == 1 && found[0].hasSuffix(":") ? "" : " "
        return Completion(start: begun.startIndex, candidates: found, suffix: suffix)
    }
}
