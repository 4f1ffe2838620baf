// AVX2 with AVX-VNNI, for processors without AVX-512: int8 products of four inputs an instruction.

#if defined(__x86_64__)

#include "../shared/winnow_internal.h"
#include <immintrin.h>
#include <math.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,avxvnni"))), apply_to = function)

#define WIDTH 8
#define TILE_ROWS 6
#define NAME(x) winnow_avxvnni_##x
#define HAS_VNNI 1
#define DOT_BYTES(sum, u, s) (sums_i32) _mm256_dpbusd_avx_epi32((__m256i)(sum), (__m256i)(u), (__m256i)(s))
#include "integer_vnni_body.inc.h"
#include "../shared/vector_basics.inc.h"
#include "avx2_dots.inc.h"
#include "../shared/lossy_body.inc.h"
#include "../shared/attention_i8.inc.h"
#include "../shared/roof_body.inc.h"

#pragma clang attribute pop

void winnow_fill_avxvnni(winnow_kernels *table) {
    *table = winnow_kernels_avx2;
    table->name = "avxvnni";
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
