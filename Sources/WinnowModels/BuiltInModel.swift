import CWinnowModels

/// A model whose files are linked into the binary.
///
/// The bytes lie in the executable's read-only data: nothing is copied, and they stay valid as long as the process.
public struct BuiltInModel: Sendable {
    /// The name people know it by.
    public let name: String
    /// SHA-256 over the files as `ModelSource` computes it; a constant, so that no start hashes weights. A test checks it.
    public let fingerprint: String
    private let model: @Sendable () -> UnsafePointer<winnow_model>

    /// sentence-transformers/all-MiniLM-L6-v2 with int8 weights: 384 dimensions, 256 tokens.
    public static let biEncoder = BuiltInModel(
        name: "all-MiniLM-L6-v2",
        fingerprint: "3d136b533985a6ac384ec5a484d54b04629d2cedf48e44c700e2f7fc5c7e76df",
        model: { winnow_models_bi_encoder() })

    /// winnow-reranker-minilm-l6 with int8 weights: one logit, 512 tokens a pair.
    public static let crossEncoder = BuiltInModel(
        name: "winnow-reranker-minilm-l6",
        fingerprint: "d29066f91b27f8fd0bdcd7e6ed1aab15b3a8a4fc55974d5c26da2d75e4091fd8",
        model: { winnow_models_cross_encoder() })

    /// The model's files, by their path inside the model's folder.
    public var files: [String: UnsafeRawBufferPointer] {
        let model = self.model().pointee
        var files: [String: UnsafeRawBufferPointer] = [:]
        for file in UnsafeBufferPointer(start: model.files, count: model.file_count) {
            files[String(cString: file.name)] = UnsafeRawBufferPointer(start: file.bytes, count: file.count)
        }
        return files
    }
}
