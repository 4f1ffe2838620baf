import ArgumentParser
import WinnowCore

extension FinalOrder {
    /// What `--order` says of itself on every command that has it.
    static let help = ArgumentHelp(
        "What the final order stands on: reranker, blend:0.7 (0.7 of the reranker's word, 0.3 of the first stage's, both from least to "
            + "largest), rrf or rrf:20 (both ranks). Thresholds and probabilities stay the reranker's. (default: \(standard))",
        valueName: "order")

    /// What is ordered by where nothing was said.
    ///
    /// - Parameter reranks: without a reranker there is nothing to order by but the first stage.
    static func standard(reranks: Bool) -> FinalOrder { reranks ? .standard : .reranker }
}

extension FirstStage {
    /// Likewise. Of a run that somebody else made, and of judged documents, no blend was ever measured: there the reranker orders
    /// alone.
    func standardOrder(reranks: Bool) -> FinalOrder {
        if case .retriever = self { .standard(reranks: reranks) } else { .reranker }
    }
}
