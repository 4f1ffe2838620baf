import ArgumentParser
import WinnowCore

extension FinalOrder {
    /// What `--order` says of itself on every command that has it.
    static let help = ArgumentHelp(
        "What the final order stands on: reranker, blend:0.7 (0.7 of the reranker's word, 0.3 of the first stage's, both from least to "
            + "largest), rrf or rrf:20 (both ranks). Thresholds and probabilities stay the reranker's.",
        valueName: "order")
}
