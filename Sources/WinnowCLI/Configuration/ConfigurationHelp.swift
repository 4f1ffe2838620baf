/// What the options of the configuration say of themselves, on every command that takes keys.
enum ConfigurationHelp {
    private static let options = [
        ("--config <file>", "Configuration instead of the winnow.yaml that is found, or none."),
        ("--profile <name>", "Which of the file's profiles holds."),
        ("--no-config", "Read no configuration file."),
    ]

    /// For the end of a command's help; empty where the command takes no key.
    static func text(for arguments: [String]) -> String {
        let words = arguments.filter { $0 != "help" }
        // --version ends likewise.
        guard words.count < arguments.count || arguments.contains(where: TypedLine.help.contains),
            !arguments.contains("--version"), let shape = CommandShape.named(by: words),
            ConfigurationReach.takesAny(shape)
        else { return "" }
        let width = options.map { $0.0.utf8.count }.max() ?? 0
        return "\nCONFIGURATION (winnow help config):\n"
            + options.map { "  \(DisplayText.padded($0.0, to: width + 4, right: false))\($0.1)\n" }.joined()
    }
}
