extension Context {
    /// The items as a prompt shows them, each under its header, a blank line between any two.
    public var text: String {
        items.map { item in
            var header = "[Document \(item.number)"
            if let source = item.source { header += " | Source: " + source }
            if let section = item.section { header += " | Section: " + section }
            return header + "]\n" + item.text
        }.joined(separator: "\n\n")
    }
}
