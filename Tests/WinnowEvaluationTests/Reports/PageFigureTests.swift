import Foundation
import TestSupport
import Testing
import WinnowEvaluation

@Suite struct PageFigureTests {
    /// Lines as long as they are told apart, then bars; never more marks than a browser and an eye can bear.
    @Test(arguments: [1, 40, 41, 70, 320, 1200]) func marksAreBounded(_ queries: Int) throws {
        var fixture = ReportFixture()
        fixture.queryCount = queries
        fixture.measures = [.primaryDefault]
        let report = try fixture.report()
        let reader = PageReader(HTMLReport(evaluation: report).page)
        #expect((reader.marksByFigure.max() ?? 0) <= 500)
        let changed = report.systems[1].regressions.count + report.systems[1].improvements.count
        #expect(reader.count("g", class: "slope") == (changed <= 40 ? changed : 0))
        let bars = reader.elements.count {
            $0.name == "rect" && ["up", "down", "even"].contains($0.attributes["class"] ?? "")
        }
        #expect(bars == (changed <= 40 ? 0 : min(changed, 240)))
    }

    /// A page must not grow with the queries beyond what it shows.
    @Test func sizeIsBounded() throws {
        var fixture = ReportFixture()
        fixture.measures = [.primaryDefault]
        fixture.queryCount = 1200
        let many = HTMLReport(evaluation: try fixture.report()).page.utf8.count
        #expect(many < 200_000, "\(many) bytes")
    }

    /// Sign is told by shape and line too, not by colour alone.
    @Test func signHasAShape() throws {
        var fixture = ReportFixture()
        fixture.queryCount = 40
        fixture.measures = [.primaryDefault]
        fixture.systems = [.init(name: "noise", role: .reranked, separation: -1)]
        let report = try fixture.report()
        let system = report.systems[1]
        let reader = PageReader(HTMLReport(evaluation: report).page)
        #expect(!system.regressions.isEmpty && !system.improvements.isEmpty)
        #expect(reader.count("line", class: "dashed") == system.regressions.count)
        #expect(reader.count("line", class: "solid") == system.improvements.count)
        #expect(reader.text.contains("▼ -"))
    }

    @Test func ticksAreRoundAndWithinTheirDomain() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            let start = (Double(random.next() % 20_001) - 10_000) / 137
            let width = pow(10, Double(random.next() % 13) - 6) * (1 + Double(random.next() % 1000) / 100)
            let scale = Scale(start...(start + width), from: 300, to: 10)
            let (values, decimals) = scale.ticks(5)
            #expect((2...12).contains(values.count), "\(start) + \(width): \(values)")
            let slack = width * 1e-6
            for value in values {
                #expect(value >= start - slack && value <= start + width + slack)
                #expect(scale(value) <= 300 && scale(value) >= 10)
            }
            for (left, right) in zip(values, values.dropFirst()) {
                #expect(abs((right - left) - (values[1] - values[0])) < slack)
                #expect(FigureText.fixed(left, decimals) != FigureText.fixed(right, decimals))
            }
        }
    }

    @Test(arguments: [0.0...0.0, 3...3, -Double.infinity...1, 0...Double.infinity])
    func oddDomainsAreDrawn(_ domain: ClosedRange<Double>) {
        let scale = Scale(domain, from: 0, to: 100)
        for value in [0, 3, -1, Double.nan, Double.infinity, -Double.infinity] {
            #expect((0...100).contains(scale(value)))
        }
        #expect(!scale.ticks(5).values.isEmpty)
    }

    // MARK: Colours

    /// Text on its ground has the contrast that WCAG 2.1 asks for (AA, 4.5 : 1), in light and in dark.
    @Test func coloursCanBeRead() throws {
        let page = HTMLReport().page
        let parts = page.components(separatedBy: ":root{").dropFirst()
        #expect(parts.count == 2)
        #expect(page.contains("@media screen and (prefers-color-scheme:dark)"))
        for part in parts {
            var colours: [String: [Double]] = [:]
            for rule in part.prefix(while: { $0 != "}" }).split(separator: ";") {
                let sides = rule.split(separator: ":")
                guard sides.count == 2, sides[1].hasPrefix("#"), let colour = Self.colour(sides[1].dropFirst()) else {
                    continue
                }
                colours[String(sides[0].drop { $0 == "\n" || $0 == " " })] = colour
            }
            for ground in ["--paper", "--wash"] {
                for ink in ["--ink", "--soft", "--up", "--down", "--even", "--mark"] {
                    let pair = (try #require(colours[ink]), try #require(colours[ground]))
                    let contrast = Self.contrast(pair.0, pair.1)
                    #expect(contrast >= 4.5, "\(ink) on \(ground): \(contrast)")
                }
                for mark in ["--s1", "--s2", "--s3", "--s4", "--s5"] {
                    #expect(Self.contrast(try #require(colours[mark]), try #require(colours[ground])) >= 3, "\(mark)")
                }
            }
        }
    }

    private static func colour(_ digits: Substring) -> [Double]? {
        let wide = digits.count == 3 ? digits.map { "\($0)\($0)" }.joined() : String(digits)
        guard wide.count == 6, let value = Int(wide, radix: 16) else { return nil }
        return [value >> 16 & 255, value >> 8 & 255, value & 255].map { Double($0) / 255 }
    }

    private static func contrast(_ one: [Double], _ other: [Double]) -> Double {
        func luminance(_ colour: [Double]) -> Double {
            let linear = colour.map { $0 <= 0.04045 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4) }
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        }
        let (light, dark) = (max(luminance(one), luminance(other)), min(luminance(one), luminance(other)))
        return (light + 0.05) / (dark + 0.05)
    }
}
