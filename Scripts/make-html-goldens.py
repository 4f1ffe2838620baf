#!/usr/bin/env python3
"""Writes Tests/TestSupport/Fixtures/html/pages.jsonl: generated pages, and the words that a reader of HTML 5 shows of them.

    python3 -m venv venv && venv/bin/pip install html5lib==1.1
    venv/bin/python Scripts/make-html-goldens.py [SEED]

Each line is {"html", "words"}. The pages are made by a seeded generator out of what goes wrong in real ones: end tags that are missing,
stray or crossed, references without a semicolon, comments of every form, markup in scripts, capital letters, attributes in all
quotations. The words are those of html5lib 1.1's tree: of all text outside of elements that show none, split where an element that is a
block, a break, a cell or an item begins or ends. Text directly in a table, which HTML moves before it, is not
generated, nor is `template`, which html5lib does not know.
"""

import json
import pathlib
import random
import re
import sys

import html5lib

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "Tests/TestSupport/Fixtures/html"
SILENT = {"script", "style", "template", "noscript", "select", "button", "svg", "iframe", "canvas", "textarea", "head", "title",
          "option", "optgroup"}
BLOCKS = {"address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "div", "dl", "dt",
          "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li", "main",
          "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "menu", "dir",
          "dialog", "hgroup", "search", "listing"}
WORDS = ("harbour lamp quiet seven river window copper morning answer garden paper stone winter bridge letter candle orchard "
         "thread signal meadow").split()


def visible(element, out):
    for text, node in [(element.text, None)] + [(child.tail, child) for child in element]:
        if node is not None:
            name = node.tag.split("}")[-1] if isinstance(node.tag, str) else ""
            hidden = "hidden" in node.attrib or "none" in node.attrib.get("style", "")
            if name and name not in SILENT and not hidden:
                if name in BLOCKS:
                    out.append(" ")
                visible(node, out)
                if name in BLOCKS:
                    out.append(" ")
        if text:
            out.append(text)


def words(page):
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    out = []
    body = tree.find("body")
    if body is not None:
        visible(body, out)
    return re.split(r"[ \t\n\r\f\u00a0]+", "".join(out).replace("\u00ad", "").replace("\u200b", "").strip(" \t\n\r\f\u00a0"))


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def some(self, *choices):
        return self.random.choice(choices)

    def maybe(self, text, share=0.5):
        return text if self.random.random() < share else ""

    def tag(self, name):
        name = self.some(name, name, name.upper(), name.capitalize())
        attributes = self.some("", "", "", ' class="a b"', " id=x1", " data-x='1 > 0'", ' title="a &amp; b"', " checked", ' lang = "en"',
                               ' style="color:red"', ' data-a="<p>"')
        return f"<{name}{attributes}{self.some('', '', ' ', ' /') if name.lower() == 'br' else self.some('', '', ' ')}>"

    def word(self):
        word = self.some(*WORDS)
        return self.some(word, word, word, word, word.capitalize(), word + self.reference(), self.reference() + word)

    def reference(self):
        return self.some("&amp;", "&lt;", "&gt;", "&eacute;", "&#233;", "&#xE9;", "&copy", "&copy;", "&nbsp;", "&hellip;", "&mdash;", "&#8212;",
                         "&#150;", "&quot;", "&apos;", "&notit;", "&unknown;", "&", "&amp", "&frac12;", "&euro;", "&#x1F600;", "&shy;",
                         "&#0;", "&ampere;", "&larr;")

    def inline(self, depth=0):
        parts = []
        for _ in range(self.random.randint(1, 5)):
            kind = self.random.random()
            if kind < 0.6 or depth > 2:
                parts.append(self.word())
            elif kind < 0.72:
                name = self.some("b", "i", "em", "span", "code", "a", "strong", "small", "sub", "q", "mark", "custom-x")
                parts.append(self.tag(name) + self.inline(depth + 1) + self.maybe(f"</{name}>", 0.9))
            elif kind < 0.78:
                parts.append("<b><i>" + self.word() + "</b>" + self.maybe(" ") + self.word() + "</i>")
            elif kind < 0.84:
                parts.append(self.comment())
            elif kind < 0.9:
                parts.append(self.tag("br"))
            elif kind < 0.95:
                parts.append(self.some("<", "< ", "<3 ", "</>", "<?php x ?>", "<!x>", "</ p>", "&lt;p>", "<![CDATA[" + self.word() + "]]>"))
            else:
                parts.append(self.hidden())
            parts.append(self.some(" ", " ", "\n", "\t ", "  "))
        return "".join(parts)

    def comment(self):
        return self.some("<!-- a -->", "<!---->", "<!-->", "<!--->", "<!-- > -- -->", "<!-- a --!>", "<!-- <p>hidden</p> -->", "<!-- - -->")

    def hidden(self):
        return self.some("<script>if (a < b) { x = '</p>'; }</script>", "<style>p > a { }</style>", "<textarea><p>no</textarea>",
                         "<span hidden>no</span>", '<div style="display: none">no</div>', "<select><option>no<option>no</select>",
                         "<svg><path d='M0 0'/><text>no</text></svg>", "<button>no</button>",
                         "<noscript>no</noscript>", "<iframe src=x>no</iframe>", "<SCRIPT>document.write('<b>')</SCRIPT >")

    def block(self, depth=0):
        kind = self.some("p", "p", "p", "h", "ul", "ol", "dl", "table", "div", "section", "blockquote", "pre", "text", "figure",
                         "stray", "hr", "details")
        if depth > 3:
            kind = "p"
        if kind == "p":
            return self.tag("p") + self.inline() + self.maybe("</p>", 0.6)
        if kind == "h":
            level = self.random.randint(1, 6)
            return f"<h{level}>" + self.inline(2) + f"</h{self.some(level, level, 7 - level)}>"
        if kind in ("ul", "ol"):
            items = "".join(self.tag("li") + self.inline() + self.maybe(self.block(depth + 1), 0.2) + self.maybe("</li>", 0.5) + self.maybe("\n")
                            for _ in range(self.random.randint(1, 4)))
            return f"<{kind}>" + items + f"</{kind}>"
        if kind == "dl":
            return "<dl>" + "".join("<dt>" + self.inline(2) + self.maybe("</dt>") + "<dd>" + self.inline() + self.maybe("</dd>")
                                    for _ in range(self.random.randint(1, 3))) + "</dl>"
        if kind == "table":
            rows = ""
            for number in range(self.random.randint(1, 3)):
                cell = "th" if number == 0 and self.random.random() < 0.5 else "td"
                rows += "<tr>" + "".join(self.tag(cell) + self.inline(1) + self.maybe(f"</{cell}>") for _ in range(self.random.randint(1, 3)))
                rows += self.maybe("</tr>")
            body = self.some("", "<tbody>", "<thead>")
            return "<table>" + self.maybe("<caption>" + self.inline(2) + "</caption>", 0.3) + body + rows + "</table>"
        if kind == "pre":
            return "<pre>" + self.maybe("\n") + self.inline(2) + "\n  " + self.word() + "</pre>"
        if kind == "text":
            return self.inline()
        if kind == "figure":
            return "<figure><img src=x alt=no>" + self.inline() + "<figcaption>" + self.inline(2) + "</figcaption></figure>"
        if kind == "stray":
            return self.some("</div>", "</p>", "</li>", "</table>", "</span>", "</h2>", "</br>", "</td>", "</x-y>") + self.inline(2)
        if kind == "hr":
            return self.tag("hr") if self.random.random() < 0.5 else "<hr>"
        if kind == "details":
            return "<details><summary>" + self.inline(2) + "</summary>" + self.block(depth + 1) + "</details>"
        return self.tag(kind) + "".join(self.block(depth + 1) for _ in range(self.random.randint(1, 3))) + self.maybe(f"</{kind}>", 0.9)

    def page(self):
        head = self.some("", "<!DOCTYPE html>", "<!doctype HTML>\n<html>", "<html lang=en><head><meta charset=utf-8>")
        title = self.maybe("<title>" + self.word() + "</title>")
        body = self.maybe("<body>")
        return head + title + body + self.some("", "\n").join(self.block() for _ in range(self.random.randint(1, 5))) + self.maybe("</body></html>\n")


def main():
    maker = Maker(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / "pages.jsonl", "w") as out:
        for _ in range(160):
            page = maker.page()
            out.write(json.dumps({"html": page, "words": words(page)}, ensure_ascii=True) + "\n")


main()
