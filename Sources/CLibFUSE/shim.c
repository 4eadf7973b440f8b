// The four calls of libfuse that this project makes.
#define FUSE_USE_VERSION 34
#define _GNU_SOURCE
#include "CLibFUSE.h"

#include <fcntl.h>
#include <fuse3/fuse_log.h>
#include <fuse3/fuse_lowlevel.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct clibfuse_mount {
  struct fuse_session *session;
};

// libfuse logs through one process-wide function; starting exports is serial, so one buffer serves.
static char *log_buffer;
static size_t log_room;

static void keep_log(enum fuse_log_level level, const char *format, va_list arguments) {
  (void)level;
  if (!log_buffer || log_room <= 1) return;
  int length = vsnprintf(log_buffer, log_room, format, arguments);
  if (length < 0) return;
  size_t used = (size_t)length < log_room ? (size_t)length : log_room - 1;
  log_buffer += used;
  log_room -= used;
}

static void log_text(enum fuse_log_level level, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  keep_log(level, format, arguments);
  va_end(arguments);
}

// Who is not root mounts by fusermount3, a child that writes what it refuses to stderr. An attempt that may fail must
// print nothing, so its words become part of the log.
static int mount_quietly(struct fuse_session *session, const char *path) {
  char text[512];
  ssize_t length = 0;
  int heard = memfd_create("fusermount", MFD_CLOEXEC);
  int before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (heard >= 0 && before >= 0) dup2(heard, STDERR_FILENO);
  int outcome = fuse_session_mount(session, path);
  if (heard >= 0 && before >= 0) {
    dup2(before, STDERR_FILENO);
    length = pread(heard, text, sizeof text, 0);
  }
  if (length > 0) log_text(FUSE_LOG_ERR, "%.*s", (int)length, text);
  if (heard >= 0) close(heard);
  if (before >= 0) close(before);
  return outcome;
}

struct clibfuse_mount *clibfuse_mount(const char *path, const char *options, char *reason, uint32_t size) {
  static const struct fuse_lowlevel_ops none;
  char *arguments[] = {"fusebench", "-o", (char *)options, NULL};
  struct fuse_args args = FUSE_ARGS_INIT(3, arguments);
  struct clibfuse_mount *self = calloc(1, sizeof *self);
  reason[0] = 0;
  log_buffer = reason;
  log_room = size;
  fuse_set_log_func(keep_log);
  if (self && (self->session = fuse_session_new(&args, &none, sizeof none, NULL)) &&
      mount_quietly(self->session, path) != 0) {
    fuse_session_destroy(self->session);
    self->session = NULL;
  }
  fuse_opt_free_args(&args);
  log_buffer = NULL;
  if (!self || !self->session) {
    free(self);
    return NULL;
  }
  return self;
}

int32_t clibfuse_fd(const struct clibfuse_mount *self) { return fuse_session_fd(self->session); }

void clibfuse_destroy(struct clibfuse_mount *self) {
  // fuse_session_destroy closes the session's fd and keeps its copy of the mount point's path, which only
  // fuse_session_unmount frees. That unmounts, unless the fd says that the connection is gone (POLLERR): then it closes
  // the fd and frees the path (lib/fuse_lowlevel.c, lib/mount.c). A connection that lives on must not be unmounted.
  struct pollfd fd = {.fd = fuse_session_fd(self->session)};
  if (poll(&fd, 1, 0) == 1 && (fd.revents & POLLERR)) fuse_session_unmount(self->session);
  fuse_session_destroy(self->session);
  free(self);
}
