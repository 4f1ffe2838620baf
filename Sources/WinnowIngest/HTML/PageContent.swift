/// Which elements of a page are its content, and which are furniture around it: navigation, banners, forms, advertising.
///
/// Elements say so themselves (`nav`, `aside`, `role`), by the words in their class and id, or by being little but links. Where a page
/// marks its main part (`main`, `article`) and that is not a small part of the text, only it counts. A rule under which
/// nearly nothing would be left is dropped, so that a page of links is its links.
struct PageContent {
    private let tree: HTMLTree
    /// Of each node: what is not shown, for itself or for what it is in.
    private(set) var isDropped: [Bool]
    /// Bytes of text in it that are no white space, and those of them in links, without what is dropped.
    private var textSize: [Int]
    private var linkSize: [Int]
    private var linkCount: [Int]
    private var hasHeading: [Bool]

    enum Strictness: Int, CaseIterable {
        case everyRule
        case elementsOnly
        case nothingButInvisible
    }

    /// Text below which a stricter rule may have taken away what the page is about.
    private static let suspiciouslyLittle = 200

    init(_ tree: HTMLTree) {
        var best: PageContent?
        for strictness in Strictness.allCases {
            let content = PageContent(tree, strictness)
            let size = content.textSize[0]
            if let kept = best, kept.textSize[0] > 0, size < max(Self.suspiciouslyLittle, 8 * kept.textSize[0]) {
                break
            }
            best = content
            if size >= Self.suspiciouslyLittle { break }
        }
        self = best ?? PageContent(tree, .nothingButInvisible)
    }

    init(_ tree: HTMLTree, _ strictness: Strictness) {
        self.tree = tree
        let count = tree.nodes.count
        isDropped = Array(repeating: false, count: count)
        textSize = Array(repeating: 0, count: count)
        linkSize = textSize
        linkCount = textSize
        hasHeading = isDropped
        isDropped = dropping { node, _ in node.element.isNeverText || isInvisible(node) }
        measure()
        guard strictness != .nothingButInvisible else { return }

        let whole = textSize[0]
        let marked = mainParts()
        isDropped = dropping { node, number in
            switch node.element {
            case .nav, .menu, .footer, .dialog, .search:
                return !isWithin(number, .blockquote, .figure) || node.element == .nav
            case .aside: return !isRemark(node)
            case .header: return !isWithin(number, .article, .main, .section) && !(hasHeading[number] && marked.isEmpty)
            // Some servers put the whole page into one form.
            case .form, .fieldset: return textSize[number] * 2 < whole
            default: return isFurnitureByRole(node)
            }
        }
        measure()
        if strictness == .everyRule {
            isDropped = dropping { node, number in
                guard node.element.isBlock, node.attributes >= 0, textSize[number] * 10 < whole * 3, !hasHeading[number]
                else {
                    return false
                }
                return FurnitureWords.isNamed(tree.attributes[node.attributes])
            }
            measure()
        }
        let parts = mainParts().filter { !isDropped[$0] }
        let partSize = parts.reduce(0) { $0 + textSize[$1] }
        if partSize > 0, partSize * 4 >= textSize[0] {
            keepOnly(parts)
        } else if strictness == .everyRule {
            dropLinkLists()
        }
    }

    // MARK: - Dropping

    /// What is dropped when the elements that are unwanted go too, with all that is in them.
    private func dropping(_ isUnwanted: (HTMLTree.Node, Int) -> Bool) -> [Bool] {
        var number = 1
        var dropped = isDropped
        while number < tree.nodes.count {
            let node = tree.nodes[number]
            if dropped[number] || (node.element != .text && isUnwanted(node, number)) {
                for inner in number..<node.end { dropped[inner] = true }
                number = node.end
            } else {
                number += 1
            }
        }
        return dropped
    }

    private mutating func keepOnly(_ parts: [Int]) {
        var kept = isDropped.map { _ in true }
        for part in parts {
            for inner in part..<tree.nodes[part].end { kept[inner] = isDropped[inner] }
            // What it is in, so that it is still met on the way.
            var outer = tree.nodes[part].parent
            while outer > 0 {
                kept[outer] = false
                outer = tree.nodes[outer].parent
            }
        }
        kept[0] = false
        isDropped = kept
        measure()
    }

    private mutating func measure() {
        for number in tree.nodes.indices {
            (textSize[number], linkSize[number], linkCount[number], hasHeading[number]) = (0, 0, 0, false)
        }
        var number = tree.nodes.count - 1
        while number > 0 {
            let node = tree.nodes[number]
            if !isDropped[number] {
                if node.element == .text {
                    textSize[number] = tree.text[node.text].reduce(0) { HTMLTokenizer.isSpace($1) ? $0 : $0 + 1 }
                    if node.isLink {
                        linkSize[number] = textSize[number]
                        linkCount[number] = textSize[number] > 0 ? 1 : 0
                    }
                }
                if node.element == .h1, textSize[number] > 0 { hasHeading[number] = true }
                textSize[node.parent] += textSize[number]
                linkSize[node.parent] += linkSize[number]
                linkCount[node.parent] += linkCount[number]
                hasHeading[node.parent] = hasHeading[node.parent] || hasHeading[number]
            }
            number -= 1
        }
    }

    // MARK: - Rules

    private func attribute(_ name: String, of node: HTMLTree.Node) -> String? {
        node.attributes < 0 ? nil : tree.attributes[node.attributes][name]
    }

    private func isInvisible(_ node: HTMLTree.Node) -> Bool {
        guard node.attributes >= 0 else { return false }
        let attributes = tree.attributes[node.attributes]
        if let hidden = attributes["hidden"], hidden.lowercased() != "until-found" { return true }
        if attributes["aria-hidden"]?.lowercased() == "true" { return true }
        guard let style = attributes["style"]?.lowercased().filter({ !$0.isWhitespace }) else { return false }
        return style.contains("display:none") || style.contains("visibility:hidden")
    }

    private func isFurnitureByRole(_ node: HTMLTree.Node) -> Bool {
        switch attribute("role", of: node)?.lowercased() {
        case "navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog", "menu",
            "menubar",
            "toolbar", "tablist":
            true
        default: false
        }
    }

    /// Documentation puts notes and warnings into `aside`.
    private func isRemark(_ node: HTMLTree.Node) -> Bool {
        if attribute("role", of: node)?.lowercased() == "note" { return true }
        let words = FurnitureWords.words(attribute("class", of: node) ?? "")
        return words.contains {
            ["note", "tip", "warning", "admonition", "important", "caution", "callout", "info"].contains($0)
        }
    }

    private func isWithin(_ number: Int, _ elements: HTMLElement...) -> Bool {
        var outer = tree.nodes[number].parent
        while outer > 0 {
            if elements.contains(tree.nodes[outer].element) { return true }
            outer = tree.nodes[outer].parent
        }
        return false
    }

    /// The outermost `main` elements; where there is none, the outermost articles.
    private func mainParts() -> [Int] {
        func outermost(_ isWanted: (HTMLTree.Node) -> Bool) -> [Int] {
            var found: [Int] = []
            var number = 1
            while number < tree.nodes.count {
                if isWanted(tree.nodes[number]) {
                    found.append(number)
                    number = tree.nodes[number].end
                } else {
                    number += 1
                }
            }
            return found
        }
        let main = outermost { $0.element == .main || attribute("role", of: $0)?.lowercased() == "main" }
        return main.isEmpty ? outermost { $0.element == .article } : main
    }

    /// Drops blocks of at least four links with hardly any text beside them.
    private mutating func dropLinkLists() {
        isDropped = dropping { node, number in
            switch node.element {
            case .ul, .ol, .dl, .div, .section, .table, .p, .center:
                linkCount[number] >= 4 && linkSize[number] * 5 >= textSize[number] * 4 && !hasHeading[number]
            default: false
            }
        }
        measure()
    }
}

/// Words in classes and ids that furniture goes by.
enum FurnitureWords {
    private static let words: Set<String> = [
        "ad", "ads", "advert", "advertisement", "banner", "breadcrumb", "breadcrumbs", "consent", "cookie", "cookies",
        "footer",
        "gdpr", "masthead", "modal", "nav", "navbar", "navigation", "newsletter", "pager", "pagination", "popup",
        "promo",
        "related", "share", "sharing", "sidebar", "skip", "social", "sponsored", "subscribe", "toolbar", "topbar",
    ]

    static func isNamed(_ attributes: [String: String]) -> Bool {
        [attributes["class"], attributes["id"]].contains { $0.map { !words.isDisjoint(with: self.words($0)) } ?? false }
    }

    /// `site-Footer__linkList` is site, footer, link and list.
    static func words(_ name: String) -> Set<String> {
        var words: Set<String> = []
        var word = ""
        var wasLower = false
        for byte in name.utf8.prefix(400) {
            let isUpper = (0x41...0x5A).contains(byte)
            let isLower = (0x61...0x7A).contains(byte)
            if !isUpper, !isLower {
                words.insert(word)
                word = ""
            } else {
                if isUpper, wasLower {
                    words.insert(word)
                    word = ""
                }
                word.unicodeScalars.append(Unicode.Scalar(byte | 0x20))
            }
            wasLower = isLower
        }
        words.insert(word)
        words.remove("")
        return words
    }
}
