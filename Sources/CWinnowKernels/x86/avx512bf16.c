// AVX-512 with VNNI and BF16: adds arithmetic in bfloat16, which attention under int8 uses too.

#if defined(__x86_64__)

#include "../shared/winnow_internal.h"
#include <immintrin.h>
#include <math.h>
#include <string.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx512vnni,avx512bf16,fma,avx2"))), apply_to = function)

#define WIDTH 16
#define TILE_ROWS 12
#define NAME(x) winnow_avx512bf16_##x
#define HAS_VNNI 1
#define HAS_BF16 1
#define DOT_BYTES(sum, u, s) (sums_i32) _mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(u), (__m512i)(s))
// What AMD's processors run (dispatch.c prefers avx512vnni where bfloat16 is slow, as on Intel's): one prefetch reads faster there than two.
#define SCAN_FAR_AHEAD 0
#define SCAN_NEAR_AHEAD 9216
#define SCAN_SPREADS 1
#include "integer_vnni_body.inc.h"
#include "../shared/vector_basics.inc.h"
#include "avx512_dots.inc.h"
#include "../shared/lossy_body.inc.h"
#include "../shared/attention_i8.inc.h"
#include "bf16_body.inc.h"
#include "../shared/roof_body.inc.h"

static uint64_t NAME(roof_bf16)(uint64_t rounds) {
    vf chain[NAME(roof_chains)] = {0};
    vi left = (vi)0x3f003f00, right = (vi)0x3e803e80;
    __asm__ volatile("" : "+v"(left), "+v"(right));
    ROOF_LOOP(chain[i] = dot_bf16(chain[i], left, right))
    return rounds * NAME(roof_chains) * WIDTH * 2 * 2;
}

#pragma clang attribute pop

void winnow_fill_avx512bf16(winnow_kernels *table) {
    *table = winnow_kernels_avx512;
    table->name = "avx512bf16";
    table->dot_rows_i8i16 = NAME(dot_rows_i8i16);
    table->i8_group = I8_GROUP;
    table->has_vnni = true;
    table->linear_i8 = NAME(linear_i8);
    table->attention_i8 = NAME(attention_i8);
    table->quantize_rows = NAME(quantize_rows);
    table->layer_norm_i8 = NAME(layer_norm_i8);
    table->roof_i8 = NAME(roof_i8);
    table->linear_bf16 = NAME(linear_bf16);
    table->attention_bf16 = NAME(attention_bf16);
    table->round_rows_bf16 = NAME(round_rows_bf16);
    table->layer_norm_bf16 = NAME(layer_norm_bf16);
    table->roof_bf16 = NAME(roof_bf16);
}

#endif
