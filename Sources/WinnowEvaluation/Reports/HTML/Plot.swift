#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// From values to places along one axis of a figure.
package struct Scale: Sendable {
    let domain: ClosedRange<Double>
    /// Where the ends of ``domain`` lie; the first may be the larger one.
    let from: Double
    let to: Double

    /// A domain without width is widened; one with an end that is not finite becomes 0…1.
    package init(_ domain: ClosedRange<Double>, from: Double, to: Double) {
        if !domain.lowerBound.isFinite || !domain.upperBound.isFinite {
            self.domain = 0...1
        } else if domain.lowerBound == domain.upperBound {
            self.domain = (domain.lowerBound - 0.5)...(domain.upperBound + 0.5)
        } else {
            self.domain = domain
        }
        self.from = from
        self.to = to
    }

    /// What lies outside the domain is drawn at its end.
    package func callAsFunction(_ value: Double) -> Double {
        guard value.isFinite else { return from }
        let kept = min(max(value, domain.lowerBound), domain.upperBound)
        return from + (kept - domain.lowerBound) / (domain.upperBound - domain.lowerBound) * (to - from)
    }

    /// Round values within the domain, about `count` of them, with the decimals that they need.
    package func ticks(_ count: Int) -> (values: [Double], decimals: Int) {
        let raw = (domain.upperBound - domain.lowerBound) / Double(max(1, count))
        let magnitude = pow(10, floor(log10(raw)))
        let step = ([1, 2, 2.5, 5, 10].first { $0 * magnitude >= raw * 0.999 } ?? 10) * magnitude
        let first = (domain.lowerBound / step - 1e-9).rounded(.up)
        let last = (domain.upperBound / step + 1e-9).rounded(.down)
        guard first.isFinite, last.isFinite, last >= first, last - first <= 50 else { return ([], 0) }
        let values = stride(from: first, through: last, by: 1).map { $0 * step }
        let decimals = (0...9).first { decimals in
            values.allSatisfy {
                abs(($0 * pow(10, Double(decimals))).rounded() - $0 * pow(10, Double(decimals))) < 1e-6
            }
        }
        return (values, decimals ?? 9)
    }
}

/// The frame of a figure: an area in a drawing of 360 units' width, which is about a phone's, so that its letters can
/// be read there and a wide screen sets two side by side.
struct Plot: Sendable {
    static let width = 360.0
    let height: Double
    let left: Double
    let right: Double
    let top: Double
    let bottom: Double
    let x: Scale
    let y: Scale

    init(
        x: ClosedRange<Double>, y: ClosedRange<Double>, height: Double = 240, left: Double = 46, right: Double = 14,
        top: Double = 10, bottom: Double = 40
    ) {
        self.height = height
        self.left = left
        self.right = right
        self.top = top
        self.bottom = bottom
        self.x = Scale(x, from: left, to: Self.width - right)
        self.y = Scale(y, from: height - bottom, to: top)
    }

    /// Labels and faint lines at round values, names at the axes.
    func axes(
        x xName: String, y yName: String, xTicks: Int = 5, yTicks: Int = 5,
        xText: ((Double) -> String)? = nil, yText: ((Double) -> String)? = nil
    ) -> HTML {
        let (xs, xDecimals) = x.ticks(xTicks)
        let (ys, yDecimals) = y.ticks(yTicks)
        return HTML("g", ["class": "axes"]) {
            for value in ys {
                Self.line(x.from, y(value), x.to, y(value), class: "grid")
                Self.text(
                    x.from - 5, y(value) + 4, yText?(value) ?? FigureText.fixed(value, yDecimals), anchor: "end")
            }
            for value in xs {
                Self.line(x(value), y.from, x(value), y.from + 4, class: "axis")
                Self.text(x(value), y.from + 17, xText?(value) ?? FigureText.fixed(value, xDecimals), anchor: "middle")
            }
            Self.line(x.from, y.from, x.to, y.from, class: "axis")
            Self.text((x.from + x.to) / 2, height - 5, xName, anchor: "middle", class: "name")
            Self.verticalText(11, (y.from + y.to) / 2, yName)
        }
    }

    /// - Parameter label: what it shows, for those who cannot see it.
    func figure(label: String, caption: HTML, @HTMLBuilder content: () -> HTML) -> HTML {
        HTML("figure") {
            HTML(
                "svg",
                [
                    "viewBox": "0 0 \(Self.number(Self.width)) \(Self.number(height))", "role": "img",
                ], content: content)
            HTML("figcaption") { caption }
        }
    }
}

// MARK: Shapes

extension Plot {
    /// A coordinate: no more digits than a screen can show.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let text = FigureText.fixed(value, 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, class name: String) -> HTML {
        HTML(empty: "line", ["x1": number(x1), "y1": number(y1), "x2": number(x2), "y2": number(y2), "class": name])
    }

    static func text(_ x: Double, _ y: Double, _ text: String, anchor: String = "start", class name: String? = nil)
        -> HTML
    {
        HTML("text", ["x": number(x), "y": number(y), "text-anchor": anchor, "class": name]) { text }
    }

    /// The name of an axis that stands upright.
    static func verticalText(_ x: Double, _ y: Double, _ text: String) -> HTML {
        HTML(
            "text",
            [
                "class": "name", "text-anchor": "middle",
                "transform": "translate(\(number(x)) \(number(y))) rotate(-90)",
            ]
        ) { text }
    }

    static func points(_ points: [(x: Double, y: Double)]) -> String {
        points.map { number($0.x) + "," + number($0.y) }.joined(separator: " ")
    }

    /// A bar with what it stands for.
    static func bar(x: Double, y: Double, width: Double, height: Double, class name: String, title: String) -> HTML {
        HTML(
            "rect",
            [
                "x": number(x), "y": number(y), "width": number(max(0, width)), "height": number(max(0, height)),
                "class": name,
            ]
        ) { HTML("title") { title } }
    }

    /// Shapes that are told apart without colour.
    enum Marker: Int, CaseIterable, Sendable {
        case circle, square, diamond, rising, falling, cross

        /// One for each of several things, beginning anew after the last.
        static func at(_ index: Int) -> Marker { allCases[index % allCases.count] }
    }

    /// A mark with what it stands for.
    static func marker(
        _ marker: Marker, _ x: Double, _ y: Double, radius: Double = 4, class name: String, title: String
    ) -> HTML {
        HTML("g", ["class": name]) {
            HTML("title") { title }
            shape(marker, x, y, radius: radius)
        }
    }

    static func shape(_ marker: Marker, _ x: Double, _ y: Double, radius r: Double) -> HTML {
        let corners: [(x: Double, y: Double)]
        switch marker {
        case .circle: return HTML(empty: "circle", ["cx": number(x), "cy": number(y), "r": number(r)])
        case .square: corners = [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]
        case .diamond: corners = [(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)]
        case .rising: corners = [(0, -1.2), (1.15, 0.9), (-1.15, 0.9)]
        case .falling: corners = [(0, 1.2), (1.15, -0.9), (-1.15, -0.9)]
        case .cross:
            corners = [
                (-1.2, -0.4), (-0.4, -0.4), (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4),
                (0.4, 1.2), (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4),
            ]
        }
        return HTML(empty: "polygon", ["points": points(corners.map { (x + $0.x * r, y + $0.y * r) })])
    }
}
