// AVX2 with FMA: tiles of 6 × 16. Integer products are widened to 16 bits.

#if defined(__x86_64__)

#include "../shared/winnow_internal.h"
#include <immintrin.h>
#include <math.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define WIDTH 8
#define TILE_ROWS 6
#define VARIANT "avx2"
#define NAME(x) winnow_avx2_##x
#define winnow_avx2_kernels winnow_kernels_avx2
#define MADD(a, b) (sums_i32) _mm256_madd_epi16((__m256i)(a), (__m256i)(b))
#include "integer_body.inc.h"
#include "../shared/vector_basics.inc.h"
#include "avx2_dots.inc.h"
#include "../shared/lossy_body.inc.h"
#include "../shared/roof_body.inc.h"
#include "../shared/vector_body.inc.h"

#pragma clang attribute pop

#endif
