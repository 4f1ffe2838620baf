import Winnow
import WinnowModels

let passages = ["Berlin is a city in Germany.", "Paris is the capital of France."]

let reranker = try CrossEncoder.load(.builtIn(.crossEncoder))
let candidates = passages.enumerated().map { index, text in
    Candidate(passage: Passage(id: "\(index)", documentID: "\(index)", text: text), rank: index + 1)
}
let scores = try await reranker.score(Query("capital of France"), candidates)
for (passage, score) in zip(passages, scores) {
    print(score?.logit.value ?? .nan, passage)
}
