import ArgumentParser
import Winnow
import WinnowCore

struct ModelsQuantizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Make the int8 folder of a float model, with what that costs in its card.",
        usage: "winnow models quantize [<options>] <in> <out>",
        discussion: """
            IN is a folder of a BERT cross-encoder or bi-encoder in float32, float16 or bfloat16. OUT gets linear layers and \
            word and position embeddings in int8, one scale a row (compressed-tensors int-quantized, which other tools read \
            too), everything else as it was, and a card (README.md) with the differences to the original on texts that \
            were not used before. It is there whole or not at all.

            Examples:
              winnow models quantize my-reranker my-reranker-int8
              winnow models quantize my-reranker my-reranker-int8 --texts my-set --held-out other-set
              winnow eval labelled/ --model my-reranker-int8 --precision int8

            The differences are no measurement of ranking; the last example is. The methods, and what each gains: \
            Documentation/quantization.md.
            """)

    @Argument(help: ArgumentHelp("Folder of the float model.", valueName: "in"))
    var input: String

    @Argument(help: ArgumentHelp("Folder to be made; nothing may be there.", valueName: "out"))
    var output: String

    @Option(
        help: ArgumentHelp(
            "Texts to calibrate with: a test collection's folder (queries.jsonl, qrels/, corpus.jsonl), JSONL records, or one text "
                + "a line. (default: texts inside the program)", valueName: "path"))
    var texts: String?

    @Option(
        help: ArgumentHelp(
            "Texts to measure the cost on, of the same kinds. (default: other texts inside the program)",
            valueName: "path"))
    var heldOut: String?

    @Option(help: ArgumentHelp("Which of a folder's qrels.", valueName: "name"))
    var split = "test"

    @Option(help: "How weights are rounded: nearest, clipping or compensation.")
    var method: RoundingMethod = .compensation

    @Option(help: ArgumentHelp("Compute threads, 1 to 256. (default: all processors)", valueName: "count"))
    var threads: Int?

    @Flag(help: "Print what was made and measured as one JSON object.")
    var json = false

    func validate() throws {
        guard !input.isEmpty, !output.isEmpty else {
            throw ValidationError("the path of a folder is empty: give the model's folder and the one to be made")
        }
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads is \(threads): give 1 to 256, or leave it out to use all processors")
        }
    }

    func run() async throws {
        // Before files of texts are read.
        try ModelQuantizer.check(output: output)
        let calibration = try texts.map { try QuantizationTexts.calibration($0, split: split) } ?? .builtInCalibration
        let heldOut = try heldOut.map { try QuantizationTexts.heldOut($0, split: split) } ?? .builtInHeldOut
        let line = StepLine()
        defer { line.finish() }
        let report = try await ModelQuantizer(method: method, threads: threads).quantize(
            .directory(input), into: output, calibration: calibration, heldOut: heldOut
        ) { line.update($0) }
        line.finish()
        let outcome = QuantizationOutcome(report: report, path: output)
        try StandardStreams.output(json ? outcome.json.text + "\n" : outcome.text(Terminal.of(1)))
    }
}

extension RoundingMethod: ExpressibleByArgument {}
