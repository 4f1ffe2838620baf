import Winnow
import WinnowIngest
import WinnowModels

let embedder = try BiEncoder.load(.builtIn(.biEncoder))
let reranker = try CrossEncoder.load(.builtIn(.crossEncoder))

let indexer = Indexer(embedder: embedder, budget: [embedder.passageLimit, reranker.passageLimit], tokenizer: reranker)
try await indexer.index(CorpusReader().documents(in: ["Examples/support-kb"]), into: "kb.sqlite")

let store = try Store.open("kb.sqlite")
let search = try SearchPipeline(retriever: store.retriever(embedder), reranker: reranker, order: .standard)
let pipeline = RAGPipeline(search: search, generator: ExtractiveGenerator(reranker: reranker))

let answer = try await pipeline.ask(Query("How do I restore a deleted workspace?"))
print(answer.text)
for source in answer.context.items { print(source.number, source.source ?? source.documentID) }
