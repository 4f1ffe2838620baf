// Attention over int8 codes, written once in clang's vector types and compiled once for each instruction set with VNNI.
//
// Included after lossy_body.inc.h, whose register tile does both products. The including file also defines
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

/// Keys first…<first + 32 as a panel of head / 4 groups × 32 keys, zeros past the last key, and Σ of each.
INLINE void key_panel_i8(const winnow_attention_i8 *g, size_t first, uint32_t *panel, float *sums) {
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
        store(sums + c, __builtin_convertvector(sum, vf));
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
    float *key_sums = (float *)(value_panels + padded * head);
    float *key_scales = key_sums + padded;
    float *mask = key_scales + padded;
    float *shares = mask + padded;
    float *scores = shares + padded;
    uint8_t *digits = (uint8_t *)(scores + WINNOW_SCORE_ROWS * stride);

    for (size_t first = 0; first < keys; first += PANEL)
        key_panel_i8(g, first, key_panels + first * (head / 4), key_sums + first);
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
    for (size_t k = 0; k < padded; k++) {
        bool there = k < keys;
        key_scales[k] = there ? g->key_scales[k * g->key_value_scales_stride] : 0;
        key_sums[k] *= key_scales[k];
        shares[k] = there ? g->value_scales[k * g->key_value_scales_stride] * share : 0;
        mask[k] = there ? 0 : -INFINITY;
    }

    const float ones[PANEL] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                               1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    const float zeros[PANEL] = {0};
    for (size_t query = 0; query < g->queries;) {
        size_t rows = winnow_tile_rows(g->queries - query, TILE_ROWS);
        float inverse[TILE_ROWS];
        winnow_row_scale factors[TILE_ROWS], parts[2 * TILE_ROWS];
        // Scores as exponents of two: log₂e joins the scale.
        for (size_t r = 0; r < rows; r++) {
            factors[r].scale = g->query_scales[(query + r) * g->query_scales_stride] * (g->scale * 1.44269504088896341f);
            factors[r].least = -128.0f * factors[r].scale;
        }
        for (size_t first = 0; first < padded; first += PANEL)
            for (size_t c = first; c < first + PANEL; c += 2 * WIDTH)
                tile_rows_i8(rows, g->query + query * g->query_stride, g->query_stride, factors,
                             (const int8_t *)(key_panels + first * (head / 4) + (c - first)), head / 4, key_scales + c,
                             key_sums + c, mask + c, scores + c, stride, winnow_no_look_ahead(key_panels));
        weights_in_digits(scores, rows, stride, padded, shares, digits, digit_stride, inverse);
        for (size_t r = 0; r < rows; r++) {
            parts[2 * r] = (winnow_row_scale){inverse[r] * (largest_scale / 65535.0f), 0};
            parts[2 * r + 1] = (winnow_row_scale){parts[2 * r].scale * 256.0f, 0};
        }
        for (size_t first = 0; first < head; first += PANEL)
            for (size_t row = 0; row < 2 * rows;) {
                // Both digits of a query are in one tile: TILE_ROWS is even, and so is what is left.
                size_t count = winnow_tile_rows((2 * rows - row) / 2, TILE_ROWS / 2) * 2;
                float block[TILE_ROWS * PANEL] __attribute__((aligned(64)));
                for (size_t c = 0; c < PANEL; c += 2 * WIDTH)
                    tile_rows_i8(count, digits + row * digit_stride, digit_stride, parts + row,
                                 value_panels + first * padded + c * 4, padded / 4, ones, zeros, zeros, block + c,
                                 PANEL, winnow_no_look_ahead(digits));
                for (size_t r = 0; r < count; r += 2) {
                    float *output = g->output + (query + (row + r) / 2) * g->output_stride + first;
                    for (size_t c = 0; c < PANEL; c += WIDTH)
                        store(output + c, load(block + r * PANEL + c) + load(block + (r + 1) * PANEL + c));
                }
                row += count;
            }
        query += rows;
    }
}
