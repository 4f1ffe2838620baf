import WinnowCore

/// A PDF as a document with pages, by `pdftotext` of poppler, which is a program of the system and no part of this one.
struct PDFReader: FormatReader {
    private static let program = "pdftotext"

    func open(_ file: CorpusFile, limits: ReadingLimits) throws -> any DocumentStream {
        // Whether it can be opened at all is said in our words.
        _ = try ByteSource(file.path)
        guard file.size > 0 else { throw NothingThere(description: "the file is empty") }
        guard let program = ExternalProgram(named: Self.program) else {
            throw ReadFailure(
                description:
                    "PDFs are read by \(Self.program) of poppler, which is not installed: apt install poppler-utils, or brew "
                    + "install poppler")
        }
        let pages = try Self.pages(try Self.output(of: program, file, limits))
        let text = PDFText(pages: pages)
        guard !VisibleText.isAbsent(from: text.text) else {
            throw NothingThere(
                description: "there is no text in it: it may be a scan; OCR it first, for example with ocrmypdf")
        }
        let empty = pages.count { $0.allSatisfy(ByteText.isSpace) }
        return SingleDocument(
            Document(id: file.relativePath, text: text.text, structure: .pages(starts: text.starts)),
            notes: empty == 0
                ? [] : ["\(empty) of \(pages.count) pages have no text: they may be pictures, or scans to OCR first"])
    }

    private static func output(
        of program: ExternalProgram, _ file: CorpusFile, _ limits: ReadingLimits
    ) throws -> [UInt8] {
        // A name that begins with a dash would be an option.
        let path = file.path.hasPrefix("-") ? "./" + file.path : file.path
        let outcome: ExternalProgram.Outcome
        do {
            outcome = try program.run(
                ["-enc", "UTF-8", "-eol", "unix", path, "-"], longest: limits.longestRun,
                mostOutput: limits.mostExtracted)
        } catch let failure as ExternalProgram.Failure {
            throw ReadFailure(description: message(failure, limits))
        }
        guard outcome.code == 0 else { throw ReadFailure(description: message(outcome)) }
        return outcome.output
    }

    private static func message(_ failure: ExternalProgram.Failure, _ limits: ReadingLimits) -> String {
        switch failure {
        case .cannotStart(let reason): "\(program) cannot be started: \(reason)"
        case .tooSlow:
            "\(program) took over \(limits.longestRun.components.seconds) seconds for it and was stopped: split the file"
        case .tooMuch: "\(program) wrote over \(limits.mostExtracted) bytes of text and was stopped: split the file"
        }
    }

    private static func message(_ outcome: ExternalProgram.Outcome) -> String {
        let said = String(decoding: outcome.errors, as: UTF8.self)
        if said.contains("Incorrect password") {
            return "is locked with a password: save it without one, for example with qpdf --decrypt"
        }
        guard let code = outcome.code else { return "\(program) crashed over it, or ran out of memory: split the file" }
        if code == 3 { return "its owner does not allow its text to be taken out" }
        let first = said.split(whereSeparator: \.isNewline).first.map { ": " + PathText.quoted(String($0.prefix(200))) }
        return "is no PDF that can be read; \(program) says (exit code \(code))\(first ?? " nothing")"
    }

    /// Each page ends with a form feed.
    private static func pages(_ output: [UInt8]) throws -> [ArraySlice<UInt8>] {
        if let zero = output.firstIndex(of: 0) { throw TextDecoding.InvalidText(kind: .zero, offset: zero) }
        _ = try TextDecoding.string(output[...], offset: 0)
        var pages = output.split(separator: 0x0C, omittingEmptySubsequences: false)
        if let last = pages.last, last.allSatisfy(ByteText.isSpace), pages.count > 1 { pages.removeLast() }
        return pages
    }
}
