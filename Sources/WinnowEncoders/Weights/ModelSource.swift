import Crypto
import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Where a model's files come from: a folder as on the Hugging Face hub, or bytes linked into the program.
///
/// Making one reads nothing and cannot fail; what is wrong with the place is said when the first file is asked for.
public struct ModelSource: Sendable {
    /// The name people know the model by: the folder's last component, `org/name` for a folder of the hub's cache.
    public let name: String
    /// The place, for messages.
    public let location: String
    private let storage: Storage

    private enum Storage: Sendable {
        case directory(String)
        /// A folder whose files that decide scores are mapped; nil for one that was not there.
        case opened(String, [String: ModelBytes?])
        case memory([String: ModelBytes], Fingerprint?)
    }

    /// A folder that holds `config.json`, `model.safetensors` and a tokenizer. `path` may be relative.
    public static func directory(_ path: String) -> ModelSource {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return ModelSource(name: folderName(path), location: path, storage: .directory(path))
    }

    /// Files in memory, by their path inside the model's folder (`1_Pooling/config.json`).
    /// - Parameters:
    ///   - files: bytes that live as long as the process and never change.
    ///   - fingerprint: what ``fingerprint()`` returns, so that no start hashes weights; nil: it is computed.
    public static func memory(
        name: String, files: [String: UnsafeRawBufferPointer], fingerprint: Fingerprint?
    ) -> ModelSource {
        ModelSource(
            name: name, location: "\(name) (in memory)",
            storage: .memory(files.mapValues { ModelBytes(static: $0) }, fingerprint))
    }

    /// The same model with the files of a folder held fast: what is read from now on, the fingerprint included, is of one
    /// moment, even when a download replaces the folder's files. What cannot be opened fails when it is asked for.
    package func opened() -> ModelSource {
        guard case .directory(let path) = storage else { return self }
        var files: [String: ModelBytes?] = [:]
        for name in Self.fingerprintedFiles {
            if case .success(let found) = Result(catching: { try file(name) }) {
                files.updateValue(found, forKey: name)
            }
        }
        return ModelSource(name: name, location: location, storage: .opened(path, files))
    }

    /// The bytes of one file, mapped anew at each call.
    /// - Parameter name: the path inside the model's folder.
    /// - Returns: nil when the model has no such file.
    /// - Throws: ``ModelError`` when the folder does not exist or is none, or the file cannot be read.
    public func file(_ name: String) throws -> ModelBytes? {
        switch storage {
        case .memory(let files, _): files[name]
        case .opened(let path, let files): try files[name] ?? file(name, in: path)
        case .directory(let path): try file(name, in: path)
        }
    }

    private func file(_ name: String, in path: String) throws -> ModelBytes? {
        guard !path.isEmpty else {
            throw ModelError(
                .notFound, at: "\"\"", "the path of the model is empty",
                remedy: "A model is given as the path of its folder")
        }
        // Names can come from modules.json: they must stay inside the folder.
        guard !name.isEmpty, !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
            throw ModelError(
                .unsupported, at: location, "the file name \"\(name)\" leads out of the model's folder")
        }
        if let bytes = try ModelBytes.open(path + "/" + name) { return bytes }
        try checkDirectory(path)
        return nil
    }

    /// The bytes of a file that the model cannot do without.
    /// - Throws: ``ModelError`` that says what a model folder holds, and, where weights are there in a format that
    ///   Winnow does not read, how to convert them.
    public func requiredFile(_ name: String) throws -> ModelBytes {
        if let bytes = try file(name) { return bytes }
        switch name {
        case "config.json":
            if try file("modules.json") != nil {
                throw ModelError(
                    .unsupported, at: location,
                    "modules.json is there and config.json is not: the layout of sentence-transformers before version "
                        + "2, with the transformer in a folder of its own",
                    remedy: "Save the model again with a current sentence-transformers: "
                        + "SentenceTransformer(folder).save_pretrained(new_folder)")
            }
            throw ModelError(
                .incomplete, at: location, "this is no model folder: it holds no config.json",
                remedy: Self.contents)
        case "model.safetensors":
            if try file("model.safetensors.index.json") != nil {
                throw ModelError(
                    .unsupported, at: location,
                    "the weights are split into shards (model.safetensors.index.json), which is not supported yet",
                    remedy: "Write them as one file with transformers: "
                        + "model.save_pretrained(folder, max_shard_size=\"100GB\")")
            }
            if try file("pytorch_model.bin") != nil {
                throw ModelError(
                    .unsupported, at: location,
                    "the weights are there as pytorch_model.bin only, and Winnow reads model.safetensors",
                    remedy: "Convert them once with transformers: AutoModelForSequenceClassification (AutoModel for a "
                        + "bi-encoder) .from_pretrained(folder).save_pretrained(folder)")
            }
        default:
            break
        }
        throw ModelError(.incomplete, at: location, "the model lacks \(name)", remedy: Self.contents)
    }

    /// SHA-256 over the files that decide scores; equal for a folder and for the same files in memory.
    ///
    /// The digest is taken over the text `winnow-model-1\n` and then, for each of ``fingerprintedFiles`` that the model
    /// has, in the order of their names' bytes: the name's length as 8 bytes little-endian, the name in UTF-8, the
    /// file's length as 8 bytes little-endian, the file. Costs a pass over the weights (about 0.05 s for 23 MB), unless
    /// a source in memory carries the value.
    public func fingerprint() throws -> Fingerprint {
        if case .memory(_, let fingerprint?) = storage { return fingerprint }
        return try digest("winnow-model-1\n", of: Self.fingerprintedFiles)
    }

    /// SHA-256 over the files that decide token ids, as ``fingerprint()`` takes it, over the text `winnow-tokenizer-1\n`
    /// first: what stored token ids depend on.
    public func tokenizerFingerprint() throws -> Fingerprint {
        try digest("winnow-tokenizer-1\n", of: ["tokenizer.json", "tokenizer_config.json", "vocab.txt"])
    }

    private func digest(_ label: String, of names: [String]) throws -> Fingerprint {
        var hash = SHA256()
        hash.update(data: Array(label.utf8))
        for name in names {
            guard let bytes = try file(name) else { continue }
            hash.update(data: littleEndian(name.utf8.count))
            hash.update(data: Array(name.utf8))
            hash.update(data: littleEndian(bytes.count))
            withExtendedLifetime(bytes) { hash.update(bufferPointer: bytes.buffer) }
        }
        return Fingerprint(digest: hash.finalize())
    }

    /// The files that decide scores, in the order of their names' bytes.
    public static let fingerprintedFiles = [
        "1_Pooling/config.json", "config.json", "config_sentence_transformers.json", "model.safetensors",
        "modules.json", "sentence_bert_config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt",
    ]

    /// How messages name one of the model's files.
    package func location(of file: String) -> String {
        switch storage {
        case .directory(let path), .opened(let path, _): path + "/" + file
        case .memory: "\(file) of \(location)"
        }
    }

    private static let contents =
        "A model folder holds config.json, model.safetensors, and tokenizer.json or vocab.txt, "
        + "as on the Hugging Face hub"

    private func checkDirectory(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw ModelError(
                .notFound, at: location, "there is no such folder: \(String(cString: strerror(errno)))",
                remedy: "A model is given as the path of its folder")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw ModelError(
                .notFound, at: location, "this is a file, and a model is a folder", remedy: Self.contents)
        }
    }

    private static func folderName(_ path: String) -> String {
        let components = path.split(separator: "/").map(String.init)
        // The hub's cache: models--org--name/snapshots/<commit>.
        if components.count >= 3, components[components.count - 2] == "snapshots",
            components[components.count - 3].hasPrefix("models--")
        {
            return hubName(components[components.count - 3].dropFirst("models--".count))
        }
        guard let last = components.last, last != ".", last != ".." else {
            guard let resolved = realpath(path, nil) else { return path }
            defer { free(resolved) }
            return String(cString: resolved).split(separator: "/").last.map(String.init) ?? path
        }
        return last
    }

    /// `org--name` to `org/name`.
    private static func hubName(_ repository: Substring) -> String {
        let bytes = Array(repository.utf8)
        for index in bytes.indices.dropLast() where bytes[index] == 0x2D && bytes[index + 1] == 0x2D {
            return String(decoding: bytes[..<index], as: UTF8.self) + "/"
                + String(decoding: bytes[(index + 2)...], as: UTF8.self)
        }
        return String(repository)
    }
}

private func littleEndian(_ count: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
}
