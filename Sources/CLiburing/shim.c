// Thin functions over liburing; see the header for their contract.
#define _GNU_SOURCE
#include "CLiburing.h"

#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

// Newer than liburing 2.3's own header.
enum { OP_FTRUNCATE = 55 };

struct cliburing {
  struct io_uring ring;
  bool has_ftruncate;
};

// ThreadSanitizer does not see liburing map and unmap its rings, since those are system calls of its own: a ring at the
// place where another thread's lay would look like shared memory. What it is told is what the kernel orders: a place is
// mapped again only after it was unmapped.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TELLS_RINGS 1
#endif
#endif
#ifdef TELLS_RINGS
void __tsan_acquire(void *address);
void __tsan_release(void *address);
static char unmapped;
static void tell_unmapping(void) { __tsan_release(&unmapped); }
static void tell_mapping(void) { __tsan_acquire(&unmapped); }
#else
static void tell_unmapping(void) {}
static void tell_mapping(void) {}
#endif

struct cliburing *cliburing_create(uint32_t entries, uint32_t completions, uint32_t files, int32_t *error,
                             const char **step) {
  struct cliburing *self = calloc(1, sizeof *self);
  struct io_uring_params params = {
      .flags = IORING_SETUP_SQE128 | IORING_SETUP_CQSIZE | IORING_SETUP_SINGLE_ISSUER |
               IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL,
      .cq_entries = completions,
  };
  *step = "io_uring_setup";
  *error = self ? io_uring_queue_init_params(entries, &self->ring, &params) : -ENOMEM;
  tell_mapping();
  if (*error < 0) {
    free(self);
    return NULL;
  }
  // The child of a fork must not keep the ring's mappings: it has no use for them, and user-mode-linux 7.2 panics
  // when it copies them.
  *step = "taking the ring's mappings out of forks";
  *error = io_uring_ring_dontfork(&self->ring);
  if (*error == 0) {
    *step = "registering the table of files";
    *error = io_uring_register_files_sparse(&self->ring, files);
  }
  if (*error == 0) {
    *step = "registering the ring's own descriptor";
    *error = io_uring_register_ring_fd(&self->ring);
    if (*error == 1) *error = 0;
  }
  if (*error < 0) {
    cliburing_destroy(self);
    return NULL;
  }
  struct io_uring_probe *probe = io_uring_get_probe_ring(&self->ring);
  self->has_ftruncate = probe && probe->last_op >= OP_FTRUNCATE &&
                        probe->ops_len > OP_FTRUNCATE && (probe->ops[OP_FTRUNCATE].flags & IO_URING_OP_SUPPORTED);
  io_uring_free_probe(probe);
  return self;
}

void cliburing_destroy(struct cliburing *self) {
  tell_unmapping();
  io_uring_queue_exit(&self->ring);
  free(self);
}

bool cliburing_has_ftruncate(struct cliburing *self) { return self->has_ftruncate; }

int32_t cliburing_set_file(struct cliburing *self, uint32_t index, int32_t fd) {
  int rc = io_uring_register_files_update(&self->ring, index, &fd, 1);
  return rc < 0 ? rc : 0;
}

// A free entry, all 128 bytes zero but for what is given.
static struct io_uring_sqe *entry(struct cliburing *self, int32_t *error, uint8_t opcode, int32_t file,
                                  uint64_t user_data) {
  struct io_uring_sqe *sqe = io_uring_get_sqe(&self->ring);
  if (!sqe) {
    int rc = io_uring_submit(&self->ring);
    sqe = io_uring_get_sqe(&self->ring);
    if (!sqe) {
      *error = rc < 0 ? rc : -EBUSY;
      return NULL;
    }
  }
  memset(sqe, 0, 128);
  sqe->opcode = opcode;
  sqe->flags = IOSQE_FIXED_FILE;
  sqe->fd = file;
  sqe->user_data = user_data;
  *error = 0;
  return sqe;
}

static int32_t transfer(struct cliburing *self, uint8_t opcode, int32_t file, const void *buffer, uint32_t length,
                        uint64_t offset, uint64_t user_data) {
  int32_t error;
  struct io_uring_sqe *sqe = entry(self, &error, opcode, file, user_data);
  if (!sqe) return error;
  sqe->addr = (uintptr_t)buffer;
  sqe->len = length;
  sqe->off = offset;
  return 0;
}

int32_t cliburing_read(struct cliburing *self, int32_t file, void *buffer, uint32_t length, uint64_t offset,
                    uint64_t user_data) {
  return transfer(self, IORING_OP_READ, file, buffer, length, offset, user_data);
}

int32_t cliburing_write(struct cliburing *self, int32_t file, const void *buffer, uint32_t length, uint64_t offset,
                     uint64_t user_data) {
  return transfer(self, IORING_OP_WRITE, file, buffer, length, offset, user_data);
}

int32_t cliburing_datasync(struct cliburing *self, int32_t file, uint64_t user_data) {
  int32_t error;
  struct io_uring_sqe *sqe = entry(self, &error, IORING_OP_FSYNC, file, user_data);
  if (sqe) sqe->fsync_flags = IORING_FSYNC_DATASYNC;
  return error;
}

int32_t cliburing_fallocate(struct cliburing *self, int32_t file, int32_t mode, uint64_t offset, uint64_t length,
                         uint64_t user_data) {
  int32_t error;
  struct io_uring_sqe *sqe = entry(self, &error, IORING_OP_FALLOCATE, file, user_data);
  if (!sqe) return error;
  sqe->len = (uint32_t)mode;
  sqe->off = offset;
  sqe->addr = length;
  return 0;
}

int32_t cliburing_ftruncate(struct cliburing *self, int32_t file, uint64_t length, uint64_t user_data) {
  int32_t error;
  struct io_uring_sqe *sqe = entry(self, &error, OP_FTRUNCATE, file, user_data);
  if (sqe) sqe->off = length;
  return error;
}

int32_t cliburing_timeout(struct cliburing *self, int64_t storage[2], uint64_t nanoseconds, uint64_t user_data) {
  int32_t error;
  struct io_uring_sqe *sqe = entry(self, &error, IORING_OP_TIMEOUT, -1, user_data);
  if (!sqe) return error;
  storage[0] = (int64_t)(nanoseconds / 1000000000);
  storage[1] = (int64_t)(nanoseconds % 1000000000);
  sqe->flags = 0;
  sqe->addr = (uintptr_t)storage;
  sqe->len = 1;
  return 0;
}

int32_t cliburing_poll(struct cliburing *self, int32_t fd, enum cliburing_poll_flags flags, uint64_t user_data) {
  int32_t error;
  struct io_uring_sqe *sqe = entry(self, &error, IORING_OP_POLL_ADD, fd, user_data);
  if (!sqe) return error;
  sqe->flags = 0;
  sqe->poll32_events = POLLIN | (flags & CLIBURING_POLL_EXCLUSIVE ? (uint32_t)EPOLLEXCLUSIVE : 0);
  return 0;
}

int32_t cliburing_poll_remove(struct cliburing *self, uint64_t target, uint64_t user_data) {
  int32_t error;
  struct io_uring_sqe *sqe = entry(self, &error, IORING_OP_POLL_REMOVE, -1, user_data);
  if (!sqe) return error;
  sqe->flags = 0;
  sqe->addr = target;
  return 0;
}

// Weak: tests of the loop put a stand-in for the kernel in its place (Tests/CKernelStandIn).
__attribute__((weak)) int32_t cliburing_fuse_command(struct cliburing *self, int32_t file, uint32_t command,
                                                     uint16_t queue, uint64_t commit_id, const void *iovecs,
                                                     uint64_t user_data) {
  // The kernel's struct fuse_uring_cmd_req: it begins at byte 48 of the entry.
  struct {
    uint64_t flags, commit_id;
    uint16_t qid;
    uint8_t padding[6];
  } request = {.commit_id = commit_id, .qid = queue};
  _Static_assert(sizeof request == 24, "fuse_uring_cmd_req has 24 bytes");
  int32_t error;
  struct io_uring_sqe *sqe = entry(self, &error, IORING_OP_URING_CMD, file, user_data);
  if (!sqe) return error;
  sqe->cmd_op = command;
  if (iovecs) {
    sqe->addr = (uintptr_t)iovecs;
    sqe->len = 2;
  }
  memcpy((char *)sqe + 48, &request, sizeof request);
  return 0;
}

int32_t cliburing_submit(struct cliburing *self, uint32_t wait) {
  return wait ? io_uring_submit_and_wait(&self->ring, wait) : io_uring_submit_and_get_events(&self->ring);
}

int32_t cliburing_get_events(struct cliburing *self) { return io_uring_get_events(&self->ring); }

bool cliburing_has_pending(struct cliburing *self) {
  return io_uring_cq_ready(&self->ring) ||
         (IO_URING_READ_ONCE(*self->ring.sq.kflags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW));
}

uint32_t cliburing_reap(struct cliburing *self, struct cliburing_completion *out, uint32_t max) {
  struct io_uring_cqe *cqe;
  unsigned head, count = 0;
  io_uring_for_each_cqe(&self->ring, head, cqe) {
    if (count == max) break;
    out[count++] = (struct cliburing_completion){cqe->user_data, cqe->res, cqe->flags};
  }
  io_uring_cq_advance(&self->ring, count);
  return count;
}
