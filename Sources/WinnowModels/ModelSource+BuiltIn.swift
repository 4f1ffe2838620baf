import WinnowCore
import WinnowEncoders

extension ModelSource {
    /// A model that is linked into the program: nothing is read from disk and nothing is hashed.
    public static func builtIn(_ model: BuiltInModel) -> ModelSource {
        .memory(name: model.name, files: model.files, fingerprint: Fingerprint(hexadecimal: model.fingerprint))
    }
}
