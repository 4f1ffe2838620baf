import TestSupport
import Testing
import WinnowCore
import WinnowIngest

@Suite struct CodeTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Names of the parts, and the first line of each.
    private func parts(_ code: String, _ end: String) throws -> [[String]] {
        let document = try #require(try CorpusReader().read([try folder.write("a." + end, code)]).documents.first)
        #expect(document.text == code && document.title == "a." + end)
        guard case .code(let parts) = document.structure else {
            Issue.record("no code")
            return []
        }
        #expect(parts.first?.start == 0)
        let bytes = Array(code.utf8)
        return parts.map { part in
            [part.name, String(decoding: bytes[part.start...].prefix { $0 != 0x0A }, as: UTF8.self)]
        }
    }

    @Test func swift() throws {
        let code = """
            // Licence

            import Foo

            /// Parses.
            /// Twice.
            public struct Parser<T>: Sendable {
                var depth = 0

                // A comment.
                @inlinable
                public func parse(_ text: String, at place: Int = f({ 1 }), as type: T.Type) throws -> Node {
                    let s = "} func no() {"
                    func inner() {}
                    return Node { $0 }
                }

                let late = \"""
                    } func no2() {
                    \"""
                init?(from x: Int) { nil }
                enum Kind { case a
                    func name() -> String { "" }
                }
            }

            extension Parser.Kind where T == Int {
                static subscript(i: Int) -> Int { i }
            }

            func free(a b: Int, _: [String: Int]) {}
            let x = 1
            """
        let names = try parts(code, "swift").map { $0[0] }
        #expect(
            names == [
                "", "Parser", "Parser.parse(_:at:as:)", "Parser", "Parser.init(from:)", "Parser.Kind",
                "Parser.Kind.name()",
                "Parser.Kind", "Parser.Kind.subscript(i:)", "free(a:_:)", "",
            ], "\(names)")
        #expect(try parts(code, "swift")[1][1] == "/// Parses.")
        #expect(try parts(code, "swift")[2][1] == "    // A comment.")
    }

    @Test(
        arguments: [
            (
                "py",
                "import os\n\nX = 1\n\n\n# About it.\n@decorated(1)\ndef f(a,\n      b):\n    \"\"\"def no():\n    \"\"\"\n    def inner():\n        pass\n    return 1\n\nclass A(B):\n    y = 2\n\n    async def m(self):\n        pass\n\n    def n(self): pass\n\nif True:\n    f(1, 2)\n",
                ["", "f()", "A", "A.m()", "A.n()", ""]
            ),
            (
                "js",
                "'use strict';\nexport default async function load(a) {\n  if (a) { return `} ${x} function no() {`; }\n}\nconst go = async (x) => {\n  f(x);\n};\nclass A extends B {\n  constructor(x) { super(x); }\n  static run(y) {\n    while (y) { y--; }\n  }\n}\nload(1);\n",
                ["", "load()", "go()", "A", "A.constructor()", "A.run()", ""]
            ),
            (
                "ts",
                "interface P { a: string }\nexport class S<T> implements I {\n  private m(x: number): void {\n  }\n}\n",
                ["P", "S", "S.m()"]
            ),
            (
                "c",
                "#include <a.h>\n\nstruct point { int x; };\nstatic int *sum(int a, char c) {\n  if (c == '{') return f(a);\n  return 0;\n}\n\n/* Main. } */\nint main(void)\n{\n  return sum(1, 'x');\n}\nint later(int);\n",
                ["", "point", "sum()", "main()", ""]
            ),
            (
                "cpp",
                "namespace n {\nclass A : public B {\n public:\n  A() : x(0) {}\n  void go() const override {\n  }\n};\n}\nvoid n::A::far(int i) {\n}\n",
                ["n", "n.A", "n.A.A()", "n.A.go()", "n::A::far()"]
            ),
            (
                "java",
                "package p;\n\n/** Doc. */\n@Entity\npublic final class A<T> {\n  private int x = 1;\n\n  @Override\n  public List<String> names(int a) throws E {\n    return null;\n  }\n}\n",
                ["", "A", "A.names()"]
            ),
            (
                "go",
                "package p\n\nfunc (s *Server) Run(a int) error {\n\treturn nil\n}\n\ntype T struct {\n\ta int\n}\n\nfunc free() {}\n",
                ["", "Server.Run()", "T", "free()"]
            ),
            (
                "rs",
                "use a::b;\n\nimpl<'a, T: Fn() -> u8> Display for Point<'a, T> {\n    fn fmt(&self) -> Result { Ok(()) }\n}\n\npub enum E { A }\n\n#[test]\nfn t() {}\n",
                ["", "Point", "Point.fmt()", "E", "t()"]
            ),
            (
                "rb",
                "require 'x'\n\nclass A < B\n  # About.\n  def m(a)\n    if a\n      1\n    end\n  end\n\n  def n\n  end\nend\n",
                ["", "A", "A.m()", "A.n()"]
            ),
            (
                "sh", "#!/bin/sh\nset -e\n\nrun() {\n  echo \"}\"\n}\n\nfunction go {\n  run\n}\ngo\n",
                ["", "run()", "go()", ""]
            ),
            (
                "sql",
                "-- Tables.\nCREATE TABLE IF NOT EXISTS orders (\n  id int\n);\n\ncreate or replace function f(a int) returns int as $$ select 1 $$;\n",
                ["table orders", "function f"]
            ),
            (
                "kt", "class A(val x: Int) {\n    fun go(): Int = 1\n    fun b() {\n    }\n}\n",
                ["A", "A.go()", "A.b()"]
            ),
            ("php", "<?php\nclass A {\n    public function go($x) {\n        // }\n    }\n}\n", ["", "A", "A.go()"]),
        ] as [(String, String, [String])])
    func languages(_ end: String, _ code: String, names: [String]) throws {
        let found = try parts(code, end).map { $0[0] }
        #expect(found == names, "\(end): \(found)")
    }

    @Test func passagesEndAtPartsAndAreVerbatim() throws {
        struct Words: TokenCounter {
            func tokenCount(_ text: String) -> Int { text.split(whereSeparator: \.isWhitespace).count }
        }
        func function(_ name: String) -> String {
            "# About \(name).\ndef \(name)(x):\n" + (0..<12).map { "    y\($0) = x + \($0)\n" }.joined() + "\n\n"
        }
        let code = "import os\n\n\n" + function("one") + function("two") + function("three")
        let document = try CorpusReader().read([try folder.write("a.py", code)]).documents[0]
        let passages = try SentenceChunker().chunk(
            document, budget: [.init(name: "words", counter: Words(), maximum: 80)])
        #expect(
            passages.map { $0.metadata["section"]?.stringValue } == [nil, "two()", "three()"])
        for passage in passages {
            #expect(Array(code.utf8)[passage.range].elementsEqual(passage.text.utf8))
            #expect(passage.text.contains("\n    y"), "indentation stays")
        }
        // No comment was taken for a heading.
        #expect(passages.allSatisfy { $0.metadata["section"]?.stringValue?.contains("About") != true })
    }

    @Test func whatNobodyWroteIsLeftAsideAndNoFault() throws {
        try folder.write("good.md", "Text")
        try folder.write("long.js", String(repeating: "a(b);", count: 2_000))
        try folder.write("film.ts", bytes: [0x47, 0, 0x1F] + [UInt8](repeating: 0, count: 500))
        let corpus = try CorpusReader().read([folder.path])
        #expect(corpus.documents.map(\.id) == ["good.md"] && corpus.skipped.isEmpty)
        #expect(corpus.notes.map { $0.path.split(separator: "/").last } == ["film.ts", "long.js"])
    }

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            "{", "}", "(", "/*", "\"", "'", "class a {\n", "func f(", "def a(\n", "    def a():\n", "@a\n", "f(x)\n",
            "\n", "`", "#",
        ])
    func hostileCode(_ piece: String) throws {
        let code = String(repeating: piece, count: 300_000 / piece.utf8.count)
        for end in ["swift", "py", "js", "c", "rb", "sql"] {
            _ = try? CorpusReader().read([try folder.write("h." + end, code)])
        }
    }
}
