// Integer products and conversions with AVX-512: what lossy_body.inc.h asks for.

INLINE vi round_i32(vf x) { return (vi)_mm512_cvtps_epi32((__m512)x); }

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
INLINE vi spread_i8(const uint8_t *p) {
    int32_t two = (int32_t)p[0] | (int32_t)p[1] << 16;
    return (vi)_mm512_set1_epi32(two);
}
INLINE vi dot_i8(vi sum, vi codes, vi weights) {
    return sum + (vi)_mm512_madd_epi16((__m512i)codes, (__m512i)weights);
}
#endif
