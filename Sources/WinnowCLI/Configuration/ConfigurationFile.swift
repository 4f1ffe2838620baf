import WinnowCore
import Yams

/// A `winnow.yaml`, read.
struct ConfigurationFile: Sendable {
    struct Profile: Sendable {
        var name: String
        var settings: [Setting]
    }

    var path: String
    var isOnlyFound: Bool
    var settings: [Setting] = []
    var profiles: [Profile] = []
    /// The profile that the file itself chooses.
    var profile: (name: String, place: FilePlace)?
    var problems: [ConfigurationProblem] = []

    /// - Throws: ``SmallFile/Unreadable``; what is wrong inside is among the problems.
    static func read(_ path: String, isOnlyFound: Bool) throws -> ConfigurationFile {
        var file = ConfigurationFile(path: path, isOnlyFound: isOnlyFound)
        var text = try SmallFile.text(path, isOnlyFound: isOnlyFound)
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        if let finding = YAMLGuard.finding(in: text) {
            file.problems.append(.init(place: file.place(finding.line, finding.column), text: finding.text))
            return file
        }
        do {
            // Without the rules of the resolver every scalar is the text that it is, and ours say what that means. The encoding is named
            // because the default may come from the environment, and is then printed.
            guard let root = try Yams.compose(yaml: text, Resolver.basic, .default, .utf8) else { return file }
            file.take(root)
        } catch {
            file.problems.append(YAMLFault.problem(error, in: text, path: path, isOnlyFound: isOnlyFound))
        }
        return file
    }

    private func place(_ line: Int, _ column: Int) -> FilePlace {
        FilePlace(path: path, line: line, column: column, isOnlyFound: isOnlyFound)
    }

    private func place(of node: Node) -> FilePlace { place(node.mark?.line ?? 1, node.mark?.column ?? 1) }

    private mutating func refuse(_ node: Node, _ key: String?, _ text: String) {
        problems.append(.init(place: place(of: node), key: key, text: text))
    }

    // MARK: - The tree

    private mutating func take(_ root: Node) {
        if case .scalar(let scalar) = root, scalar.string.isEmpty { return }
        guard case .mapping(let mapping) = root else {
            return refuse(root, nil, "a configuration is a mapping of keys to values, such as store: kb.sqlite")
        }
        settings = settings(of: mapping, inProfile: nil)
        for (key, value) in mapping where key.scalar?.string == "profiles" { takeProfiles(value) }
        for (key, value) in mapping where key.scalar?.string == "profile" {
            guard let name = value.scalar?.string, !name.isEmpty else {
                refuse(value, "profile", "profile: give the name of one of the profiles")
                continue
            }
            profile = (name, place(of: value))
            if !profiles.contains(where: { $0.name == name }) {
                refuse(value, "profile", "profile: " + UnknownProfile.text(name, among: profiles.map(\.name)))
            }
        }
    }

    private mutating func takeProfiles(_ node: Node) {
        if Self.isEmpty(node) { return }
        guard case .mapping(let mapping) = node else {
            return refuse(node, "profiles", "profiles: expected a mapping of names to settings")
        }
        for (key, value) in mapping {
            guard let name = key.scalar?.string, !name.isEmpty,
                name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
            else {
                refuse(key, "profiles", "profiles: a profile's name is a text on one line")
                continue
            }
            if Self.isEmpty(value) {
                profiles.append(Profile(name: name, settings: []))
                continue
            }
            guard case .mapping(let fields) = value else {
                refuse(
                    value, "profiles.\(name)", "profiles.\(DisplayText.flattened(name)): expected a mapping of settings"
                )
                continue
            }
            profiles.append(Profile(name: name, settings: settings(of: fields, inProfile: name)))
        }
    }

    /// The settings of the file itself or of a profile.
    private mutating func settings(of mapping: Node.Mapping, inProfile profile: String?) -> [Setting] {
        var settings: [Setting] = []
        for (key, value) in mapping {
            guard let name = key.scalar?.string else {
                refuse(key, nil, "a key is a name, not a list or a mapping")
                continue
            }
            if name == "profile" || name == "profiles" {
                if profile != nil { refuse(key, name, "\(name): a profile has settings only, no further profiles") }
                continue
            }
            if ConfigurationKeys.groups.contains(name) {
                if Self.isEmpty(value) { continue }
                guard case .mapping(let fields) = value else {
                    refuse(value, name, "\(name): expected a mapping of keys to values, found \(Self.kind(of: value))")
                    continue
                }
                for (inner, value) in fields {
                    guard let innerName = inner.scalar?.string else {
                        refuse(inner, name, "\(name): a key is a name, not a list or a mapping")
                        continue
                    }
                    append(&settings, name + "." + innerName, inner, value, profile)
                }
                continue
            }
            if let grouped = ConfigurationKeys.named(name), let group = grouped.group {
                refuse(
                    key, name, "\(name): a key stands in its group: write \(group): {\(grouped.name): …}")
                continue
            }
            append(&settings, name, key, value, profile)
        }
        return settings
    }

    private mutating func append(
        _ settings: inout [Setting], _ path: String, _ keyNode: Node, _ value: Node, _ profile: String?
    ) {
        guard let key = ConfigurationKeys.named(path) else {
            return refuse(keyNode, path, UnknownKey.text(path, inProfile: profile != nil))
        }
        guard case .scalar(let scalar) = value else {
            return refuse(value, path, "\(path): found \(Self.kind(of: value)): give \(key.kind.expectation)")
        }
        let isPlain = scalar.style == .plain || scalar.style == .any
        // YAML's words for nothing.
        let isNothing = isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
        if let fault = key.kind.fault(of: isNothing ? "" : scalar.string, isQuoted: !isPlain) {
            return refuse(isNothing ? keyNode : value, path, "\(path): \(fault)")
        }
        let place = place(of: value)
        settings.append(
            Setting(
                key: key, value: located(scalar.string, key.kind),
                origin: profile.map { .profile($0, place) } ?? .file(place)))
    }

    /// A path as this process finds it: those of the file begin at its folder.
    private func located(_ value: String, _ kind: ConfigurationKind) -> String {
        guard case .path(let words) = kind, !words.contains(value), !value.hasPrefix("/") else { return value }
        if value == "~" || value.hasPrefix("~/") {
            return Environment.value("HOME").map { $0 + value.dropFirst() } ?? value
        }
        guard let slash = path.lastIndex(of: "/") else { return value }
        return path[...slash] + value
    }

    private static func isEmpty(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node else { return false }
        return scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
    }

    private static func kind(of node: Node) -> String {
        switch node {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .scalar, .alias: "a single value"
        }
    }
}
