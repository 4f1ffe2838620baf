import ArgumentParser
import Winnow
import WinnowIngest

/// The documents that judgements are about.
struct JudgedCorpusOptions: ParsableArguments {
    @Option(
        name: .shortAndLong, parsing: .upToNextOption,
        help: ArgumentHelp("The documents that were ranked; more than one path may follow.", valueName: "path"))
    var documents: [String] = []

    @Option(help: ArgumentHelp("A store that winnow index filled with them, instead.", valueName: "file"))
    var store: String?

    func validate() throws {
        guard let store else { return }
        try StorePath.check(store)
        guard documents.isEmpty else {
            throw ValidationError("--store and --documents are two corpora: give one of them")
        }
    }
}

/// Documents by id, with their texts as a judge reads them. No model is loaded.
struct JudgedCorpus {
    private enum Kind {
        case store(Store)
        case memory([ExactText: Document])
    }

    private let kind: Kind
    /// What could not be read.
    let skipped: [SkippedRecord]

    /// - Parameter folder: where documents are when the options name none.
    /// - Returns: nil when nothing says where documents are.
    static func open(_ options: JudgedCorpusOptions, folder: String? = nil) throws -> JudgedCorpus? {
        if let path = options.store { return JudgedCorpus(kind: .store(try Store.open(path)), skipped: []) }
        let paths = options.documents.isEmpty ? [folder].compactMap { $0 } : options.documents
        guard !paths.isEmpty else { return nil }
        var documents: [ExactText: Document] = [:]
        let skipped = try CorpusReader().forEachDocument(in: paths) { documents[ExactText($0.id)] = $0 }
        return JudgedCorpus(kind: .memory(documents), skipped: skipped)
    }

    /// Of all documents. Passages are not among them.
    func documentIDs() async throws -> IdentifierSet {
        switch kind {
        case .memory(let documents): return IdentifierSet(documents.keys.map(\.text))
        case .store(let store):
            var ids = IdentifierSet()
            var last: String?
            while true {
                let page = try await store.documents(after: last, limit: 10_000)
                for document in page { ids.insert(document.id) }
                guard page.count == 10_000, let end = page.last?.id else { return ids }
                last = end
            }
        }
    }

    /// Title and text of a document, or of a passage of a store; nil when there is neither.
    func text(of id: String) async throws -> String? {
        switch kind {
        case .memory(let documents): return documents[ExactText(id)]?.content.trimmed
        case .store(let store):
            let pieces = try await store.passages(of: id)
            if !pieces.isEmpty { return Self.joined(pieces).trimmed }
            guard let sign = id.utf8.lastIndex(of: UInt8(ascii: "#")) else { return nil }
            return try await store.passages(of: String(id[..<sign])).first { ExactText($0.id) == ExactText(id) }?
                .content
        }
    }

    /// Why ``text(of:)`` has nothing for `id`, as the end of a message.
    func hint(whyMissing id: String) -> String {
        guard case .memory(let documents) = kind, let sign = id.utf8.lastIndex(of: UInt8(ascii: "#")),
            documents[ExactText(String(id[..<sign]))] != nil
        else { return "take the documents that were ranked" }
        return
            "it is a passage of a document that is there: passages are looked up in the store that they were ranked from "
            + "(--store)"
    }

    /// A document's text from its passages, which repeat the end of the one before; what lies between them is white space.
    private static func joined(_ passages: [Passage]) -> String {
        var text = passages.first?.title.map { $0 + "\n" } ?? ""
        var end: Int?
        for passage in passages {
            let gap = end.map { passage.range.lowerBound - $0 } ?? 0
            if gap > 0 { text += gap == 1 ? "\n" : "\n\n" }
            text += gap < 0 ? String(decoding: passage.text.utf8.dropFirst(-gap), as: UTF8.self) : passage.text
            end = max(end ?? 0, passage.range.upperBound)
        }
        return text
    }
}
