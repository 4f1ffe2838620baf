import Foundation
import TestSupport
import Testing

extension Commands {
    @Suite(.serialized) struct EmbedAndTokenizeTests {
        let winnow: BuiltProgram

        init() throws { winnow = try BuiltProgram.winnow() }

        private struct Reference: Decodable {
            var texts: [String]
            var embeddings: [[Float]]
            var tolerance: Float
        }

        @Test func vectorsAreTheReferences() async throws {
            let reference: Reference = try Fixtures.json("built-in-models/bi-encoder-reference.json")
            let records = try reference.texts.enumerated().map { index, text in
                let record: [String: Any] = ["_id": "t\(index)", "text": text]
                return String(decoding: try JSONSerialization.data(withJSONObject: record), as: UTF8.self)
            }
            let outcome = try await winnow.run("embed", "-", "--json", "--precision", "float32", lines: records)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.count == reference.texts.count)
            for (index, line) in lines.enumerated() {
                let json = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
                #expect(Set(json.keys) == ["id", "embedding"])
                #expect(json["id"] as? String == "t\(index)")
                let vector = try #require(json["embedding"] as? [Double])
                #expect(vector.count == reference.embeddings[index].count)
                let worst = zip(vector, reference.embeddings[index]).map { abs(Float($0) - $1) }.max() ?? 0
                #expect(worst <= reference.tolerance)
            }
        }

        @Test func vectorsForPeople() async throws {
            let outcome = try await winnow.run(
                "embed", "-", "--as", "query", lines: ["short", String(repeating: "long ", count: 300)])
            #expect(outcome.code == 0)
            for part in ["384", "300", "46", "short"] { #expect(outcome.output.contains(part), "\(outcome.output)") }
            #expect(outcome.errors.contains("1 of 2 texts did not fit"))
            let none = try await winnow.run(["embed", "-", "--json"])
            #expect(none.code == 0 && none.output.isEmpty && none.errors.contains("there are no texts"))
        }

        @Test func brokenTexts() async throws {
            let outcome = try await winnow.run("embed", "-", "--json", lines: [#"{"text":"a"}"#, #"{"text":"#])
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains("standard input:2: is not valid JSON"))
            #expect(outcome.output.isEmpty)
        }

        // Ids, tokens and offsets: Hugging Face tokenizers 0.23.3, BertWordPieceTokenizer(vocab.txt of all-MiniLM-L6-v2,
        // lowercase=True).encode(text, add_special_tokens=False), character offsets turned into bytes.
        @Test func tokens() async throws {
            let text = "Unbelievably good: the Café's 退款!"
            let outcome = try await winnow.run(["tokenize", text, "--json"])
            #expect(outcome.code == 0, "\(outcome.errors)")
            let json = try outcome.json()
            #expect(json["text"] as? String == text)
            #expect(
                json["ids"] as? [Int]
                    == [4895, 8671, 2666, 3567, 6321, 2204, 1024, 1996, 7668, 1005, 1055, 100, 100, 999])
            #expect(
                json["tokens"] as? [String] == [
                    "un", "##bel", "##ie", "##va", "##bly", "good", ":", "the", "cafe", "'", "s", "[UNK]", "[UNK]", "!",
                ])
            #expect(
                json["offsets"] as? [[Int]] == [
                    [0, 2], [2, 5], [5, 7], [7, 9], [9, 12], [13, 17], [17, 18], [19, 22], [23, 28], [28, 29],
                    [29, 30],
                    [31, 34], [34, 37], [37, 38],
                ])
            let table = try await winnow.run(["tokenize", text])
            for part in ["4895", "##bel", "23–28", "Café", "14 tokens"] { #expect(table.output.contains(part)) }
        }

        @Test func linesOfTokens() async throws {
            let outcome = try await winnow.run("tokenize", "-", "--json", lines: ["a b", "c"])
            #expect(outcome.output.split(separator: "\n").count == 2)
            let missing = try await winnow.run(["tokenize", "a", "--model", "/no/such/model"])
            #expect(missing.code == 1 && missing.errors.contains("/no/such/model"), "\(missing.errors)")
            let folder = try TemporaryFolder()
            let empty = try await winnow.run(["tokenize", "a", "--model", folder.path])
            #expect(
                empty.code == 1 && empty.errors.contains(folder.path + ": the model has no tokenizer"),
                "\(empty.errors)")
            let blank = try await winnow.run("tokenize", "-", lines: ["a", "", "b"])
            #expect(blank.code == 1 && blank.errors.contains("standard input:2: the line is empty"), "\(blank.errors)")
            let nothing = try await winnow.run(["tokenize", ""])
            #expect(nothing.code == 0 && nothing.output.contains("0 tokens"))
        }
    }
}
