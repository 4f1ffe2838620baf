#!/usr/bin/env python3
"""Writes Tests/TestSupport/Fixtures/evaluation/shift.json: what scipy makes of our samples.

    python3 Scripts/make-shift-goldens.py [OUTPUT_FILE]

Made with scipy 1.17.1 and numpy 2.4.6 (the versions that were used stand in the file). The samples are ours, drawn here with a fixed
seed. References: scipy.stats.ks_2samp (method exact, two-sided; asymptotic p-values from scipy.special.kolmogorov at
D sqrt(nm/(n+m))), scipy.special.kolmogorov, numpy.quantile. Takes seconds.
"""

import json
import pathlib
import sys

import numpy
import scipy
import scipy.special
import scipy.stats

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "Tests/TestSupport/Fixtures/evaluation/shift.json"
SEED = 20261130


def main():
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else OUTPUT
    random = numpy.random.default_rng(SEED)
    rows = []
    for name, n, m, shift, decimals in [
        ("one each", 1, 1, 0, 4), ("one and many", 1, 9, 1, 4), ("small", 5, 7, 0.5, 4), ("equal sizes", 20, 20, 0.8, 4),
        ("primes", 23, 31, 0, 4), ("multiples", 30, 90, 0.6, 4), ("far apart", 40, 60, 3, 4), ("ties", 50, 70, 0.4, 1),
        ("hundreds", 200, 301, 0.2, 5), ("disjoint", 12, 15, 50, 3), ("one large", 25, 900, -0.7, 4),
    ]:
        first = numpy.round(random.normal(shift, 1, n), decimals)
        second = numpy.round(random.normal(0, 1.2, m), decimals)
        exact = scipy.stats.ks_2samp(first, second, method="exact")
        rows.append({
            "name": name, "first": first.tolist(), "second": second.tolist(), "distance": float(exact.statistic),
            "exact": float(exact.pvalue),
            "limit": float(scipy.special.kolmogorov(exact.statistic * numpy.sqrt(n * m / (n + m)))),
            "median": float(numpy.quantile(first, 0.5)), "lowerQuantile": float(numpy.quantile(second, 0.05)),
        })
    lambdas = [1e-3, 0.05, 0.2, 0.5, 0.8276, 1, 1.17, 1.18, 1.19, 1.3581, 2, 3, 5, 8]
    golden = {
        "made": f"Scripts/make-shift-goldens.py with scipy {scipy.__version__}, numpy {numpy.__version__}, seed {SEED}",
        "kolmogorov": [[x, float(scipy.special.kolmogorov(x))] for x in lambdas],
        "samples": rows,
    }
    fields = []
    for key, value in golden.items():
        if isinstance(value, list):
            lines = ",\n".join("  " + json.dumps(row) for row in value)
            fields.append(f'"{key}": [\n{lines}\n]')
        else:
            fields.append(f'"{key}": {json.dumps(value)}')
    output.write_text("{\n" + ",\n".join(fields) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
