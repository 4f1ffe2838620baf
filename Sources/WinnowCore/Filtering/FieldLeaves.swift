/// The single values of a passage, each with the path of its field: what filters see of it.
///
/// Objects are flattened to dotted paths, lists to their elements: `{"author": {"name": "Ada"}, "tags": ["a", "b"]}` has `author`
/// (an object), `author.name` and twice `tags`. A path that two spellings lead to (`{"a.b": 1, "a": {"b": 2}}`) has the values of both.
/// Null, empty lists and empty objects have none.
package enum FieldLeaves {
    /// The passage's own id; metadata cannot name it otherwise.
    package static let id = "id"
    /// ``Passage/documentID``.
    package static let document = "document"

    /// Fields that are no metadata: their values are always strings, and are never taken for dates.
    package static func isIdentity(_ field: String) -> Bool {
        field.utf8.elementsEqual(id.utf8) || field.utf8.elementsEqual(document.utf8)
    }

    /// Lends every value of a passage but ``id`` and ``document``, in no promised order; a value may come more than once.
    ///
    /// `title` is the metadata's, else the passage's own.
    package static func forEach(of passage: Passage, _ body: (ExactText, FieldValue) -> Void) {
        forEach(of: passage.metadata, title: passage.title, body)
    }

    /// All that values are taken from.
    package static func withoutText(_ passage: Passage) -> Passage {
        Passage(id: "", documentID: "", title: passage.title, text: "", metadata: passage.metadata)
    }

    private static func forEach(of metadata: Metadata, title: String?, _ body: (ExactText, FieldValue) -> Void) {
        var hasTitle = false
        for (name, value) in metadata where !isIdentity(name) {
            let has = flatten(value, path: Array(name.utf8), body)
            if has, name.utf8.elementsEqual(MetadataField.title.utf8) { hasTitle = true }
        }
        if !hasTitle, let title, !title.isEmpty, let value = FieldValue(.string(title)) {
            body(ExactText(MetadataField.title), value)
        }
    }

    /// - Returns: whether there was a value.
    private static func flatten(
        _ value: MetadataValue, path: [UInt8], _ body: (ExactText, FieldValue) -> Void
    ) -> Bool {
        switch value {
        case .array(let elements):
            var has = false
            for element in elements where flatten(element, path: path, body) { has = true }
            return has
        case .object(let fields):
            var has = false
            for (name, inner) in fields
            where flatten(inner, path: path + [UInt8(ascii: ".")] + Array(name.utf8), body) { has = true }
            if has { body(ExactText(path), .object) }
            return has
        default:
            guard let single = FieldValue(value) else { return false }
            body(ExactText(path), single)
            return true
        }
    }

    /// Whether any value of one field of a passage satisfies a condition.
    static func contains(_ field: String, in passage: Passage, where condition: (FieldValue) -> Bool) -> Bool {
        if field.utf8.elementsEqual(id.utf8) { return condition(.text(ExactText(passage.id))) }
        if field.utf8.elementsEqual(document.utf8) { return condition(.text(ExactText(passage.documentID))) }
        let path = Array(field.utf8)
        let isTitle = field.utf8.elementsEqual(MetadataField.title.utf8)
        var hasTitle = false
        for (name, value) in passage.metadata where !isIdentity(name) {
            let isWhole = name.utf8.elementsEqual(path)
            guard isWhole || begins(path[...], with: name) else { continue }
            if isTitle, isWhole, !hasTitle { hasTitle = flatten(value, path: []) { _, _ in } }
            if contains(value, rest: path[...].dropFirst(name.utf8.count), condition) { return true }
        }
        if isTitle, !hasTitle, let title = passage.title, !title.isEmpty, let value = FieldValue(.string(title)) {
            return condition(value)
        }
        return false
    }

    /// - Parameter rest: of the path, behind what led to `value`: empty, or a dot and more.
    private static func contains(
        _ value: MetadataValue, rest: ArraySlice<UInt8>, _ condition: (FieldValue) -> Bool
    ) -> Bool {
        switch value {
        case .array(let elements):
            return elements.contains { contains($0, rest: rest, condition) }
        case .object(let fields):
            guard !rest.isEmpty else { return condition(.object) && flatten(value, path: []) { _, _ in } }
            let path = rest.dropFirst()
            return fields.contains { name, inner in
                guard path.elementsEqual(name.utf8) || begins(path, with: name) else { return false }
                return contains(inner, rest: path.dropFirst(name.utf8.count), condition)
            }
        default:
            guard rest.isEmpty, let single = FieldValue(value) else { return false }
            return condition(single)
        }
    }

    /// Whether a path goes on behind a name.
    private static func begins(_ path: ArraySlice<UInt8>, with name: String) -> Bool {
        path.starts(with: name.utf8) && path.dropFirst(name.utf8.count).first == UInt8(ascii: ".")
    }
}
