import ArgumentParser
import WinnowEncoders
import WinnowTokenizers

/// How models compute: the same on every command that loads one.
struct EngineOptions: ParsableArguments {
    @Option(help: "Arithmetic of the model: auto, float32, bfloat16 or int8.")
    var precision: Precision = .automatic

    @Option(help: ArgumentHelp("Compute threads, 1 to 256. (default: all processors)", valueName: "count"))
    var threads: Int?

    func validate() throws {
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads is \(threads): give 1 to 256, or leave it out to use all processors")
        }
    }
}

extension Precision: ExpressibleByArgument {}
extension Truncation: ExpressibleByArgument {}
