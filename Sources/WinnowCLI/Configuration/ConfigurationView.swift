import WinnowCore

/// All keys with what holds, for `winnow config show`.
struct ConfigurationView {
    var configuration: Configuration

    func text(_ terminal: Terminal, showsOrigin: Bool) -> String {
        var columns: [Table.Column] = [.init(title: "key"), .init(title: "value")]
        if showsOrigin { columns.append(.init(title: "origin", isWhole: true)) }
        columns[columns.count - 1].isWhole = true
        var table = Table(columns: columns)
        for key in ConfigurationKeys.all {
            let setting = configuration.settings[key.path]
            var row: [Table.Cell] = [
                .init(key.path),
                setting.map { .init(DisplayText.flattened($0.shown), .bold) }
                    ?? .init(key.standard ?? "(\(key.otherwise))", .dim),
            ]
            if showsOrigin { row.append(setting.map { .init("\($0.origin)") } ?? .init("default", .dim)) }
            table.rows.append(row)
        }
        return heading + table.text(terminal)
    }

    private var heading: String {
        guard let file = configuration.file else { return "no configuration file\n" }
        let profile =
            configuration.profile.map { ", profile \(DisplayText.flattened($0.name)) (by \($0.origin))" } ?? ""
        let trust =
            file.isOnlyFound ? ", found and not named: no key, no LLM elsewhere, no writing outside of its folder" : ""
        return "file: \(PathText.quoted(file.path))\(profile)\(trust)\n"
    }

    var json: JSONText {
        .object([
            ("schema", .integer(1)),
            ("file", .optional(configuration.file?.path, JSONText.string)),
            ("onlyFound", .optional(configuration.file?.isOnlyFound, JSONText.bool)),
            ("profile", .optional(configuration.profile?.name, JSONText.string)),
            ("profiles", .array((configuration.file?.profiles ?? []).map { .string($0.name) })),
            ("keys", .array(ConfigurationKeys.all.map(entry))),
        ])
    }

    private func entry(_ key: ConfigurationKey) -> JSONText {
        let setting = configuration.settings[key.path]
        return .object([
            ("key", .string(key.path)),
            ("value", .optional(setting?.shown ?? key.standard) { typed($0, key) }),
            ("default", .optional(key.standard) { typed($0, key) }),
            ("origin", origin(setting?.origin)),
            ("variable", .string(key.variable)),
            ("option", .string("--" + key.option)),
        ])
    }

    private func typed(_ text: String, _ key: ConfigurationKey) -> JSONText {
        switch key.kind {
        case .integer: Int64(text).map(JSONText.integer) ?? .string(text)
        case .number: Double(text).map(JSONText.number) ?? .string(text)
        case .truth: .bool(text == "true")
        default: .string(text)
        }
    }

    private func origin(_ origin: SettingOrigin?) -> JSONText {
        var (kind, place, profile, variable): (String, FilePlace?, String?, String?) = ("default", nil, nil, nil)
        switch origin {
        case .file(let found)?: (kind, place) = ("file", found)
        case .profile(let name, let found)?: (kind, place, profile) = ("profile", found, name)
        case .environment(let name)?: (kind, variable) = ("environment", name)
        case nil: break
        }
        return .object([
            ("kind", .string(kind)), ("file", .optional(place?.path, JSONText.string)),
            ("line", .optional(place?.line, JSONText.integer)), ("column", .optional(place?.column, JSONText.integer)),
            ("profile", .optional(profile, JSONText.string)), ("variable", .optional(variable, JSONText.string)),
        ])
    }
}
