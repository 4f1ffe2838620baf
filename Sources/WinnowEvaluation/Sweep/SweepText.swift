/// Figures as a sweep's sentences write them, beside those of ``FigureText``.
enum SweepText {
    static func percent(_ share: Double) -> String { FigureText.fixed(share * 100, 1) + " %" }

    static func duration(_ duration: Duration) -> String {
        let milliseconds = duration / .milliseconds(1)
        return switch milliseconds {
        case ..<10: FigureText.fixed(milliseconds, 2) + " ms"
        case ..<100: FigureText.fixed(milliseconds, 1) + " ms"
        case ..<10_000: FigureText.fixed(milliseconds, 0) + " ms"
        default: FigureText.fixed(milliseconds / 1000, 1) + " s"
        }
    }
}
