// Kernels and the worker pool of Winnow: C11, no allocation on a hot path, no global state but the dispatch table.
//
// Names: winnow, operation, element type, variant. Matrices are row-major; `stride` is the distance between rows in
// elements. Every variant gives the same bits for an output whatever the number of rows, their order, their place in
// memory or the thread: one accumulation chain an output, k ascending. Variants may differ from one another in the last
// bits of floats, never in integers. Sizes are never checked here: callers in Swift own that.
//
// NaN stays NaN through every kernel, and what float32 cannot hold (a softmax over +infinity, a layer norm whose squares
// overflow) becomes NaN, never a plausible number: the encoders look at the end and refuse.

#ifndef WINNOW_KERNELS_H
#define WINNOW_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Columns in a packed panel. A weight matrix [outputs, inputs] is packed as ceil(outputs / 32) panels, each
/// `inputs` × 32 floats with the input index outermost; missing outputs of the last panel are zero.
#define WINNOW_PANEL_COLUMNS 32

/// What happens to a tile of the product before it is stored for good.
typedef enum {
    WINNOW_EPILOGUE_NONE = 0,
    /// x · Φ(x), the erf form of GELU (Hendrycks and Gimpel 2016).
    WINNOW_EPILOGUE_GELU = 1,
} winnow_epilogue;

/// output[rows × columns] = epilogue(input[rows × depth] · weightᵀ + bias)
typedef struct {
    const float *input;
    size_t input_stride;
    size_t rows;
    size_t depth;
    const float *panels;  ///< 64-byte aligned, ceil(columns / 32) panels of depth × 32
    const float *bias;    ///< at least ceil(columns / 32) · 32 values, or NULL for zero
    size_t columns;
    float *output;
    size_t output_stride;
    winnow_epilogue epilogue;
} winnow_linear_f32;

/// Softmax attention of one sequence and one head:
/// output[queries × head] = softmax(scale · query · keyᵀ) · value, over all `keys` positions.
typedef struct {
    const float *query;
    size_t query_stride;
    size_t queries;
    const float *key;
    size_t key_stride;
    const float *value;
    size_t value_stride;
    size_t keys;
    size_t head;  ///< dimensions of a head
    float scale;
    float *output;
    size_t output_stride;
    float *scratch;  ///< winnow_attention_f32_scratch(keys, head) floats, 64-byte aligned
} winnow_attention_f32;

/// Floats of scratch that attention over `keys` positions with `head` dimensions needs.
size_t winnow_attention_f32_scratch(size_t keys, size_t head);

/// One instruction set's kernels.
typedef struct {
    const char *name;
    void (*linear_f32)(const winnow_linear_f32 *arguments);
    void (*attention_f32)(const winnow_attention_f32 *arguments);
    /// output = layer_norm(input + residual) · weight + bias, row by row; `residual` may be NULL; output may be input.
    /// Exact mean, then centred squares (Ba, Kiros and Hinton 2016).
    void (*layer_norm_f32)(const float *input, size_t input_stride, const float *residual, size_t residual_stride,
                           const float *weight, const float *bias, float epsilon, size_t rows, size_t columns,
                           float *output, size_t output_stride);
    /// values[i] = gelu(values[i])
    void (*gelu_f32)(float *values, size_t count);
    /// Row-wise softmax of scale · values in place, as attention does it; `columns` at least 1. By itself for the tests.
    void (*softmax_f32)(float *values, size_t stride, size_t rows, size_t columns, float scale);
    /// output[columns] = mean of the rows, rows added in order.
    void (*mean_rows_f32)(const float *input, size_t stride, size_t rows, size_t columns, float *output);
    /// Inner product of two vectors.
    float (*dot_f32)(const float *left, const float *right, size_t count);
    /// Inner product of an int8 row with an int16 query: the same integer from every variant. The caller sees to it that
    /// Σ |row[i] · query[i]| is below 2³¹; then no partial sum, in any order, leaves int32.
    int32_t (*dot_i8i16)(const int8_t *row, const int16_t *query, size_t count);
    /// output[r] = dot_i8i16(rows + r · stride, query, count) for `row_count` rows.
    void (*dot_rows_i8i16)(const int8_t *rows, size_t stride, size_t row_count, const int16_t *query, size_t count,
                           int32_t *output);
} winnow_kernels;

/// Floats that winnow_pack_linear_f32 writes for a matrix [outputs, inputs].
size_t winnow_packed_linear_f32_count(size_t outputs, size_t inputs);

/// Packs rows [first, first + count) of a weight matrix [outputs, inputs] into panels. `first` is a multiple of 32; rows
/// lie `inputs` apart in `rows`. Writes whole panels, zeros where `count` is no multiple of 32.
void winnow_pack_linear_f32(const float *rows, size_t first, size_t count, size_t inputs, float *panels);

/// The variant in use: the best that the processor has, or the one that WINNOW_KERNELS names. Decided once. When
/// WINNOW_KERNELS names none of winnow_kernels_available, the choice is as without it; see winnow_kernels_request.
const winnow_kernels *winnow_kernels_active(void);

/// The i-th variant that this build has and this processor runs, best first; NULL past the last.
const winnow_kernels *winnow_kernels_available(size_t index);

/// The value of WINNOW_KERNELS when it names no variant that runs here, so that callers can refuse it; else NULL.
const char *winnow_kernels_refused_request(void);

/// What the processor offers, such as "avx2 fma avx512f avx512vnni"; a constant string.
const char *winnow_processor_features(void);

// MARK: - The worker pool

/// Most threads that a pool may have; a worker's index is below it.
#define WINNOW_POOL_MAX_THREADS 256

typedef struct winnow_pool winnow_pool;

/// Processors that this process may use: the affinity mask, cut by the cgroup's quota; at least 1.
unsigned winnow_processor_count(void);

/// The one pool of the process; its threads start at the first submission and stay until the process ends.
winnow_pool *winnow_pool_shared(void);

/// Makes sure that the pool may run `threads` tasks at once (at most WINNOW_POOL_MAX_THREADS); never shrinks it.
void winnow_pool_reserve(winnow_pool *pool, unsigned threads);

/// Threads that the pool has or will start at the next submission.
unsigned winnow_pool_threads(const winnow_pool *pool);

/// Runs `run(context, task, worker)` for every task in 0..<tasks, lower ones first, at most `limit` at once (0: as many as
/// the pool has), then `finished(context)` once, on a worker. Returns at once. Several jobs take turns task by task.
/// `worker` names the thread: no two tasks that run at the same time see the same index. Both functions may submit in turn;
/// waiting for another job inside of them can deadlock. Without tasks, `finished` is called at once on the caller's thread.
/// A child made by fork() has none of the threads: it must exec, or never submit.
/// - Returns: false when no thread could be started and nothing will run, `finished` neither.
bool winnow_pool_submit(winnow_pool *pool, size_t tasks, unsigned limit,
                        void (*run)(void *context, size_t task, unsigned worker), void (*finished)(void *context),
                        void *context);

#ifdef __cplusplus
}
#endif

#endif
