import ArgumentParser

struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "Work on model folders: make the int8 folder of a float model.",
        subcommands: [ModelsQuantizeCommand.self])
}
