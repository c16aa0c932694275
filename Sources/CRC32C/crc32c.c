#include "crc32c.h"
uint32_t hbcat_crc32c(uint32_t crc, const void *bytes, size_t count) {
  const uint8_t *p = bytes; crc = ~crc;
  while (count--) { crc ^= *p++; for (int i = 0; i < 8; i++) crc = (crc >> 1) ^ (0x82f63b78u & -(crc & 1)); }
  return ~crc;
}
