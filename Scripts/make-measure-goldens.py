#!/usr/bin/env python3
"""Writes Tests/TestSupport/Fixtures/evaluation: generated runs and judgements, and what the references make of them.

    python3 Scripts/make-measure-goldens.py [OUTPUT_DIR]

Needs pytrec-eval-terrier 0.5.11 (trec_eval 9.0.8's code), ir-measures 0.4.3 and scikit-learn 1.9.1. Not run in CI.

measures-input.jsonl    a query a line: "q" id, "j" judged documents, "g" their grades, "d" documents of the run, "s" their
                        scores (both absent for a query that the run lacks)
measures-values.txt     names of measures, then a line a query: 0, 1, or the 16 hexadecimal digits of a double
measures-means.json     means over the first n queries by id as trec_eval -c prints them
measures-ir.json        where ir_measures' own RR@k and Judged@k differ: it breaks ties by ascending id
agreement.json          pairs of grades, and scikit-learn's Cohen's kappa of them (null where it is not defined)

pytrec_eval has no cutoff for RR (recip_rank.10 ignores the 10) and no Judged. Both come from ir_measures, over runs whose
scores were replaced by 1/rank in trec_eval's order, so that nothing is tied. That order is checked: pytrec_eval must give
the same for both runs in all its measures.

Not covered, because the reference fails: queries with negative grades only (pytrec_eval 0.5.11 crashes or hangs), and the
query id "no query". Scores beyond Float32 are infinite there; a reader of ours refuses them, and the test that reads these
files puts the largest finite number in their place, which orders them alike.
"""

import json
import pathlib
import random
import struct
import sys

import ir_measures
import numpy
import pytrec_eval
import sklearn
from sklearn.metrics import cohen_kappa_score

VERSIONS = {"pytrec-eval-terrier": "0.5.11", "ir-measures": "0.4.3", "scikit-learn": "1.9.1"}
assert pytrec_eval.__version__ == VERSIONS["pytrec-eval-terrier"], pytrec_eval.__version__
assert ir_measures.__version__ == VERSIONS["ir-measures"], ir_measures.__version__
assert sklearn.__version__ == VERSIONS["scikit-learn"], sklearn.__version__

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUTPUT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "Tests/TestSupport/Fixtures/evaluation"
SEED, QUERIES = 5, 3000

# Our name, pytrec_eval's, relevance level, judged documents only, exponential gain.
MEASURES = [
    ("nDCG@1", "ndcg_cut_1", 1, False, False),
    ("nDCG@3", "ndcg_cut_3", 1, False, False),
    ("nDCG@10", "ndcg_cut_10", 1, False, False),
    ("nDCG@1000", "ndcg_cut_1000", 1, False, False),
    ("nDCG", "ndcg", 1, False, False),
    ("nDCG(gain=exp)@10", "ndcg_cut_10", 1, False, True),
    ("nDCG(gain=exp)", "ndcg", 1, False, True),
    ("nDCG(judged_only=True)@10", "ndcg_cut_10", 1, True, False),
    ("RR", "recip_rank", 1, False, False),
    ("RR(rel=2)", "recip_rank", 2, False, False),
    ("RR(judged_only=True)", "recip_rank", 1, True, False),
    ("AP", "map", 1, False, False),
    ("AP@5", "map_cut_5", 1, False, False),
    ("AP(rel=2)@100", "map_cut_100", 2, False, False),
    ("AP(judged_only=True)@10", "map_cut_10", 1, True, False),
    ("P@1", "P_1", 1, False, False),
    ("P@10", "P_10", 1, False, False),
    ("P(rel=2)@5", "P_5", 2, False, False),
    ("P(judged_only=True)@5", "P_5", 1, True, False),
    ("R@3", "recall_3", 1, False, False),
    ("R@100", "recall_100", 1, False, False),
    ("R(rel=3)@10", "recall_10", 3, False, False),
    ("Success@1", "success_1", 1, False, False),
    ("Success(rel=2)@5", "success_5", 2, False, False),
    ("Rprec", "Rprec", 1, False, False),
    ("Rprec(rel=2)", "Rprec", 2, False, False),
    ("Rprec(judged_only=True)", "Rprec", 1, True, False),
    ("Bpref", "bpref", 1, False, False),
    ("Bpref(rel=2)", "bpref", 2, False, False),
    ("SetR", "set_recall", 1, False, False),
    ("SetR(rel=2)", "set_recall", 2, False, False),
]
UNTIED = ["RR@3", "RR(rel=2)@5", "Judged@3", "Judged@10", "Judged"]

ODD = ["\u00e9", "e\u0301", "\u65e5", "\U0001f600", "\ufffd", "D1", "d", "\u00df", "~"]
DOCUMENTS = [f"d{i}" for i in range(1, 40)] + ODD
SCORES = {
    "equal": [1.0],
    "few": [0.5, 1.0, 2.0],
    "near": [1.0, 1.0 + 2e-8, 1.0 + 4e-8, 1.0 + 1e-7, 1.0 + 3e-7],
    "zeros": [0.0, -0.0, 1e-50, -1e-50, 1e-45, 1e-30],
    "huge": [1e39, -1e39, 3e38, 1e40, 1.0],
}


def generate(rng):
    qrels, run = {}, {}
    ids = [f"q{i}" for i in range(1, QUERIES - 5)] + ["q\u00e9", "qe\u0301", "\u65e5", "\U0001f600", "\ufffd", "Q1"]
    for number, query in enumerate(ids):
        long = number % 97 == 0
        pool = [f"x{i}" for i in range(200)] if long else DOCUMENTS
        judged = rng.sample(pool, rng.choice([1, 1, 2, 3, 5, 8] if not long else [30, 60]))
        style = rng.randrange(6)
        grades = [[1], [0, 1], [0, 1, 2], [-2, -1, 0, 1, 2, 3, 4], [0], [-1, 0]][style]
        values = {document: rng.choice(grades) for document in judged}
        if all(grade < 0 for grade in values.values()):
            values[judged[0]] = 0
        qrels[query] = values
        if rng.random() < 0.03:
            continue
        length = rng.choice([1, 2, 3, 5, 10, 11, 14]) if not long else 120
        listed = rng.sample(pool, min(length, len(pool)))
        # Retrieved and judged documents shall meet often.
        for document in judged:
            if document not in listed and rng.random() < 0.5:
                listed[rng.randrange(len(listed))] = document
        listed = list(dict.fromkeys(listed))
        kind = rng.choice(list(SCORES) + ["real", "real"])
        draw = (lambda: round(rng.gauss(0, 3), 3)) if kind == "real" else (lambda: rng.choice(SCORES[kind]))
        run[query] = {document: draw() for document in listed}
    return qrels, run


def float32(value):
    with numpy.errstate(over="ignore", under="ignore"):
        return float(numpy.float32(value))


def untie(run):
    """Scores that fall with trec_eval's rank."""
    result = {}
    for query, documents in run.items():
        order = sorted(documents, key=lambda document: document.encode(), reverse=True)
        order.sort(key=lambda document: -float32(documents[document]))
        result[query] = {document: 1 / (rank + 1) for rank, document in enumerate(order)}
    return result


def reference(qrels, run):
    values = {}
    exponential = {q: {d: 2**g - 1 if g > 0 else g for d, g in grades.items()} for q, grades in qrels.items()}
    for name, trec_name, level, judged_only, is_exponential in MEASURES:
        judge = pytrec_eval.RelevanceEvaluator(
            exponential if is_exponential else qrels, {trec_name}, relevance_level=level, judged_docs_only_flag=judged_only
        )
        found = judge.evaluate(run)
        values[name] = {query: found.get(query, {}).get(trec_name, 0.0) for query in qrels}
    return values


def ir(qrels, run, names):
    values = {name: dict.fromkeys(qrels, 0.0) for name in names}
    measures = {ir_measures.parse_measure(name): name for name in names}
    for metric in ir_measures.iter_calc(list(measures), qrels, run):
        values[measures[metric.measure]][metric.query_id] = float(metric.value)
    return values


def agreements(rng):
    cases = []
    for size in (1, 2, 3, 5, 10, 40, 40, 200):
        grades = rng.choice([[0, 1], [0, 1, 2], [-1, 0, 1, 2, 3]])
        first = [rng.choice(grades) for _ in range(size)]
        second = [grade if rng.random() < 0.7 else rng.choice(grades) for grade in first]
        alike = len(set(first + second)) == 1
        cases.append({"first": first, "second": second, "kappa": None if alike else cohen_kappa_score(first, second)})
    return cases


def text(value):
    value = float(value) + 0.0
    return {0.0: "0", 1.0: "1"}.get(value) or struct.pack(">d", value).hex()


def main():
    rng = random.Random(SEED)
    qrels, run = generate(rng)
    values = reference(qrels, run)
    untied = untie(run)
    assert reference(qrels, untied) == values, "the order of equal scores is not trec_eval's"
    own = ir(qrels, untied, UNTIED)
    tied = ir(qrels, run, UNTIED)
    differing = {name: sorted((q for q in qrels if own[name][q] != tied[name][q]), key=str.encode) for name in UNTIED}
    values |= own

    OUTPUT.mkdir(parents=True, exist_ok=True)
    queries = sorted(qrels, key=str.encode)
    shuffled = queries[:]
    rng.shuffle(shuffled)
    with open(OUTPUT / "measures-input.jsonl", "w", encoding="utf-8", newline="\n") as file:
        for query in shuffled:
            record = {"q": query, "j": list(qrels[query]), "g": list(qrels[query].values())}
            if query in run:
                record |= {"d": list(run[query]), "s": [repr(score) for score in run[query].values()]}
            file.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
    with open(OUTPUT / "measures-values.txt", "w", encoding="utf-8", newline="\n") as file:
        file.write("\t".join(values) + "\n")
        for query in queries:
            file.write(query + " " + " ".join(text(values[name][query]) for name in values) + "\n")

    means, off = {}, 0
    for count in (1, 7, 32, 80, 160, 1000, QUERIES):
        means[str(count)] = {}
        for name in values:
            total = 0.0
            for query in queries[:count]:
                total += values[name][query]
            printed = "%.4f" % (total / count)
            means[str(count)][name] = printed
            # pytrec_eval's own aggregate adds in another order (numpy's), which is not how trec_eval does.
            other = pytrec_eval.compute_aggregated_measure("map", [values[name][query] for query in queries[:count]])
            assert abs(other - total / count) < 1e-12
            off += "%.4f" % other != printed
    print(f"{off} printed means differ when numpy adds")
    with open(OUTPUT / "measures-means.json", "w", encoding="utf-8", newline="\n") as file:
        json.dump({"versions": VERSIONS, "seed": SEED, "means": means}, file, indent=1)
        file.write("\n")
    with open(OUTPUT / "measures-ir.json", "w", encoding="utf-8", newline="\n") as file:
        json.dump({"versions": VERSIONS, "differs": differing}, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")
    with open(OUTPUT / "agreement.json", "w", encoding="utf-8", newline="\n") as file:
        json.dump({"versions": VERSIONS, "cases": agreements(rng)}, file, separators=(",", ":"))
        file.write("\n")
    for name in UNTIED:
        print(f"{name}: ir_measures differs on {len(differing[name])} of {len(queries)} queries with equal scores")


if __name__ == "__main__":
    main()
