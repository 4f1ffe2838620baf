import Synchronization
import WinnowCore

/// An answer and its sources as a person reads them.
final class AnswerPrinter: Sendable {
    private let generator: String
    private let isLLM: Bool
    /// Sources first, then the answer as it comes; else the answer first.
    private let streams: Bool
    private let terminal = Terminal.of(1)
    private let state = Mutex(State())

    private struct State {
        var showedSources = false
        var showedText = false
        var endsLine = true
    }

    init(generator: String, isLLM: Bool, streams: Bool) {
        self.generator = generator
        self.isLLM = isLLM
        self.streams = streams
    }

    func show(_ event: RAGPipeline.Event) throws {
        switch event {
        case .found(_, let context):
            guard !context.items.isEmpty else { return }
            state.withLock { $0.showedSources = true }
            try StandardStreams.output(sources(context, cited: nil) + "\n")
        case .text(let piece):
            let isFirst = state.withLock { state in
                defer { state.showedText = true }
                if let last = piece.last { state.endsLine = last == "\n" }
                return !state.showedText
            }
            try StandardStreams.output(
                (isFirst ? heading(isExtracts: !isLLM) : "") + Self.safe(piece))
        }
    }

    func finish(_ answer: Answer, total: Duration) throws {
        let shown = state.withLock { $0 }
        var text = shown.endsLine ? "" : "\n"
        if !shown.showedText {
            switch answer.outcome {
            case .answered(let generated):
                text += heading(isExtracts: generated.extracts != nil) + body(generated)
            case .abstained: text += Self.safe(answer.text) + "\n"
            case .failed(_, let partial):
                if !partial.isEmpty { text += heading(isExtracts: false) + Self.safe(partial) + "\n" }
            }
        }
        if !shown.showedSources, !answer.context.items.isEmpty {
            text += (text.isEmpty ? "" : "\n") + sources(answer.context, cited: Set(answer.citations.map(\.number)))
        }
        if !answer.result.candidates.isEmpty {
            let line =
                "\(NumberText.plural(answer.usedCount, "passage")) of \(NumberText.plural(answer.retrievedCount, "candidate")), "
                + best(answer) + NumberText.duration(total)
            text += "\n" + terminal.styled(line, .dim) + "\n"
        }
        try StandardStreams.output(text)
    }

    /// Sources stand on the screen, whatever becomes of their answer.
    var hasShownSources: Bool { state.withLock { $0.showedSources } }

    /// Ends the line of an answer that was given up.
    func breakOff() throws {
        if !state.withLock({ $0.endsLine }) { try StandardStreams.output("\n") }
    }

    /// The sources alone, those that the answer does not cite dimmed.
    func sources(of answer: Answer) -> String {
        sources(answer.context, cited: Set(answer.citations.map(\.number)))
    }

    private func heading(isExtracts: Bool) -> String {
        terminal.styled("Answer", .bold)
            + terminal.styled(
                isExtracts ? " (extracts, word for word)" : " (by \(DisplayText.flattened(generator)))", .dim)
            + "\n"
    }

    private func body(_ generated: GeneratedAnswer) -> String {
        guard let extracts = generated.extracts, !extracts.isEmpty else { return Self.safe(generated.text) + "\n" }
        return extracts.map { extract in
            // Tables, lists and code keep their lines.
            let lines = extract.displayText.split(separator: "\n").map { "  " + DisplayText.flattened(String($0)) }
            return lines.joined(separator: "\n") + " [\(extract.number)]\n"
        }.joined()
    }

    /// - Parameter cited: numbers that the answer cites; nil while there is no answer yet.
    private func sources(_ context: Context, cited: Set<Int>?) -> String {
        var text = terminal.styled("Sources", .bold) + "\n"
        for item in context.items.sorted(by: { $0.number < $1.number }) {
            let isCited = cited?.contains(item.number) ?? true
            // Never cut: a citation without its end points nowhere.
            let line = "  [\(item.number)] " + Self.name(item) + bytes(item)
            text += terminal.styled(line, isCited ? nil : .dim) + "\n"
        }
        return text
    }

    /// Source, title and section, on one line.
    static func name(_ item: Context.Item) -> String {
        var parts = [DisplayText.flattened(item.source ?? item.documentID)]
        if let title = item.title ?? item.hits.first?.passage.metadata[MetadataField.title]?.stringValue {
            parts.append(DisplayText.flattened(title))
        }
        if let section = item.section { parts.append(DisplayText.flattened(section)) }
        return parts.joined(separator: " | ")
    }

    /// What the reranker says of the best of all candidates, which need not answer the question.
    private func best(_ answer: Answer) -> String {
        answer.result.strongest?.logit.map { "best logit \(NumberText.fixed(Double($0.value), 2)), " } ?? ""
    }

    /// Where in the file it stands: its pages, else its bytes; of a record, whose bytes are those of its text, nothing.
    private func bytes(_ item: Context.Item) -> String {
        if let pages = Self.pages(item) { return pages }
        if let source = item.source, let sign = item.documentID.lastIndex(of: "#"),
            source.hasSuffix(item.documentID[sign...])
        {
            return ""
        }
        return item.source?.hasSuffix("#" + item.documentID) == true
            ? "" : " (bytes \(item.range.lowerBound)–\(item.range.upperBound))"
    }

    /// " (page 3)"; nil where there are none.
    static func pages(_ item: Context.Item) -> String? {
        var all: [Int64] = []
        for case .integer(let page)? in item.hits.flatMap({ hit in
            [MetadataField.page, MetadataField.pageEnd].map { hit.passage.metadata[$0] }
        }) { all.append(page) }
        guard let first = all.min(), let last = all.max() else { return nil }
        return first == last ? " (page \(first))" : " (pages \(first)–\(last))"
    }

    /// What a model or a document says cannot move the cursor; line feeds and tabs stay.
    static func safe(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter {
                    $0 == "\n" || $0 == "\t"
                        || ($0.properties.generalCategory != .control && !DisplayText.isDirectionMark($0))
                }))
    }
}
