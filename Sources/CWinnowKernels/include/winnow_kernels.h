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
    const float *panels;  ///< 64-byte aligned, ceil(columns / 32) panels of depth × 32; or NULL for
    /// weights in bfloat16 from winnow_pack_linear_bf16: the same bits as with `panels` that hold the rounded weights
    const uint16_t *panels_bf16;
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

// MARK: - Lossy arithmetic
//
// int8: a row of activations is `columns` unsigned codes with a scale and a least value: value = scale · code + least. What a
// layer norm gives reaches further to one side than to the other, and what GELU gives has next to nothing below zero; codes from the
// least value to the largest waste no step on what is not there. The weights are int8 with one scale a column of the product; sums
// are exact in int32, so every variant and every order gives the same.
// bfloat16: the upper half of a float32, rounded to nearest even, denormals as zero; products are summed in float32.

/// What the codes of a row stand for: value = scale · code + least.
typedef struct {
    float scale;  ///< (largest − least) / 255; NaN where a value is not finite, 0 where all are the same
    float least;
} winnow_row_scale;

/// output[rows × columns] = epilogue((scale · codes + least) · weightᵀ · column_scales + bias), scale and least of the row.
typedef struct {
    const uint8_t *input;       ///< codes; what stands between `depth` and the next multiple of 4 is read, and ignored
    size_t input_stride;        ///< bytes
    const winnow_row_scale *input_scales;
    size_t rows;
    size_t depth;
    const int8_t *panels;        ///< from winnow_pack_linear_i8 with the variant's `i8_group`, 64-byte aligned
    const float *column_scales;  ///< padded as the panels
    const float *column_sums;    ///< Σ weights · column_scale: what a least value adds; padded as the panels
    const float *bias;           ///< padded as the panels
    size_t columns;
    winnow_epilogue epilogue;
    float *output;          ///< float32, or NULL for
    uint16_t *output_bf16;  ///< bfloat16
    size_t output_stride;
    /// Symmetric codes (value = scale · (code − 128), codes 1…255, scale = max |x| / 127) instead, if not NULL, with a scale for
    /// each `head` columns of a row, and no epilogue.
    uint8_t *codes;
    size_t codes_stride;  ///< bytes
    size_t head;          ///< a multiple of 32 up to WINNOW_ATTENTION_I8_MAX_HEAD that divides `columns`
    float *code_scales;
    size_t code_scales_stride;
} winnow_linear_i8;

/// output[rows × columns] = epilogue(input · weightᵀ + bias) in bfloat16 with float32 sums: pairs of k, ascending.
typedef struct {
    const uint16_t *input;  ///< one value past an odd `depth` is read, and ignored if finite
    size_t input_stride;
    size_t rows;
    size_t depth;
    const uint16_t *panels;  ///< from winnow_pack_linear_bf16, 64-byte aligned
    const float *bias;       ///< padded as the panels
    size_t columns;
    winnow_epilogue epilogue;
    float *output;          ///< float32, or NULL for
    uint16_t *output_bf16;  ///< bfloat16
    size_t output_stride;
} winnow_linear_bf16;

/// Softmax attention as winnow_attention_f32, over bfloat16 rows; scores and softmax in float32, weights rounded to bfloat16.
typedef struct {
    const uint16_t *query;
    size_t query_stride;
    size_t queries;
    const uint16_t *key;
    size_t key_stride;
    const uint16_t *value;
    size_t value_stride;
    size_t keys;
    size_t head;  ///< dimensions of a head, even
    float scale;
    float *output;
    size_t output_stride;
    void *scratch;  ///< winnow_attention_bf16_scratch(keys, head) bytes, 64-byte aligned
} winnow_attention_bf16;

/// Largest head that attention in int8 takes.
#define WINNOW_ATTENTION_I8_MAX_HEAD 256

/// Softmax attention as winnow_attention_f32, over symmetric codes with a scale a row (winnow_linear_i8 makes them). Products are
/// sums of integers; scores and softmax are float32; a weight, its value's scale folded in, is rounded to 16 bits of the
/// largest such scale, and multiplied in two digits of 8. A scale is finite, or NaN.
typedef struct {
    const uint8_t *query;
    size_t query_stride;  ///< bytes
    const float *query_scales;
    size_t query_scales_stride;
    size_t queries;
    const uint8_t *key;
    const uint8_t *value;
    size_t key_value_stride;  ///< bytes
    const float *key_scales;
    const float *value_scales;
    size_t key_value_scales_stride;
    size_t keys;  ///< up to 65,536, so that no sum leaves int32
    size_t head;  ///< dimensions of a head: a multiple of 32 up to WINNOW_ATTENTION_I8_MAX_HEAD
    float scale;
    float *output;
    size_t output_stride;
    void *scratch;  ///< winnow_attention_i8_scratch(keys, head) bytes, 64-byte aligned
} winnow_attention_i8;

/// Bytes of scratch that attention over `keys` positions with `head` dimensions needs in int8.
size_t winnow_attention_i8_scratch(size_t keys, size_t head);

/// Bytes of scratch that attention over `keys` positions with `head` dimensions needs in bfloat16.
size_t winnow_attention_bf16_scratch(size_t keys, size_t head);

/// Floats of scratch that attention over `keys` positions with `head` dimensions needs.
size_t winnow_attention_f32_scratch(size_t keys, size_t head);

/// One instruction set's kernels.
typedef struct {
    const char *name;
    void (*linear_f32)(const winnow_linear_f32 *arguments);
    void (*attention_f32)(const winnow_attention_f32 *arguments);
    /// output = layer_norm(input + residual) · weight + bias, row by row; `residual` may be NULL; output may be input or
    /// residual, with the same stride.
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
    /// bounds[r] = scales[r] · step · products[r] + errors[r] · factor + offset in doubles, every operation rounded by itself:
    /// the same bits from every variant. Returns the highest, −infinity without rows; what is NaN is never the highest.
    double (*upper_bounds_f64)(const float *scales, const float *errors, const int32_t *products, size_t row_count,
                               double step, double factor, double offset, double *bounds);
    /// sums[i] += weight · values[i], each rounded by itself: the same bits from every variant.
    void (*add_scaled_u16)(float *sums, const uint16_t *values, size_t count, float weight);
    /// Writes the places whose sum is at least `least`, ascending, and returns how many there are. `places` has room for
    /// `count`, which is at most 65,536.
    size_t (*places_at_least)(const float *sums, size_t count, float least, uint16_t *places);
    /// Neighbouring inputs that an int8 panel keeps together: what winnow_pack_linear_i8 is told.
    size_t i8_group;
    /// Whether an instruction of its own sums products of bytes (VNNI): then int8 is the fastest arithmetic.
    bool has_vnni;
    void (*linear_i8)(const winnow_linear_i8 *arguments);
    /// Codes of each row, and what they stand for.
    void (*quantize_rows)(const float *input, size_t input_stride, size_t rows, size_t columns, uint8_t *output,
                          size_t output_stride, winnow_row_scale *scales);
    /// layer_norm_f32, and the codes of its output.
    void (*layer_norm_i8)(const float *input, size_t input_stride, const float *residual, size_t residual_stride,
                          const float *weight, const float *bias, float epsilon, size_t rows, size_t columns,
                          float *output, size_t output_stride, uint8_t *codes, size_t codes_stride,
                          winnow_row_scale *scales);
    /// NULL in vector variants of processors without VNNI, where it would be no faster than float32.
    void (*attention_i8)(const winnow_attention_i8 *arguments);
    /// Products of bfloat16 with bfloat16; NULL in vector variants of processors without instructions for them.
    void (*linear_bf16)(const winnow_linear_bf16 *arguments);
    void (*attention_bf16)(const winnow_attention_bf16 *arguments);
    void (*round_rows_bf16)(const float *input, size_t input_stride, size_t rows, size_t columns, uint16_t *output,
                            size_t output_stride);
    /// layer_norm_f32, and its output rounded.
    void (*layer_norm_bf16)(const float *input, size_t input_stride, const float *residual, size_t residual_stride,
                            const float *weight, const float *bias, float epsilon, size_t rows, size_t columns,
                            float *output, size_t output_stride, uint16_t *rounded, size_t rounded_stride);
    /// What the registers alone could do, on this thread: so many rounds of independent chains of the multiply-add that the
    /// products are made of. Returns its operations, a multiplication and an addition being two. NULL where it is not known.
    uint64_t (*roof_f32)(uint64_t rounds);
    uint64_t (*roof_i8)(uint64_t rounds);
    uint64_t (*roof_bf16)(uint64_t rounds);
} winnow_kernels;

/// Bytes of the int8 panels of a matrix [outputs, inputs].
size_t winnow_packed_linear_i8_count(size_t outputs, size_t inputs);

/// Packs rows [first, first + count) of an int8 matrix into panels of 32 columns: ceil(inputs / group) groups of 32 × group
/// weights, zeros where there is none. Also writes `sums`, Σ weights of each column, zeros behind the last. `first` is a multiple
/// of 32.
void winnow_pack_linear_i8(const int8_t *rows, size_t first, size_t count, size_t inputs, size_t group, int8_t *panels,
                           int32_t *sums);

/// Values of the bfloat16 panels of a matrix [outputs, inputs].
size_t winnow_packed_linear_bf16_count(size_t outputs, size_t inputs);

/// Rounds rows [first, first + count) of a matrix to bfloat16 and packs them into panels of 32 columns: pairs of inputs
/// outermost. `first` is a multiple of 32.
void winnow_pack_linear_bf16(const float *rows, size_t first, size_t count, size_t inputs, uint16_t *panels);

/// Floats that winnow_pack_linear_f32 writes for a matrix [outputs, inputs].
size_t winnow_packed_linear_f32_count(size_t outputs, size_t inputs);

/// Packs rows [first, first + count) of a weight matrix [outputs, inputs] into panels. `first` is a multiple of 32; rows
/// lie `inputs` apart in `rows`. Writes whole panels, zeros where `count` is no multiple of 32.
void winnow_pack_linear_f32(const float *rows, size_t first, size_t count, size_t inputs, float *panels);

/// The variant in use: the best that the processor has, or the one that WINNOW_KERNELS names. Decided once. When
/// WINNOW_KERNELS names none of winnow_kernels_available, the choice is as without it; see winnow_kernels_refused_request.
const winnow_kernels *winnow_kernels_active(void);

/// The i-th variant that this build has and this processor runs, best first; NULL past the last.
const winnow_kernels *winnow_kernels_available(size_t index);

/// The value of WINNOW_KERNELS when it names no variant that runs here, so that callers can refuse it; else NULL.
const char *winnow_kernels_refused_request(void);

/// What the processor offers, such as "avx2 fma avx512f avx512vnni"; a constant string.
const char *winnow_processor_features(void);

// MARK: - Postings

/// Bytes of `count` values of `width` bits.
static inline size_t winnow_packed_bits_count(size_t count, unsigned width) { return (count * width + 7) / 8; }

/// Unpacks `count` values of `width` bits (0 to 32), the lowest bit of the first byte first. Reads the
/// winnow_packed_bits_count bytes and up to 7 behind them, which must be readable.
void winnow_unpack_bits(const uint8_t *bytes, unsigned width, size_t count, uint32_t *values);

/// The inverse; writes winnow_packed_bits_count bytes. Values fit in `width` bits.
void winnow_pack_bits(const uint32_t *values, unsigned width, size_t count, uint8_t *bytes);

/// Whether this processor has an instruction for CRC-32C.
bool winnow_has_crc32c(void);

/// The state of a CRC-32C after more bytes, where winnow_has_crc32c(); neither the first state nor the value is inverted here.
uint32_t winnow_crc32c(uint32_t state, const void *bytes, size_t count);

/// sums[places[i]] += weight · values[i], rounded as `add_scaled_u16` of the variants does.
void winnow_add_scaled_at(float *sums, const uint16_t *places, const uint16_t *values, size_t count, float weight);

/// found[i]: where wanted[i] stands among the postings from `start` to `end`, or −1. Both are ascending, the postings without
/// repetition; `end` is at most INT32_MAX.
void winnow_find_places(const uint16_t *postings, size_t start, size_t end, const uint16_t *wanted, size_t wanted_count,
                        int32_t *found);

/// A value that at least `wanted` of the sums reach, and where they are in no order not many more do: about the `wanted`-th largest
/// of the largest ones of groups of sums. 0 when it has none to say: fewer groups have a sum above 0, or `count` / 4 is less than
/// `wanted` or `count` more than 4,096. No sum is negative, infinite or NaN.
float winnow_reached_by(const float *sums, size_t count, size_t wanted);

// MARK: - Memory

/// A boundary at which large pages may start.
#define WINNOW_LARGE_PAGE (2u << 20)

/// Asks for large pages in memory at a WINNOW_LARGE_PAGE boundary that nobody has written yet. What the system will not give
/// stays as it was.
void winnow_use_large_pages(void *memory, size_t bytes);

/// Asks for memory that is read soon; for nothing where there is none.
static inline void winnow_fetch_soon(const void *memory, size_t bytes) {
    for (size_t line = 0; line < bytes; line += 64)
        __builtin_prefetch((const void *)((uintptr_t)memory + line), 0, 3);
}

// MARK: - The worker pool

/// Most threads that a pool may have; a worker's index is below it.
#define WINNOW_POOL_MAX_THREADS 256

typedef struct winnow_pool winnow_pool;

/// Processors that this process may use: the affinity mask, cut by the cgroup's quota; at least 1.
unsigned winnow_processor_count(void);

/// The one pool of the process; its threads start at the first submission and stay until the process ends.
winnow_pool *winnow_pool_shared(void);

/// A pool of its own, for tests that must know how many threads there are and who uses them; programs have the shared one.
/// - Returns: NULL when there is no memory.
winnow_pool *winnow_pool_create(unsigned threads);

/// Ends a pool of winnow_pool_create whose jobs have all finished.
void winnow_pool_destroy(winnow_pool *pool);

/// Threads of the pool that sleep until somebody submits: all that were started, when there is no work.
unsigned winnow_pool_sleeping(winnow_pool *pool);

/// Makes sure that the pool may run `threads` tasks at once (at most WINNOW_POOL_MAX_THREADS); never shrinks it.
void winnow_pool_reserve(winnow_pool *pool, unsigned threads);

/// Threads that the pool has or will start at the next submission.
unsigned winnow_pool_threads(const winnow_pool *pool);

/// Work in stages: no task of a stage starts before every task of the stage before it is done.
typedef struct winnow_pool_chain {
    /// Tasks of each stage, at least 1 each; copied by the submission.
    const size_t *tasks;
    size_t stages;
} winnow_pool_chain;

typedef struct winnow_pool_task {
    size_t chain, stage, task;
} winnow_pool_task;

/// Runs `run(context, task, worker)` for every task of every chain, at most `limit` at once (0: as many as the pool has), then
/// `finished(context)` once, on a worker. Returns at once. Of what may start, tasks of an earlier chain start first, and
/// within a stage lower ones. Several jobs take turns task by task, but an open later stage comes before all first stages: a
/// job that was begun is not put off at each of its stages. All that a task wrote, the next stage's tasks see.
/// `worker` names the thread: no two tasks that run at the same time see the same index. Both functions may submit in turn;
/// waiting for another job inside of them can deadlock. Without tasks, `finished` is called at once on the caller's thread.
/// Between jobs workers sleep; between the stages of a job those that ran its tasks wait awake, for 50 µs at most.
/// A child made by fork() has none of the threads: it must exec, or never submit.
/// - Returns: false when no thread could be started and nothing will run, `finished` neither.
bool winnow_pool_submit(winnow_pool *pool, const winnow_pool_chain *chains, size_t chain_count, unsigned limit,
                        void (*run)(void *context, winnow_pool_task task, unsigned worker),
                        void (*finished)(void *context), void *context);

/// Runs `run(context, task)` for every task in 0..<tasks on this thread and up to `threads` - 1 of the pool's, and returns when
/// all are done. Never waits for a task that nobody has started: it can be called from anywhere, tasks of the pool included.
void winnow_pool_run(winnow_pool *pool, size_t tasks, unsigned threads, void (*run)(void *context, size_t task),
                     void *context);

#ifdef __cplusplus
}
#endif

#endif
