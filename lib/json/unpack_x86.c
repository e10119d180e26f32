#include "json/unpack.h"

#if LAMBDEST__HAS_X86

#include "json/check_value.h"

#include <immintrin.h>
#include <string.h>

typedef struct bytes_2x32 {
    __m256i low;
    __m256i high;
} bytes_2x32;

LAMBDEST__INLINE LAMBDEST__AVX2 uint64_t equal(bytes_2x32 b, char c)
{
    __m256i wanted = _mm256_set1_epi8(c);
    uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b.low, wanted));
    uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b.high, wanted));

    return low | (uint64_t)high << 32;
}

/* The backslashes that escape something, which are every other one of a run. Adding its first bit to a run
 * that begins at an even place clears it: the others are the runs that begin at an odd one. */
LAMBDEST__INLINE LAMBDEST__AVX2 uint64_t escaping(uint64_t slash)
{
    const uint64_t even = UINT64_C(0x5555555555555555);
    uint64_t starts = slash & ~(slash << 1);
    uint64_t from_even = slash & ~(slash + (starts & even));

    return (from_even & even) | (slash & ~from_even & ~even);
}

/* Of four bytes those that are kept, by the bits of those that are not: where they are, 8 times how many. */
static const uint32_t kept_at[16] = {0x03020100, 0x030201, 0x030200, 0x0302, 0x030100, 0x0301, 0x0300, 0x03,
                                     0x020100,   0x0201,   0x0200,   0x02,   0x0100,   0x01,   0x00,   0x00};
static const uint8_t kept_bits[16] = {32, 24, 24, 16, 24, 16, 16, 8, 24, 16, 16, 8, 16, 8, 8, 0};

/* Eight bytes without those that `drop` names; eight are written. */
LAMBDEST__INLINE LAMBDEST__AVX2 unsigned char *put_kept(const unsigned char *p, unsigned drop,
                                                        unsigned char *to)
{
    unsigned low = drop & 15, high = drop >> 4;
    uint64_t at = kept_at[low] | (uint64_t)(kept_at[high] + 0x04040404) << kept_bits[low];
    __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)p);

    /* With no byte of the first four left a shift by 0 is right as well. */
    bytes = _mm_shuffle_epi8(bytes, _mm_cvtsi64_si128((long long)at));
    _mm_storel_epi64((__m128i *)(void *)to, bytes);
    return to + 8 - _mm_popcnt_u32(drop);
}

/* The first n bytes of a block without those that `drop` names. The ones behind them are still to be read,
 * and stay as they are. */
LAMBDEST__INLINE LAMBDEST__AVX2 unsigned char *put_first(const unsigned char *p, int n, uint64_t drop,
                                                         unsigned char *to)
{
    int i;

    for (i = 0; i + 8 <= n; i += 8, drop >>= 8)
        to = put_kept(p + i, drop & 0xFF, to);
    for (; i < n; i++, drop >>= 1) {
        *to = p[i];
        to += ~drop & 1;
    }
    return to;
}

/* A byte for each bit. */
LAMBDEST__INLINE LAMBDEST__AVX2 __m256i spread(uint32_t bits)
{
    const __m256i by_byte = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i each = _mm256_set1_epi64x((long long)UINT64_C(0x8040201008040201));
    __m256i spread = _mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), by_byte), each);

    return _mm256_cmpeq_epi8(spread, each);
}

/* What turns a letter into what it stands for behind a backslash; 0 where there is another byte. */
LAMBDEST__INLINE LAMBDEST__AVX2 __m256i turn_letter(__m256i b, char letter, char into)
{
    return _mm256_and_si256(_mm256_cmpeq_epi8(b, _mm256_set1_epi8(letter)),
                            _mm256_set1_epi8((char)(letter ^ into)));
}

/* The white space that the letters n, r and t stand for where `bits` names them. */
LAMBDEST__INLINE LAMBDEST__AVX2 __m256i turn_letters(__m256i b, uint32_t bits)
{
    __m256i turns = _mm256_or_si256(_mm256_or_si256(turn_letter(b, 'n', '\n'), turn_letter(b, 'r', '\r')),
                                    turn_letter(b, 't', '\t'));

    return _mm256_xor_si256(b, _mm256_and_si256(turns, spread(bits)));
}

LAMBDEST__INLINE LAMBDEST__AVX2 void put_all(bytes_2x32 b, unsigned char *to)
{
    _mm256_storeu_si256((__m256i *)(void *)to, b.low);
    _mm256_storeu_si256((__m256i *)(void *)(to + 32), b.high);
}

LAMBDEST__AVX2 const unsigned char *lambdest__unpack_avx2(const unsigned char *p, const unsigned char *end,
                                                          unsigned char **out)
{
    unsigned char *to = *out, turned[64];
    uint64_t escaped = 0; /* the first byte is, by the last one before */
    int n;

    for (; end - p >= LAMBDEST__UNPACK_LEAST; p += n) {
        const unsigned char *from = p;
        bytes_2x32 b = {_mm256_loadu_si256((const __m256i *)(const void *)p),
                        _mm256_loadu_si256((const __m256i *)(const void *)(p + 32))};
        uint64_t slash = equal(b, '\\'), drop, letters, space, other;

        n = 64;
        if (!(slash | escaped)) {
            put_all(b, to);
            to += 64;
            continue;
        }
        drop = escaping(slash & ~escaped);
        space = equal(b, 'n') | equal(b, 'r') | equal(b, 't');
        letters = (drop << 1 | escaped) & ~(slash | equal(b, '"') | equal(b, '/'));
        if (letters) {
            b.low = turn_letters(b.low, (uint32_t)letters);
            b.high = turn_letters(b.high, (uint32_t)(letters >> 32));
            put_all(b, turned);
            from = turned;
        }
        other = letters & ~space;
        if (other) {
            n = (int)LAMBDEST__LOW_BIT(other) - 1; /* its backslash may be the last byte before */
            *out = put_first(from, n, drop, to);
            return p + n;
        }
        escaped = drop >> 63;
        if (escaped && to == p) { /* in place, and nothing left out yet: it would be written over */
            n = 63;
            escaped = 0;
        }
        to = put_first(from, n, drop, to);
    }
    *out = to;
    return p - escaped;
}

#endif
