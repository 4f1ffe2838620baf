// The kernels in plain C, one value at a time: what runs where there is no vector variant, and the oracle that the
// vector variants are tested against. It reads like the formulas; speed is not its aim.

#include <math.h>
#include <string.h>

#include "../shared/winnow_internal.h"

#pragma STDC FP_CONTRACT OFF

static float gelu(float x) { return 0.5f * x * (1.0f + erff(x * 0.70710678118654752f)); }

static void gelu_f32(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = gelu(values[i]);
}

static void linear_f32(const winnow_linear_f32 *g) {
    for (size_t row = 0; row < g->rows; row++) {
        const float *input = g->input + row * g->input_stride;
        for (size_t first = 0; first < g->columns; first += WINNOW_PANEL_COLUMNS) {
            const float *panel = g->panels ? g->panels + first * g->depth : NULL;
            const uint16_t *halves = g->panels ? NULL : g->panels_bf16 + first * winnow_round_up(g->depth, 2);
            float sums[WINNOW_PANEL_COLUMNS];
            for (size_t c = 0; c < WINNOW_PANEL_COLUMNS; c++) sums[c] = g->bias ? g->bias[first + c] : 0;
            for (size_t k = 0; k < g->depth; k++)
                for (size_t c = 0; c < WINNOW_PANEL_COLUMNS; c++)
                    sums[c] += input[k] * (g->panels ? panel[k * WINNOW_PANEL_COLUMNS + c]
                                                     : winnow_from_bf16(halves[(k / 2 * WINNOW_PANEL_COLUMNS + c) * 2 + k % 2]));
            for (size_t c = 0; c < WINNOW_PANEL_COLUMNS && first + c < g->columns; c++)
                g->output[row * g->output_stride + first + c] =
                    g->epilogue == WINNOW_EPILOGUE_GELU ? gelu(sums[c]) : sums[c];
        }
    }
}

static void softmax_row(float *x, size_t columns, float scale) {
    float top = -INFINITY, total = 0;
    for (size_t i = 0; i < columns; i++) top = x[i] > top ? x[i] : top;
    for (size_t i = 0; i < columns; i++) {
        x[i] = expf(scale * (x[i] - top));
        total += x[i];
    }
    for (size_t i = 0; i < columns; i++) x[i] /= total;
}

static void softmax_f32(float *values, size_t stride, size_t rows, size_t columns, float scale) {
    for (size_t r = 0; r < rows; r++) softmax_row(values + r * stride, columns, scale);
}

static void attention_f32(const winnow_attention_f32 *g) {
    float *scores = g->scratch;
    for (size_t q = 0; q < g->queries; q++) {
        const float *query = g->query + q * g->query_stride;
        for (size_t k = 0; k < g->keys; k++) {
            const float *key = g->key + k * g->key_stride;
            float sum = 0;
            for (size_t d = 0; d < g->head; d++) sum += query[d] * key[d];
            scores[k] = sum;
        }
        softmax_row(scores, g->keys, g->scale);
        for (size_t d = 0; d < g->head; d++) {
            float sum = 0;
            for (size_t k = 0; k < g->keys; k++) sum += scores[k] * g->value[k * g->value_stride + d];
            g->output[q * g->output_stride + d] = sum;
        }
    }
}

static void layer_norm_f32(const float *input, size_t input_stride, const float *residual, size_t residual_stride,
                           const float *weight, const float *bias, float epsilon, size_t rows, size_t columns,
                           float *output, size_t output_stride) {
    for (size_t r = 0; r < rows; r++) {
        const float *x = input + r * input_stride;
        float *out = output + r * output_stride;
        float sum = 0, squares = 0;
        for (size_t c = 0; c < columns; c++) {
            out[c] = residual ? x[c] + residual[r * residual_stride + c] : x[c];
            sum += out[c];
        }
        float mean = sum / (float)columns;
        for (size_t c = 0; c < columns; c++) squares += (out[c] - mean) * (out[c] - mean);
        float deviation = sqrtf(squares / (float)columns + epsilon);
        // The squares left float32: x/∞ would make every row the bias.
        if (isinf(deviation)) deviation = NAN;
        for (size_t c = 0; c < columns; c++) out[c] = (out[c] - mean) / deviation * weight[c] + bias[c];
    }
}

static void mean_rows_f32(const float *input, size_t stride, size_t rows, size_t columns, float *output) {
    for (size_t c = 0; c < columns; c++) {
        float sum = 0;
        for (size_t r = 0; r < rows; r++) sum += input[r * stride + c];
        output[c] = sum / (float)rows;
    }
}

static float dot_f32(const float *left, const float *right, size_t count) {
    float sum = 0;
    for (size_t i = 0; i < count; i++) sum += left[i] * right[i];
    return sum;
}

static int32_t dot_i8i16(const int8_t *row, const int16_t *query, size_t count) {
    int32_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += row[i] * query[i];
    return sum;
}

static void dot_rows_i8i16(const int8_t *rows, size_t stride, size_t row_count, const int16_t *query, size_t count,
                           int32_t *output) {
    for (size_t r = 0; r < row_count; r++) output[r] = dot_i8i16(rows + r * stride, query, count);
}

static double upper_bounds_f64(const float *scales, const float *errors, const int32_t *products, size_t row_count,
                               double step, double factor, double offset, double *bounds) {
    double highest = -INFINITY;
    for (size_t r = 0; r < row_count; r++) {
        bounds[r] = (double)scales[r] * step * (double)products[r] + (double)errors[r] * factor + offset;
        if (bounds[r] > highest) highest = bounds[r];
    }
    return highest;
}

// MARK: - Lossy arithmetic

static float scale_of(float most, float steps, float *inverse) {
    *inverse = 0;
    if (!isfinite(most)) return NAN;
    if (most < 1e-30f) return 0;
    *inverse = steps / most;
    return most / steps;
}

static void quantize_rows(const float *input, size_t input_stride, size_t rows, size_t columns, uint8_t *output,
                          size_t output_stride, winnow_row_scale *scales) {
    for (size_t r = 0; r < rows; r++) {
        const float *x = input + r * input_stride;
        float least = INFINITY, most = -INFINITY, inverse;
        bool finite = true;
        for (size_t c = 0; c < columns; c++) {
            finite = finite && isfinite(x[c]);
            least = x[c] < least ? x[c] : least;
            most = x[c] > most ? x[c] : most;
        }
        scales[r].least = least + 0.0f;
        scales[r].scale = scale_of(finite ? most - least : NAN, 255.0f, &inverse);
        for (size_t c = 0; c < columns; c++)
            output[r * output_stride + c] = inverse == 0 ? 0 : (uint8_t)(int32_t)rintf((x[c] - scales[r].least) * inverse);
    }
}

static void finish(float x, winnow_epilogue epilogue, float *output, uint16_t *output_bf16, size_t at) {
    if (epilogue == WINNOW_EPILOGUE_GELU) x = gelu(x);
    if (output) output[at] = x;
    else output_bf16[at] = winnow_bf16(x);
}

/// Values of one head to symmetric codes.
static void head_codes(const winnow_linear_i8 *g, size_t row, size_t column, const float *values) {
    uint8_t *codes = g->codes + row * g->codes_stride + column;
    float most = 0, inverse;
    for (size_t c = 0; c < g->head; c++)
        if (!(fabsf(values[c]) <= most)) most = isnan(most) ? most : fabsf(values[c]);
    float scale = scale_of(most, 127.0f, &inverse);
    g->code_scales[row * g->code_scales_stride + column / g->head] = scale;
    for (size_t c = 0; c < g->head; c++)
        codes[c] = (uint8_t)((inverse == 0 ? 0 : (int32_t)rintf(values[c] * inverse)) + 128);
}

static void linear_i8(const winnow_linear_i8 *g) {
    float values[WINNOW_ATTENTION_I8_MAX_HEAD];
    const size_t depth = winnow_round_up(g->depth, 4);
    for (size_t row = 0; row < g->rows; row++)
        for (size_t column = 0; column < g->columns; column++) {
            const uint8_t *codes = g->input + row * g->input_stride;
            const int8_t *panel = g->panels + column / WINNOW_PANEL_COLUMNS * WINNOW_PANEL_COLUMNS * depth;
            int32_t sum = 0;
            for (size_t k = 0; k < g->depth; k++)
                sum += codes[k] * panel[(k / 4 * WINNOW_PANEL_COLUMNS + column % WINNOW_PANEL_COLUMNS) * 4 + k % 4];
            const winnow_row_scale scale = g->input_scales[row];
            float y = fmaf((float)sum * scale.scale, g->column_scales[column],
                           fmaf(scale.least, g->column_sums[column], g->bias[column]));
            if (g->codes) {
                values[column % g->head] = y;
                if ((column + 1) % g->head == 0) head_codes(g, row, column + 1 - g->head, values);
            } else {
                finish(y, g->epilogue, g->output, g->output_bf16, row * g->output_stride + column);
            }
        }
}

/// Weights are rounded as the vector kernels round them: to 16 bits of the largest that a value's scale allows.
static void attention_i8(const winnow_attention_i8 *g) {
    float *scores = g->scratch;
    float most = 0;
    for (size_t k = 0; k < g->keys; k++) {
        float scale = g->value_scales[k * g->key_value_scales_stride];
        if (!(scale <= most)) most = scale;
        if (isnan(scale)) break;
    }
    for (size_t q = 0; q < g->queries; q++) {
        float top = -INFINITY, total = 0;
        for (size_t k = 0; k < g->keys; k++) {
            int32_t sum = 0;
            for (size_t d = 0; d < g->head; d++)
                sum += (g->query[q * g->query_stride + d] - 128) * (g->key[k * g->key_value_stride + d] - 128);
            scores[k] = (float)sum * g->query_scales[q * g->query_scales_stride] *
                        g->key_scales[k * g->key_value_scales_stride];
            top = scores[k] > top ? scores[k] : top;
        }
        for (size_t k = 0; k < g->keys; k++) {
            scores[k] = expf(g->scale * (scores[k] - top));
            total += scores[k];
        }
        for (size_t k = 0; k < g->keys; k++) {
            float share = most > 0 ? g->value_scales[k * g->key_value_scales_stride] * (65535.0f / most) : 0;
            scores[k] = isnan(scores[k] * share) ? 0 : rintf(scores[k] * share);
        }
        for (size_t d = 0; d < g->head; d++) {
            float sum = 0;
            for (size_t k = 0; k < g->keys; k++)
                sum += scores[k] * (float)(g->value[k * g->key_value_stride + d] - 128);
            g->output[q * g->output_stride + d] = sum * (most / 65535.0f) / total;
        }
    }
}

static void layer_norm_i8(const float *input, size_t input_stride, const float *residual, size_t residual_stride,
                          const float *weight, const float *bias, float epsilon, size_t rows, size_t columns,
                          float *output, size_t output_stride, uint8_t *codes, size_t codes_stride,
                          winnow_row_scale *scales) {
    layer_norm_f32(input, input_stride, residual, residual_stride, weight, bias, epsilon, rows, columns, output,
                   output_stride);
    quantize_rows(output, output_stride, rows, columns, codes, codes_stride, scales);
}

/// As the instruction: the pair's second product first, both with one rounding. Denormal inputs are zero (winnow_bf16);
/// denormal sums, which the instruction flushes, are kept.
static float dot_bf16(float sum, const uint16_t *left, const uint16_t *right) {
    sum = fmaf(winnow_from_bf16(left[1]), winnow_from_bf16(right[1]), sum);
    return fmaf(winnow_from_bf16(left[0]), winnow_from_bf16(right[0]), sum);
}

static void linear_bf16(const winnow_linear_bf16 *g) {
    const size_t pairs = (g->depth + 1) / 2;
    for (size_t row = 0; row < g->rows; row++)
        for (size_t column = 0; column < g->columns; column++) {
            const uint16_t *x = g->input + row * g->input_stride;
            const uint16_t *panel = g->panels + column / WINNOW_PANEL_COLUMNS * WINNOW_PANEL_COLUMNS * pairs * 2;
            float sum = g->bias[column];
            for (size_t k = 0; k < pairs; k++)
                sum = dot_bf16(sum, x + 2 * k, panel + (k * WINNOW_PANEL_COLUMNS + column % WINNOW_PANEL_COLUMNS) * 2);
            finish(sum, g->epilogue, g->output, g->output_bf16, row * g->output_stride + column);
        }
}

static void attention_bf16(const winnow_attention_bf16 *g) {
    float *scores = g->scratch;
    for (size_t q = 0; q < g->queries; q++) {
        const uint16_t *query = g->query + q * g->query_stride;
        float top = -INFINITY, total = 0;
        for (size_t k = 0; k < g->keys; k++) {
            float sum = 0;
            for (size_t d = 0; d < g->head; d += 2) sum = dot_bf16(sum, query + d, g->key + k * g->key_stride + d);
            scores[k] = sum;
            top = sum > top ? sum : top;
        }
        for (size_t k = 0; k < g->keys; k++) {
            scores[k] = expf(g->scale * (scores[k] - top));
            total += scores[k];
        }
        for (size_t d = 0; d < g->head; d++) {
            float sum = 0;
            for (size_t k = 0; k < g->keys; k++)
                sum += winnow_from_bf16(winnow_bf16(scores[k])) * winnow_from_bf16(g->value[k * g->value_stride + d]);
            g->output[q * g->output_stride + d] = sum / total;
        }
    }
}

static void round_rows_bf16(const float *input, size_t input_stride, size_t rows, size_t columns, uint16_t *output,
                            size_t output_stride) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) output[r * output_stride + c] = winnow_bf16(input[r * input_stride + c]);
}

static void layer_norm_bf16(const float *input, size_t input_stride, const float *residual, size_t residual_stride,
                            const float *weight, const float *bias, float epsilon, size_t rows, size_t columns,
                            float *output, size_t output_stride, uint16_t *rounded, size_t rounded_stride) {
    layer_norm_f32(input, input_stride, residual, residual_stride, weight, bias, epsilon, rows, columns, output,
                   output_stride);
    round_rows_bf16(output, output_stride, rows, columns, rounded, rounded_stride);
}

static void add_scaled_u16(float *sums, const uint16_t *values, size_t count, float weight) {
    for (size_t i = 0; i < count; i++) sums[i] += weight * (float)values[i];
}

static size_t places_at_least(const float *sums, size_t count, float least, uint16_t *places) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        if (sums[i] >= least) places[found++] = (uint16_t)i;
    return found;
}

const winnow_kernels winnow_kernels_scalar = {
    .name = "scalar",
    .linear_f32 = linear_f32,
    .attention_f32 = attention_f32,
    .layer_norm_f32 = layer_norm_f32,
    .gelu_f32 = gelu_f32,
    .softmax_f32 = softmax_f32,
    .mean_rows_f32 = mean_rows_f32,
    .dot_f32 = dot_f32,
    .dot_i8i16 = dot_i8i16,
    .dot_rows_i8i16 = dot_rows_i8i16,
    .upper_bounds_f64 = upper_bounds_f64,
    .add_scaled_u16 = add_scaled_u16,
    .places_at_least = places_at_least,
    .i8_group = 4,
    .linear_i8 = linear_i8,
    .attention_i8 = attention_i8,
    .quantize_rows = quantize_rows,
    .layer_norm_i8 = layer_norm_i8,
    .linear_bf16 = linear_bf16,
    .attention_bf16 = attention_bf16,
    .round_rows_bf16 = round_rows_bf16,
    .layer_norm_bf16 = layer_norm_bf16,
};
