/// The elements of a page, each before what is in it.
///
/// Elements nest as in a browser where that matters to the text: end tags that may be left out are supplied, a stray one closes
/// nothing. Formatting is not kept, of links only which text is in one. Time is linear in the page: no more than ``deepest`` elements are open
/// at once, and what is deeper counts as content of the deepest.
struct HTMLTree {
    struct Node {
        var element: HTMLElement
        /// The number of the element that it is in.
        var parent: Int
        /// The number after the last of what is in it.
        var end: Int
        /// Bytes of ``HTMLTree/text``; empty for elements.
        var text: Range<Int> = 0..<0
        var isLink = false
        /// Where ``HTMLTree/attributes`` has its attributes; −1: it has none.
        var attributes = -1
    }

    private(set) var nodes: [Node] = [Node(element: .page, parent: 0, end: 0)]
    private(set) var text: [UInt8] = []
    private(set) var attributes: [[String: String]] = []
    private(set) var title: [UInt8] = []

    private static let deepest = 256

    private var open: [Int] = [0]
    /// Elements that are open below the deepest.
    private var deeper = 0
    private var isInLink = false
    private let isXML: Bool

    /// - Parameter bytes: UTF-8.
    /// - Throws: `CancellationError`.
    init(_ bytes: [UInt8], isXML: Bool) throws {
        self.isXML = isXML
        var tokens = HTMLTokenizer(bytes, isXML: isXML)
        var count = 0
        while let token = tokens.next() {
            count += 1
            if count & 0xFFFF == 0 { try Task.checkCancellation() }
            switch token {
            case .start(let name, let attributes, let isSelfClosing): start(name, attributes, isSelfClosing)
            case .end(let name): end(name)
            case .text(let bytes): append(bytes)
            case .title(let bytes): if title.isEmpty, !isOpen(.svg) { title = bytes }
            }
        }
        pop(to: 0)
        nodes[0].end = nodes.count
    }

    private var current: HTMLElement { nodes[open[open.count - 1]].element }

    private func isOpen(_ element: HTMLElement) -> Bool { open.contains { nodes[$0].element == element } }

    private mutating func append(_ bytes: [UInt8]) {
        let start = text.count
        text += bytes
        nodes.append(
            Node(
                element: .text, parent: open[open.count - 1], end: nodes.count + 1, text: start..<text.count,
                isLink: isInLink))
    }

    private mutating func push(_ element: HTMLElement, _ attributes: [String: String], isEmpty: Bool) {
        guard open.count < Self.deepest || isEmpty else {
            deeper += 1
            return
        }
        var node = Node(element: element, parent: open[open.count - 1], end: nodes.count + 1)
        if !attributes.isEmpty {
            node.attributes = self.attributes.count
            self.attributes.append(attributes)
        }
        nodes.append(node)
        if !isEmpty { open.append(nodes.count - 1) }
    }

    /// Closes elements until `count` are left, which is at least the page.
    private mutating func pop(to count: Int) {
        while open.count > max(1, count) { nodes[open.removeLast()].end = nodes.count }
    }

    // MARK: - Start tags

    private mutating func start(_ name: String, _ attributes: [String: String], _ isSelfClosing: Bool) {
        if HTMLElement.isFormatting(name) { return }
        let element = HTMLElement(name: name)
        let isEmpty = HTMLElement.isVoid(name) || (isSelfClosing && (isXML || element == .svg || isOpen(.svg)))
        if HTMLElement.isVoid(name), element == .other || element == .img { return }
        if element == .a {
            isInLink = attributes["href"] != nil && !isEmpty
            return
        }
        if element == .head || element == .html || element == .body {
            // One of each there is anyway; their attributes say nothing.
            return
        }
        if deeper > 0, !isEmpty {
            deeper += 1
            return
        }
        supplyEndTags(before: element)
        push(element, attributes, isEmpty: isEmpty)
    }

    private mutating func supplyEndTags(before element: HTMLElement) {
        switch element {
        case .li: closeItem([.li])
        case .dt, .dd: closeItem([.dt, .dd])
        case .td, .th: close([.td, .th], within: [.tr, .table])
        case .tr: close([.tr], within: [.tbody, .thead, .tfoot, .table])
        case .tbody, .thead, .tfoot, .caption: close([.tbody, .thead, .tfoot, .caption, .tr], within: [.table])
        case .option: if current == .option { pop(to: open.count - 1) }
        case .optgroup: close([.option, .optgroup], within: [.select])
        default: break
        }
        if element.closesParagraph { closeParagraph() }
        if element.headingLevel != nil, current.headingLevel != nil { pop(to: open.count - 1) }
    }

    private mutating func closeParagraph() {
        for index in open.indices.reversed() {
            let element = nodes[open[index]].element
            if element == .p { return pop(to: index) }
            if element.isScope || element == .button { return }
        }
    }

    /// An item of a list ends the one before, unless a list within that is open.
    private mutating func closeItem(_ elements: [HTMLElement]) {
        for index in open.indices.reversed() {
            let element = nodes[open[index]].element
            if elements.contains(element) { return pop(to: index) }
            if element.isBlock, element != .address, element != .div, element != .p { return }
        }
    }

    private mutating func close(_ elements: Set<HTMLElement>, within: Set<HTMLElement>) {
        for index in open.indices.reversed() where index > 0 {
            let element = nodes[open[index]].element
            if within.contains(element) { return }
            if elements.contains(element) {
                pop(to: index)
                // A `tbody` closes the row and the part that the row is in.
                if elements.count > 2 { close(elements, within: within) }
                return
            }
            if element == .table { return }
        }
    }

    // MARK: - End tags

    private mutating func end(_ name: String) {
        if HTMLElement.isFormatting(name) { return }
        let element = HTMLElement(name: name)
        switch element {
        case .a: isInLink = false
        case .br: push(.br, [:], isEmpty: true)
        case .html, .head, .body: break
        default:
            if deeper > 0 {
                deeper -= 1
                return
            }
            for index in open.indices.reversed() where index > 0 {
                let candidate = nodes[open[index]].element
                if candidate == element || (element.headingLevel != nil && candidate.headingLevel != nil) {
                    return pop(to: index)
                }
                if candidate.isScope, !element.isTablePart || candidate == .table { return }
                if !element.isBlock, candidate.isBlock { return }
            }
        }
    }
}
