import ArgumentParser
import WinnowCore
import WinnowIngest

struct EmbedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Turn texts into vectors with the bi-encoder.",
        usage: "winnow embed [<options>] <file|->",
        discussion: """
            Reads JSONL records {"_id": "1", "title": "…", "text": "…"} or one text a line. A record's title, a line feed and \
            its text are embedded as one.

            Examples:
              winnow embed notes.txt
              winnow embed corpus.jsonl --json > vectors.jsonl
              echo "how do I get a refund" | winnow embed - --as query --json
            """)

    @Argument(help: ArgumentHelp("The texts; - is standard input.", valueName: "file|-"))
    var file: String

    @Option(name: .customLong("as"), help: "What the texts are, for models that tell them apart: passage or query.")
    var side: Side = .passage

    @Option(help: "How lines are read: auto (JSONL when the first one begins with {), jsonl, or lines.")
    var format: CandidateReader.Format = .auto

    @Option(help: ArgumentHelp("Bi-encoder folder. (default: the built-in one)", valueName: "path"))
    var model: String?

    @Option(
        help: ArgumentHelp("Tokens of a text that are read at most. (default: what the model says)", valueName: "count")
    )
    var maxLength: Int?

    @OptionGroup var engine: EngineOptions

    @Flag(help: "Print {\"id\": …, \"embedding\": […]} for each text, one a line.")
    var json = false

    func validate() throws { try Usage.check(maxLength: maxLength) }

    enum Side: String, ExpressibleByArgument, CaseIterable {
        case passage
        case query
    }

    func run() async throws {
        let texts = try CandidateReader(format: format).read(file).map(\.passage)
        let loaded = try Models.embedder(model, engine: engine, maxLength: maxLength)
        for note in loaded.notes { StandardStreams.note("note: \(note)") }
        if texts.isEmpty { StandardStreams.note("note: there are no texts, so there are no vectors") }

        let terminal = Terminal.of(1)
        var progress = Progress("Embedding", total: texts.count, unit: "text")
        defer { progress.finish() }
        var cut = 0
        var slices = Slices(count: texts.count)
        while let slice = slices.next() {
            let part = texts[slice]
            let embedded = try await loaded.embed(part.map(\.content), side == .query ? .query : .passage)
            cut += embedded.tokensDropped.reduce(0) { $0 + ($1 > 0 ? 1 : 0) }
            progress.finish()
            if json {
                try StandardStreams.output(
                    part.enumerated().map { row, passage in Self.json(passage.id, embedded.vectors[row]) + "\n" }
                        .joined())
            } else {
                let table = Self.table(Array(part), embedded)
                try StandardStreams.output(table.text(terminal, showsHeader: slice.lowerBound == 0))
            }
            progress.update(slice.upperBound)
        }
        progress.finish()
        if cut > 0 {
            StandardStreams.note(
                "note: \(cut) of \(NumberText.plural(texts.count, "text")) did not fit into the bi-encoder and were cut; "
                    + "the table without --json shows by how many tokens")
        }
    }

    private static func json(_ id: String, _ vector: ArraySlice<Float>) -> String {
        JSONText.object([("id", .string(id)), ("embedding", .array(vector.map(JSONText.float)))]).text
    }

    private static func table(_ passages: [Passage], _ embedded: EmbeddedTexts) -> Table {
        var table = Table(columns: [
            .id("id"), .init(title: "dimensions", right: true), .init(title: "tokens", right: true),
            .init(title: "cut", right: true), .init(title: "first values", most: 40), .init(title: "text"),
        ])
        for (row, passage) in passages.enumerated() {
            let values = embedded.vectors[row].prefix(4).map { NumberText.fixed(Double($0), 4) }
            let dropped = embedded.tokensDropped[row]
            table.rows.append([
                .init(DisplayText.flattened(passage.id)), .init("\(embedded.vectors.dimension)"),
                .init("\(embedded.tokens[row])"), .init(dropped == 0 ? "" : "\(dropped)"),
                .init(values.joined(separator: " ") + " …"), .init(DisplayText.flattened(passage.content), .dim),
            ])
        }
        return table
    }
}
