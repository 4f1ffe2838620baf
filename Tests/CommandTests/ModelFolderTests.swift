import Foundation
import TestSupport
import Testing

extension Commands {
    @Suite(.serialized) struct ModelFolderTests {
        let winnow: BuiltProgram
        let folder: TemporaryFolder

        init() throws {
            winnow = try BuiltProgram.winnow()
            folder = try TemporaryFolder()
        }

        private func rerank(_ model: String) async throws -> BuiltProgram.Outcome {
            try await winnow.run("rerank", "q", "--candidates", "-", "--model", model, "--json", lines: ["a text"])
        }

        private static func copy(_ name: String, without file: String, to folder: TemporaryFolder) throws -> String {
            let source = Fixtures.url(name)
            for entry in try FileManager.default.subpathsOfDirectory(atPath: source.path) where entry != file {
                var isFolder: ObjCBool = false
                let url = source.appendingPathComponent(entry)
                if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), !isFolder.boolValue {
                    try folder.write(try Data(contentsOf: url), to: entry)
                }
            }
            return folder.path
        }

        @Test func aFolderOfTheUsers() async throws {
            let outcome = try await rerank(Fixtures.url("tiny-cross-encoder").path)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let models = try #require(try outcome.json()["models"] as? [String: Any])
            #expect((models["reranker"] as? [String: String])?["name"] == "tiny-cross-encoder")
        }

        @Test(arguments: ["config.json", "model.safetensors", "vocab.txt"])
        func aFileIsMissing(_ file: String) async throws {
            let outcome = try await rerank(try Self.copy("tiny-cross-encoder", without: file, to: folder))
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains(file) && outcome.errors.contains(folder.path), "\(outcome.errors)")
        }

        @Test func noModelAtAll() async throws {
            let missing = try await rerank("/no/such/model")
            #expect(missing.code == 1 && missing.errors.contains("/no/such/model"), "\(missing.errors)")
            let empty = try await rerank(folder.path)
            #expect(empty.code == 1 && empty.errors.contains("config.json"), "\(empty.errors)")
            let file = try await rerank(try folder.write("file", "text"))
            #expect(file.code == 1 && file.errors.contains("file"), "\(file.errors)")
        }

        @Test func theWrongKind() async throws {
            let outcome = try await rerank(Fixtures.url("tiny-bi-encoder").path)
            #expect(outcome.code == 1)
            #expect(
                outcome.errors.contains("bi-encoder") && outcome.errors.contains("cross-encoder"), "\(outcome.errors)")
            let embed = try await winnow.run(
                "embed", "-", "--model", Fixtures.url("tiny-cross-encoder").path, lines: ["text"])
            #expect(embed.code == 1)
            #expect(embed.errors.contains("bi-encoder") && embed.errors.contains("cross-encoder"), "\(embed.errors)")
        }
    }
}
