#ifndef HBCAT_CRC32C_H
#define HBCAT_CRC32C_H
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli) of `count` bytes, continued from `crc` (0 to begin).
uint32_t hbcat_crc32c(uint32_t crc, const void *bytes, size_t count);

#endif
