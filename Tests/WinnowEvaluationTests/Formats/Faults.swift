import Testing
import WinnowEvaluation

/// The fault that reading a file ends with.
func fault(_ read: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation) -> FileFault? {
    do {
        try read()
        Issue.record("no error", sourceLocation: sourceLocation)
    } catch EvaluationError.file(let fault) {
        return fault
    } catch {
        Issue.record("another error: \(error)", sourceLocation: sourceLocation)
    }
    return nil
}
