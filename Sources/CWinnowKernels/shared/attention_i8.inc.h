// Attention over int8 codes, written once in clang's vector types and compiled once for each instruction set with VNNI.
//
// Included after lossy_body.inc.h, whose dots_i8 both products are made of. The including file also defines
//
//     vf max_number(vf x, vf most)     the larger one, the second where the first is NaN
//     vf exp2_weight(vf t)             2^t for t ≤ 0, NaN for NaN
//     void store_digits(uint8_t *low, uint8_t *high, vi first, vi second)
//
// The scores are query · key · both scales, exact but for the rounding of the codes. The weights of softmax span orders of
// magnitude: one byte would drop what many small ones have in common, so they are 16 bits of the largest weight there can be,
// in two digits that are rows of their own for the tile.

typedef uint32_t words8 __attribute__((ext_vector_type(8)));
typedef uint32_t words8u __attribute__((ext_vector_type(8), aligned(1)));
typedef uint8_t bytes32 __attribute__((ext_vector_type(32)));
typedef uint8_t bytes32u __attribute__((ext_vector_type(32), aligned(1)));
typedef uint8_t bytes64 __attribute__((ext_vector_type(64)));

/// 8 rows of 8 words, `stride` bytes apart, to their transpose: 8 lines, PANEL words apart; codes become signed.
INLINE void transpose_8(const uint8_t *rows, size_t stride, uint32_t *output) {
    words8 a[8], b[8];
#pragma unroll
    for (int i = 0; i < 8; i++) a[i] = *(const words8u *)(rows + (size_t)i * stride) ^ (words8)0x80808080;
#define EXCHANGE(FROM, TO, APART, L, H)                                      \
    _Pragma("unroll") for (int i = 0; i < 8; i++) if (!(i & APART)) {        \
        TO[i] = __builtin_shufflevector(FROM[i], FROM[i + APART], L);        \
        TO[i + APART] = __builtin_shufflevector(FROM[i], FROM[i + APART], H); \
    }
#define LIST(...) __VA_ARGS__
    EXCHANGE(a, b, 1, LIST(0, 8, 2, 10, 4, 12, 6, 14), LIST(1, 9, 3, 11, 5, 13, 7, 15))
    EXCHANGE(b, a, 2, LIST(0, 1, 8, 9, 4, 5, 12, 13), LIST(2, 3, 10, 11, 6, 7, 14, 15))
    EXCHANGE(a, b, 4, LIST(0, 1, 2, 3, 8, 9, 10, 11), LIST(4, 5, 6, 7, 12, 13, 14, 15))
#undef LIST
#undef EXCHANGE
#pragma unroll
    for (int i = 0; i < 8; i++) *(words8u *)(output + (size_t)i * PANEL) = b[i];
}

/// Keys first…<first + 32 as a panel of head / 4 groups × 32 keys, zeros past the last key, and −128 · Σ of each: what sums with a
/// query's codes begin with, the code of zero being 128.
INLINE void key_panel_i8(const winnow_attention_i8 *g, size_t first, uint32_t *panel, int32_t *starts) {
    for (size_t i = 0; i < PANEL; i += 8) {
        const uint8_t *keys = g->key + (first + i) * g->key_value_stride;
        size_t count = first + i < g->keys ? g->keys - first - i : 0;
        for (size_t d = 0; d < g->head; d += 32) {
            uint32_t *into = panel + d / 4 * PANEL + i;
            if (count >= 8) {
                transpose_8(keys + d, g->key_value_stride, into);
                continue;
            }
            for (size_t group = 0; group < 8; group++)
                for (size_t k = 0; k < 8; k++) {
                    uint32_t word = 0x80808080;
                    if (k < count) memcpy(&word, keys + k * g->key_value_stride + d + 4 * group, sizeof word);
                    into[group * PANEL + k] = word ^ 0x80808080;
                }
        }
    }
    const uint8_t ones[4] = {1, 1, 1, 1};
    for (size_t c = 0; c < PANEL; c += WIDTH) {
        vi sum = 0;
        for (size_t group = 0; group < g->head / 4; group++)
            sum = dot_i8(sum, spread_i8(ones), weights_i8((const int8_t *)(panel + group * PANEL + c)));
        sum *= -128;
        memcpy(starts + c, &sum, sizeof sum);
    }
}

/// Values of four neighbouring keys interleaved, for dimensions first…<first + 32: a line of 32 × 4 codes for each group of keys,
/// groups in the order in which store_digits leaves the weights; zeros past the last key.
INLINE void value_panel_i8(const winnow_attention_i8 *g, size_t first, size_t padded, int8_t *panel) {
    for (size_t block = 0; block < padded; block += 2 * WIDTH)
        for (size_t place = 0; place < WIDTH / 2; place++, panel += 4 * PANEL) {
            size_t key = block + place % 2 * WIDTH + place / 2 * 4;
            bytes32 rows[4];
            for (size_t i = 0; i < 4; i++) {
                rows[i] = 0x80;
                if (key + i < g->keys) rows[i] = *(const bytes32u *)(g->value + (key + i) * g->key_value_stride + first);
                rows[i] ^= 0x80;
            }
#define PAIRS(x, y)                                                                                                    \
    __builtin_shufflevector(x, y, 0, 32, 1, 33, 2, 34, 3, 35, 4, 36, 5, 37, 6, 38, 7, 39, 8, 40, 9, 41, 10, 42, 11, 43, \
                            12, 44, 13, 45, 14, 46, 15, 47, 16, 48, 17, 49, 18, 50, 19, 51, 20, 52, 21, 53, 22, 54, 23, \
                            55, 24, 56, 25, 57, 26, 58, 27, 59, 28, 60, 29, 61, 30, 62, 31, 63)
            bytes64 even = PAIRS(rows[0], rows[1]), odd = PAIRS(rows[2], rows[3]);
#undef PAIRS
            typedef uint16_t halves __attribute__((ext_vector_type(32)));
            halves low = (halves)even, high = (halves)odd;
            halves out0 = __builtin_shufflevector(low, high, 0, 32, 1, 33, 2, 34, 3, 35, 4, 36, 5, 37, 6, 38, 7, 39, 8,
                                                  40, 9, 41, 10, 42, 11, 43, 12, 44, 13, 45, 14, 46, 15, 47);
            halves out1 = __builtin_shufflevector(low, high, 16, 48, 17, 49, 18, 50, 19, 51, 20, 52, 21, 53, 22, 54, 23,
                                                  55, 24, 56, 25, 57, 26, 58, 27, 59, 28, 60, 29, 61, 30, 62, 31, 63);
            memcpy(panel, &out0, sizeof out0);
            memcpy(panel + 64, &out1, sizeof out1);
        }
}

/// What is the same for all queries of a head.
typedef struct {
    const int8_t *key_panels, *value_panels;
    const int32_t *key_starts;
    const float *key_scales;
    const float *mask;  ///< 0, and −∞ past the last key
    size_t head, padded;
} prepared_keys;

/// Scores of some queries with all keys: query · key · both scales. `rows` is a constant.
INLINE void scores_tile(const prepared_keys *k, const uint8_t *query, size_t query_stride, const float *query_scales,
                        float *scores, size_t stride, const int rows) {
    for (size_t first = 0; first < k->padded; first += PANEL)
        for (size_t c = first; c < first + PANEL; c += 2 * WIDTH) {
            vi acc[TILE_ROWS][2];
            vi start0, start1;
            memcpy(&start0, k->key_starts + c, sizeof start0);
            memcpy(&start1, k->key_starts + c + WIDTH, sizeof start1);
#pragma unroll
            for (int r = 0; r < rows; r++) acc[r][0] = start0, acc[r][1] = start1;
            dots_i8(acc, query, query_stride, k->key_panels + first * k->head + (c - first) * 4, k->head / 4,
                    winnow_no_look_ahead(k->key_panels), rows);
            vf scale0 = load(k->key_scales + c), scale1 = load(k->key_scales + c + WIDTH);
            vf mask0 = load(k->mask + c), mask1 = load(k->mask + c + WIDTH);
#pragma unroll
            for (int r = 0; r < rows; r++) {
                vf scale = splat(query_scales[r]);
                float *out = scores + (size_t)r * stride + c;
                store(out, fma_(__builtin_convertvector(acc[r][0], vf) * scale, scale0, mask0));
                store(out + WIDTH, fma_(__builtin_convertvector(acc[r][1], vf) * scale, scale1, mask1));
            }
        }
}

/// Not inlined, nor is context_rows: all heights of both in one function leave it no registers.
__attribute__((noinline)) static void scores_rows(size_t rows, const prepared_keys *k, const uint8_t *query,
                                                  size_t query_stride, const float *query_scales, float *scores,
                                                  size_t stride) {
    switch (rows) {
#define CASE(R)                                                               \
    case R:                                                                   \
        scores_tile(k, query, query_stride, query_scales, scores, stride, R); \
        break;
        EVERY_HEIGHT(CASE)
#undef CASE
    }
}

/// Σ weight · value of `queries` queries, each with a row of lower and a row of upper digits: (lower + 256 · upper) · factor. `queries` is
/// a constant, at most half of a tile.
INLINE void context_tile(const prepared_keys *k, const uint8_t *digits, size_t digit_stride, const float *factors,
                         float *output, size_t output_stride, const int queries) {
    for (size_t first = 0; first < k->head; first += PANEL)
        for (size_t c = 0; c < PANEL; c += 2 * WIDTH) {
            vi acc[TILE_ROWS][2];
#pragma unroll
            for (int r = 0; r < 2 * queries; r++) acc[r][0] = 0, acc[r][1] = 0;
            dots_i8(acc, digits, digit_stride, k->value_panels + first * k->padded + c * 4, k->padded / 4,
                    winnow_no_look_ahead(digits), 2 * queries);
#pragma unroll
            for (int q = 0; q < queries; q++)
#pragma unroll
                for (int half = 0; half < 2; half++) {
                    vf lower = __builtin_convertvector(acc[2 * q][half], vf);
                    vf upper = __builtin_convertvector(acc[2 * q + 1][half], vf);
                    store(output + (size_t)q * output_stride + first + c + half * WIDTH,
                          fma_(upper, splat(256.0f), lower) * splat(factors[q]));
                }
        }
}

__attribute__((noinline)) static void context_rows(size_t queries, const prepared_keys *k, const uint8_t *digits,
                                                   size_t digit_stride, const float *factors, float *output,
                                                   size_t output_stride) {
    switch (queries) {
#define CASE(Q)                                                                   \
    case Q:                                                                       \
        context_tile(k, digits, digit_stride, factors, output, output_stride, Q); \
        break;
#if TILE_ROWS > 6
        CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#else
        CASE(1) CASE(2) CASE(3)
#endif
#undef CASE
    }
}

/// Weights of rows of scores (powers of two of them, less the largest) times `shares`, as two rows of digits each, the upper digit's
/// row second; `inverse` gets 1 / Σ of the weights, NaN when the row has NaN or +∞ or nothing but −∞.
INLINE void weights_in_digits(const float *scores, size_t rows, size_t stride, size_t padded, const float *shares,
                              uint8_t *digits, size_t digit_stride, float *inverse) {
    vf most[TILE_ROWS], sums[TILE_ROWS];
    for (size_t r = 0; r < rows; r++) {
        const float *x = scores + r * stride;
        vf most0 = splat(-INFINITY), most1 = splat(-INFINITY);
        for (size_t i = 0; i < padded; i += 2 * WIDTH) {
            most0 = max_number(load(x + i), most0);
            most1 = max_number(load(x + i + WIDTH), most1);
        }
        most[r] = max_number(most0, most1);
    }
    for (size_t r = 0; r < rows; r++) most[r] = splat(max_lanes(most[r]));
    for (size_t r = 0; r < rows; r++) {
        const float *x = scores + r * stride;
        uint8_t *low = digits + 2 * r * digit_stride, *high = low + digit_stride;
        const vf top = most[r];
        vf sum0 = splat(0), sum1 = splat(0);
        for (size_t i = 0; i < padded; i += 2 * WIDTH) {
            vf e0 = exp2_weight(load(x + i) - top);
            vf e1 = exp2_weight(load(x + i + WIDTH) - top);
            sum0 += e0;
            sum1 += e1;
            store_digits(low + i, high + i, round_i32(e0 * load(shares + i)), round_i32(e1 * load(shares + i + WIDTH)));
        }
        sums[r] = sum0 + sum1;
    }
    for (size_t r = 0; r < rows; r++) inverse[r] = 1.0f / sum_lanes(sums[r]);
}

static void NAME(attention_i8)(const winnow_attention_i8 *g) {
    const size_t keys = g->keys, head = g->head, padded = winnow_round_up(keys, PANEL);
    const size_t stride = winnow_score_stride(keys), digit_stride = winnow_digit_stride(keys);
    uint32_t *key_panels = g->scratch;
    int8_t *value_panels = (int8_t *)(key_panels + padded * (head / 4));
    int32_t *key_starts = (int32_t *)(value_panels + padded * head);
    float *key_scales = (float *)(key_starts + padded);
    float *mask = key_scales + padded;
    float *shares = mask + padded;
    float *scores = shares + padded;
    uint8_t *digits = (uint8_t *)(scores + WINNOW_SCORE_ROWS * stride);

    for (size_t first = 0; first < keys; first += PANEL)
        key_panel_i8(g, first, key_panels + first * (head / 4), key_starts + first);
    for (size_t first = 0; first < head; first += PANEL)
        value_panel_i8(g, first, padded, value_panels + first * padded);
    // As bits, so that a scale that is no number is the largest.
    int32_t most = 0;
    for (size_t k = 0; k < keys; k++) {
        int32_t bits;
        memcpy(&bits, g->value_scales + k * g->key_value_scales_stride, sizeof bits);
        most = (bits & 0x7fffffff) > most ? bits & 0x7fffffff : most;
    }
    float largest_scale;
    memcpy(&largest_scale, &most, sizeof largest_scale);
    const float share = largest_scale > 0 ? 65535.0f / largest_scale : 0;
    for (size_t k = 0; k < keys; k++) {
        key_scales[k] = g->key_scales[k * g->key_value_scales_stride];
        shares[k] = g->value_scales[k * g->key_value_scales_stride] * share;
        mask[k] = 0;
    }
    for (size_t k = keys; k < padded; k++) key_scales[k] = 0, shares[k] = 0, mask[k] = -INFINITY;

    const prepared_keys prepared = {
        (const int8_t *)key_panels, value_panels, key_starts, key_scales, mask, head, padded};
    for (size_t query = 0; query < g->queries;) {
        size_t rows = winnow_tile_rows(g->queries - query, TILE_ROWS);
        // Scores as exponents of two: log₂e joins the scale.
        float factors[TILE_ROWS];
        for (size_t r = 0; r < rows; r++)
            factors[r] = g->query_scales[(query + r) * g->query_scales_stride] * (g->scale * 1.44269504088896341f);
        scores_rows(rows, &prepared, g->query + query * g->query_stride, g->query_stride, factors, scores, stride);
        weights_in_digits(scores, rows, stride, padded, shares, digits, digit_stride, factors);
        for (size_t r = 0; r < rows; r++) factors[r] *= largest_scale / 65535.0f;
        for (size_t row = 0, count; row < rows; row += count) {
            count = winnow_tile_rows(rows - row, TILE_ROWS / 2);
            context_rows(count, &prepared, digits + 2 * row * digit_stride, digit_stride, factors + row,
                         g->output + (query + row) * g->output_stride, g->output_stride);
        }
        query += rows;
    }
}
