/// How the page looks: all colours, sizes and patterns.
enum PageStyle {
    static var sheet: HTML { HTML(styleSheet: css) }

    /// Fills that are told apart without colour.
    static var patterns: HTML {
        HTML("svg", ["width": "0", "height": "0", "aria-hidden": "true", "class": "defs"]) {
            HTML("defs") {
                HTML(
                    "pattern",
                    [
                        "id": "hatch", "width": "6", "height": "6", "patternUnits": "userSpaceOnUse",
                        "patternTransform": "rotate(45)",
                    ]
                ) {
                    HTML(empty: "rect", ["width": "6", "height": "6", "class": "hatch-ground"])
                    HTML(empty: "rect", ["width": "2.5", "height": "6", "class": "hatch-line"])
                }
                HTML("pattern", ["id": "dots", "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"]) {
                    HTML(empty: "rect", ["width": "6", "height": "6", "class": "dots-ground"])
                    HTML(empty: "circle", ["cx": "3", "cy": "3", "r": "1.1", "class": "dots-mark"])
                }
            }
        }
    }

    // Blue and orange are told apart by those who do not see red and green. Dark only on screens: paper is white.
    private static let css: StaticString = """
        :root{--paper:#fff;--ink:#1a1f24;--soft:#57616c;--line:#dde2e7;--wash:#f5f7f9;--up:#0b62b8;--down:#b3470a;\
        --even:#646e79;--mark:#0b62b8;--hint:#e8edf2;--s1:#8a4fbf;--s2:#0f7d6c;--s3:#b3470a;--s4:#96690a;--s5:#57616c;\
        --shade:#0002}
        @media screen and (prefers-color-scheme:dark){:root{--paper:#13171b;--ink:#e4e8ec;--soft:#9aa5b0;
        --line:#2d343b;\
        --wash:#1a2026;--up:#6cb2f5;--down:#f59a5b;--even:#8b96a1;--mark:#6cb2f5;--hint:#262e36;--s1:#c79bf0;
        --s2:#5cc9b5;\
        --s3:#f59a5b;--s4:#e0b74c;--s5:#9aa5b0;--shade:#fff3}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
        body{margin:0 auto;max-width:1120px;padding:24px 16px 48px;background:var(--paper);color:var(--ink);\
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
        overflow-wrap:anywhere}
        .defs{position:absolute}
        h1{font-size:22px;line-height:1.25;margin:0 0 4px}
        h2{font-size:18px;margin:0 0 12px}
        h3{font-size:15px;margin:20px 0 8px}
        h4{font-size:14px;margin:12px 0 4px}
        p{margin:0 0 8px}
        a{color:var(--mark)}
        small,.note,.summary,figcaption,nav{font-size:13px;color:var(--soft)}
        code{font:12px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--hint);padding:1px 4px;\
        border-radius:3px;unicode-bidi:isolate}
        nav{display:flex;flex-wrap:wrap;gap:2px 14px;margin-top:8px}
        section{border-top:1px solid var(--line);padding-top:20px;margin-top:28px}
        #verdict{border:0;padding-top:0;margin-top:16px}
        #verdict>h2{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        .up{color:var(--up)}.down{color:var(--down)}.even{color:var(--even)}
        .verdict{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:8px 24px;\
        align-items:center;border-left:5px solid var(--even);background:var(--wash);padding:14px 16px;margin:0 0 12px}
        .verdict.helps{border-color:var(--up)}.verdict.hurts{border-color:var(--down)}
        .verdict h3{font-size:17px;line-height:1.3;margin:0 0 6px}
        .verdict.main h3{font-size:22px}
        .verdict .mark{margin-right:8px}
        .helps .mark{color:var(--up)}.hurts .mark{color:var(--down)}
        .verdict p:last-child,.verdict figure{margin-bottom:0}
        .keys{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:10px;margin:0 0 12px}
        .key{border:1px solid var(--line);border-radius:6px;padding:8px 12px}
        .key dt{font-size:12px;color:var(--soft)}
        .key dd{margin:0}
        .key strong{display:block;font-size:16px;white-space:nowrap;font-variant-numeric:tabular-nums}
        .key span{font-size:12px;color:var(--soft)}
        .scroll{overflow-x:auto;margin:0 0 8px;
        background:linear-gradient(90deg,var(--paper) 30%,transparent) 0 0/40px 100% \
        no-repeat local,linear-gradient(270deg,var(--paper) 30%,transparent) 100% 0/40px 100% no-repeat local,\
        linear-gradient(90deg,var(--shade),transparent) 0 0/12px 100% no-repeat,\
        linear-gradient(270deg,var(--shade),transparent) 100% 0/12px 100% no-repeat}
        table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:14px;overflow-wrap:normal}
        th,td{padding:5px 12px 5px 6px;text-align:left;vertical-align:top}
        thead th{font-size:12px;font-weight:600;color:var(--soft);border-bottom:1px solid var(--ink);
        vertical-align:bottom}
        tbody th{font-weight:500}
        tbody tr{border-bottom:1px solid var(--line)}
        tbody th{min-width:96px;max-width:300px;overflow-wrap:anywhere}
        td small,th small{display:block;font-size:12px;font-weight:400;white-space:nowrap}
        .num{text-align:right;white-space:nowrap}
        thead .num{white-space:normal}
        .chosen,.primary{background:var(--wash)}
        .chosen th{font-weight:700}
        .measure{white-space:nowrap}
        .means th small{white-space:normal}
        .means th:first-child{max-width:180px;position:sticky;left:0;background:var(--paper)}
        .means .chosen th{background:var(--wash)}
        td.interval{padding-top:3px;padding-bottom:0}
        ul,ol{margin:0 0 8px;padding-left:20px}
        ul.plain,.legend{list-style:none;padding:0}
        .legend{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:13px}
        .legend li{display:flex;align-items:center;gap:6px}
        .swatch{width:16px;height:12px;border:1px solid var(--soft);display:inline-block}
        .swatch.reached{background:var(--mark)}
        .swatch.order{background:repeating-linear-gradient(135deg,var(--down) 0 2px,var(--hint) 2px 5px)}
        .swatch.first{background:radial-gradient(circle at 50% 50%,var(--soft) 1.2px,var(--hint) 1.5px) 0 0/6px 6px}
        .stack{margin-bottom:12px}.stack h3{margin:0 0 4px}.stack svg{display:block}.stack p{font-size:14px;
        margin:4px 0 0}
        .part{stroke:var(--paper);stroke-width:1}.part.reached{fill:var(--mark)}.part.order{fill:url(#hatch)}\
        .part.first{fill:url(#dots)}
        .hatch-ground,.dots-ground{fill:var(--hint)}.hatch-line{fill:var(--down)}.dots-mark{fill:var(--soft)}
        .columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:8px 28px}
        .columns>*{min-width:0}
        .columns h3{margin-top:0}
        figure{margin:0 0 12px;max-width:430px}
        svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--soft)}
        svg text.name{fill:var(--ink)}
        svg text.small{font-size:10px}
        .plot{display:block;width:100%;height:auto}
        .axis{stroke:var(--soft)}.grid{stroke:var(--line)}.zero{stroke:var(--ink)}
        svg .up{fill:var(--up);stroke:none}svg .down{fill:var(--down);stroke:none}svg .even{fill:var(--even);
        stroke:none}
        .up .whisker,.up line{stroke:var(--up)}.down .whisker,.down line{stroke:var(--down)}\
        .even .whisker,.even line{stroke:var(--even)}
        .whisker{stroke-width:1.5}.whisker.thick{stroke-width:5;opacity:.4}
        .negligible,.band{fill:var(--hint)}
        .slope line{stroke-width:1.4;opacity:.85}.slope .dashed{stroke-dasharray:4 3}
        .slope:hover line{stroke-width:3.5;opacity:1}
        .scores.relevant{fill:var(--mark)}.scores.irrelevant{fill:url(#hatch)}.scores.unjudged{fill:var(--even);
        opacity:.55}
        .median{stroke:var(--ink);stroke-width:1.5}
        .median-bar{fill:var(--mark)}.tail{fill:var(--mark);opacity:.4}.tail.hollow{fill:none;stroke:var(--mark);
        opacity:1}
        .series{fill:var(--mark)}.s1{fill:var(--s1)}.s2{fill:var(--s2)}.s3{fill:var(--s3)}.s4{fill:var(--s4)}
        .s5{fill:var(--s5)}
        .front{stroke:var(--ink);stroke-width:1.2}.dotted{stroke-dasharray:2 4}.budget{stroke:var(--down);
        stroke-dasharray:5 3}
        .ring{fill:none;stroke:var(--ink);stroke-width:1.6}
        .ideal{stroke:var(--soft);stroke-dasharray:2 3}.curve{fill:none;stroke:var(--mark);stroke-width:2}
        .bin{fill:var(--ink)}
        details{border-bottom:1px solid var(--line);padding:6px 0}
        summary{cursor:pointer;margin-left:16px;list-style-position:outside}
        summary::marker{color:var(--soft)}
        .plain li{border-bottom:1px solid var(--line);padding:6px 0 6px 16px}
        summary small,.plain small{display:block}
        .change{font-variant-numeric:tabular-nums;white-space:nowrap;font-weight:600}
        .passages{padding-left:0;list-style:none;margin:8px 0 4px}
        .passages li{border-left:3px solid var(--line);padding:2px 0 2px 10px;margin:0 0 10px;font-size:14px}
        .passages .relevant{border-left:3px double var(--mark);border-left-width:7px}
        .passages p{margin:0;max-height:12em;overflow:hidden}
        .passages .facts{display:flex;flex-wrap:wrap;gap:0 12px;font-size:12px;color:var(--soft);max-height:none}
        .passages .place{font-weight:600;font-variant-numeric:tabular-nums}
        .passages .up{color:var(--up)}.passages .down{color:var(--down)}
        .passages .relevant .grade{color:var(--mark);font-weight:600}
        .command{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--wash);
        padding:10px 12px;\
        white-space:pre-wrap;margin:0 0 12px}
        dl.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:6px 24px;margin:0}
        dl.facts dt,.reading dt{font-size:12px;color:var(--soft)}
        dl.facts dd,.reading dd{margin:0 0 4px;font-size:14px}
        .reading{margin-top:20px;border:0}
        @media (max-width:600px){.means th:first-child{max-width:120px}}
        @media print{.changes{display:block}body{max-width:none;padding:0;font-size:11pt}nav,.reading{display:none}
        .scroll{overflow:visible}\
        figure,.verdict,.stack,tr,.passages li{break-inside:avoid}h2,h3,h4{break-after:avoid}\
        details::details-content{content-visibility:visible;height:auto}*{print-color-adjust:exact;
        -webkit-print-color-adjust:exact}}
        """
}
