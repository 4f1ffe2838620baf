#!/usr/bin/env python3
"""Times exact dense search beside faiss and usearch, in turn, over the same vectors.

    swift build -c release --package-path Benchmarks --product scan-benchmark
    python3 -m venv /tmp/scan-venv && /tmp/scan-venv/bin/pip install numpy faiss-cpu usearch
    /tmp/scan-venv/bin/python Benchmarks/scan-peers.py

Made with Python 3.11.7, numpy 2.4.6, faiss-cpu 1.15.1, usearch 2.26.6; the table names the versions that ran.

A round runs every system once over all queries, one query at a time, with one thread and with two; rounds follow one another
so that all meet the same machine. Recall is against numpy's float32 product over all rows; Winnow's program compares its rows
and scores with its own float32 product over all rows as well, to the bit, and fails where one differs.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import faiss
import numpy
import usearch
from usearch.index import MetricKind, search as usearch_search

HERE = pathlib.Path(__file__).resolve().parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(HERE / ".build" / "release" / "scan-benchmark"))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=int, default=50, help="how many hits")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--data", choices=["clustered", "gaussian"], default="clustered")
    parser.add_argument("--folder", help="where the vectors are exported (1.5 GB); default: a temporary folder")
    parser.add_argument("--out", help="write the table's numbers as JSON too")
    return parser.parse_args()


def winnow(options, folder, threads, export):
    command = [options.program, "--json", "--rows", str(options.rows), "--queries", str(options.queries), "--data",
               options.data, "--limits", str(options.limit), "--threads", str(threads)]
    if export:
        command += ["--export", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)["runs"][0]


class Peer:
    """One system: `search(query)` gives the ids of the best rows."""

    def __init__(self, name, note, search, set_threads):
        self.name, self.note, self.search, self.set_threads = name, note, search, set_threads
        self.medians, self.bests = {}, {}
        self.found = []

    def run(self, queries, threads):
        self.set_threads(threads)
        self.search(queries[0])
        times = []
        self.found = []
        for query in queries:
            start = time.perf_counter()
            found = self.search(query)
            times.append((time.perf_counter() - start) * 1e3)
            self.found.append(found)
        self.medians.setdefault(threads, []).append(statistics.median(times))
        self.bests[threads] = min(times + [self.bests.get(threads, times[0])])


def peers(vectors, limit):
    dimension = vectors.shape[1]
    flat = faiss.IndexFlatIP(dimension)
    flat.add(vectors)
    quantised = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    quantised.train(vectors[:100_000])
    quantised.add(vectors)
    # One scale for all values: what the metric of a whole index allows.
    scale = 127 / numpy.abs(vectors).max()

    def as_bytes(values):
        return numpy.clip(numpy.rint(values * scale), -127, 127).astype(numpy.int8)

    codes = as_bytes(vectors)
    threads = {"usearch": 1}

    def search_faiss(index):
        return lambda query: index.search(query[None, :], limit)[1][0]

    def search_usearch(data, prepare, metric):
        return lambda query: usearch_search(data, prepare(query), limit, metric, exact=True,
                                            threads=threads["usearch"]).keys

    def set_usearch(count):
        threads["usearch"] = count

    return [
        Peer("faiss IndexFlatIP", "float32, exact", search_faiss(flat), faiss.omp_set_num_threads),
        Peer("faiss QT_8bit", "8 bits a value, not exact", search_faiss(quantised), faiss.omp_set_num_threads),
        Peer("usearch exact f32", "float32, exact", search_usearch(vectors, lambda query: query, MetricKind.IP), set_usearch),
        Peer("usearch exact i8", "8 bits a value, not exact", search_usearch(codes, as_bytes, MetricKind.IP), set_usearch),
    ]


def recall(found, truth, limit):
    hits = [len(set(map(int, rows)) & best) / limit for rows, best in zip(found, truth, strict=True)]
    return sum(hits) / len(hits)


def main():
    options = arguments()
    temporary = None
    if options.folder is None:
        temporary = tempfile.TemporaryDirectory()
        options.folder = temporary.name
    folder = pathlib.Path(options.folder)
    winnow(options, folder, 1, export=True)
    description = json.loads((folder / "data.json").read_text())
    shape = (int(description["rows"]), int(description["dimension"]))
    vectors = numpy.fromfile(folder / "vectors.f32", dtype="<f4").reshape(shape)
    queries = numpy.fromfile(folder / "queries.f32", dtype="<f4").reshape(-1, shape[1])
    truth = [set(numpy.argpartition(-(vectors @ query), options.limit)[: options.limit].tolist()) for query in queries]

    found = json.loads((folder / "found.json").read_text())[str(options.limit)]
    others = peers(vectors, options.limit)
    runs = {threads: [] for threads in options.threads}
    for number in range(options.rounds):
        for threads in options.threads:
            runs[threads].append(winnow(options, folder, threads, export=False))
            for peer in others:
                peer.run(queries, threads)
        if sys.stderr.isatty():
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)

    print(f"{shape[0]} {options.data} vectors x {shape[1]}, k = {options.limit}, {len(queries)} queries one at a time, median of "
          f"{options.rounds} rounds' medians; load {os.getloadavg()[0]:.1f}")
    print(f"numpy {numpy.__version__}, faiss-cpu {faiss.__version__}, usearch {usearch.__version__}, "
          f"Python {sys.version.split()[0]}")
    table = []
    for threads in options.threads:
        searches = [run["searches"][0] for run in runs[threads]]
        ours = statistics.median(search["milliseconds"]["median"] for search in searches)
        best = min(search["milliseconds"]["best"] for search in searches)
        different = sum(search["different"] for search in searches)
        share = statistics.median(search["share"] for search in searches)
        table.append(["winnow", threads, ours, 1.0, best, 1.0, recall(found, truth, options.limit),
                      f"exact ({different} of {sum(s['compared'] for s in searches)} differ), {share:.0%} of the read loop"])
        for peer in others:
            milliseconds, least = statistics.median(peer.medians[threads]), peer.bests[threads]
            table.append([peer.name, threads, milliseconds, milliseconds / ours, least, least / best, recall(peer.found, truth, options.limit),
                          peer.note])
    print("| system | threads | ms a query | × Winnow | best ms | × Winnow | recall | |\n|" + " --- |" * 8)
    for name, threads, milliseconds, ratio, least, best_ratio, share, note in table:
        print(f"| {name} | {threads} | {milliseconds:.1f} | {ratio:.2f} | {least:.1f} | {best_ratio:.2f} | {share:.4f} | {note} |")
    if options.out:
        keys = ["system", "threads", "milliseconds", "ratio", "best", "bestRatio", "recall", "note"]
        pathlib.Path(options.out).write_text(json.dumps([dict(zip(keys, row)) for row in table], indent=1) + "\n")
    if temporary:
        temporary.cleanup()


main()
