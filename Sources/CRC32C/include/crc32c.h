#ifndef HBCAT_CRC32C_H
#define HBCAT_CRC32C_H
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli) of `count` bytes, continued from `crc` (0 to begin).
///
/// By instruction where the processor has one, otherwise by tables.
uint32_t hbcat_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The same by tables, on every processor.
uint32_t hbcat_crc32c_portable(uint32_t crc, const void *bytes, size_t count);

/// The same by instruction in one lane; by tables where the processor has none.
uint32_t hbcat_crc32c_one_lane(uint32_t crc, const void *bytes, size_t count);

/// The CRC-32C of two pieces in a row, from the CRC of each and the length of the second.
uint32_t hbcat_crc32c_combine(uint32_t first, uint32_t second, size_t second_count);

/// How `hbcat_crc32c` works here: "sse4.2", "arm-crc" or "portable".
const char *hbcat_crc32c_path(void);

#endif
