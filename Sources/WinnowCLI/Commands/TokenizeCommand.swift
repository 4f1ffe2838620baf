import ArgumentParser
import WinnowCore
import WinnowIngest

struct TokenizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Show the tokens that a model makes of a text: ids, tokens, byte offsets.",
        discussion: """
            Examples:
              winnow tokenize "unbelievably good"
              winnow tokenize - --json < lines.txt
              winnow tokenize "unbelievably good" --model path/to/model

            Special tokens around the text, such as [CLS], are not shown. Offsets are UTF-8 bytes of the text.
            """)

    @Argument(help: "The text, in quotes; - reads one text a line from standard input.")
    var text: String?

    @Option(
        help: ArgumentHelp(
            "Folder with tokenizer.json or vocab.txt. (default: the built-in models' tokenizer)", valueName: "path"))
    var model: String?

    @Flag(
        help:
            "Print {\"text\": …, \"ids\": […], \"tokens\": […], \"offsets\": [[start, end], …]} for each text, one a line."
    )
    var json = false

    @Flag(
        help: ArgumentHelp(
            "Read JSON strings, write binary records (see Scripts/compare-tokenizers).", visibility: .hidden))
    var bulk = false

    func validate() throws {
        if text == nil, !bulk { throw ValidationError("give a text in quotes, or - to read lines from standard input") }
    }

    func run() async throws {
        let tokenizer = try Models.tokenizer(model)
        if bulk { return try tokenizer.bulk() }
        let texts = text == "-" ? try CandidateReader(format: .lines).read("-").map(\.passage.text) : [text ?? ""]
        let terminal = Terminal.of(1)
        for (index, text) in texts.enumerated() {
            try Task.checkCancellation()
            let tokens = tokenizer.encode(text)
            if json {
                try StandardStreams.output(Self.json(text, tokens) + "\n")
            } else {
                if index > 0 { try StandardStreams.output("\n") }
                try StandardStreams.output(Self.table(text, tokens).text(terminal))
                try StandardStreams.output(
                    terminal.styled("  \(NumberText.plural(tokens.count, "token"))", .dim) + "\n")
            }
        }
    }

    private static func json(_ text: String, _ tokens: [TextToken]) -> String {
        JSONText.object([
            ("text", .string(text)),
            ("ids", .array(tokens.map { .integer(Int64($0.id)) })),
            ("tokens", .array(tokens.map { .string($0.token) })),
            ("offsets", .array(tokens.map { .array([.integer($0.range.lowerBound), .integer($0.range.upperBound)]) })),
        ]).text
    }

    private static func table(_ text: String, _ tokens: [TextToken]) -> Table {
        let bytes = Array(text.utf8)
        var table = Table(columns: [
            .init(title: "id", right: true), .init(title: "token", most: 40), .init(title: "bytes", right: true),
            .init(title: "text"),
        ])
        for token in tokens {
            let source =
                token.range.upperBound <= bytes.count ? String(decoding: bytes[token.range], as: UTF8.self) : ""
            table.rows.append([
                .init("\(token.id)"), .init(token.token),
                .init("\(token.range.lowerBound)–\(token.range.upperBound)"),
                .init(DisplayText.flattened(source), .dim),
            ])
        }
        return table
    }
}
