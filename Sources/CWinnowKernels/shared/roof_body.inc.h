// What the registers alone could do: chains of one multiply-add instruction, enough of them to hide its latency, and nothing
// else. The share of it that a forward pass reaches says how much is left to gain.
//
// The including file has vector_basics.inc.h and dot_i8.

enum { NAME(roof_chains) = WIDTH == 16 ? 16 : 8 };

/// Runs `rounds` of STEP on every chain; VALUE is a vector that the compiler must not see through.
#define ROOF_LOOP(STEP)                                                                       \
    for (uint64_t round = 0; round < rounds; round++) {                                       \
        _Pragma("clang loop unroll(full)") for (int i = 0; i < NAME(roof_chains); i++) STEP;  \
        _Pragma("clang loop unroll(full)") for (int i = 0; i < NAME(roof_chains); i++)        \
            __asm__ volatile("" : "+v"(chain[i]));                                            \
    }

static uint64_t NAME(roof_i8)(uint64_t rounds) {
    vi chain[NAME(roof_chains)] = {0}, codes = (vi)0x01010101, weights = (vi)0x01010101;
    __asm__ volatile("" : "+v"(codes), "+v"(weights));
    // A product that is the same each time would be taken out of the loop.
#define DOT(I)                                \
    {                                         \
        __asm__ volatile("" : "+v"(weights)); \
        chain[I] = dot_i8(chain[I], codes, weights); \
    }
    ROOF_LOOP(DOT(i))
#undef DOT
    return rounds * NAME(roof_chains) * WIDTH * I8_GROUP * 2;
}
