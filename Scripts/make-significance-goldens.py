#!/usr/bin/env python3
"""Writes Tests/TestSupport/Fixtures/evaluation/significance.json: what scipy, numpy and statsmodels make of our own samples.

    python3 Scripts/make-significance-goldens.py [OUTPUT_FILE]

Made with scipy 1.17.1, numpy 2.4.6 and statsmodels 0.15.0 (the versions that were used stand in the file). The samples are
drawn here with a fixed seed: values on the grid that nDCG and reciprocal ranks live on, with ties as real queries have them.
References: scipy.stats.permutation_test (signs of single samples or of sums over groups; exact up to 2^16 patterns, else a
million random ones), scipy.stats.ttest_rel, scipy.stats.bootstrap (percentile, at the expanded level), OLS with cluster-robust
errors of statsmodels, multipletests and NormalIndPower of statsmodels, numpy.quantile, scipy.stats.norm and t.
"""

import json
import pathlib
import sys

import numpy
import scipy
import scipy.stats
import statsmodels
import statsmodels.api
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "Tests/TestSupport/Fixtures/evaluation/significance.json"
SEED = 20261123
EXACT = 16


def draw(random, count, gain, ties):
    """Baseline and system values in 0...1, a share of them equal."""
    grid = numpy.array([0, 1 / 10, 1 / 5, 1 / 3, 0.387, 0.431, 0.5, 0.631, 0.786, 0.92, 1])
    baseline = random.choice(grid, count)
    moved = numpy.clip(baseline + random.normal(gain, 0.28, count), 0, 1)
    # A fine grid: equal absolute differences occur, and their sums are not exact in binary.
    moved = numpy.round(moved, 2)
    return baseline, numpy.where(random.random(count) < ties, baseline, moved)


def expanded_tail(count, confidence):
    t = scipy.stats.t.ppf(0.5 + confidence / 2, count - 1)
    return float(scipy.stats.norm.cdf(-numpy.sqrt(count / (count - 1)) * t))


def signs(sums, alternative, random):
    """One-sample permutation test: scipy flips the sign of each."""
    exact = len(sums) <= EXACT
    result = scipy.stats.permutation_test(
        (sums,), numpy.sum, permutation_type="samples", alternative=alternative,
        n_resamples=numpy.inf if exact else 1_000_000, batch=10_000, rng=random)
    return float(result.pvalue)


def comparison(name, random, baseline, system, groups=None):
    differences = system - baseline
    differences[numpy.abs(differences) <= 1e-12] = 0
    labels = list(range(len(differences))) if groups is None else groups
    members = {}
    for label, difference in zip(labels, differences):
        members.setdefault(label, []).append(difference)
    sums = numpy.array([sum(values) for values in members.values()])
    sums[numpy.abs(sums) <= 1e-12] = 0
    sizes = numpy.array([len(values) for values in members.values()], dtype=float)
    kept = sums[sums != 0]
    row = {
        "name": name,
        "baseline": baseline.tolist(),
        "system": system.tolist(),
        "groups": groups,
        "isExact": bool(len(kept) <= EXACT),
        "twoSided": signs(kept, "two-sided", random),
        "greater": signs(kept, "greater", random),
        "less": signs(kept, "less", random),
        "difference": float(numpy.mean(differences)),
        "standardDeviation": float(numpy.std(differences, ddof=1)),
    }
    if groups is None:
        interval = scipy.stats.ttest_rel(system, baseline).confidence_interval(0.95)
        row["tInterval"] = [float(interval.low), float(interval.high)]
        row["standardError"] = float(scipy.stats.sem(differences))
    else:
        codes = {label: code for code, label in enumerate(members)}
        fit = statsmodels.api.OLS(differences, numpy.ones(len(differences))).fit(
            cov_type="cluster", cov_kwds={"groups": numpy.array([codes[label] for label in groups])}, use_t=True)
        row["tInterval"] = [float(value) for value in fit.conf_int(0.05)[0]]
        row["standardError"] = float(fit.bse[0])
    for key, confidence in [("bootstrap95", 0.95), ("bootstrap90", 0.9)]:
        interval = scipy.stats.bootstrap(
            (sums, sizes), lambda s, n, axis: numpy.sum(s, axis=axis) / numpy.sum(n, axis=axis), paired=True,
            vectorized=True, n_resamples=1_000_000, batch=5_000, method="percentile",
            confidence_level=1 - 2 * expanded_tail(len(sums), confidence), rng=random).confidence_interval
        row[key] = [float(interval.low), float(interval.high)]
    return row


def main():
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else OUTPUT
    random = numpy.random.default_rng(SEED)
    shares = [1e-12, 1e-6, 0.0005, 0.01, 0.025, 0.05, 0.2, 0.4, 0.5, 0.6, 0.8, 0.95, 0.975, 0.99, 0.9999]
    points = [-9.0, -5.5, -2.5, -1.0, -0.1, -1e-6, 0.0, 0.3, 1.7, 4.0]
    degrees = [1, 2, 3, 5, 9, 19, 29, 52, 99, 299, 1000, 20000]
    rows = []
    for name, count, gain, ties in [
        ("12 queries", 12, 0.1, 0.0), ("16 queries with ties", 16, 0.05, 0.1), ("20 queries, 12 differ", 20, 0.1, 0.4),
        ("50 queries", 50, 0.05, 0.3), ("300 queries", 300, 0.03, 0.45), ("worse", 40, -0.12, 0.2),
    ]:
        rows.append(comparison(name, random, *draw(random, count, gain, ties)))
    for name, count, number in [("60 in 12 groups", 60, 12), ("200 in 40 groups", 200, 40)]:
        baseline, system = draw(random, count, 0.05, 0.3)
        # Uneven groups, and what a group's queries share.
        labels = [f"g{int(number * value)}" for value in random.beta(1.2, 1.8, count)]
        shift = {label: random.normal(0, 0.15) for label in sorted(set(labels))}
        system = numpy.round(numpy.clip(system + numpy.array([shift[label] for label in labels]), 0, 1), 2)
        rows.append(comparison(name, random, baseline, system, labels))
    quantiles = []
    for count in [1, 2, 3, 7, 20, 100, 101]:
        values = numpy.round(random.gamma(2, 20, count), 3)
        cuts = [0, 0.01, 0.25, 0.5, 0.95, 0.99, 1]
        quantiles.append({"values": values.tolist(), "shares": cuts, "quantiles": numpy.quantile(values, cuts).tolist()})
    holm = []
    for values in [[0.04], [0.01, 0.04, 0.03], [0.02, 0.02, 0.5, 0.001], [0.9, 0.8, 1.0],
                   numpy.round(random.random(12) ** 3, 5).tolist()]:
        holm.append({"p": values, "adjusted": multipletests(values, method="holm")[1].tolist()})
    power = [
        {"difference": difference, "standardDeviation": deviation, "units": float(NormalIndPower().solve_power(
            effect_size=difference / deviation, alpha=0.05, power=0.8, ratio=0, alternative="two-sided"))}
        for difference in [0.01, 0.02, 0.05, 0.1] for deviation in [0.1, 0.28, 0.4]
    ]
    golden = {
        "made": "Scripts/make-significance-goldens.py with "
                f"scipy {scipy.__version__}, numpy {numpy.__version__}, statsmodels {statsmodels.__version__}, seed {SEED}",
        "normalQuantiles": [[share, float(scipy.stats.norm.ppf(share))] for share in shares],
        "normalCumulative": [[x, float(scipy.stats.norm.cdf(x))] for x in points],
        "studentQuantiles": [[df, share, float(scipy.stats.t.ppf(share, df))] for df in degrees for share in shares],
        "studentCumulative": [[df, x, float(scipy.stats.t.cdf(x, df))] for df in degrees for x in points],
        "expandedTails": [[n, c, expanded_tail(n, c)] for n in [10, 11, 20, 53, 300, 5000] for c in [0.9, 0.95]],
        "comparisons": rows, "quantiles": quantiles, "holm": holm, "power": power,
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    # One row a line, so that a change shows where it is.
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
