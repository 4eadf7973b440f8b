// The four calls of libfuse that this project makes.
#define FUSE_USE_VERSION 34
#define _GNU_SOURCE
#include "CLibFUSE.h"

#include <fuse3/fuse_log.h>
#include <fuse3/fuse_lowlevel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
      fuse_session_mount(self->session, path) != 0) {
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
  // fuse_session_destroy closes the session's fd; it unmounts only in fuse_session_unmount, not called here.
  fuse_session_destroy(self->session);
  free(self);
}
