import ArgumentParser

@main
struct WinnowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "winnow",
        abstract: "Two-stage retrieval and reranking for RAG, with the models inside.")
}
