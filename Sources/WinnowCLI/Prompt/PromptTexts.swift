import WinnowCore

/// What a session says of itself.
enum PromptTexts {
    static func help(_ terminal: Terminal) -> String {
        var table = Table(columns: [.init(title: ""), .init(title: "")])
        for name in PromptCommandName.allCases {
            let argument = name.argument.isEmpty ? "" : " " + name.argument
            table.rows.append([.init(name.spelled + argument), .init(name.meaning)])
        }
        return terminal.styled("Commands", .bold) + "\n" + table.text(terminal, showsHeader: false)
            + """

            Everything else is a question. Each stands alone: an answer knows nothing of
            those before it. Settings hold until the session ends; one without a value
            shows what it is.

            Ctrl-C gives up the line, or the answer that is being made; Ctrl-D leaves.
            Up and down go through earlier lines, Ctrl-R searches them. Tab completes
            commands, their values, and in :where the fields of the store. A line that
            begins with a space is not kept in the history.

            """
    }

    static func settings(_ settings: AskSession.Settings, explains: Bool, _ terminal: Terminal) -> String {
        var table = Table(columns: [.init(title: ""), .init(title: "", isWhole: true)])
        for name in PromptCommandName.allCases {
            guard let value = value(of: name, settings, explains: explains) else { continue }
            table.rows.append([.init(name.spelled), .init(value)])
        }
        return table.text(terminal, showsHeader: false)
    }

    /// nil: it is no setting.
    static func value(of name: PromptCommandName, _ settings: AskSession.Settings, explains: Bool) -> String? {
        switch name {
        case .explain: explains ? "on" : "off"
        case .k: "\(settings.initialK)"
        case .n: "\(settings.finalK)"
        case .rerank: settings.reranks ? "on" : "off"
        case .retriever: settings.retriever.rawValue
        case .order:
            settings.order.map { "\($0)" }
                ?? (settings.reranks ? "\(settings.finalOrder) (default)" : "the first stage's (default)")
        case .threshold: settings.threshold.map { "\($0)" } ?? "off"
        case .whereField: settings.filter.map { "\($0)" } ?? "off"
        case .help, .sources, .open, .json, .set, .quit: nil
        }
    }
}
