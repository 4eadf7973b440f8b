// liburing for Swift: what the importer cannot see (inline functions over feature macros, the command
// area of a 128-byte entry) behind plain functions. A ring belongs to the thread that created it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct cliburing;

// How a file descriptor is polled.
enum __attribute__((flag_enum, enum_extensibility(open), swift_name("PollFlags"))) cliburing_poll_flags : uint32_t {
  // Wakes one of several waiters only (EPOLLEXCLUSIVE).
  CLIBURING_POLL_EXCLUSIVE __attribute__((swift_name("exclusive"))) = 1,
};

// One completion, copied out of the ring.
struct cliburing_completion {
  uint64_t user_data;
  int32_t result;
  uint32_t flags;
};

// Makes a ring of 128-byte entries, single issuer, task work deferred to this thread's own waits; registers
// its fd and a sparse table of `files` fixed files. NULL with *error = -errno and *step = what failed.
struct cliburing *cliburing_create(uint32_t entries, uint32_t completions, uint32_t files, int32_t *error,
                             const char **step);
void cliburing_destroy(struct cliburing *ring);

// Puts `fd` (or -1) into the fixed file table; 0 or -errno.
int32_t cliburing_set_file(struct cliburing *ring, uint32_t index, int32_t fd);

// Each of the following prepares one entry; when the queue is full it submits first. 0, or -errno of that
// submit. `file` is an index of the fixed file table.
int32_t cliburing_read(struct cliburing *ring, int32_t file, void *buffer, uint32_t length, uint64_t offset,
                    uint64_t user_data);
int32_t cliburing_write(struct cliburing *ring, int32_t file, const void *buffer, uint32_t length, uint64_t offset,
                     uint64_t user_data);
int32_t cliburing_datasync(struct cliburing *ring, int32_t file, uint64_t user_data);
int32_t cliburing_fallocate(struct cliburing *ring, int32_t file, int32_t mode, uint64_t offset, uint64_t length,
                         uint64_t user_data);
int32_t cliburing_ftruncate(struct cliburing *ring, int32_t file, uint64_t length, uint64_t user_data);
// Completes with -ETIME after `nanoseconds`; the time is read when the entry is submitted, from `*storage`.
int32_t cliburing_timeout(struct cliburing *ring, int64_t storage[2], uint64_t nanoseconds, uint64_t user_data);
// One poll for input on a plain fd.
int32_t cliburing_poll(struct cliburing *ring, int32_t fd, enum cliburing_poll_flags flags, uint64_t user_data);
// Takes a prepared poll back by its user data.
int32_t cliburing_poll_remove(struct cliburing *ring, uint64_t target, uint64_t user_data);
// FUSE over io_uring: a URING_CMD whose command area holds queue and commit id. `iovecs` (two of them:
// header block, payload) only for REGISTER.
int32_t cliburing_fuse_command(struct cliburing *ring, int32_t file, uint32_t command, uint16_t queue,
                               uint64_t commit_id, const void *iovecs, uint64_t user_data);

// Submits what is prepared and waits for `wait` completions (0: only runs what is due). >= 0 or -errno.
int32_t cliburing_submit(struct cliburing *ring, uint32_t wait);
// Runs deferred task work without submitting or waiting, so that completions become visible.
int32_t cliburing_get_events(struct cliburing *ring);
// Whether there are completions, or task work that would make some: a look at shared memory only.
bool cliburing_has_pending(struct cliburing *ring);
// Copies up to `max` completions out and frees their places; returns how many.
uint32_t cliburing_reap(struct cliburing *ring, struct cliburing_completion *out, uint32_t max);
// Whether the kernel's ring knows IORING_OP_FTRUNCATE (6.9 and later).
bool cliburing_has_ftruncate(struct cliburing *ring);
