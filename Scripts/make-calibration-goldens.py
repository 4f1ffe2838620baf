#!/usr/bin/env python3
"""Writes Tests/TestSupport/Fixtures/evaluation/calibration/goldens.json: what the references make of drawn labels.

    python3 Scripts/make-calibration-goldens.py [OUTPUT_FILE]

Needs scikit-learn 1.9.1, scipy 1.17.1 and numpy 2.4.6; the versions that ran are written into the file. Labels are drawn here
from a fixed seed; nothing comes from Winnow.
"""

import json
import math
import pathlib
import sys

import numpy
import scipy
import scipy.optimize
import scipy.stats
import sklearn
from sklearn.calibration import _sigmoid_calibration, calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, log_loss

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUTPUT = (
    pathlib.Path(sys.argv[1])
    if len(sys.argv) > 1
    else ROOT / "Tests/TestSupport/Fixtures/evaluation/calibration/goldens.json"
)
SEED = 20261123
random = numpy.random.default_rng(SEED)


def sigmoid(values):
    return 1 / (1 + numpy.exp(-values))


def likelihood_maximum(logits, labels):
    """Platt's problem solved again, to more digits than scikit-learn's stopping rule asks for."""
    positives = int(labels.sum())
    negatives = len(labels) - positives
    targets = numpy.where(labels == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    center, scale = logits.mean(), logits.std()
    x = (logits - center) / scale

    def loss(parameters):
        z = parameters[0] * x + parameters[1]
        return numpy.sum(numpy.logaddexp(0, z) - targets * z)

    def gradient(parameters):
        residual = sigmoid(parameters[0] * x + parameters[1]) - targets
        return numpy.array([residual @ x, residual.sum()])

    def hessian(parameters):
        p = sigmoid(parameters[0] * x + parameters[1])
        w = p * (1 - p)
        return numpy.array([[w @ (x * x), w @ x], [w @ x, w.sum()]])

    start = numpy.array([0.0, math.log((positives + 1) / (negatives + 1))])
    found = scipy.optimize.minimize(
        loss, start, jac=gradient, hess=hessian, method="trust-exact", options={"gtol": 1e-11, "maxiter": 1000}
    )
    slope = found.x[0] / scale
    return slope, found.x[1] - slope * center


def dataset(name, count, slope, intercept, spread, center, digits=None, step=None):
    """Logits as float32, labels drawn from a sigmoid of them, or from a step."""
    logits = (center + spread * random.standard_normal(count)).astype(numpy.float32)
    if digits is not None:
        logits = numpy.round(logits, digits).astype(numpy.float32)
    wide = logits.astype(numpy.float64)
    chance = sigmoid(slope * wide + intercept) if step is None else numpy.where(wide > step, 1.0, 0.0)
    labels = (random.random(count) < chance).astype(int)
    minus, b = _sigmoid_calibration(wide, labels)
    exact = likelihood_maximum(wide, labels)
    isotonic = IsotonicRegression(out_of_bounds="clip").fit(wide, labels)
    low, high = float(wide.min()), float(wide.max())
    probes = numpy.linspace(low - (high - low) / 10, high + (high - low) / 10, 61).astype(numpy.float32)
    return {
        "name": name,
        "logits": [float(str(value)) for value in logits],
        "labels": "".join(map(str, labels)),
        "sklearnSlope": -minus,
        "sklearnIntercept": -b,
        "slope": exact[0],
        "intercept": exact[1],
        "knots": [[float(x), float(y)] for x, y in zip(isotonic.X_thresholds_, isotonic.y_thresholds_)],
        "probes": [float(str(value)) for value in probes],
        "isotonic": isotonic.predict(probes.astype(numpy.float64)).tolist(),
        "sigmoid": sigmoid(-minus * probes.astype(numpy.float64) - b).tolist(),
    }


def equal_mass_error(probabilities, labels):
    """Ten bins by rank; no ties."""
    order = numpy.argsort(probabilities, kind="stable")
    count = len(order)
    return sum(
        abs(labels[order[i * count // 10 : (i + 1) * count // 10]].sum()
            - probabilities[order[i * count // 10 : (i + 1) * count // 10]].sum())
        for i in range(10)
    ) / count


def forecasts(name, count, distort, digits=None):
    probabilities = random.beta(0.6, 1.8, count)
    labels = (random.random(count) < distort(probabilities)).astype(int)
    if digits is not None:
        probabilities = numpy.round(probabilities, digits)
    recalibrated = IsotonicRegression(out_of_bounds="clip").fit_transform(probabilities, labels)
    brier = brier_score_loss(labels, probabilities)
    base = labels.mean()
    entry = {
        "name": name,
        "probabilities": probabilities.tolist(),
        "labels": "".join(map(str, labels)),
        "brier": brier,
        "logLoss": log_loss(labels, probabilities),
        "miscalibration": brier - brier_score_loss(labels, recalibrated),
        "discrimination": base * (1 - base) - brier_score_loss(labels, recalibrated),
        "uncertainty": base * (1 - base),
    }
    if digits is None:
        true, predicted = calibration_curve(labels, probabilities, n_bins=10, strategy="quantile")
        entry["binShares"] = true.tolist()
        entry["binProbabilities"] = predicted.tolist()
        entry["calibrationError"] = equal_mass_error(probabilities, labels)
        draws = [
            equal_mass_error(probabilities, (random.random(count) < probabilities).astype(int)) for _ in range(20000)
        ]
        entry["calibrationErrorLimit"] = float(numpy.quantile(draws, 0.95))
    return entry


def trials_needed(rate, truth):
    """The least number of trials that shows `rate` with 80 % power."""
    for trials in range(1, 5001):
        counts = numpy.arange(trials + 1)
        passing = counts[scipy.stats.binom.sf(counts - 1, trials, rate) <= 0.05]
        if len(passing) and scipy.stats.binom.sf(passing[0] - 1, trials, truth) >= 0.8:
            return trials
    return None


def main():
    bounds = []
    for trials in [1, 2, 5, 14, 29, 59, 100, 299, 1000, 20000]:
        for successes in sorted({0, 1, trials // 3, trials // 2, int(trials * 0.9), trials - 1, trials}):
            lower = scipy.stats.beta.ppf(0.05, successes, trials - successes + 1) if successes else 0.0
            lower99 = scipy.stats.beta.ppf(0.01, successes, trials - successes + 1) if successes else 0.0
            bounds.append([successes, trials, lower, lower99])
    tails = []
    for trials in [1, 3, 10, 50, 400, 5000]:
        for successes in sorted({0, 1, trials // 4, trials // 2, trials}):
            for rate in [1e-6, 0.03, 0.25, 0.5, 0.8, 0.999]:
                tails.append([successes, trials, rate, float(scipy.stats.binom.sf(successes - 1, trials, rate))])
    goldens = {
        "generator": "Scripts/make-calibration-goldens.py",
        "versions": {
            "scikit-learn": sklearn.__version__,
            "scipy": scipy.__version__,
            "numpy": numpy.__version__,
        },
        "seed": SEED,
        "maps": [
            dataset("typical", 1000, 0.9, 0.4, 4.0, -3.0),
            dataset("few", 60, 1.1, -0.5, 3.0, 0.0),
            dataset("ties", 800, 0.6, -1.0, 3.0, -1.0, digits=0),
            dataset("rare", 1500, 1.3, -1.0, 2.0, -2.5),
            dataset("large", 500, 0.02, -0.3, 90.0, 20.0),
            dataset("narrow", 400, 900.0, 0.0, 0.002, 0.0),
            dataset("separated", 200, 0.0, 0.0, 3.0, 0.0, step=0.5),
        ],
        "forecasts": [
            forecasts("perfect", 1000, lambda p: p),
            forecasts("overconfident", 1000, lambda p: 0.15 + 0.5 * p),
            forecasts("tied", 1500, lambda p: p**1.5, digits=1),
        ],
        "lowerBounds": bounds,
        "tails": tails,
        "leastTrials": [[p, math.ceil(math.log(0.05) / math.log(p))] for p in [0.5, 0.8, 0.9, 0.95, 0.99]],
        "trialsNeeded": [
            [rate, truth, trials_needed(rate, truth)]
            for rate, truth in [(0.8, 0.9), (0.9, 0.95), (0.9, 0.97), (0.95, 0.98), (0.5, 0.6)]
        ],
    }
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(goldens, separators=(",", ":")) + "\n")


main()
