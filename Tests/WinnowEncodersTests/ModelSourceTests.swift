import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowEncoders
import WinnowModels

/// A model folder that lives as long as the value.
struct TemporaryModel {
    let folder: TemporaryFolder

    var source: ModelSource { .directory(folder.path) }

    init(_ model: ModelFiles, changing changes: [String: String] = [:], removing removed: [String] = []) throws {
        folder = try TemporaryFolder()
        var files = model.files
        files["config.json"] = "{" + model.config.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
        files.merge(changes) { _, new in new }
        for (name, text) in files where !removed.contains(name) { try folder.write(Data(text.utf8), to: name) }
    }
}

@Suite struct ModelSourceTests {
    @Test func namesTheFolderAndTheHubsCache() {
        #expect(ModelSource.directory("/models/all-MiniLM-L6-v2/").name == "all-MiniLM-L6-v2")
        #expect(ModelSource.directory("/models/all-MiniLM-L6-v2/").location == "/models/all-MiniLM-L6-v2")
        #expect(ModelSource.directory("reranker").name == "reranker")
        #expect(
            ModelSource.directory("/home/u/hub/models--cross-encoder--ms-marco-MiniLM-L6-v2/snapshots/0123abc").name
                == "cross-encoder/ms-marco-MiniLM-L6-v2")
        #expect(ModelSource.directory("hub/models--bert/snapshots/0").name == "bert")
        #expect(!ModelSource.directory(".").name.hasPrefix("."))
    }

    @Test func saysThatTheFolderIsMissing() {
        expectError(.directory("/nowhere/at/all"), .notFound, "/nowhere/at/all: there is no such folder")
    }

    @Test func saysThatAFileIsNoFolder() throws {
        let folder = try TemporaryFolder()
        try folder.write(Data("x".utf8), to: "model.bin")
        expectError(.directory(folder.path + "/model.bin"), .notFound, "this is a file, and a model is a folder")
    }

    @Test func saysThatAFolderIsNoModel() throws {
        let folder = try TemporaryFolder()
        expectError(
            .directory(folder.path), .incomplete,
            "this is no model folder: it holds no config.json. A model folder holds")
        try folder.write(Data("[]".utf8), to: "modules.json")
        expectError(.directory(folder.path), .unsupported, "the layout of sentence-transformers before version 2")
    }

    @Test(
        arguments: [
            ([], ModelError.Kind.incomplete, "the model lacks model.safetensors. A model folder holds config.json"),
            (
                ["pytorch_model.bin"], .unsupported,
                "as pytorch_model.bin only, and Winnow reads model.safetensors. Convert"
            ),
            (["model.safetensors.index.json"], .unsupported, "split into shards (model.safetensors.index.json)"),
        ] as [([String], ModelError.Kind, String)])
    func saysWhichWeightsAreMissing(files: [String], kind: ModelError.Kind, reason: String) throws {
        let model = try TemporaryModel(
            ModelFiles(), changing: Dictionary(uniqueKeysWithValues: files.map { ($0, "{}") }))
        let description = try ModelDescription.read(model.source)
        let error = #expect(throws: ModelError.self) { try BertWeights(model.source, description: description) }
        #expect(error?.kind == kind)
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
        #expect(error?.location == model.folder.path)
    }

    @Test func refusesAFolderInAFilesPlace() throws {
        let model = try TemporaryModel(ModelFiles(), removing: ["config.json"])
        try FileManager.default.createDirectory(
            at: model.folder.url.appendingPathComponent("config.json"), withIntermediateDirectories: true)
        expectError(model.source, .unreadable, "a file is wanted here")
    }

    @Test func readsFilesOfAFolder() throws {
        let model = try TemporaryModel(ModelFiles.biEncoder, changing: ["vocab.txt": ""])
        #expect(try model.source.file("1_Pooling/config.json") != nil)
        #expect(try model.source.file("vocab.txt")?.count == 0)
        #expect(try model.source.file("absent.json") == nil)
        #expect(try model.source.file("config.json/inside") == nil)
        #expect(throws: ModelError.self) { try model.source.file("../x") }
        #expect(throws: ModelError.self) { try model.source.file("/etc/passwd") }
    }

    @Test func aMappedFileOutlivesItsName() throws {
        let folder = try TemporaryFolder()
        try folder.write(Data("weights".utf8), to: "w")
        let bytes = try ModelBytes(mapping: folder.path + "/w")
        try FileManager.default.removeItem(atPath: folder.path + "/w")
        #expect(withExtendedLifetime(bytes) { Array(bytes.buffer) } == Array("weights".utf8))
        #expect(throws: ModelError.self) { try ModelBytes(mapping: folder.path + "/w") }
    }

    // MARK: Fingerprints

    /// The value is hashlib's over the text that the documentation of `fingerprint()` defines.
    @Test func fingerprintIsWhatItsDocumentationSays() throws {
        var model = ModelFiles()
        model.files = ["config.json": "{}", "vocab.txt": "a\nb\n", "README.md": "not counted"]
        #expect(
            try model.source().fingerprint().hexadecimal
                == "77afe23c460e8769fabea74f1dd10dbe3454c49bf29797e4823582641a42cece")
    }

    @Test func fingerprintIsTheSameFromDiskAndDependsOnEachFile() throws {
        var seen: Set<Fingerprint> = []
        let files = Dictionary(uniqueKeysWithValues: ModelSource.fingerprintedFiles.map { ($0, "{}") })
        let all = try TemporaryModel(ModelFiles(), changing: files)
        seen.insert(try all.source.fingerprint())
        var memory = ModelFiles()
        memory.files = files
        #expect(try seen.contains(memory.source("other name").fingerprint()))
        for name in ModelSource.fingerprintedFiles {
            let changed = try TemporaryModel(ModelFiles(), changing: files.merging([name: "{ }"]) { $1 })
            seen.insert(try changed.source.fingerprint())
            let removed = try TemporaryModel(ModelFiles(), changing: files, removing: [name])
            seen.insert(try removed.source.fingerprint())
        }
        #expect(seen.count == 1 + 2 * ModelSource.fingerprintedFiles.count)
        #expect(ModelSource.fingerprintedFiles == ModelSource.fingerprintedFiles.sorted())
        try all.folder.write(Data("x".utf8), to: "README.md")
        #expect(try seen.contains(all.source.fingerprint()))
    }

    @Test(arguments: [BuiltInModel.biEncoder, .crossEncoder])
    func builtInFingerprintsAreRight(model: BuiltInModel) throws {
        let folder = try TemporaryFolder()
        for (name, bytes) in model.files { try folder.write(Data(bytes), to: name) }
        #expect(try ModelSource.directory(folder.path).fingerprint().hexadecimal == model.fingerprint)
        let source = ModelSource.memory(name: model.name, files: model.files, fingerprint: nil)
        #expect(try source.fingerprint().hexadecimal == model.fingerprint)
        let constant = Fingerprint(hexadecimal: String(repeating: "a", count: 64))
        let given = ModelSource.memory(name: model.name, files: model.files, fingerprint: constant)
        #expect(try given.fingerprint() == constant)
    }

    private func expectError(_ source: ModelSource, _ kind: ModelError.Kind, _ text: String) {
        let error = #expect(throws: ModelError.self) { try ModelDescription.read(source) }
        #expect(error?.kind == kind)
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
    }
}
