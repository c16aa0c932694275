#include "crc32c.h"

#include <pthread.h>
#include <string.h>

// Polynomials modulo P are 32 bits, reflected: bit 31 is x^0.
#define P 0x82f63b78u

// ---- Arithmetic modulo P, for putting pieces together ----

// a * b mod P.
static uint32_t multiply(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (int i = 31; i >= 0; i--) {
    product ^= b & -((a >> i) & 1);
    b = (b >> 1) ^ (P & -(b & 1));
  }
  return product;
}

// x^(2^k) mod P; it repeats with period 31.
static const uint32_t squares[32] = {
    0x40000000, 0x20000000, 0x08000000, 0x00800000, 0x00008000, 0x82f63b78, 0x6ea2d55c, 0x18b8ea18,
    0x510ac59a, 0xb82be955, 0xb8fdb1e7, 0x88e56f72, 0x74c360a4, 0xe4172b16, 0x0d65762a, 0x35d73a62,
    0x28461564, 0xbf455269, 0xe2ea32dc, 0xfe7740e6, 0xf946610b, 0x3c204f8f, 0x538586e3, 0x59726915,
    0x734d5309, 0xbc1ac763, 0x7d0722cc, 0xd289cabe, 0xe94ca9bc, 0x05b74f3f, 0xa51e1f42, 0x40000000};

uint32_t hbcat_crc32c_combine(uint32_t first, uint32_t second, size_t second_count) {
  // Moves `first` up by 8 * second_count bits: one factor per bit set in the count.
  for (unsigned k = 3; second_count; second_count >>= 1, k = k == 30 ? 0 : k + 1)
    if (second_count & 1) first = multiply(squares[k], first);
  return first ^ second;
}

// ---- By tables: eight bytes a step ----

static uint32_t tables[8][256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void make_tables(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (P & -(crc & 1));
    tables[0][i] = crc;
  }
  for (int t = 1; t < 8; t++)
    for (int i = 0; i < 256; i++)
      tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xff];
}

uint32_t hbcat_crc32c_portable(uint32_t crc, const void *bytes, size_t count) {
  pthread_once(&tables_once, make_tables);
  const uint8_t *p = bytes;
  crc = ~crc;
  while (count >= 8) {
    uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                          (uint32_t)p[3] << 24);
    crc = tables[7][low & 0xff] ^ tables[6][low >> 8 & 0xff] ^ tables[5][low >> 16 & 0xff] ^
          tables[4][low >> 24] ^ tables[3][p[4]] ^ tables[2][p[5]] ^ tables[1][p[6]] ^
          tables[0][p[7]];
    p += 8;
    count -= 8;
  }
  while (count--) crc = (crc >> 8) ^ tables[0][(crc ^ *p++) & 0xff];
  return ~crc;
}

// ---- By instruction ----
//
// The instruction takes three cycles but starts every cycle, so three lanes are three times as fast.
// Lanes of a block are put together by multiplication with x^(8 * lane) and x^(16 * lane).

#if defined(__x86_64__)
#include <immintrin.h>
#define HARDWARE "sse4.2"
#define TARGET __attribute__((target("sse4.2,pclmul")))
#define STEP8(crc, p) ((uint32_t)_mm_crc32_u64((crc), load8(p)))
#define STEP1(crc, byte) _mm_crc32_u8((crc), (byte))
static int has_hardware(void) {
  return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
}
// The product of two reflected factors, read as 64 reflected bits, is a * b * x, and the instruction
// multiplies by x^32 while it reduces: so factors here are x^(n - 33).
#define FACTOR_8192 0x54a86326u
#define FACTOR_16384 0x1dc403ccu
#define FACTOR_1024 0x170076fau
#define FACTOR_2048 0xa51b6135u
#define SHIFT(crc, factor)                                                                     \
  ((uint32_t)_mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(                \
                                  _mm_cvtsi32_si128((int)(crc)), _mm_cvtsi32_si128((int)(factor)), 0))))
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#define HARDWARE "arm-crc"
#define TARGET
#define STEP8(crc, p) __crc32cd((crc), load8(p))
#define STEP1(crc, byte) __crc32cb((crc), (byte))
static int has_hardware(void) { return 1; }
#define FACTOR_8192 0x28461564u
#define FACTOR_16384 0xbf455269u
#define FACTOR_1024 0xe4172b16u
#define FACTOR_2048 0x0d65762au
#define SHIFT(crc, factor) multiply((factor), (crc))
#endif

#ifdef HARDWARE
static inline uint64_t load8(const uint8_t *p) {
  uint64_t word;
  memcpy(&word, p, 8);
  return word;
}

TARGET static uint32_t one_lane(uint32_t crc, const uint8_t *p, size_t count) {
  for (; count >= 8; p += 8, count -= 8) crc = STEP8(crc, p);
  for (; count; p++, count--) crc = STEP1(crc, *p);
  return crc;
}

#define LANES(lane, factor, factor_twice)                                    \
  while (count >= 3 * (lane)) {                                              \
    uint32_t second = 0, third = 0;                                          \
    for (const uint8_t *end = p + (lane); p < end; p += 8) {                 \
      crc = STEP8(crc, p);                                                   \
      second = STEP8(second, p + (lane));                                    \
      third = STEP8(third, p + 2 * (lane));                                  \
    }                                                                        \
    crc = SHIFT(crc, factor_twice) ^ SHIFT(second, factor) ^ third;          \
    p += 2 * (lane);                                                         \
    count -= 3 * (lane);                                                     \
  }

TARGET static uint32_t three_lanes(uint32_t crc, const uint8_t *p, size_t count) {
  LANES((size_t)8192, FACTOR_8192, FACTOR_16384)
  LANES((size_t)1024, FACTOR_1024, FACTOR_2048)
  return one_lane(crc, p, count);
}
#endif

uint32_t hbcat_crc32c(uint32_t crc, const void *bytes, size_t count) {
#ifdef HARDWARE
  if (has_hardware()) return ~three_lanes(~crc, bytes, count);
#endif
  return hbcat_crc32c_portable(crc, bytes, count);
}

uint32_t hbcat_crc32c_one_lane(uint32_t crc, const void *bytes, size_t count) {
#ifdef HARDWARE
  if (has_hardware()) return ~one_lane(~crc, bytes, count);
#endif
  return hbcat_crc32c_portable(crc, bytes, count);
}

const char *hbcat_crc32c_path(void) {
#ifdef HARDWARE
  if (has_hardware()) return HARDWARE;
#endif
  return "portable";
}
