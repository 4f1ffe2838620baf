"""How far two TREC runs agree: what precision-cost and quantized-quality compute. Standard library only."""


def scores(path):
    """Of a TREC run: query to document to score."""
    found = {}
    for line in open(path):
        query, _, document, _, score, _ = line.split(" ")
        found.setdefault(query, {})[document] = float(score)
    return found


def tau(pairs):
    """Kendall's tau-b of a list of (x, y); None when one side is all ties."""
    together = apart = ties_x = ties_y = 0
    for i, (a, b) in enumerate(pairs):
        for c, d in pairs[:i]:
            x, y = (a > c) - (a < c), (b > d) - (b < d)
            ties_x += x == 0
            ties_y += y == 0
            together += x * y > 0
            apart += x * y < 0
    count = len(pairs) * (len(pairs) - 1) // 2
    below = ((count - ties_x) * (count - ties_y)) ** 0.5
    return (together - apart) / below if below else None
