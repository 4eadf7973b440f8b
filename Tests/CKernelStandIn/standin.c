// The stand-ins; see the header for their contract.
#define _GNU_SOURCE
#include "CKernelStandIn.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FDS = 4096, COMMANDS = 4096 };

static atomic_int errors[FDS][2], counts[FDS][2], failed[FDS][2];

void standin_fail(int32_t fd, enum standin_call call, int32_t error, int32_t count) {
  if (fd < 0 || fd >= FDS) return;
  failed[fd][call] = 0;
  errors[fd][call] = error;
  counts[fd][call] = count;
}

int32_t standin_failures_left(int32_t fd, enum standin_call call) { return counts[fd][call]; }
int32_t standin_failed(int32_t fd, enum standin_call call) { return failed[fd][call]; }

void standin_forget(int32_t fd) {
  if (fd < 0 || fd >= FDS) return;
  counts[fd][STANDIN_READ] = counts[fd][STANDIN_WRITE] = 0;
}

static int fails(int fd, enum standin_call call) {
  if (fd < 0 || fd >= FDS) return 0;
  int left = counts[fd][call];
  while (left) {
    if (left < 0 || atomic_compare_exchange_weak(&counts[fd][call], &left, left - 1)) {
      errno = errors[fd][call];
      failed[fd][call]++;
      return 1;
    }
  }
  return 0;
}

ssize_t read(int fd, void *buffer, size_t size) {
  return fails(fd, STANDIN_READ) ? -1 : syscall(SYS_read, fd, buffer, size);
}

ssize_t write(int fd, const void *buffer, size_t size) {
  return fails(fd, STANDIN_WRITE) ? -1 : syscall(SYS_write, fd, buffer, size);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct standin_command commands[COMMANDS];
static uint32_t first, count;

// Takes the place of CLiburing's, which is weak.
int32_t cliburing_fuse_command(void *ring, int32_t file, uint32_t command, uint16_t queue, uint64_t commit_id,
                               const void *iovecs, uint64_t user_data) {
  (void)ring, (void)file;
  struct standin_command given = {
      .command = command, .queue = queue, .commit_id = commit_id, .user_data = user_data};
  if (iovecs) {
    const struct iovec *parts = iovecs;
    given.header = parts[0].iov_base;
    given.header_length = parts[0].iov_len;
    given.payload = parts[1].iov_base;
    given.payload_length = parts[1].iov_len;
  }
  pthread_mutex_lock(&lock);
  int32_t outcome = count == COMMANDS ? -ENOMEM : 0;
  if (!outcome) commands[(first + count++) % COMMANDS] = given;
  pthread_mutex_unlock(&lock);
  return outcome;
}

uint32_t standin_take_commands(struct standin_command *out, uint32_t max) {
  pthread_mutex_lock(&lock);
  uint32_t taken = 0;
  while (taken < max && count) {
    out[taken++] = commands[first];
    first = (first + 1) % COMMANDS;
    count--;
  }
  pthread_mutex_unlock(&lock);
  return taken;
}
