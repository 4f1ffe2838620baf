#!/usr/bin/env python3
"""Times BM25 of Winnow, bm25s, SQLite's FTS5 and tantivy on one collection, in turn, one thread each, and compares rankings with bm25s.

    Benchmarks/lexical-peers.py COLLECTION [--rounds 5] [--queries 1000] [--limit 100] [--check] [--programs "bm25s numba,tantivy"]

Needs Python 3.11 with bm25s 0.3.16, numba 0.68.1, tantivy 0.27.0, numpy (PyPI), and a built lexical-benchmark beside it (swift build
-c release --package-path Benchmarks). All read the same terms: those of our own analysis (--words ascii --stem none: lower-cased
[a-z0-9]+ without 33 English stop words). Each round asks every query of every program, in a new order of programs. Times of Winnow include
making terms of the query's text; bm25s gets its queries as terms of one batch (its fastest way: everything compiled by numba), FTS5
and tantivy get them as a query of terms that was made ahead.
--check: rankings and scores of both bm25s float64 and ours must agree to 1e-9 (relative) down to rank --limit, equal scores in any order.
"""
import argparse, os, pathlib, random, sqlite3, statistics, subprocess, sys, tempfile, time

os.environ["NUMBA_NUM_THREADS"] = "1"
import bm25s, numba, numpy as np

K1, B = 1.5, 0.75


def ours(arguments, folder):
    program = pathlib.Path(__file__).parent / ".build/release/lexical-benchmark"
    process = subprocess.Popen(
        [program, arguments.collection, "--serve", "--limit", str(arguments.limit), "--queries", str(arguments.queries),
         "--bm25-k1", str(K1), "--bm25-b", str(B), "--terms", f"{folder}/terms"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(line):
        process.stdin.write(line + "\n")
        process.stdin.flush()
        return process.stdout.readline()

    def round_():
        return sum(map(int, ask("round").split())) / 1e9

    def hits():
        ask(f"run {folder}/hits")
        return [[(int(row), float(score)) for row, score in (hit.split(":") for hit in line.split())]
                for line in open(f"{folder}/hits")]

    round_()
    return round_, hits


def lines(path):
    return [line.split() for line in open(path, encoding="utf-8", newline="\n")]


def bm25s_numba(corpus, queries, limit):
    index = bm25s.BM25(method="lucene", k1=K1, b=B, backend="numba")
    index.index(corpus, show_progress=False)
    ids = [[index.vocab_dict[t] for t in q if t in index.vocab_dict] for q in queries]

    def run():
        start = time.perf_counter()
        index.retrieve(queries, k=limit, show_progress=False, n_threads=1, backend_selection="numba")
        return time.perf_counter() - start

    run()
    return run


def bm25s_numpy(corpus, queries, limit):
    index = bm25s.BM25(method="lucene", k1=K1, b=B, backend="numpy")
    index.index(corpus, show_progress=False)

    def run():
        start = time.perf_counter()
        index.retrieve(queries, k=limit, show_progress=False, n_threads=1)
        return time.perf_counter() - start

    return run


def fts5(corpus, queries, limit, folder):
    database = sqlite3.connect(f"{folder}/fts5.sqlite")
    database.execute("CREATE VIRTUAL TABLE passage USING fts5(terms, content='', tokenize='ascii')")
    database.executemany(
        "INSERT INTO passage (rowid, terms) VALUES (?, ?)", ((i + 1, " ".join(t)) for i, t in enumerate(corpus)))
    database.execute("INSERT INTO passage (passage) VALUES ('optimize')")
    database.commit()
    texts = [" OR ".join(f'"{t}"' for t in q) for q in queries]

    def run():
        start = time.perf_counter()
        for text in texts:
            database.execute(
                "SELECT rowid, rank FROM passage WHERE passage MATCH ? ORDER BY rank LIMIT ?", (text, limit)).fetchall()
        return time.perf_counter() - start

    return run


def tantivy_(corpus, queries, limit):
    import tantivy
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("terms", stored=False, tokenizer_name="whitespace", index_option="freq")
    builder.add_integer_field("row", stored=True, fast=True)
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer(heap_size=512 << 20, num_threads=1)
    for row, terms in enumerate(corpus):
        document = tantivy.Document()
        document.add_text("terms", " ".join(terms))
        document.add_integer("row", row)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    made = [tantivy.Query.boolean_query(
        [(tantivy.Occur.Should, tantivy.Query.term_query(schema, "terms", t, index_option="freq")) for t in q]) for q in queries]

    def run():
        start = time.perf_counter()
        for query in made:
            searcher.search(query, limit, count=False)
        return time.perf_counter() - start

    print(f"tantivy: {searcher.num_segments} segment(s)")
    return run


def check(corpus, queries, hits, limit):
    index = bm25s.BM25(method="lucene", k1=K1, b=B, dtype="float64", backend="numpy")
    index.index(corpus, show_progress=False)
    worst, different = 0.0, 0
    for query, found in zip(queries, hits):
        known = [t for t in query if t in index.vocab_dict]
        if not known:
            different += bool(found)
            continue
        scores = index.get_scores(known)
        positive = int((scores > 0).sum())
        best = np.sort(scores)[::-1][:min(limit, positive)]
        if len(found) < len(best):
            different += 1
            continue
        for rank, (row, score) in enumerate(found):
            worst = max(worst, abs(score - scores[row]) / scores[row])
            if rank < len(best):
                worst = max(worst, abs(score - best[rank]) / best[rank])
    print(f"against bm25s float64: {len(queries)} queries, {different} different, largest relative difference {worst:.2e}")
    return different == 0 and worst < 1e-9


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collection")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--programs", default=[], type=lambda text: text.split(","), help="which of the others; FTS5 takes minutes a round")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        round_, hits = ours(arguments, folder)
        corpus, queries = lines(f"{folder}/terms.corpus"), lines(f"{folder}/terms.queries")
        if arguments.check and not check(corpus, queries, hits(), arguments.limit):
            sys.exit(1)
        if arguments.rounds == 0:
            return
        makers = {
            "bm25s numba": lambda: bm25s_numba(corpus, queries, arguments.limit),
            "bm25s numpy": lambda: bm25s_numpy(corpus, queries, arguments.limit),
            "tantivy": lambda: tantivy_(corpus, queries, arguments.limit),
            "FTS5": lambda: fts5(corpus, queries, arguments.limit, folder),
        }
        unknown = [name for name in arguments.programs if name not in makers]
        if unknown:
            sys.exit(f"--programs: there is no {', '.join(unknown)}; there are: {', '.join(makers)}")
        programs = {"winnow": round_} | {name: makers[name]() for name in arguments.programs or makers}
        times = {name: [] for name in programs}
        for _ in range(arguments.rounds):
            order = list(programs)
            random.shuffle(order)
            for name in order:
                times[name].append(programs[name]())
        print(f"{len(corpus)} passages, {len(queries)} queries, top {arguments.limit}, {arguments.rounds} rounds")
        for name, each in times.items():
            ratios = [a / b for a, b in zip(each, times["winnow"])]
            print(f"{name:12} {len(queries) / statistics.median(each):8.0f} queries/s   {statistics.median(ratios):6.2f} x the time of winnow"
                  f"   ({min(each) * 1e6 / len(queries):.0f}-{max(each) * 1e6 / len(queries):.0f} us)")


main()
