// Runs the 60 labelled queries through both stages and says where reranking moved the answer: wins, ties and losses.
//
//     swift run -c release --package-path Examples/support-search CompareOrders
//
// The figure of a query is the place of the first article that answers it directly (grade 2) among the 20 candidates; an
// article's place is that of its best passage. A comparison of places, with no measure that would need explaining.

import Foundation
import Winnow
import WinnowIngest
import WinnowModels

let folder = URL(fileURLWithPath: CommandLine.arguments.dropFirst().first ?? "Examples/support-kb")
let queries = try LabelledQuery.read(folder)

let biEncoder = try BiEncoder.load(.builtIn(.biEncoder))
let crossEncoder = try CrossEncoder.load(.builtIn(.crossEncoder))

let corpus = try CorpusReader().read([folder.path])
let budget = PassageBudget([biEncoder.passageLimit, crossEncoder.passageLimit])
let passages = try corpus.documents.flatMap { try SentenceChunker().chunk($0, budget: budget) }
var index = ExactVectorIndex(dimension: biEncoder.dimension)
try index.append(passages, vectors: try await biEncoder.embed(passages.map(\.content), as: .passage))
let pipeline = try SearchPipeline(
    retriever: try DenseRetriever(embedder: biEncoder, index: index), reranker: crossEncoder)

/// The place, among distinct articles, of the first that answers the query; nil when no candidate does.
func place(of query: LabelledQuery, in hits: [Hit]) -> Int? {
    var articles: [String] = []
    for hit in hits where !articles.contains(hit.passage.documentID) { articles.append(hit.passage.documentID) }
    return articles.firstIndex { query.grades[$0] == 2 }.map { $0 + 1 }
}

var wins: [String] = []
var losses: [String] = []
var ties = 0
var missing = 0
var firstBefore = 0
var firstAfter = 0
for query in queries {
    let result = try await pipeline.search(Query(query.text))
    let before = place(of: query, in: result.candidates.sorted { $0.initialRank < $1.initialRank })
    let after = place(of: query, in: result.candidates)
    guard let before, let after else {
        missing += 1
        continue
    }
    firstBefore += before == 1 ? 1 : 0
    firstAfter += after == 1 ? 1 : 0
    let line = "\(query.id)  \(before) -> \(after)  \(query.text)"
    if after < before {
        wins.append(line)
    } else if after > before {
        losses.append(line)
    } else {
        ties += 1
    }
}

print("\(corpus.documents.count) articles, \(passages.count) passages, \(queries.count) queries")
print("wins \(wins.count), ties \(ties), losses \(losses.count), no answer among the candidates \(missing)")
print("the answer comes first: \(firstBefore) queries by retrieval alone, \(firstAfter) after reranking")
print("\nBetter after reranking:\n  " + wins.joined(separator: "\n  "))
print("\nWorse after reranking:\n  " + losses.joined(separator: "\n  "))
