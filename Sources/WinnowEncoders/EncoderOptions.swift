import WinnowTokenizers

/// The arithmetic of a forward pass.
public enum Precision: String, Sendable, Hashable, CaseIterable {
    /// ``int8`` for weights that are stored as int8, such as the built-in models', where the processor has VNNI instructions and
    /// computes them about three times as fast (`Documentation/quality.md` has the measured cost in ranking); else
    /// ``float32``. Float weights are never quantised without being asked for.
    case automatic = "auto"
    /// Agrees with the reference to 1e-4 on logits.
    case float32
    /// Weights rounded to bfloat16, and inputs of products too where the processor multiplies bfloat16 faster than float32
    /// (AVX512-BF16, but for Intel's); sums in float32.
    case bfloat16
    /// int8 weights with a scale a column, 8-bit activations with a scale and a least value a token. Float weights are quantised at load.
    case int8
}

/// How to load and run an encoder.
public struct EncoderOptions: Sendable, Hashable {
    public var precision: Precision
    /// Compute threads that one call uses at most; nil: as many as the process has processors.
    public var threads: Int?
    /// Tokens of a sequence at most, special tokens included; nil: what the model's files say.
    public var maxLength: Int?
    /// What happens to a pair that is too long. A bi-encoder's single text is cut at its end, or refused under
    /// ``Truncation/error``.
    public var truncation: Truncation
    /// How a cross-encoder judges a passage that does not fit beside the query: nil cuts its end off. Only with
    /// ``Truncation/passage``: the other policies say what becomes of long pairs themselves.
    public var windows: PassageWindows?
    /// Nil: ``Kernels/active``.
    public var kernels: Kernels?

    public init(
        precision: Precision = .automatic, threads: Int? = nil, maxLength: Int? = nil,
        truncation: Truncation = .passage, windows: PassageWindows? = nil, kernels: Kernels? = nil
    ) {
        self.precision = precision
        self.threads = threads
        self.maxLength = maxLength
        self.truncation = truncation
        self.windows = windows
        self.kernels = kernels
    }

    public static func == (left: EncoderOptions, right: EncoderOptions) -> Bool {
        left.precision == right.precision && left.threads == right.threads && left.maxLength == right.maxLength
            && left.truncation == right.truncation && left.windows == right.windows
            && left.kernels?.name == right.kernels?.name
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(precision)
        hasher.combine(threads)
        hasher.combine(maxLength)
        hasher.combine(truncation)
        hasher.combine(windows)
        hasher.combine(kernels?.name)
    }
}

/// Why an encoder refused a request.
public enum EncoderError: Error, Sendable, Hashable, CustomStringConvertible {
    /// `WINNOW_KERNELS` names none that run here, and no kernels were asked for by the program.
    case unknownKernels(request: String, available: [String])
    /// A matrix of so many inputs could leave int32 in a sum of int8 products.
    case tooWideForInt8(model: String, inputs: Int)
    /// `threads` is not 1…256.
    case invalidThreads(Int)
    /// The tokenizer has ids that the embedding table lacks.
    case vocabularyMismatch(model: String, tokenizer: Int, embeddings: Int)
    /// A result is NaN or infinite: the weights are damaged or do not belong together.
    case notFinite(model: String, item: String)
    /// A text was refused by the tokenizer or the truncation policy; `item` says which one.
    case unusable(item: String, reason: String)

    public var description: String {
        switch self {
        case .unknownKernels(let request, let available):
            "WINNOW_KERNELS is '\(request)', and this machine runs \(available.joined(separator: ", ")): set it to one of "
                + "them or unset it"
        case .tooWideForInt8(let model, let inputs):
            "\(model): a matrix has \(inputs) inputs, and sums of int8 products are exact up to \(Int8Linear.mostInputs) only. "
                + "Use \"float32\""
        case .invalidThreads(let threads):
            "\(threads) threads were asked for, and 1 to 256 make sense"
        case .vocabularyMismatch(let model, let tokenizer, let embeddings):
            "\(model): the tokenizer has \(tokenizer) ids and the embedding table \(embeddings) rows. "
                + "The tokenizer's files and the weights are of different models"
        case .notFinite(let model, let item):
            "\(model): the result for \(item) is not a finite number. The weights are damaged, or of another model "
                + "than config.json describes"
        case .unusable(let item, let reason):
            "\(item): \(reason)"
        }
    }
}
