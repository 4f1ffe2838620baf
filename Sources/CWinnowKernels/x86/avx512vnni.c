// AVX-512 with VNNI: int8 products of four inputs an instruction; everything else is AVX-512's.

#if defined(__x86_64__)

#include "../shared/winnow_internal.h"
#include <immintrin.h>
#include <math.h>
#include <string.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx512vnni,fma,avx2"))), apply_to = function)

#define WIDTH 16
#define TILE_ROWS 12
#define NAME(x) winnow_avx512vnni_##x
#define HAS_VNNI 1
#define HAS_BF16 0
#define DOT_BYTES(sum, u, s) (sums_i32) _mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(u), (__m512i)(s))
#include "integer_vnni_body.inc.h"
#include "../shared/vector_basics.inc.h"
#include "avx512_dots.inc.h"
#include "../shared/lossy_body.inc.h"
#include "../shared/attention_i8.inc.h"
#include "../shared/roof_body.inc.h"

#pragma clang attribute pop

void winnow_fill_avx512vnni(winnow_kernels *table) {
    *table = winnow_kernels_avx512;
    table->name = "avx512vnni";
    table->dot_rows_i8i16 = NAME(dot_rows_i8i16);
    table->i8_group = I8_GROUP;
    table->has_vnni = true;
    table->linear_i8 = NAME(linear_i8);
    table->attention_i8 = NAME(attention_i8);
    table->quantize_rows = NAME(quantize_rows);
    table->layer_norm_i8 = NAME(layer_norm_i8);
    table->roof_i8 = NAME(roof_i8);
}

#endif
