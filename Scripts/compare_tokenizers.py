"""The work of Scripts/compare-tokenizers; see there."""

import json
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import time
import unicodedata

import numpy as np
import tokenizers
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

SEED = 20260311
LINES_PER_FILE = 3000
CHUNK = 20000
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ADDED = [
    AddedToken("<w>", single_word=True, normalized=False),
    AddedToken("<l>", lstrip=True, normalized=False),
    AddedToken("<r>", rstrip=True, normalized=False),
    AddedToken("<lr", lstrip=True, rstrip=True, normalized=False),
    AddedToken("<lrx>", normalized=False),
    AddedToken("Yesterday", normalized=True),
    AddedToken("caf\u00e9", single_word=True, normalized=True),
    AddedToken("\u5317x", lstrip=True, rstrip=True, normalized=True),
]


# --- texts


def collections(data):
    lines = []
    for path in sorted(data.glob("*/corpus.jsonl")) + sorted(data.glob("*/queries.jsonl")):
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file):
                if number == LINES_PER_FILE:
                    break
                record = json.loads(line)
                lines.append("\n".join(part for part in (record.get("title"), record.get("text")) if part))
    return lines


def scalars():
    return [chr(value) for value in range(0x110000) if not 0xD800 <= value <= 0xDFFF]


def fuzzed(count, extra):
    """Strings of everything that has ever broken a tokenizer, from a fixed seed."""
    rng = random.Random(SEED)
    every = scalars()
    marks = [c for c in every if unicodedata.combining(c)]
    spacing_marks = [c for c in every if unicodedata.category(c) == "Mc"]
    moving_marks = [c for c in spacing_marks if unicodedata.combining(c)]
    decomposing = [c for c in every if unicodedata.decomposition(c) and not unicodedata.decomposition(c).startswith("<")]
    cased = [c for c in every if c.lower() != c]
    spaces = [c for c in every if c.isspace()]
    punctuation = [c for c in every if unicodedata.category(c).startswith("P")]
    letters = [c for c in every if unicodedata.category(c) in ("Ll", "Lu", "Lo")]
    ranges = {
        "ascii": (0x00, 0x7F), "latin": (0x80, 0x24F), "greek": (0x370, 0x3FF), "hebrew": (0x590, 0x5FF),
        "arabic": (0x600, 0x6FF), "hindi": (0x900, 0x97F), "thai": (0xE00, 0xE7F), "jamo": (0x1100, 0x11FF),
        "hangul": (0xAC00, 0xD7A3), "han": (0x4E00, 0x9FFF), "han-b": (0x20000, 0x2A6DF), "compat": (0xF900, 0xFAFF),
        "compat-2": (0x2F800, 0x2FA1F), "emoji": (0x1F300, 0x1FAFF), "symbols": (0x2000, 0x2BFF), "tags": (0xE0000, 0xE01FF),
        "astral": (0x10000, 0x10FFFF), "private": (0xE000, 0xF8FF), "music": (0x1D100, 0x1D1FF), "forms": (0xFB00, 0xFFFF),
    }  # fmt: skip
    emoji = "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f\u200d\U0001f525 \U0001f44d\U0001f3fd \U0001f1e9\U0001f1ea 1\ufe0f\u20e3"
    words = "the quick naive unaffable Zürich İstanbul ΣΊΣΥΦΟΣ ﬁnancial straße 東京都 한국어 tokenisation résumé".split()

    def part():
        kind = rng.randrange(17)
        if kind == 0:
            return rng.choice(words)
        if kind == 1:
            return rng.choice(SPECIAL + extra + [token.lower() for token in SPECIAL])
        if kind == 2:
            return rng.choice("aeonu") + "".join(rng.choices(marks, k=rng.randint(1, 6)))
        if kind == 3:
            return "".join(rng.choices(moving_marks + marks, k=rng.randint(2, 5)))
        if kind == 4:
            return "".join(rng.choices(spacing_marks, k=rng.randint(1, 3)))
        if kind == 5:
            return "".join(rng.choices(decomposing, k=rng.randint(1, 4)))
        if kind == 6:
            return "".join(rng.choices(cased, k=rng.randint(1, 6)))
        if kind == 7:
            return "".join(rng.choices(spaces, k=rng.randint(1, 3)))
        if kind == 8:
            return "".join(rng.choices(punctuation, k=rng.randint(1, 3)))
        if kind == 9:
            start = rng.randrange(len(emoji))
            return emoji[start : start + rng.randint(1, 12)]
        if kind == 10:
            return "".join(chr(rng.choice([0, 1, 8, 9, 10, 11, 12, 13, 27, 0x7F, 0x85, 0xAD, 0x200B, 0x200D, 0xFEFF, 0xFFFD, 0xFFFF])) for _ in range(2))
        if kind == 11:
            return "".join(rng.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=rng.choice([1, 3, 7, 8, 9, 15, 16, 17, 24, 31, 33])))
        if kind == 12:
            return rng.choice(letters) * rng.choice([1, 2, 99, 100, 101])
        if kind == 13:
            return "".join(rng.choices(letters, k=rng.randint(1, 8)))
        low, high = ranges[rng.choice(list(ranges))]
        return "".join(chr(rng.randint(low, high)) for _ in range(rng.randint(1, 8)))

    texts = []
    for number in range(count):
        separator = rng.choice(["", "", " ", "  ", "\t"])
        texts.append(separator.join(part() for _ in range(rng.randint(0, 14))))
        if number % 500 == 0:  # words of 10,000 characters
            texts[-1] += "".join(rng.choices("etaoin", k=10000)) + part() + rng.choice(letters) * 10000
    return texts


# --- tokenizers


def reference(vocabulary, added=(), **flags):
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(**flags)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(SPECIAL)
    if added:
        tokenizer.add_tokens(list(added))
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", cls), ("[SEP]", sep)]
    )
    return tokenizer


def trained(lines, **flags):
    """A vocabulary over all languages of the collections, so that more than [UNK] is compared in each."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(**flags)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=24000, special_tokens=SPECIAL, limit_alphabet=6000, show_progress=False
    )
    tokenizer.train_from_iterator(lines, trainer)
    return tokenizer.get_vocab()


# --- comparison


def byte_offsets(text, offsets):
    if text.isascii() or len(offsets) == 0:
        return offsets
    widths = np.fromiter((1 + (c > "\x7f") + (c > "\u07ff") + (c > "\uffff") for c in text), dtype=np.int64, count=len(text))
    return np.concatenate([[0], np.cumsum(widths)])[offsets]


class Comparison:
    def __init__(self, winnow, scratch):
        self.winnow, self.scratch = winnow, scratch
        self.texts = self.tokens = self.mismatches = 0

    def ours(self, folder, texts):
        source, target = self.scratch / "texts.jsonl", self.scratch / "records.bin"
        with open(source, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(text, ensure_ascii=False) + "\n" for text in texts)
        with open(source, "rb") as stdin, open(target, "wb") as stdout:
            subprocess.run(
                [self.winnow, "tokenize", "--bulk", "--model", str(folder)], stdin=stdin, stdout=stdout, check=True
            )
        data, place = target.read_bytes(), 0
        for _ in texts:
            (count,) = struct.unpack_from("<I", data, place)
            ids, starts, ends = np.frombuffer(data, "<i4", 3 * count, place + 4).reshape(3, count)
            place += 4 + 12 * count
            (count,) = struct.unpack_from("<I", data, place)
            fast = np.frombuffer(data, "<i4", count, place + 4)
            place += 4 + 4 * count
            yield ids, np.stack([starts, ends], axis=1), fast
        assert place == len(data), "the program wrote more records than it was given texts"

    def run(self, name, folder, tokenizer, texts):
        began, texts_before, tokens_before, mismatches_before = time.time(), self.texts, self.tokens, self.mismatches
        for start in range(0, len(texts), CHUNK):
            chunk = texts[start : start + CHUNK]
            expected = tokenizer.encode_batch(chunk, add_special_tokens=False)
            for text, theirs, (ids, offsets, fast) in zip(chunk, expected, self.ours(folder, chunk)):
                their_ids = np.array(theirs.ids, dtype=np.int64)
                their_offsets = byte_offsets(text, np.array(theirs.offsets, dtype=np.int64).reshape(-1, 2))
                self.texts += 1
                self.tokens += len(their_ids)
                if (
                    np.array_equal(ids, their_ids)
                    and np.array_equal(fast, their_ids)
                    and np.array_equal(offsets, their_offsets)
                ):
                    continue
                self.mismatches += 1
                if self.mismatches <= 20:
                    print(f"  differs [{name}]: {text[:200]!r}")
                    print(f"    reference {list(zip(their_ids.tolist(), map(tuple, their_offsets.tolist())))[:40]}")
                    print(f"    ours      {list(zip(ids.tolist(), map(tuple, offsets.tolist())))[:40]}")
                    print(f"    hot path  {fast.tolist()[:40]}", flush=True)
        print(
            f"{name:58} {self.texts - texts_before:9,} texts {self.tokens - tokens_before:11,} tokens "
            f"{self.mismatches - mismatches_before:4} mismatches  {time.time() - began:5.0f} s",
            flush=True,
        )


def main():
    winnow, data, vocabulary_file = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    lines = collections(data)
    if len(lines) < 20000:
        sys.exit(f"compare-tokenizers: {data} gives only {len(lines)} lines; at least 20,000 are wanted")
    spelled = vocabulary_file.read_text(encoding="utf-8").splitlines()
    english = {token: number for number, token in enumerate(spelled)}
    sample = lines[::3]
    print(f"tokenizers {tokenizers.__version__}, seed {SEED}, {len(lines):,} lines", flush=True)

    every = scalars()
    between = ["a" + c + "b" for c in every]
    fuzz = fuzzed(5000, [])
    fuzz_added = fuzzed(5000, [token.content for token in ADDED])
    uncased = dict(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
    cased = dict(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=False)
    many_uncased, many_cased = trained(sample, **uncased), trained(sample, **cased)

    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        comparison = Comparison(winnow, scratch)

        def folder(name, tokenizer):
            (scratch / name).mkdir()
            tokenizer.save(str(scratch / name / "tokenizer.json"))
            return scratch / name

        plain = scratch / "vocab-txt"
        plain.mkdir()
        (plain / "vocab.txt").write_bytes(vocabulary_file.read_bytes())
        (plain / "tokenizer_config.json").write_text('{"do_lower_case": true, "strip_accents": null}')

        settings = {
            "uncased, the built-in vocabulary": (english, uncased),
            "uncased, 12 languages": (many_uncased, uncased),
            "cased, 12 languages": (many_cased, cased),
        }
        for number, (name, (vocabulary, flags)) in enumerate(settings.items()):
            tokenizer = reference(vocabulary, **flags)
            where = folder(f"main-{number}", tokenizer)
            comparison.run(f"{name}: lines", where, tokenizer, lines)
            if number != 1:
                comparison.run(f"{name}: each scalar", where, tokenizer, every)
                comparison.run(f"{name}: each scalar between letters", where, tokenizer, between)
            comparison.run(f"{name}: fuzzed", where, tokenizer, fuzz)
        tokenizer = reference(english, **uncased)
        comparison.run("uncased, from vocab.txt: lines", plain, tokenizer, lines)

        for bits in range(16):
            flags = dict(
                clean_text=bool(bits & 1), handle_chinese_chars=bool(bits & 2), strip_accents=bool(bits & 4),
                lowercase=bool(bits & 8),
            )  # fmt: skip
            said = ", ".join(name for name, value in flags.items() if value) or "no flag"
            tokenizer = reference(many_cased, **flags)
            where = folder(f"flags-{bits}", tokenizer)
            comparison.run(f"{said}: fuzzed", where, tokenizer, fuzz)
            tokenizer = reference(many_cased, ADDED, **flags)
            where = folder(f"added-{bits}", tokenizer)
            comparison.run(f"{said}: fuzzed, added tokens", where, tokenizer, fuzz_added)

    print(f"{comparison.texts:,} texts, {comparison.tokens:,} tokens, {comparison.mismatches:,} mismatches")
    sys.exit(1 if comparison.mismatches else 0)


main()
