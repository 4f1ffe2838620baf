/// What a scanner of lines must know of a programming language: how its comments and strings look, how its blocks are shown, and
/// which words begin a function or type.
struct CodeLanguage: Sendable {
    enum Blocks: Sendable {
        case braces
        /// By indentation: Python, and languages that say `end` and are indented by everyone.
        case indentation
        /// None; parts begin at the left margin.
        case statements
    }

    /// How functions are found that no word begins, such as `int main(void) {`.
    enum BareFunctions: Sendable {
        case none
        /// A type or another word stands before the name.
        case afterType
        /// Methods within a class: a name, parameters and a brace.
        case inTypes
    }

    var blocks = Blocks.braces
    var lineComments: [String] = ["//"]
    /// `/* */`; nested in some languages.
    var hasBlockComments = true
    var nestsComments = false
    /// Marks that open and close a string of one line.
    var quotes: [UInt8] = [UInt8(ascii: "\"")]
    /// Those of strings over several lines; longer ones first.
    var longQuotes: [String] = []
    /// `'x'` is one character, and `'a` alone is not the start of a string.
    var hasCharacters = false
    /// Words before the name of what other parts stand in.
    var types: Set<String> = []
    /// Words before the name of a function.
    var functions: Set<String> = []
    var bareFunctions = BareFunctions.none
    /// Swift names functions by their parameters' labels.
    var hasLabels = false

    private static let cTypes: Set<String> = ["struct", "class", "union", "enum", "namespace"]

    static let swift = CodeLanguage(
        nestsComments: true, longQuotes: ["\"\"\""],
        types: ["struct", "class", "enum", "protocol", "actor", "extension"],
        functions: ["func", "init", "init?", "init!", "deinit", "subscript", "macro"], hasLabels: true)
    static let c = CodeLanguage(hasCharacters: true, types: cTypes, bareFunctions: .afterType)
    static let java = CodeLanguage(
        longQuotes: ["\"\"\""], hasCharacters: true,
        types: ["class", "interface", "enum", "record", "@interface", "struct", "namespace"], bareFunctions: .afterType)
    static let kotlin = CodeLanguage(
        nestsComments: true, longQuotes: ["\"\"\""], hasCharacters: true,
        types: ["class", "interface", "object", "trait", "enum"], functions: ["fun", "def", "constructor"])
    static let go = CodeLanguage(longQuotes: ["`"], hasCharacters: true, types: ["type"], functions: ["func"])
    static let rust = CodeLanguage(
        nestsComments: true, hasCharacters: true, types: ["struct", "enum", "trait", "impl", "mod", "union"],
        functions: ["fn", "macro_rules!"])
    static let javaScript = CodeLanguage(
        quotes: Array("\"'".utf8), longQuotes: ["`"],
        types: ["class", "interface", "enum", "namespace", "module"], functions: ["function", "function*"],
        bareFunctions: .inTypes)
    static let php = CodeLanguage(
        lineComments: ["//", "#"], quotes: Array("\"'".utf8), types: ["class", "interface", "trait", "enum"],
        functions: ["function"])
    static let shell = CodeLanguage(
        lineComments: ["#"], hasBlockComments: false, quotes: Array("\"'".utf8), functions: ["function"],
        bareFunctions: .inTypes)
    static let python = CodeLanguage(
        blocks: .indentation, lineComments: ["#"], hasBlockComments: false, quotes: Array("\"'".utf8),
        longQuotes: ["\"\"\"", "'''"], types: ["class"], functions: ["def"])
    static let ruby = CodeLanguage(
        blocks: .indentation, lineComments: ["#"], hasBlockComments: false, quotes: Array("\"'".utf8),
        types: ["class", "module", "defmodule", "struct"],
        functions: ["def", "defp", "defmacro", "function", "macro"])
    static let lua = CodeLanguage(
        blocks: .indentation, lineComments: ["--"], hasBlockComments: false, quotes: Array("\"'".utf8),
        functions: ["function"])
    static let perl = CodeLanguage(
        lineComments: ["#"], hasBlockComments: false, quotes: Array("\"'".utf8), types: ["package"], functions: ["sub"])
    static let sql = CodeLanguage(
        blocks: .statements, lineComments: ["--"], quotes: Array("'".utf8), functions: ["create"])

    /// By the ends of names, in lower case.
    static let byExtension: [String: CodeLanguage] = {
        let table: [(CodeLanguage, String)] = [
            (swift, "swift"), (python, "py pyi"), (javaScript, "js mjs cjs jsx ts tsx mts cts"),
            (java, "java cs dart groovy"),
            (kotlin, "kt kts scala"), (go, "go"), (rust, "rs"), (c, "c h cc cpp cxx hpp hh hxx m mm"), (php, "php"),
            (ruby, "rb ex exs jl"), (lua, "lua"), (perl, "pl pm"), (shell, "sh bash zsh"), (sql, "sql"),
        ]
        var languages: [String: CodeLanguage] = [:]
        for (language, names) in table {
            for name in names.split(separator: " ") { languages[String(name)] = language }
        }
        return languages
    }()
}
