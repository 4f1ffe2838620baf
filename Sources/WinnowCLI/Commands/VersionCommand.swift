import ArgumentParser

enum Version {
    static let current = "0.1.0"
}

struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version; with --verbose also the kernels, the processor and the built-in models.")

    @Flag(help: "Say what this machine runs: kernels, processor, built-in models.")
    var verbose = false

    func run() async throws {
        var text = "winnow \(Version.current)\n"
        if verbose {
            let facts = try Models.engineFacts()
            let width = facts.map(\.name.count).max() ?? 0
            for fact in facts {
                text += DisplayText.padded(fact.name, to: width, right: false) + "  " + fact.value + "\n"
            }
        }
        try StandardStreams.output(text)
    }
}
