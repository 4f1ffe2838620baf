import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowEncoders
import WinnowModels
import WinnowTokenizers

/// Texts in, scores out, against transformers: tokenizer, truncation, encoder and head together.
@Suite struct ReferenceScoreTests {
    static let variants = Kernels.available.map(\.name)

    @Test(arguments: variants)
    func theBuiltInCrossEncoderHasTheReferenceLogits(variant: String) async throws {
        let reference: CrossEncoderReference = try Fixtures.json("built-in-models/cross-encoder-reference.json")
        try await check(reference, .builtIn(.crossEncoder), variant)
    }

    @Test(arguments: variants)
    func theBuiltInBiEncoderHasTheReferenceVectors(variant: String) async throws {
        let reference: BiEncoderReference = try Fixtures.json("built-in-models/bi-encoder-reference.json")
        try await check(reference, .builtIn(.biEncoder), variant)
    }

    /// Every model folder with a reference file under the folder that WINNOW_REFERENCE_MODELS names.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["WINNOW_REFERENCE_MODELS"] != nil))
    func modelFoldersHaveTheReferenceResults() async throws {
        let root = try #require(ProcessInfo.processInfo.environment["WINNOW_REFERENCE_MODELS"])
        var checked = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: root).sorted() {
            let folder = root + "/" + name
            if let data = FileManager.default.contents(atPath: folder + "/reference.json") {
                let reference = try JSONDecoder().decode(CrossEncoderReference.self, from: data)
                try await check(reference, .directory(folder), Kernels.active.name)
                checked += 1
            }
            if let data = FileManager.default.contents(atPath: folder + "/reference-embeddings.json") {
                let reference = try JSONDecoder().decode(BiEncoderReference.self, from: data)
                try await check(reference, .directory(folder), Kernels.active.name)
                checked += 1
            }
        }
        #expect(checked > 0, "\(root) holds no model with a reference file")
        print("\(checked) models agree with their references")
    }

    /// Batch, order, neighbours and threads change no bit of a score.
    @Test func scoresAreBitwiseTheSameHoweverTheyAreAskedFor() async throws {
        let reference: CrossEncoderReference = try Fixtures.json("built-in-models/cross-encoder-reference.json")
        let group = try #require(reference.groups.first)
        let query = Query(group.query)
        let candidates = group.candidates
        let encoder = try CrossEncoder.load(.builtIn(.crossEncoder))
        let together = try await encoder.score(query, candidates).map { $0?.logit.value }
        #expect(!together.contains(nil))

        #expect(try await encoder.score(query, candidates.reversed()).map { $0?.logit.value } == together.reversed())
        for (candidate, logit) in zip(candidates, together) {
            #expect(try await encoder.score(query, [candidate])[0]?.logit.value == logit)
        }
        let thrice = candidates + candidates + candidates
        #expect(try await encoder.score(query, thrice).map { $0?.logit.value } == together + together + together)
        for threads in [1, 3] {
            let other = try CrossEncoder.load(.builtIn(.crossEncoder), options: EncoderOptions(threads: threads))
            #expect(try await other.score(query, candidates).map { $0?.logit.value } == together)
        }
        // Many requests at once.
        try await withThrowingTaskGroup(of: [Float?].self) { tasks in
            for _ in 0..<8 {
                tasks.addTask { try await encoder.score(query, candidates).map { $0?.logit.value } }
            }
            for try await scores in tasks { #expect(scores == together) }
        }
    }

    @Test func vectorsAreBitwiseTheSameHoweverTheyAreAskedFor() async throws {
        let reference: BiEncoderReference = try Fixtures.json("built-in-models/bi-encoder-reference.json")
        let encoder = try BiEncoder.load(.builtIn(.biEncoder))
        let together = try await encoder.embed(reference.texts, as: .passage)
        let backwards = try await encoder.embed(reference.texts.reversed(), as: .passage)
        for index in reference.texts.indices {
            #expect(Array(backwards[reference.texts.count - 1 - index]) == Array(together[index]))
            let alone = try await encoder.embed([reference.texts[index]], as: .passage)
            #expect(Array(alone[0]) == Array(together[index]))
        }
    }

    private func check(_ reference: CrossEncoderReference, _ source: ModelSource, _ variant: String) async throws {
        let kernels = try #require(Kernels.available.first { $0.name == variant })
        let encoder = try CrossEncoder.load(
            source, options: EncoderOptions(precision: .float32, truncation: .longestFirst, kernels: kernels))
        for group in reference.groups {
            let scores = try await encoder.score(Query(group.query), group.candidates)
            let comparison = Approximate(
                scores.map { $0?.logit.value ?? .nan }, group.logits, within: .logits, "\(source.name): \(group.query)")
            #expect(comparison.holds, "\(comparison)")
        }
    }

    private func check(_ reference: BiEncoderReference, _ source: ModelSource, _ variant: String) async throws {
        let kernels = try #require(Kernels.available.first { $0.name == variant })
        let encoder = try BiEncoder.load(source, options: EncoderOptions(precision: .float32, kernels: kernels))
        let vectors = try await encoder.embed(reference.texts, as: .passage)
        let comparison = Approximate(
            vectors.values, reference.embeddings.flatMap { $0 }, within: .embeddings, source.name)
        #expect(comparison.holds, "\(comparison)")
    }
}

/// `{tolerance, groups: [{query, documents, logits}]}`: transformers in float32, one pair at a time, `longest_first`.
struct CrossEncoderReference: Decodable {
    struct Group: Decodable {
        let query: String
        let documents: [String]
        let logits: [Float]

        var candidates: [Candidate] {
            documents.enumerated().map { index, text in
                Candidate(passage: Passage(id: "\(index)", documentID: "\(index)", text: text), rank: index + 1)
            }
        }
    }

    let groups: [Group]
}

/// `{tolerance, texts, embeddings}`: mean over real tokens, normalised.
struct BiEncoderReference: Decodable {
    let texts: [String]
    let embeddings: [[Float]]
}
