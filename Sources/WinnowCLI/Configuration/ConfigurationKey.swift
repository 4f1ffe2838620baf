/// A setting of `winnow.yaml`, which stands for an option of the command line.
struct ConfigurationKey: Sendable {
    /// As it is written in the file, groups before points: `retrieval.initial-k`.
    var path: String
    /// The long name of the option that it stands for.
    var option: String
    var kind: ConfigurationKind
    /// What holds when nothing is set; nil where that is no value of the key.
    var standard: String?
    /// In place of the standard, where there is none.
    var otherwise = "not set"
    /// For the commented example.
    var help: String

    /// The variable of the environment: `WINNOW_RETRIEVAL_INITIAL_K`.
    var variable: String {
        "WINNOW_" + String(path.map { $0 == "." || $0 == "-" ? "_" : $0 }).uppercased()
    }

    /// `retrieval` of `retrieval.initial-k`; nil for a key without a group.
    var group: String? { path.firstIndex(of: ".").map { String(path[..<$0]) } }

    /// `initial-k` of `retrieval.initial-k`.
    var name: String { path.firstIndex(of: ".").map { String(path[path.index(after: $0)...]) } ?? path }

    /// The option that says the value on a command line; nil where leaving it out says so.
    ///
    /// - Parameter option: the command's name for it, where that is another one.
    func argument(_ value: String, option: String) -> String? {
        guard case .truth(let says) = kind else { return "--\(option)=\(value)" }
        return (value == "true") == says ? "--\(option)" : nil
    }
}
