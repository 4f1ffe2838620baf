// The int8 kernels, written once in clang's vector types and compiled once for each instruction set.
//
// The including file sets WIDTH, TILE_ROWS, NAME(x) and the target attribute, includes vector_basics.inc.h, and defines
//
//     I8_GROUP                        neighbouring inputs of a panel that one dot product takes
//     vi weights_i8(const int8_t *)   a vector of WIDTH columns × I8_GROUP weights
//     vi spread_i8(codes)              I8_GROUP codes, in every lane: bytes, or with I8_GROUP 2 words of 16 bits
//     vi dot_i8(vi sum, vi codes, vi weights)
//     vi round_i32(vf)                to nearest even
//     vf within_four(vf)              x between −4 and 4; of NaN, anything
//
// Sums are integers and exact; what follows them is one formula an output. So neither the height of a tile nor the order of
// the sums can change a bit.

#define PANEL WINNOW_PANEL_COLUMNS

/// 2^t for t ≤ 0 as exp2_, degree 3 (relative error 7.5e-5): for weights that are rounded to 8 bits of mantissa.
INLINE vf exp2_rough(vf t) {
    vf n = __builtin_elementwise_rint(max_(t, splat(-126.0f)));
    vf f = at_least(splat(-126.0f), t) - n;
    vf p = splat(0.0551716648042202f);
    p = fma_(p, f, splat(0.2426111251115799f));
    p = fma_(p, f, splat(0.6932609677314758f));
    p = fma_(p, f, splat(0.9999280571937561f));
    vi power = (__builtin_convertvector(n, vi) + 127) << 23;
    return p * (vf)power;
}

/// gelu(x) = x · Φ(x), Φ = ½ + t·P(t²) with t = x between ±4: degree 6 in t², fitted so that Φ(±4) is 1 and 0 in float32 exactly
/// (Scripts/fit-polynomials): beyond, GELU is x and 0. Absolute error 1.9e-4, where a code of int8 has half a step of 4e-3 and more.
/// NaN for NaN.
INLINE vf gelu_rough(vf x) {
    vf t = within_four(x);
    vf s = t * t;
    vf p = splat(2.2588187320593534e-08f);
    p = fma_(p, s, splat(-1.5888259667917737e-06f));
    p = fma_(p, s, splat(4.776386413141154e-05f));
    p = fma_(p, s, splat(-0.0008121872670017183f));
    p = fma_(p, s, splat(0.008763689547777176f));
    p = fma_(p, s, splat(-0.06455440819263458f));
    p = fma_(p, s, splat(0.3978703022003174f));
    return x * fma_(t, p, splat(0.5f));
}

// MARK: - Codes

/// The largest lane of magnitudes as bits.
INLINE float largest(vi bits) {
    int32_t most = __builtin_reduce_max(bits);
    float value;
    memcpy(&value, &most, sizeof value);
    return value;
}

typedef uint8_t codes_u8 __attribute__((ext_vector_type(WIDTH)));
typedef uint8_t codes_u8u __attribute__((ext_vector_type(WIDTH), aligned(1)));

INLINE void store_codes(uint8_t *p, vi codes) { *(codes_u8u *)p = __builtin_convertvector(codes, codes_u8); }

/// The scale for a largest magnitude, and its inverse: NaN and 0 when it is not finite, 0 and 0 when it is 0.
INLINE float scale_of(float most, float steps, float *inverse) {
    if (!(most <= 3.4028234e38f)) {
        *inverse = 0;
        return NAN;
    }
    // A scale below the normal numbers would have an infinite inverse: such a row is zero for all that follows.
    if (most < 1e-30f) {
        *inverse = 0;
        return 0;
    }
    *inverse = steps / most;
    return most / steps;
}

/// `scale_of` of as many magnitudes as there are lanes.
INLINE void scales_of(vf most, float steps, float *scales, float *inverses) {
    const vf nothing = splat(0), largest_float = splat(3.4028234e38f);
    vf scale = most / splat(steps), inverse = splat(steps) / most;
    scale = most < splat(1e-30f) ? nothing : most <= largest_float ? scale : splat(NAN);
    inverse = most < splat(1e-30f) ? nothing : most <= largest_float ? inverse : nothing;
    store(scales, scale);
    store(inverses, inverse);
}

/// Codes of one row that has been written as floats.
INLINE void quantize_symmetric(const float *x, size_t columns, float inverse, uint8_t *output) {
    size_t whole = columns / WIDTH * WIDTH;
    for (size_t c = 0; c < whole; c += WIDTH)
        store_codes(output + c, round_i32(load(x + c) * splat(inverse)) + 128);
    // An inverse of 0: the row has no scale, and what is no number has no code.
    for (size_t c = whole; c < columns; c++)
        output[c] = (uint8_t)((inverse == 0 ? 0 : (int32_t)__builtin_rintf(x[c] * inverse)) + 128);
}

/// The least and the largest value of a row, and whether all are finite.
typedef struct {
    vf least, most;
    vf odd;  // 0, or NaN from a value that is not finite
} extent;

static const float NAME(largest_float) = 3.4028234e38f;

INLINE extent no_extent(void) {
    return (extent){splat(NAME(largest_float)), splat(-NAME(largest_float)), splat(0)};
}
INLINE void extend(extent *e, vf x) {
    e->least = x < e->least ? x : e->least;
    e->most = x > e->most ? x : e->most;
    e->odd = fma_(x, splat(0), e->odd);
}

/// What codes of a row of that extent stand for, and the inverse of the scale; 0 where there is none.
INLINE winnow_row_scale row_scale(extent e, float *inverse) {
    float least = min_lanes(e.least) + 0.0f, most = max_lanes(e.most);
    float odd = sum_lanes(e.odd);
    winnow_row_scale scale = {scale_of(odd == 0 ? most - least : NAN, 255.0f, inverse), least};
    return scale;
}

/// Codes of one row that has been written as floats.
INLINE void quantize_row(const float *x, size_t columns, winnow_row_scale scale, float inverse, uint8_t *output) {
    size_t whole = columns / WIDTH * WIDTH;
    for (size_t c = 0; c < whole; c += WIDTH)
        store_codes(output + c, round_i32((load(x + c) - splat(scale.least)) * splat(inverse)));
    // An inverse of 0: the row has no scale, and what is no number has no code.
    for (size_t c = whole; c < columns; c++)
        output[c] = inverse == 0 ? 0 : (uint8_t)(int32_t)__builtin_rintf((x[c] - scale.least) * inverse);
}

/// The last columns of a row, which do not fill a vector; the others are repeated in it.
INLINE void extend_rest(extent *e, const float *x, size_t whole, size_t columns) {
    if (whole == columns) return;
    float rest[WIDTH];
    for (size_t i = 0; i < WIDTH; i++) rest[i] = x[whole + i < columns ? whole + i : whole];
    extend(e, load(rest));
}

/// Codes of up to NORM_ROWS rows, stage by stage: their reductions and divisions run side by side.
INLINE void rows_codes(const float *x, size_t stride, size_t rows, size_t columns, uint8_t *output, size_t output_stride,
                       winnow_row_scale *scales) {
    const size_t whole = columns / WIDTH * WIDTH;
    float inverse[NORM_ROWS];
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * stride;
        size_t c = 0;
        extent e[2] = {no_extent(), no_extent()};
        for (; c + 2 * WIDTH <= whole; c += 2 * WIDTH) {
            extend(e, load(row + c));
            extend(e + 1, load(row + c + WIDTH));
        }
        for (; c < whole; c += WIDTH) extend(e, load(row + c));
        extend_rest(e, row, whole, columns);
        e[0].least = e[1].least < e[0].least ? e[1].least : e[0].least;
        e[0].most = e[1].most > e[0].most ? e[1].most : e[0].most;
        e[0].odd += e[1].odd;
        scales[r] = row_scale(e[0], inverse + r);
    }
    for (size_t r = 0; r < rows; r++)
        quantize_row(x + r * stride, columns, scales[r], inverse[r], output + r * output_stride);
}

static void NAME(quantize_rows)(const float *input, size_t input_stride, size_t rows, size_t columns, uint8_t *output,
                                size_t output_stride, winnow_row_scale *scales) {
    for (size_t r = 0; r < rows; r += NORM_ROWS)
        rows_codes(input + r * input_stride, input_stride, rows - r < NORM_ROWS ? rows - r : NORM_ROWS, columns,
                   output + r * output_stride, output_stride, scales + r);
}

// MARK: - The product

#if I8_GROUP == 2
/// Inputs of a row that are widened at a time.
#define I8_BLOCK 512

typedef uint8_t bytes_16 __attribute__((ext_vector_type(16), aligned(1)));
typedef uint16_t words_16 __attribute__((ext_vector_type(16), aligned(2)));
typedef uint8_t bytes_4 __attribute__((ext_vector_type(4), aligned(1)));
typedef uint16_t words_4 __attribute__((ext_vector_type(4), aligned(2)));

/// Codes to 16 bits: a pair of them is then one load into every lane, where two bytes take six instructions to get there. `count` is a
/// multiple of 4.
INLINE void widen(const uint8_t *codes, size_t count, uint16_t *output) {
    size_t k = 0;
    for (; k + 16 <= count; k += 16)
        *(words_16 *)(output + k) = __builtin_convertvector(*(const bytes_16 *)(codes + k), words_16);
    for (; k < count; k += 4)
        *(words_4 *)(output + k) = __builtin_convertvector(*(const bytes_4 *)(codes + k), words_4);
}
#endif

/// acc[r][0…1] += row r of codes · the two vectors of columns at `panel`. `rows` is a constant.
INLINE void dots_i8(vi (*acc)[2], const uint8_t *input, size_t input_stride, const int8_t *panel, size_t groups,
                    struct winnow_ahead ahead, const int rows) {
#define STEP(K, CODES)                                                                        \
    {                                                                                         \
        vi b0 = weights_i8(panel + (K) * PANEL * I8_GROUP);                                   \
        vi b1 = weights_i8(panel + (K) * PANEL * I8_GROUP + WIDTH * I8_GROUP);                \
        _Pragma("unroll") for (int r = 0; r < rows; r++) {                                    \
            vi a = spread_i8(CODES(r) + (K) * I8_GROUP);                                      \
            acc[r][0] = dot_i8(acc[r][0], a, b0);                                             \
            acc[r][1] = dot_i8(acc[r][1], a, b1);                                             \
            ADDED(r)                                                                          \
        }                                                                                     \
    }
#if I8_GROUP == 2
// Keeps the compiler from adding products of several steps first, for which it has no registers.
#define ADDED(R) __asm__("" : "+v"(acc[R][0]), "+v"(acc[R][1]));
    uint16_t wide[TILE_ROWS * I8_BLOCK] __attribute__((aligned(64)));
#define WIDENED(R) (codes + (R) * I8_BLOCK)
    for (size_t first = 0, count; first < groups; first += count) {
        count = groups - first < I8_BLOCK / 2 ? groups - first : I8_BLOCK / 2;
        for (int r = 0; r < rows; r++)
            widen(input + (size_t)r * input_stride + first * 2, count * 2, wide + r * I8_BLOCK);
        const uint16_t *codes = wide;
        size_t k = 0;
        for (; k + 4 <= count; k += 4) {
            STEP(0, WIDENED)
            STEP(1, WIDENED)
            STEP(2, WIDENED)
            STEP(3, WIDENED)
            panel += 4 * PANEL * I8_GROUP;
            codes += 4 * I8_GROUP;
            winnow_fetch(&ahead);
        }
        // Inputs are padded to fours, so a pair of groups is left or none.
        if (k < count) {
            STEP(0, WIDENED)
            STEP(1, WIDENED)
            panel += 2 * PANEL * I8_GROUP;
        }
    }
#undef WIDENED
#else
#define ADDED(R)
    // As in the float32 tile: rows are reached from every third by 0, 1 or 2 strides.
    const uint8_t *base[(TILE_ROWS + 2) / 3];
#pragma unroll
    for (int r = 0; r < rows; r += 3) base[r / 3] = input + (size_t)r * input_stride;
#define CODES(R) (base[(R) / 3] + (size_t)((R) % 3) * input_stride)
    size_t k = 0;
    for (; k + 4 <= groups; k += 4) {
        STEP(0, CODES)
        STEP(1, CODES)
        STEP(2, CODES)
        STEP(3, CODES)
        panel += 4 * PANEL * I8_GROUP;
        winnow_fetch(&ahead);
#pragma unroll
        for (int r = 0; r < rows; r += 3) {
            base[r / 3] += 4 * I8_GROUP;
            // Keeps the compiler from folding the pointers back into one.
            __asm__("" : "+r"(base[r / 3]));
        }
    }
    for (; k < groups; k++) {
        STEP(0, CODES)
        panel += PANEL * I8_GROUP;
#pragma unroll
        for (int r = 0; r < rows; r += 3) base[r / 3] += I8_GROUP;
    }
#undef CODES
#endif
#undef ADDED
#undef STEP
}

/// output[rows × 2 vectors] = (codes · panel · scale) · column_scales + least · column_sums + bias. `rows` is a constant.
INLINE void tile_i8(const uint8_t *input, size_t input_stride, const winnow_row_scale *scales, const int8_t *panel,
                    size_t groups, const float *column_scales, const float *column_sums, const float *bias, float *output,
                    size_t output_stride, struct winnow_ahead ahead, const int rows) {
    vi acc[TILE_ROWS][2];
#pragma unroll
    for (int r = 0; r < rows; r++) acc[r][0] = 0, acc[r][1] = 0;
    dots_i8(acc, input, input_stride, panel, groups, ahead, rows);
    vf scale0 = load(column_scales), scale1 = load(column_scales + WIDTH);
    vf sums0 = load(column_sums), sums1 = load(column_sums + WIDTH);
    vf bias0 = load(bias), bias1 = load(bias + WIDTH);
#pragma unroll
    for (int r = 0; r < rows; r++) {
        vf scale = splat(scales[r].scale), least = splat(scales[r].least);
        float *out = output + (size_t)r * output_stride;
        store(out, fma_(__builtin_convertvector(acc[r][0], vf) * scale, scale0, fma_(least, sums0, bias0)));
        store(out + WIDTH, fma_(__builtin_convertvector(acc[r][1], vf) * scale, scale1, fma_(least, sums1, bias1)));
    }
}

static void tile_rows_i8(size_t rows, const uint8_t *input, size_t input_stride, const winnow_row_scale *scales,
                         const int8_t *panel, size_t groups, const float *column_scales, const float *column_sums,
                         const float *bias, float *output, size_t output_stride, struct winnow_ahead ahead) {
    switch (rows) {
#define CASE(R)                                                                                              \
    case R:                                                                                                  \
        tile_i8(input, input_stride, scales, panel, groups, column_scales, column_sums, bias, output, output_stride, ahead, R); \
        break;
        EVERY_HEIGHT(CASE)
#undef CASE
    }
}

/// Moves a finished block of rows × 32 floats to where it belongs: through GELU, to bfloat16, `width` columns of it.
INLINE void finish_block(const float *block, size_t rows, size_t width, winnow_epilogue epilogue, float *output,
                         uint16_t *output_bf16, size_t output_stride) {
    for (size_t r = 0; r < rows; r++) {
        const float *from = block + r * PANEL;
        if (width == PANEL) {
#pragma unroll
            for (size_t c = 0; c < PANEL; c += 2 * WIDTH) {
                vf x0 = load(from + c), x1 = load(from + c + WIDTH);
                if (epilogue == WINNOW_EPILOGUE_GELU) x0 = gelu_rough(x0), x1 = gelu_rough(x1);
                if (output) {
                    store(output + r * output_stride + c, x0);
                    store(output + r * output_stride + c + WIDTH, x1);
                } else {
                    store_bf16(output_bf16 + r * output_stride + c, x0, x1);
                }
            }
        } else {
            float whole[PANEL];
            for (size_t c = 0; c < PANEL; c += WIDTH) {
                vf x = load(from + c);
                store(whole + c, epilogue == WINNOW_EPILOGUE_GELU ? gelu_rough(x) : x);
            }
            if (output) {
                memcpy(output + r * output_stride, whole, width * sizeof(float));
            } else {
                uint16_t rounded[PANEL];
                for (size_t c = 0; c < PANEL; c += 2 * WIDTH)
                    store_bf16(rounded + c, load(whole + c), load(whole + c + WIDTH));
                memcpy(output_bf16 + r * output_stride, rounded, width * sizeof(uint16_t));
            }
        }
    }
}

/// Values of one head that wait for their codes in the first-level cache: one tile of the largest head, or several of a small one.
#define CODES_BLOCK (TILE_ROWS * WINNOW_ATTENTION_I8_MAX_HEAD)

/// Up to CODES_BLOCK values of one head, rows of `head`, a multiple of 32, to symmetric codes with a scale a row. Step by step over
/// all rows: within one, each step would wait for the one before it.
INLINE void finish_codes(const float *block, size_t rows, const size_t head, uint8_t *output, size_t output_stride,
                         float *scales, size_t scales_stride) {
    float most[CODES_BLOCK / 32 + WIDTH], inverse[CODES_BLOCK / 32 + WIDTH];
    for (size_t r = 0; r < rows; r++) {
        const float *from = block + r * head;
        vi most0 = 0, most1 = 0;
        for (size_t c = 0; c < head; c += 2 * WIDTH) {
            most0 = __builtin_elementwise_max(most0, magnitude(load(from + c)));
            most1 = __builtin_elementwise_max(most1, magnitude(load(from + c + WIDTH)));
        }
        most[r] = largest(__builtin_elementwise_max(most0, most1));
    }
    store(most + rows, splat(0));
    for (size_t r = 0; r < rows; r += WIDTH) scales_of(load(most + r), 127.0f, most + r, inverse + r);
    for (size_t r = 0; r < rows; r++) {
        scales[r * scales_stride] = most[r];
        quantize_symmetric(block + r * head, head, inverse[r], output + r * output_stride);
    }
}

/// The product as codes: a head's columns at a time, which may be several panels.
static void linear_codes_i8(const winnow_linear_i8 *g) {
    const size_t groups = (winnow_round_up(g->depth, 4) + I8_GROUP - 1) / I8_GROUP;
    for (size_t column = 0; column < g->columns; column += g->head) {
        float block[CODES_BLOCK] __attribute__((aligned(64)));
        size_t first = 0;  // row of the block's first
        for (size_t row = 0; row < g->rows;) {
            size_t rows = winnow_tile_rows(g->rows - row, TILE_ROWS);
            const size_t tile = row / TILE_ROWS;
            for (size_t c = 0; c < g->head; c += 2 * WIDTH) {
                size_t panel = (column + c) / PANEL * PANEL;
                tile_rows_i8(rows, g->input + row * g->input_stride, g->input_stride, g->input_scales + row,
                             g->panels + panel * groups * I8_GROUP + (column + c - panel) * I8_GROUP, groups,
                             g->column_scales + column + c, g->column_sums + column + c, g->bias + column + c,
                             block + (row - first) * g->head + c, g->head,
                             winnow_look_ahead(g->panels + (panel + PANEL) * groups * I8_GROUP, tile + c % PANEL,
                                               groups * PANEL * I8_GROUP));
            }
            row += rows;
            if (row < g->rows && (row - first + TILE_ROWS) * g->head <= CODES_BLOCK) continue;
            uint8_t *codes = g->codes + first * g->codes_stride + column;
            float *scales = g->code_scales + first * g->code_scales_stride + column / g->head;
            // Most models' heads are 32 or 64 wide: loops of a known length are none.
            if (g->head == 32) finish_codes(block, row - first, 32, codes, g->codes_stride, scales, g->code_scales_stride);
            else if (g->head == 64) finish_codes(block, row - first, 64, codes, g->codes_stride, scales, g->code_scales_stride);
            else finish_codes(block, row - first, g->head, codes, g->codes_stride, scales, g->code_scales_stride);
            first = row;
        }
    }
}

static void NAME(linear_i8)(const winnow_linear_i8 *g) {
    if (g->codes) {
        linear_codes_i8(g);
        return;
    }
    const size_t groups = (winnow_round_up(g->depth, 4) + I8_GROUP - 1) / I8_GROUP;
    for (size_t column = 0; column < g->columns; column += PANEL) {
        const int8_t *panel = g->panels + column * groups * I8_GROUP;
        size_t width = g->columns - column < PANEL ? g->columns - column : PANEL;
        bool plain = g->output && g->epilogue == WINNOW_EPILOGUE_NONE && width == PANEL;
        for (size_t row = 0; row < g->rows;) {
            size_t rows = winnow_tile_rows(g->rows - row, TILE_ROWS);
            float block[TILE_ROWS * PANEL] __attribute__((aligned(64)));
            float *into = plain ? g->output + row * g->output_stride + column : block;
            size_t stride = plain ? g->output_stride : PANEL;
            for (size_t c = 0; c < PANEL; c += 2 * WIDTH)
                tile_rows_i8(rows, g->input + row * g->input_stride, g->input_stride, g->input_scales + row,
                             panel + c * I8_GROUP, groups, g->column_scales + column + c, g->column_sums + column + c,
                             g->bias + column + c, into + c, stride,
                             winnow_look_ahead(panel + groups * PANEL * I8_GROUP, row / TILE_ROWS + c,
                                               groups * PANEL * I8_GROUP));
            if (!plain)
                finish_block(block, rows, width, g->epilogue,
                             g->output ? g->output + row * g->output_stride + column : NULL,
                             g->output_bf16 ? g->output_bf16 + row * g->output_stride + column : NULL, g->output_stride);
            row += rows;
        }
    }
}

// MARK: - Rows

static void NAME(layer_norm_i8)(const float *input, size_t input_stride, const float *residual, size_t residual_stride,
                                const float *weight, const float *bias, float epsilon, size_t rows, size_t columns,
                                float *output, size_t output_stride, uint8_t *codes, size_t codes_stride,
                                winnow_row_scale *scales) {
    for (size_t r = 0, count; r < rows; r += count) {
        count = rows - r < NORM_ROWS ? rows - r : NORM_ROWS;
        float *out = output + r * output_stride;
        norm_rows(input + r * input_stride, input_stride, residual ? residual + r * residual_stride : NULL, residual_stride,
                  weight, bias, epsilon, columns, out, output_stride, count);
        rows_codes(out, output_stride, count, columns, codes + r * codes_stride, codes_stride, scales + r);
    }
}
