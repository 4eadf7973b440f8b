// The only file that is compiled with _GNU_SOURCE: in a header it would change the types that Glibc's module has.
#define _GNU_SOURCE
#include "CProbe.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <unistd.h>

int probe_fallocate(int descriptor, int mode, int64_t offset, int64_t length) {
  return fallocate(descriptor, mode, offset, length);
}

const int probe_O_DIRECT = O_DIRECT;
const int probe_SEEK_DATA = SEEK_DATA;
const int probe_SEEK_HOLE = SEEK_HOLE;
const int probe_FALLOC_KEEP_SIZE = FALLOC_FL_KEEP_SIZE;
const int probe_FALLOC_PUNCH_HOLE = FALLOC_FL_PUNCH_HOLE;
const int probe_FALLOC_COLLAPSE_RANGE = FALLOC_FL_COLLAPSE_RANGE;
const int probe_FALLOC_ZERO_RANGE = FALLOC_FL_ZERO_RANGE;
const int probe_FALLOC_INSERT_RANGE = FALLOC_FL_INSERT_RANGE;
const int probe_FALLOC_UNSHARE_RANGE = FALLOC_FL_UNSHARE_RANGE;
