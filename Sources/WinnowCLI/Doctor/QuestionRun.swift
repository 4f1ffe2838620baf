import Winnow
import WinnowCore

/// Asks questions of a store as `winnow search` does, for their best logits.
struct QuestionRun {
    let store: Store
    let embedder: BiEncoder
    let reranker: CrossEncoder
    let isQuick: Bool
    /// As the reference's candidates came about.
    var firstStage = RetrieverKind.standard
    var initialK = 20

    /// - Returns: the best logit of each question that has candidates, each question once; of many questions so many, evenly spaced.
    /// - Throws: why questions cannot be asked of the store with these models.
    func sample(_ texts: [String], name: String) async throws -> ShiftCheck.Sample {
        let room = (reranker.maxLength - reranker.tokenizer.template.pairSpecialCount) / 2
        // Those that every search refuses have findings of their own.
        let askable = Reference.distinct(texts, text: { $0 }).filter {
            !VisibleText.isAbsent(from: $0) && reranker.tokenizer.tokenIDs(for: $0).count <= room
        }
        let most = isQuick ? ShiftCheck.mostRunQuick : ShiftCheck.mostRun
        let chosen =
            askable.count <= most ? askable : (0..<most).map { askable[$0 * askable.count / most] }
        let pipeline = try SearchPipeline(
            retriever: retriever(), reranker: reranker, initialK: initialK, finalK: 1, order: .reranker)
        var progress = Progress("Asking", total: chosen.count, unit: "question")
        defer { progress.finish() }
        var logits: [Double] = []
        for (done, text) in chosen.enumerated() {
            try Task.checkCancellation()
            progress.update(done)
            let result = try await pipeline.search(Query(text))
            if let best = result.hits.first?.logit?.value { logits.append(Double(best)) }
        }
        return ShiftCheck.Sample(
            logits: logits, model: try ShiftCheck.Model(reranker.identity), initialK: initialK,
            firstStage: firstStage.rawValue, name: name)
    }

    private func retriever() throws -> any Retriever {
        switch firstStage {
        case .bm25: store.lexicalRetriever()
        case .dense: try store.retriever(embedder)
        case .hybrid: try store.hybridRetriever(embedder)
        }
    }
}
