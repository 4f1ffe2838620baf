import Synchronization
import WinnowEncoders

/// The progress of quantising, step after step, told by several threads.
final class StepLine: Sendable {
    private let progress = Mutex<(label: String, line: Progress, done: Int)?>(nil)

    func update(_ step: ModelQuantizer.Step) {
        let (label, done, total, unit) =
            switch step {
            case .calibrating(let done, let total): ("Calibrating", done, total, "chunk")
            case .rounding(let done, let total): ("Rounding", done, total, "row")
            case .measuring(let done, let total): ("Measuring", done, total, "model")
            }
        progress.withLock { progress in
            if progress?.label != label {
                progress?.line.finish()
                progress = (label, Progress(label, total: total, unit: unit), 0)
            }
            // Threads overtake one another.
            guard var current = progress, done >= current.done else { return }
            current.done = done
            current.line.update(done)
            progress = current
        }
    }

    func finish() {
        progress.withLock { progress in
            progress?.line.finish()
            progress = nil
        }
    }
}
