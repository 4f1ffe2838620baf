// Integer products and conversions with AVX-512: what lossy_body.inc.h asks for.

INLINE vi round_i32(vf x) { return (vi)_mm512_cvtps_epi32((__m512)x); }
INLINE vf within_four(vf x) {
    // The smaller magnitude with the sign of x, in one instruction.
    return (vf)_mm512_range_ps((__m512)x, _mm512_set1_ps(4.0f), 2);
}

/// Two vectors of floats to 32 values of bfloat16, in order.
INLINE void store_bf16(uint16_t *p, vf low, vf high) {
#if HAS_BF16
    _mm512_storeu_si512(p, (__m512i)_mm512_cvtne2ps_pbh((__m512)high, (__m512)low));
#else
    // Nobody asks for bfloat16 where there is no arithmetic for it.
    (void)p, (void)low, (void)high;
#endif
}

#if HAS_VNNI
#define I8_GROUP 4
INLINE vi weights_i8(const int8_t *p) { return (vi)_mm512_loadu_si512(p); }
INLINE vi spread_i8(const uint8_t *p) {
    int32_t four;
    memcpy(&four, p, sizeof four);
    return (vi)_mm512_set1_epi32(four);
}
INLINE vi dot_i8(vi sum, vi codes, vi weights) {
    return (vi)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)codes, (__m512i)weights);
}
#else
// Widened to 16 bits: vpmaddubsw would saturate (255 · 127 · 2 is more than 32,767) and give other sums.
#define I8_GROUP 2
INLINE vi weights_i8(const int8_t *p) { return (vi)_mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)p)); }
INLINE vi spread_i8(const uint16_t *p) {
    int32_t two;
    memcpy(&two, p, sizeof two);
    return (vi)_mm512_set1_epi32(two);
}
INLINE vi dot_i8(vi sum, vi codes, vi weights) {
    return sum + (vi)_mm512_madd_epi16((__m512i)codes, (__m512i)weights);
}
#endif

/// The larger one, the second where the first is NaN: one instruction, where `max_` takes three to have it either way.
INLINE vf max_number(vf x, vf most) { return (vf)_mm512_max_ps((__m512)x, (__m512)most); }

/// 2^t by the instructions that take t apart: p(t − ⌊t⌋) · 2^⌊t⌋, p the cubic of exp2_rough moved to 0…1 (relative error 7.5e-5).
/// 0 for −∞ and for all below float32, NaN for NaN.
INLINE vf exp2_weight(vf t) {
    vf f = (vf)_mm512_reduce_ps((__m512)t, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    vf p = splat(0.07802451662483056f);
    p = fma_(p, f, splat(0.22606716857814624f));
    p = fma_(p, f, splat(0.6958335067829806f));
    p = fma_(p, f, splat(0.9999252097666591f));
    return (vf)_mm512_scalef_ps((__m512)p, (__m512)t);
}

#if HAS_VNNI
/// The digits of 32 weights of 16 bits: the lower bytes to `low`, the upper ones to `high`. Within them come, for every 4 lanes, those
/// of the first vector and then those of the second.
INLINE void store_digits(uint8_t *low, uint8_t *high, vi first, vi second) {
    __m512i words = _mm512_packus_epi32((__m512i)first, (__m512i)second);
    _mm256_storeu_si256((__m256i *)low, _mm512_cvtepi16_epi8(words));
    _mm256_storeu_si256((__m256i *)high, _mm512_cvtepi16_epi8(_mm512_srli_epi16(words, 8)));
}
#endif
