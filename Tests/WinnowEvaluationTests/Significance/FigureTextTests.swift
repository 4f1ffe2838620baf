import Testing
import WinnowEvaluation

@Suite struct FigureTextTests {
    /// As C's printf rounds: by the exact binary value, halves to even.
    @Test(arguments: [
        (0.5, 0, "0"), (1.5, 0, "2"), (0.0625, 3, "0.062"), (0.5125, 3, "0.512"), (-0.0004, 3, "0.000"),
        (-0.0, 2, "0.00"),
        (1234.5678, 2, "1234.57"), (1e22, 0, "10000000000000000000000"), (-0.049, 3, "-0.049"),
    ])
    func fixed(value: Double, decimals: Int, text: String) {
        #expect(FigureText.fixed(value, decimals) == text)
    }

    @Test(arguments: [
        (0.049, "+0.049"), (-0.049, "-0.049"), (0, "0.000"), (0.0003, "+0.0003"), (-0.00001, "-0.00001"),
        (1e-18, "0.000"),
        (-1e-9, "0.000"),
    ])
    func signed(value: Double, text: String) { #expect(FigureText.signed(value) == text) }

    @Test(arguments: [
        (1e-5, "p < 0.0001"), (0.0000999, "p < 0.0001"), (0.0001, "p = 0.0001"), (0.00048, "p = 0.0005"),
        (0.012, "p = 0.012"),
        (0.0502, "p = 0.0502"), (0.0498, "p = 0.0498"), (0.05, "p = 0.0500"), (0.31, "p = 0.31"), (1, "p = 1.00"),
    ])
    func pValues(p: Double, text: String) { #expect(FigureText.pValue(p) == text) }

    @Test func pairsShowWhichIsLarger() {
        #expect(FigureText.pair(0.5121, 0.5124) == ("0.5121", "0.5124"))
        #expect(FigureText.pair(0.512, 0.561) == ("0.512", "0.561"))
        #expect(FigureText.pair(0.512, 0.512) == ("0.512", "0.512"))
        #expect(FigureText.pair(0.512, 0.512 + 1e-9) == ("0.512", "0.512"))
    }

    @Test(arguments: [
        (0, "0 %"), (1, "100 %"), (0.34, "34 %"), (0.001, "0.10 %"), (0.999, "99.90 %"),
    ])
    func percent(share: Double, text: String) { #expect(FigureText.percent(share) == text) }

    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000")])
    func grouped(value: Int, text: String) { #expect(FigureText.grouped(value) == text) }

    @Test(arguments: [(0.02, "0.02"), (-0.01, "-0.01"), (0, "0"), (95, "95"), (-0.0, "0")])
    func chosen(value: Double, text: String) { #expect(FigureText.chosen(value) == text) }
}
