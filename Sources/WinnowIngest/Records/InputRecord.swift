import WinnowCore

/// A line of JSONL as every command reads it: `{_id | id, title?, text, metadata?, score?}`. Other fields are ignored.
struct InputRecord {
    var id: String?
    var title: String?
    var text: String
    var metadata: Metadata
    var score: Double?

    /// A plain line.
    init(text: String) {
        self.text = text
        metadata = [:]
    }

    /// There is nothing in it to read.
    var isBlank: Bool {
        VisibleText.isAbsent(from: title ?? "") && VisibleText.isAbsent(from: text)
    }

    /// What is said of a blank record.
    static func blankReason(id: String) -> String {
        "record '\(PathText.quoted(id))' has neither title nor text: what is read stands in its fields `title` and `text`"
    }

    /// Why a line is no record.
    struct Failure: Error, CustomStringConvertible {
        var description: String
        /// The line is no JSON at all: perhaps it was never meant to be.
        var isSyntax = false
    }

    init(_ line: LineReader.Line) throws(Failure) {
        do throws(TextDecoding.InvalidText) {
            // Strings are cut out of these bytes: they must be checked as a whole first.
            _ = try TextDecoding.string(line.bytes, offset: line.offset)
        } catch {
            throw Failure(description: error.description)
        }
        let value: MetadataValue
        do throws(JSONReader.Failure) {
            value = try JSONReader.value(line.bytes)
        } catch {
            throw Failure(description: "is not valid JSON: \(error)", isSyntax: true)
        }
        guard case .object(let fields) = value else {
            throw Failure(description: "is JSON but no object: a record looks like {\"_id\": \"1\", \"text\": \"…\"}")
        }
        let other = try Self.identifier(fields, "id")
        id = try Self.identifier(fields, "_id") ?? other
        title = try Self.string(fields, "title")
        text = try Self.string(fields, "text") ?? ""
        switch fields["metadata"] {
        case nil, .null: metadata = [:]
        case .object(let object): metadata = object
        default: throw Failure(description: "`metadata` is no object")
        }
        switch fields["score"] {
        case nil, .null: score = nil
        case .integer(let value): score = Double(value)
        case .number(let value): score = value
        default: throw Failure(description: "`score` is no number")
        }
    }

    private static func string(_ fields: Metadata, _ name: String) throws(Failure) -> String? {
        switch fields[name] {
        case nil, .null: return nil
        case .string(let value): return value
        default: throw Failure(description: "`\(name)` is no string")
        }
    }

    /// Numbers are ids too: several public collections count their documents.
    private static func identifier(_ fields: Metadata, _ name: String) throws(Failure) -> String? {
        switch fields[name] {
        case nil, .null: return nil
        case .integer(let value): return String(value)
        case .string(let value):
            guard !value.isEmpty else { throw Failure(description: "`\(name)` is empty") }
            return value
        default:
            throw Failure(
                description: "`\(name)` is neither a string nor a whole number of at most 64 bits: put it in quotes")
        }
    }
}
