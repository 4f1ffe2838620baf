// The float32 kernels, written once in clang's vector types and compiled once for each instruction set.
//
// The including file sets WIDTH (lanes of a vector), TILE_ROWS (rows of a register tile), NAME(x) (the variant's prefix) and
// the target attribute, includes vector_basics.inc.h and lossy_body.inc.h, and defines the integer kernels of the table, which
// need instructions of their own. A register tile
// is TILE_ROWS × 2 vectors: 12 × 32 with AVX-512 (24 accumulators, 2 weights and 1 broadcast of 32 registers), 6 × 16 with
// AVX2 (12 + 2 + 1 of 16).
//
// Every output is one chain of fused multiply-adds with k ascending, so the height of a tile cannot change a bit.

// MARK: - The register tile

/// output[rows × 2 vectors] = bias + input[rows × depth] · panel, where a panel row is 32 floats. `rows` is a constant.
INLINE void tile(const float *input, size_t input_stride, const float *panel, size_t depth, const float *bias,
                 float *output, size_t output_stride, struct winnow_ahead ahead, const int rows) {
    vf acc[TILE_ROWS][2];
    vf bias0 = bias ? load(bias) : splat(0), bias1 = bias ? load(bias + WIDTH) : splat(0);
#pragma unroll
    for (int r = 0; r < rows; r++) acc[r][0] = bias0, acc[r][1] = bias1;
    // Rows are reached from every third one by 0, 1 or 2 strides, which x86 addresses for free: twelve pointers of their own
    // would not fit the registers.
    const float *base[(TILE_ROWS + 2) / 3];
#pragma unroll
    for (int r = 0; r < rows; r += 3) base[r / 3] = input + (size_t)r * input_stride;
#define STEP(K)                                                                \
    {                                                                          \
        vf b0 = load(panel + (K) * WINNOW_PANEL_COLUMNS);                      \
        vf b1 = load(panel + (K) * WINNOW_PANEL_COLUMNS + WIDTH);              \
        _Pragma("unroll") for (int r = 0; r < rows; r++) {                     \
            vf a = splat(base[r / 3][(size_t)(r % 3) * input_stride + (K)]);   \
            acc[r][0] = fma_(a, b0, acc[r][0]);                                \
            acc[r][1] = fma_(a, b1, acc[r][1]);                                \
        }                                                                      \
    }
    size_t k = 0;
    for (; k + 4 <= depth; k += 4) {
        STEP(0)
        STEP(1)
        STEP(2)
        STEP(3)
        panel += 4 * WINNOW_PANEL_COLUMNS;
        winnow_fetch(&ahead);
#pragma unroll
        for (int r = 0; r < rows; r += 3) {
            base[r / 3] += 4;
            // Keeps the compiler from folding the pointers back into one.
            __asm__("" : "+r"(base[r / 3]));
        }
    }
    for (; k < depth; k++) {
        STEP(0)
        panel += WINNOW_PANEL_COLUMNS;
#pragma unroll
        for (int r = 0; r < rows; r += 3) base[r / 3] += 1;
    }
#undef STEP
#pragma unroll
    for (int r = 0; r < rows; r++) {
        store(output + (size_t)r * output_stride, acc[r][0]);
        store(output + (size_t)r * output_stride + WIDTH, acc[r][1]);
    }
}

/// The same with weights in bfloat16, widened in registers: `depth` values of a row, in pairs of 32 columns. The chain of an output
/// is that of `tile`, so are its bits.
INLINE void tile_widened(const float *input, size_t input_stride, const uint16_t *panel, size_t depth, const float *bias,
                         float *output, size_t output_stride, struct winnow_ahead ahead, const int rows) {
    vf acc[TILE_ROWS][2];
    vf bias0 = bias ? load(bias) : splat(0), bias1 = bias ? load(bias + WIDTH) : splat(0);
#pragma unroll
    for (int r = 0; r < rows; r++) acc[r][0] = bias0, acc[r][1] = bias1;
    const float *base[(TILE_ROWS + 2) / 3];
#pragma unroll
    for (int r = 0; r < rows; r += 3) base[r / 3] = input + (size_t)r * input_stride;
#define WEIGHTS(K, HALF) (*(const viu *)(panel + (K) * 2 * WINNOW_PANEL_COLUMNS + (HALF) * 2 * WIDTH))
#define STEP(K)                                                                 \
    {                                                                           \
        vf b0 = (vf)(WEIGHTS(K, 0) << 16), b1 = (vf)(WEIGHTS(K, 1) << 16);      \
        _Pragma("unroll") for (int r = 0; r < rows; r++) {                      \
            vf a = splat(base[r / 3][(size_t)(r % 3) * input_stride + 2 * (K)]); \
            acc[r][0] = fma_(a, b0, acc[r][0]);                                 \
            acc[r][1] = fma_(a, b1, acc[r][1]);                                 \
        }                                                                       \
    }
#define SECOND_STEP(K)                                                              \
    {                                                                               \
        vf b0 = (vf)(WEIGHTS(K, 0) & ~0xffff), b1 = (vf)(WEIGHTS(K, 1) & ~0xffff);  \
        _Pragma("unroll") for (int r = 0; r < rows; r++) {                          \
            vf a = splat(base[r / 3][(size_t)(r % 3) * input_stride + 2 * (K) + 1]); \
            acc[r][0] = fma_(a, b0, acc[r][0]);                                     \
            acc[r][1] = fma_(a, b1, acc[r][1]);                                     \
        }                                                                           \
    }
    size_t pair = 0;
    for (; pair + 2 <= depth / 2; pair += 2) {
        STEP(0)
        SECOND_STEP(0)
        STEP(1)
        SECOND_STEP(1)
        panel += 4 * WINNOW_PANEL_COLUMNS;
        winnow_fetch(&ahead);
#pragma unroll
        for (int r = 0; r < rows; r += 3) {
            base[r / 3] += 4;
            __asm__("" : "+r"(base[r / 3]));
        }
    }
    for (; pair < (depth + 1) / 2; pair++) {
        STEP(0)
        // What stands behind an odd last value may be no number: it must not be multiplied, not by zero either.
        if (2 * pair + 1 < depth) SECOND_STEP(0)
        panel += 2 * WINNOW_PANEL_COLUMNS;
#pragma unroll
        for (int r = 0; r < rows; r += 3) base[r / 3] += 2;
    }
#undef SECOND_STEP
#undef STEP
#undef WEIGHTS
#pragma unroll
    for (int r = 0; r < rows; r++) {
        store(output + (size_t)r * output_stride, acc[r][0]);
        store(output + (size_t)r * output_stride + WIDTH, acc[r][1]);
    }
}

static void tile_rows_widened(size_t rows, const float *input, size_t input_stride, const uint16_t *panel, size_t depth,
                              const float *bias, float *output, size_t output_stride, struct winnow_ahead ahead) {
    switch (rows) {
#define CASE(R) \
    case R: tile_widened(input, input_stride, panel, depth, bias, output, output_stride, ahead, R); break;
        EVERY_HEIGHT(CASE)
#undef CASE
    }
}

static void tile_rows(size_t rows, const float *input, size_t input_stride, const float *panel, size_t depth,
                      const float *bias, float *output, size_t output_stride, struct winnow_ahead ahead) {
    switch (rows) {
#define CASE(R) \
    case R: tile(input, input_stride, panel, depth, bias, output, output_stride, ahead, R); break;
        EVERY_HEIGHT(CASE)
#undef CASE
    }
}

/// One panel against a block of at most TILE_ROWS rows: all 32 columns, into `output`, which has room for 32 a row.
static void panel_rows(size_t rows, const float *input, size_t input_stride, const float *panel, size_t depth,
                       const float *bias, float *output, size_t output_stride, struct winnow_ahead ahead) {
    for (size_t c = 0; c < WINNOW_PANEL_COLUMNS; c += TILE_COLUMNS)
        tile_rows(rows, input, input_stride, panel + c, depth, bias ? bias + c : NULL, output + c, output_stride,
                  c ? winnow_no_look_ahead(panel) : ahead);
}

static void NAME(gelu_f32)(float *values, size_t count) {
    size_t i = 0;
    for (; i + WIDTH <= count; i += WIDTH) store(values + i, gelu_(load(values + i)));
    if (i < count) {
        float rest[WIDTH] = {0};
        memcpy(rest, values + i, (count - i) * sizeof(float));
        store(rest, gelu_(load(rest)));
        memcpy(values + i, rest, (count - i) * sizeof(float));
    }
}

/// One panel of either kind against a block of rows, as panel_rows.
static void weights_rows(const winnow_linear_f32 *g, size_t column, size_t row, size_t rows, float *output,
                         size_t output_stride) {
    const float *input = g->input + row * g->input_stride, *bias = g->bias ? g->bias + column : NULL;
    const size_t tile = row / TILE_ROWS;
    if (g->panels) {
        const float *panel = g->panels + column * g->depth;
        size_t count = g->depth * WINNOW_PANEL_COLUMNS;
        panel_rows(rows, input, g->input_stride, panel, g->depth, bias, output, output_stride,
                   winnow_look_ahead(panel + count, tile, count * sizeof *panel));
        return;
    }
    size_t count = winnow_round_up(g->depth, 2) * WINNOW_PANEL_COLUMNS;
    const uint16_t *panel = g->panels_bf16 + column / WINNOW_PANEL_COLUMNS * count;
    for (size_t c = 0; c < WINNOW_PANEL_COLUMNS; c += TILE_COLUMNS)
        tile_rows_widened(rows, input, g->input_stride, panel + 2 * c, g->depth, bias ? bias + c : NULL, output + c,
                          output_stride, winnow_look_ahead(panel + count, tile + c, count * sizeof *panel));
}

static void NAME(linear_f32)(const winnow_linear_f32 *g) {
    // Panels outside, rows inside: a panel (depth × 128 bytes) stays in L1 or L2 while all rows pass by.
    for (size_t column = 0; column < g->columns; column += WINNOW_PANEL_COLUMNS) {
        size_t width = g->columns - column < WINNOW_PANEL_COLUMNS ? g->columns - column : WINNOW_PANEL_COLUMNS;
        for (size_t row = 0; row < g->rows;) {
            size_t rows = winnow_tile_rows(g->rows - row, TILE_ROWS);
            float *output = g->output + row * g->output_stride + column;
            if (width == WINNOW_PANEL_COLUMNS) {
                weights_rows(g, column, row, rows, output, g->output_stride);
                if (g->epilogue == WINNOW_EPILOGUE_GELU)
                    for (size_t r = 0; r < rows; r++)
                        for (size_t c = 0; c < WINNOW_PANEL_COLUMNS; c += WIDTH) {
                            float *p = output + r * g->output_stride + c;
                            store(p, gelu_(load(p)));
                        }
            } else {
                float whole[TILE_ROWS * WINNOW_PANEL_COLUMNS] __attribute__((aligned(64)));
                weights_rows(g, column, row, rows, whole, WINNOW_PANEL_COLUMNS);
                if (g->epilogue == WINNOW_EPILOGUE_GELU) NAME(gelu_f32)(whole, rows * WINNOW_PANEL_COLUMNS);
                for (size_t r = 0; r < rows; r++)
                    memcpy(output + r * g->output_stride, whole + r * WINNOW_PANEL_COLUMNS, width * sizeof(float));
            }
            row += rows;
        }
    }
}

// MARK: - Attention

/// Softmax of scale · x over `columns` values in place, without the division: returns 1 / sum. NaN or +∞ among the values,
/// or nothing but −∞, make the sum NaN.
INLINE float softmax_row(float *x, size_t columns, float scale) {
    size_t whole = columns / WIDTH * WIDTH;
    vf most = splat(-INFINITY);
    for (size_t i = 0; i < whole; i += WIDTH) most = max_(most, load(x + i));
    float top = max_lanes(most);
    for (size_t i = whole; i < columns; i++) top = top > x[i] ? top : x[i];
    // exp(scale · (x − max)) as a power of two, so that the one multiplication by log₂e joins the scale.
    float factor = scale * 1.44269504088896341f;
    vf sum = splat(0);
    for (size_t i = 0; i < whole; i += WIDTH) {
        vf e = exp2_((load(x + i) - splat(top)) * splat(factor));
        store(x + i, e);
        sum += e;
    }
    float total = sum_lanes(sum);
    if (whole < columns) {
        float rest[WIDTH];
        for (size_t i = 0; i < WIDTH; i++) rest[i] = whole + i < columns ? x[whole + i] : top;
        vf e = exp2_((load(rest) - splat(top)) * splat(factor));
        store(rest, e);
        for (size_t i = whole; i < columns; i++) {
            x[i] = rest[i - whole];
            total += x[i];
        }
    }
    return 1.0f / total;
}

static void NAME(softmax_f32)(float *values, size_t stride, size_t rows, size_t columns, float scale) {
    for (size_t r = 0; r < rows; r++) {
        float *row = values + r * stride;
        float inverse = softmax_row(row, columns, scale);
        for (size_t c = 0; c < columns; c++) row[c] *= inverse;
    }
}

static void NAME(attention_f32)(const winnow_attention_f32 *g) {
    size_t keys = g->keys, head = g->head, stride = winnow_score_stride(keys);
    float *key_panels = g->scratch;
    float *value_panels = key_panels + winnow_key_panels_count(keys, head);
    float *scores = value_panels + winnow_value_panels_count(keys, head);

    // Keys transposed to panels of 32 positions, zeros beyond the last; values to panels of 32 dimensions.
    for (size_t first = 0; first < keys; first += WINNOW_PANEL_COLUMNS) {
        float *panel = key_panels + first * head;
        size_t width = keys - first < WINNOW_PANEL_COLUMNS ? keys - first : WINNOW_PANEL_COLUMNS;
        for (size_t d = 0; d < head; d++) {
            const float *source = g->key + first * g->key_stride + d;
            for (size_t i = 0; i < width; i++) panel[d * WINNOW_PANEL_COLUMNS + i] = source[i * g->key_stride];
            for (size_t i = width; i < WINNOW_PANEL_COLUMNS; i++) panel[d * WINNOW_PANEL_COLUMNS + i] = 0;
        }
    }
    for (size_t first = 0; first < head; first += WINNOW_PANEL_COLUMNS) {
        float *panel = value_panels + first * keys;
        size_t width = head - first < WINNOW_PANEL_COLUMNS ? head - first : WINNOW_PANEL_COLUMNS;
        for (size_t k = 0; k < keys; k++) {
            float *row = panel + k * WINNOW_PANEL_COLUMNS;
            memcpy(row, g->value + k * g->value_stride + first, width * sizeof(float));
            memset(row + width, 0, (WINNOW_PANEL_COLUMNS - width) * sizeof(float));
        }
    }

    for (size_t query = 0; query < g->queries;) {
        size_t rows = winnow_tile_rows(g->queries - query, TILE_ROWS);
        const float *input = g->query + query * g->query_stride;
        for (size_t first = 0; first < keys; first += WINNOW_PANEL_COLUMNS)
            panel_rows(rows, input, g->query_stride, key_panels + first * head, head, NULL, scores + first, stride,
                       winnow_no_look_ahead(key_panels));
        float inverse[TILE_ROWS];
        for (size_t r = 0; r < rows; r++) inverse[r] = softmax_row(scores + r * stride, keys, g->scale);
        for (size_t first = 0; first < head; first += WINNOW_PANEL_COLUMNS) {
            float block[TILE_ROWS * WINNOW_PANEL_COLUMNS] __attribute__((aligned(64)));
            panel_rows(rows, scores, stride, value_panels + first * keys, keys, NULL, block, WINNOW_PANEL_COLUMNS,
                       winnow_no_look_ahead(value_panels));
            size_t width = head - first < WINNOW_PANEL_COLUMNS ? head - first : WINNOW_PANEL_COLUMNS;
            for (size_t r = 0; r < rows; r++) {
                float *output = g->output + (query + r) * g->output_stride + first;
                for (size_t c = 0; c < width; c++) output[c] = block[r * WINNOW_PANEL_COLUMNS + c] * inverse[r];
            }
        }
        query += rows;
    }
}

// MARK: - Rows

static void NAME(layer_norm_f32)(const float *input, size_t input_stride, const float *residual,
                                 size_t residual_stride, const float *weight, const float *bias, float epsilon,
                                 size_t rows, size_t columns, float *output, size_t output_stride) {
    for (size_t r = 0; r < rows; r += NORM_ROWS)
        norm_rows(input + r * input_stride, input_stride, residual ? residual + r * residual_stride : NULL, residual_stride,
                  weight, bias, epsilon, columns, output + r * output_stride, output_stride,
                  rows - r < NORM_ROWS ? rows - r : NORM_ROWS);
}

static void NAME(mean_rows_f32)(const float *input, size_t stride, size_t rows, size_t columns, float *output) {
    memset(output, 0, columns * sizeof(float));
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) output[c] += input[r * stride + c];
    float inverse = 1.0f / (float)rows;
    for (size_t c = 0; c < columns; c++) output[c] *= inverse;
}

static float NAME(dot_f32)(const float *left, const float *right, size_t count) {
    vf a = splat(0), b = splat(0), c = splat(0), d = splat(0);
    size_t i = 0;
    for (; i + 4 * WIDTH <= count; i += 4 * WIDTH) {
        a = fma_(load(left + i), load(right + i), a);
        b = fma_(load(left + i + WIDTH), load(right + i + WIDTH), b);
        c = fma_(load(left + i + 2 * WIDTH), load(right + i + 2 * WIDTH), c);
        d = fma_(load(left + i + 3 * WIDTH), load(right + i + 3 * WIDTH), d);
    }
    for (; i + WIDTH <= count; i += WIDTH) a = fma_(load(left + i), load(right + i), a);
    float total = sum_lanes((a + b) + (c + d));
    for (; i < count; i++) total += left[i] * right[i];
    return total;
}

static uint64_t NAME(roof_f32)(uint64_t rounds) {
    vf chain[NAME(roof_chains)] = {0}, left = splat(0.5f), right = splat(0.25f);
    __asm__ volatile("" : "+v"(left), "+v"(right));
    ROOF_LOOP(chain[i] = fma_(left, right, chain[i]))
    return rounds * NAME(roof_chains) * WIDTH * 2;
}

typedef uint16_t NAME(halves) __attribute__((ext_vector_type(WIDTH), aligned(2)));

static void NAME(add_scaled_u16)(float *sums, const uint16_t *values, size_t count, float weight) {
    size_t i = 0;
    for (; i + WIDTH <= count; i += WIDTH) {
        vi wide = __builtin_convertvector(*(const NAME(halves) *)(values + i), vi);
        store(sums + i, load(sums + i) + splat(weight) * __builtin_convertvector(wide, vf));
    }
    for (; i < count; i++) sums[i] += weight * (float)values[i];
}

/// One bit a lane.
typedef bool lanes_bool __attribute__((ext_vector_type(WIDTH)));
INLINE uint64_t lane_bits(vi mask) {
    lanes_bool set = __builtin_convertvector(mask, lanes_bool);
#if WIDTH == 16
    uint16_t bits;
#else
    uint8_t bits;
#endif
    _Static_assert(sizeof bits * 8 == WIDTH, "a bit a lane");
    memcpy(&bits, &set, sizeof bits);
    return bits;
}

static size_t NAME(places_at_least)(const float *sums, size_t count, float least, uint16_t *places) {
    size_t found = 0, i = 0;
    const vf limit = splat(least);
    for (; i + 4 * WIDTH <= count; i += 4 * WIDTH) {
        vi reached[4];
        for (int v = 0; v < 4; v++) reached[v] = load(sums + i + v * WIDTH) >= limit;
        if (lane_bits(reached[0] | reached[1] | reached[2] | reached[3]) == 0) continue;
        uint64_t bits = 0;
        for (int v = 0; v < 4; v++) bits |= lane_bits(reached[v]) << v * WIDTH;
        for (; bits != 0; bits &= bits - 1) places[found++] = (uint16_t)(i + (size_t)__builtin_ctzll(bits));
    }
    for (; i < count; i++)
        if (sums[i] >= least) places[found++] = (uint16_t)i;
    return found;
}

const winnow_kernels NAME(kernels) = {
    .name = VARIANT,
    .linear_f32 = NAME(linear_f32),
    .attention_f32 = NAME(attention_f32),
    .layer_norm_f32 = NAME(layer_norm_f32),
    .gelu_f32 = NAME(gelu_f32),
    .softmax_f32 = NAME(softmax_f32),
    .mean_rows_f32 = NAME(mean_rows_f32),
    .dot_f32 = NAME(dot_f32),
    .dot_i8i16 = NAME(dot_i8i16),
    .dot_rows_i8i16 = NAME(dot_rows_i8i16),
    .upper_bounds_f64 = NAME(upper_bounds_f64),
    .add_scaled_u16 = NAME(add_scaled_u16),
    .places_at_least = NAME(places_at_least),
    .i8_group = I8_GROUP,
    .linear_i8 = NAME(linear_i8),
    .quantize_rows = NAME(quantize_rows),
    .layer_norm_i8 = NAME(layer_norm_i8),
    .roof_f32 = NAME(roof_f32),
    .roof_i8 = NAME(roof_i8),
};
