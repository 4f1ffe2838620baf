import WinnowCore

/// What is wrong with a line of a session.
struct PromptFault: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }

    static func unknown(_ word: String) -> PromptFault {
        let nearest = NearestNames.of(word, among: PromptCommandName.allCases.map(\.rawValue)).map { ":" + $0 }
        let advice = nearest.isEmpty ? ":help lists the commands" : "did you mean \(nearest.joined(separator: " or "))?"
        return PromptFault("there is no command ':\(SingleLine.of(word, limit: 40))': \(advice)")
    }
}
