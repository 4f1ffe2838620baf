/// Why a model was not quantised.
public enum QuantizationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The weights are int8 already.
    case alreadyQuantized(model: String)
    /// The folder to be made is there.
    case outputExists(path: String)
    /// A file or folder of the result cannot be written; nothing of it is left.
    case cannotWrite(path: String, reason: String)
    /// So few texts are there that nothing can be learnt or measured.
    case tooFewTexts(String)

    public var description: String {
        switch self {
        case .alreadyQuantized(let model):
            "\(model) is int8 already: quantise the float model that it was made of, since rounding twice costs twice"
        case .outputExists(let path):
            "\"\(path)\" is there already, and nothing is written into it: name another folder, or remove that one first"
        case .cannotWrite(let path, let reason):
            "\"\(path)\" cannot be written: \(reason). Nothing of the new model was left there"
        case .tooFewTexts(let reason): reason
        }
    }
}
