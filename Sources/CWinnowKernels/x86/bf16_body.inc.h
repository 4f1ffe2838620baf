// The bfloat16 kernels for AVX512-BF16; included after lossy_body.inc.h, with WIDTH 16.
//
// vdpbf16ps multiplies pairs: sum += high · high, then sum += low · low, each rounded to nearest even, denormals as zero. One
// chain an output, k ascending: the height of a tile cannot change a bit.

INLINE vi pair_bf16(const uint16_t *p) {
    int32_t pair;
    memcpy(&pair, p, sizeof pair);
    return (vi)_mm512_set1_epi32(pair);
}

INLINE vf dot_bf16(vf sum, vi left, vi right) {
    return (vf)_mm512_dpbf16_ps((__m512)sum, (__m512bh)left, (__m512bh)right);
}

/// output[rows × 32] = bias + input · panel, a panel of `pairs` × 32 pairs. `rows` is a constant; no bias is zero.
INLINE void tile_bf16(const uint16_t *input, size_t input_stride, const uint16_t *panel, size_t pairs,
                      const float *bias, float *output, size_t output_stride,
                      struct winnow_ahead ahead, const int rows) {
    vf acc[TILE_ROWS][2];
    vf bias0 = bias ? load(bias) : splat(0), bias1 = bias ? load(bias + WIDTH) : splat(0);
#pragma unroll
    for (int r = 0; r < rows; r++) acc[r][0] = bias0, acc[r][1] = bias1;
    const uint16_t *base[(TILE_ROWS + 2) / 3];
#pragma unroll
    for (int r = 0; r < rows; r += 3) base[r / 3] = input + (size_t)r * input_stride;
#define STEP(K)                                                                                \
    {                                                                                          \
        vi b0 = (vi)_mm512_loadu_si512(panel + (K) * 2 * PANEL);                               \
        vi b1 = (vi)_mm512_loadu_si512(panel + (K) * 2 * PANEL + 2 * WIDTH);                   \
        _Pragma("unroll") for (int r = 0; r < rows; r++) {                                     \
            vi a = pair_bf16(base[r / 3] + (size_t)(r % 3) * input_stride + 2 * (K));          \
            acc[r][0] = dot_bf16(acc[r][0], a, b0);                                            \
            acc[r][1] = dot_bf16(acc[r][1], a, b1);                                            \
        }                                                                                      \
    }
    size_t k = 0;
    for (; k + 4 <= pairs; k += 4) {
        STEP(0)
        STEP(1)
        STEP(2)
        STEP(3)
        panel += 4 * 2 * PANEL;
        winnow_fetch(&ahead);
#pragma unroll
        for (int r = 0; r < rows; r += 3) {
            base[r / 3] += 8;
            __asm__("" : "+r"(base[r / 3]));
        }
    }
    for (; k < pairs; k++) {
        STEP(0)
        panel += 2 * PANEL;
#pragma unroll
        for (int r = 0; r < rows; r += 3) base[r / 3] += 2;
    }
#undef STEP
#pragma unroll
    for (int r = 0; r < rows; r++) {
        store(output + (size_t)r * output_stride, acc[r][0]);
        store(output + (size_t)r * output_stride + WIDTH, acc[r][1]);
    }
}

static void tile_rows_bf16(size_t rows, const uint16_t *input, size_t input_stride, const uint16_t *panel,
                           size_t pairs, const float *bias, float *output, size_t output_stride,
                           struct winnow_ahead ahead) {
    switch (rows) {
#define CASE(R) \
    case R: tile_bf16(input, input_stride, panel, pairs, bias, output, output_stride, ahead, R); break;
        EVERY_HEIGHT(CASE)
#undef CASE
    }
}

static void NAME(linear_bf16)(const winnow_linear_bf16 *g) {
    const size_t pairs = (g->depth + 1) / 2;
    for (size_t column = 0; column < g->columns; column += PANEL) {
        const uint16_t *panel = g->panels + column * pairs * 2;
        size_t width = g->columns - column < PANEL ? g->columns - column : PANEL;
        bool plain = g->output && g->epilogue == WINNOW_EPILOGUE_NONE && width == PANEL;
        for (size_t row = 0; row < g->rows;) {
            size_t rows = winnow_tile_rows(g->rows - row, TILE_ROWS);
            float block[TILE_ROWS * PANEL] __attribute__((aligned(64)));
            tile_rows_bf16(rows, g->input + row * g->input_stride, g->input_stride, panel, pairs, g->bias + column,
                           plain ? g->output + row * g->output_stride + column : block,
                           plain ? g->output_stride : PANEL,
                           winnow_look_ahead(panel + pairs * 2 * PANEL, row / TILE_ROWS, pairs * 4 * PANEL));
            if (!plain)
                finish_block(block, rows, width, g->epilogue,
                             g->output ? g->output + row * g->output_stride + column : NULL,
                             g->output_bf16 ? g->output_bf16 + row * g->output_stride + column : NULL, g->output_stride);
            row += rows;
        }
    }
}

// MARK: - Rows

INLINE void round_row(const float *x, size_t columns, uint16_t *out) {
    size_t whole = columns / (2 * WIDTH) * (2 * WIDTH);
    for (size_t c = 0; c < whole; c += 2 * WIDTH) store_bf16(out + c, load(x + c), load(x + c + WIDTH));
    if (whole < columns) {
        float rest[2 * WIDTH] = {0};
        uint16_t rounded[2 * WIDTH];
        memcpy(rest, x + whole, (columns - whole) * sizeof(float));
        store_bf16(rounded, load(rest), load(rest + WIDTH));
        memcpy(out + whole, rounded, (columns - whole) * sizeof(uint16_t));
    }
}

static void NAME(round_rows_bf16)(const float *input, size_t input_stride, size_t rows, size_t columns,
                                  uint16_t *output, size_t output_stride) {
    for (size_t r = 0; r < rows; r++) round_row(input + r * input_stride, columns, output + r * output_stride);
}

static void NAME(layer_norm_bf16)(const float *input, size_t input_stride, const float *residual,
                                  size_t residual_stride, const float *weight, const float *bias, float epsilon,
                                  size_t rows, size_t columns, float *output, size_t output_stride, uint16_t *rounded,
                                  size_t rounded_stride) {
    for (size_t r = 0, count; r < rows; r += count) {
        count = rows - r < NORM_ROWS ? rows - r : NORM_ROWS;
        float *out = output + r * output_stride;
        norm_rows(input + r * input_stride, input_stride, residual ? residual + r * residual_stride : NULL, residual_stride,
                  weight, bias, epsilon, columns, out, output_stride, count);
        for (size_t i = 0; i < count; i++)
            round_row(out + i * output_stride, columns, rounded + (r + i) * rounded_stride);
    }
}

// MARK: - Attention

typedef uint32_t pairs16 __attribute__((ext_vector_type(16)));
typedef uint32_t pairs16u __attribute__((ext_vector_type(16), aligned(2)));
typedef uint16_t halves32 __attribute__((ext_vector_type(32)));
typedef uint16_t halves32u __attribute__((ext_vector_type(32), aligned(2)));

/// 16 rows of 16 pairs, `stride` values apart, to their transpose: 16 lines of 32 pairs of which one half is written.
INLINE void transpose_16(const uint16_t *rows, size_t stride, uint32_t *output) {
    pairs16 a[16], b[16];
#pragma unroll
    for (int i = 0; i < 16; i++) a[i] = *(const pairs16u *)(rows + (size_t)i * stride);
    // Four rounds of exchanging halves: pairs of rows 1, 2, 4 and 8 apart.
#define LOW(x, y) __builtin_shufflevector(x, y, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30)
#define HIGH(x, y) __builtin_shufflevector(x, y, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31)
#define LOW2(x, y) __builtin_shufflevector(x, y, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define HIGH2(x, y) __builtin_shufflevector(x, y, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#define LOW4(x, y) __builtin_shufflevector(x, y, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27)
#define HIGH4(x, y) __builtin_shufflevector(x, y, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31)
#define LOW8(x, y) __builtin_shufflevector(x, y, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
#define HIGH8(x, y) __builtin_shufflevector(x, y, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31)
#define ROUND(FROM, TO, APART, L, H)                                 \
    _Pragma("unroll") for (int i = 0; i < 16; i++) if (!(i & APART)) { \
        TO[i] = L(FROM[i], FROM[i + APART]);                         \
        TO[i + APART] = H(FROM[i], FROM[i + APART]);                 \
    }
    ROUND(a, b, 1, LOW, HIGH)
    ROUND(b, a, 2, LOW2, HIGH2)
    ROUND(a, b, 4, LOW4, HIGH4)
    ROUND(b, a, 8, LOW8, HIGH8)
#undef ROUND
#pragma unroll
    for (int i = 0; i < 16; i++) *(pairs16u *)(output + (size_t)i * PANEL) = a[i];
}

/// Keys first…<first + 32 as a panel of head / 2 × 32 pairs, zeros past the last key.
INLINE void key_panel(const winnow_attention_bf16 *g, size_t first, uint32_t *panel) {
    for (size_t half = 0; half < PANEL; half += 16) {
        size_t count = first + half < g->keys ? g->keys - first - half : 0;
        if (count >= 16 && g->head % 32 == 0) {
            for (size_t d = 0; d < g->head; d += 32)
                transpose_16(g->key + (first + half) * g->key_stride + d, g->key_stride, panel + d / 2 * PANEL + half);
            continue;
        }
        if (count > 16) count = 16;
        for (size_t d = 0; d < g->head; d += 2) {
            uint32_t *line = panel + d / 2 * PANEL + half;
            for (size_t i = 0; i < 16; i++) {
                line[i] = 0;
                if (i < count) memcpy(line + i, g->key + (first + half + i) * g->key_stride + d, sizeof *line);
            }
        }
    }
}

/// Values of two neighbouring keys interleaved: ceil(keys / 2) lines of 32 pairs, for dimensions first…<first + 32.
INLINE void value_panel(const winnow_attention_bf16 *g, size_t first, uint32_t *panel) {
    size_t width = g->head - first < PANEL ? g->head - first : PANEL;
    for (size_t k = 0; k < g->keys; k += 2, panel += PANEL) {
        const uint16_t *even = g->value + k * g->value_stride + first;
        halves32 a = 0, b = 0;
        if (width == PANEL) {
            a = *(const halves32u *)even;
            if (k + 1 < g->keys) b = *(const halves32u *)(even + g->value_stride);
        } else {
            memcpy(&a, even, width * sizeof *even);
            if (k + 1 < g->keys) memcpy(&b, even + g->value_stride, width * sizeof *even);
        }
        halves32 low = __builtin_shufflevector(a, b, 0, 32, 1, 33, 2, 34, 3, 35, 4, 36, 5, 37, 6, 38, 7, 39, 8, 40, 9,
                                               41, 10, 42, 11, 43, 12, 44, 13, 45, 14, 46, 15, 47);
        halves32 high = __builtin_shufflevector(a, b, 16, 48, 17, 49, 18, 50, 19, 51, 20, 52, 21, 53, 22, 54, 23, 55,
                                                24, 56, 25, 57, 26, 58, 27, 59, 28, 60, 29, 61, 30, 62, 31, 63);
        memcpy(panel, &low, sizeof low);
        memcpy(panel + 16, &high, sizeof high);
    }
}

/// exp(scale · (x − max)) of rows of scores as bfloat16, `padded` a multiple of 32, past `columns` as good as 0; `inverse` gets
/// 1 / sum, NaN when the row has NaN or +∞ or nothing but −∞. Stage by stage over the rows: what is slow in one of them, the
/// trees over the lanes, runs beside the next row's.
INLINE void softmax_rows_bf16(float *scores, size_t rows, size_t stride, size_t columns, size_t padded, float scale,
                              uint16_t *weights, float *inverse) {
    vf most[TILE_ROWS], sums[TILE_ROWS];
    for (size_t r = 0; r < rows; r++) {
        float *x = scores + r * stride;
        for (size_t i = columns; i < padded; i++) x[i] = -INFINITY;
        vf most0 = splat(-INFINITY), most1 = splat(-INFINITY);
        for (size_t i = 0; i < padded; i += 2 * WIDTH) {
            most0 = max_number(load(x + i), most0);
            most1 = max_number(load(x + i + WIDTH), most1);
        }
        most[r] = max_number(most0, most1);
    }
    for (size_t r = 0; r < rows; r++) most[r] = splat(_mm512_reduce_max_ps((__m512)most[r]));
    const vf factor = splat(scale * 1.44269504088896341f);
    for (size_t r = 0; r < rows; r++) {
        const float *x = scores + r * stride;
        uint16_t *out = weights + r * stride;
        const vf top = most[r];
        vf sum0 = splat(0), sum1 = splat(0);
        for (size_t i = 0; i < padded; i += 2 * WIDTH) {
            vf e0 = exp2_weight((load(x + i) - top) * factor);
            vf e1 = exp2_weight((load(x + i + WIDTH) - top) * factor);
            sum0 += e0;
            sum1 += e1;
            store_bf16(out + i, e0, e1);
        }
        sums[r] = sum0 + sum1;
    }
    for (size_t r = 0; r < rows; r++) inverse[r] = 1.0f / _mm512_reduce_add_ps((__m512)sums[r]);
}

static void NAME(attention_bf16)(const winnow_attention_bf16 *g) {
    const size_t keys = g->keys, head = g->head, pairs = (keys + 1) / 2;
    const size_t padded = winnow_round_up(keys, PANEL), stride = winnow_score_stride(keys);
    uint32_t *key_panels = g->scratch;
    uint32_t *value_panels = key_panels + padded * (head / 2);
    float *scores = (float *)(value_panels + winnow_round_up(head, PANEL) * pairs);
    uint16_t *weights = (uint16_t *)(scores + stride * WINNOW_SCORE_ROWS);

    for (size_t first = 0; first < keys; first += PANEL) key_panel(g, first, key_panels + first * (head / 2));
    for (size_t first = 0; first < head; first += PANEL) value_panel(g, first, value_panels + first * pairs);

    for (size_t query = 0; query < g->queries;) {
        size_t rows = winnow_tile_rows(g->queries - query, TILE_ROWS);
        const uint16_t *input = g->query + query * g->query_stride;
        for (size_t first = 0; first < keys; first += PANEL)
            tile_rows_bf16(rows, input, g->query_stride, (const uint16_t *)(key_panels + first * (head / 2)), head / 2,
                           NULL, scores + first, stride, winnow_no_look_ahead(key_panels));
        float inverse[TILE_ROWS];
        softmax_rows_bf16(scores, rows, stride, keys, padded, g->scale, weights, inverse);
        for (size_t first = 0; first < head; first += PANEL) {
            float block[TILE_ROWS * PANEL] __attribute__((aligned(64)));
            tile_rows_bf16(rows, weights, stride, (const uint16_t *)(value_panels + first * pairs), pairs, NULL, block,
                           PANEL, winnow_no_look_ahead(value_panels));
            size_t width = head - first < PANEL ? head - first : PANEL;
            for (size_t r = 0; r < rows; r++) {
                float *output = g->output + (query + r) * g->output_stride + first;
                if (width == PANEL) {
                    store(output, load(block + r * PANEL) * splat(inverse[r]));
                    store(output + WIDTH, load(block + r * PANEL + WIDTH) * splat(inverse[r]));
                } else {
                    for (size_t c = 0; c < width; c++) output[c] = block[r * PANEL + c] * inverse[r];
                }
            }
        }
        query += rows;
    }
}
