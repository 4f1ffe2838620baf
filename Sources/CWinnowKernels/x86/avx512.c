// AVX-512 (F, VL, DQ, BW): tiles of 12 × 32. Integer products are widened to 16 bits.

#if defined(__x86_64__)

#include "../shared/winnow_internal.h"
#include <immintrin.h>
#include <math.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,fma,avx2"))), apply_to = function)

#define WIDTH 16
#define TILE_ROWS 12
#define VARIANT "avx512"
#define NAME(x) winnow_avx512_##x
#define winnow_avx512_kernels winnow_kernels_avx512
#define HAS_VNNI 0
#define HAS_BF16 0
#define MADD(a, b) (sums_i32) _mm512_madd_epi16((__m512i)(a), (__m512i)(b))
#include "integer_body.inc.h"
#include "../shared/vector_basics.inc.h"
#include "avx512_dots.inc.h"
#include "../shared/lossy_body.inc.h"
#include "../shared/roof_body.inc.h"
#include "../shared/vector_body.inc.h"

#pragma clang attribute pop

#endif
