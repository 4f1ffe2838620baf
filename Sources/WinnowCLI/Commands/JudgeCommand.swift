import ArgumentParser
import WinnowCore

struct JudgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judge",
        abstract: "Get a test set: from resolved tickets, or by judging what several systems found.",
        discussion: """
            An evaluation wants questions that were really asked, and for each the documents that answer it. Tickets that \
            were resolved with a document say both. Where there are none, or where systems find documents that nobody \
            has judged yet, people judge a pool: the first documents of several systems, shuffled, without a word on \
            which system found them.

            Examples:
              winnow judge tickets resolved.csv --output my-set/
              winnow judge pool my-set --run a.run --run b.run --output pool.csv
              winnow judge read pool.csv --output my-set/qrels/test.tsv

            How many questions, how to judge, and what unjudged documents do to a measure: Documentation/test-sets.md.
            """,
        subcommands: [JudgePoolCommand.self, JudgeReadCommand.self, JudgeTicketsCommand.self])
}

/// A file that a command would make is there already.
struct OutputIsThere: Error, CustomStringConvertible {
    var path: String
    /// What replacing it would lose, and how to do so.
    var hint: String

    var description: String { "\(PathText.quoted(path)) is there already: \(hint)" }

    /// Before the work, so that it is not done in vain.
    static func refuse(_ path: String, hint: String) throws {
        if RealPath.of(path) != nil { throw OutputIsThere(path: path, hint: hint) }
    }
}
