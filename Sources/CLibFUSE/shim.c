// The calls of libfuse that this project makes, found at run time: the library's soname is not the same everywhere
// (libfuse3.so.3 until 3.16, libfuse3.so.4 since 3.17), these calls are, and one program serves both.
#define FUSE_USE_VERSION 34
#define _GNU_SOURCE
#include "CLibFUSE.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse_log.h>
#include <fuse3/fuse_lowlevel.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct clibfuse_mount {
  struct fuse_session *session;
};

// As fuse_lowlevel.h, fuse_log.h and fuse_opt.h declare them; newer headers wrap fuse_session_new in a function of
// their own, and the libraries keep the plain one (version FUSE_3.0).
static struct {
  struct fuse_session *(*session_new)(struct fuse_args *, const struct fuse_lowlevel_ops *, size_t, void *);
  int (*session_mount)(struct fuse_session *, const char *);
  int (*session_fd)(struct fuse_session *);
  void (*session_unmount)(struct fuse_session *);
  void (*session_destroy)(struct fuse_session *);
  void (*set_log_func)(fuse_log_func_t);
  void (*opt_free_args)(struct fuse_args *);
} libfuse;

// The name of the first call that `library` lacks, or NULL when all are found.
static const char *find_calls(void *library) {
  const struct {
    const char *name;
    void *place;
  } calls[] = {
      {"fuse_session_new", &libfuse.session_new},         {"fuse_session_mount", &libfuse.session_mount},
      {"fuse_session_fd", &libfuse.session_fd},           {"fuse_session_destroy", &libfuse.session_destroy},
      {"fuse_session_unmount", &libfuse.session_unmount},
      {"fuse_set_log_func", &libfuse.set_log_func},       {"fuse_opt_free_args", &libfuse.opt_free_args},
  };
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    void *call = dlsym(library, calls[i].name);
    if (!call) return calls[i].name;
    memcpy(calls[i].place, &call, sizeof call);
  }
  return NULL;
}

// Loads libfuse once; 0, or -1 with the reason in `reason`. The library stays loaded: mounts point into it.
static int load_libfuse(char *reason, uint32_t size) {
  static const char *const names[] = {"libfuse3.so.4", "libfuse3.so.3"};
  static int is_loaded;
  void *library = NULL;
  size_t i = 0;
  if (is_loaded) return 0;
  while (!library && i < sizeof names / sizeof *names) library = dlopen(names[i++], RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    // Found and not loaded is another fault: no descriptor is free, no memory, another architecture.
    const char *why = dlerror();
    snprintf(reason, size, "%s: %s",
             strstr(why, strerror(ENOENT)) ? "libfuse3 is not installed (Debian: package fuse3, Fedora: fuse3-libs)"
                                           : "libfuse3 cannot be loaded", why);
    return -1;
  }
  const char *missing = find_calls(library);
  if (missing) {
    snprintf(reason, size, "libfuse3 is too old: %s has no %s; 3.7 or newer is needed", names[i - 1], missing);
    dlclose(library);
    return -1;
  }
  is_loaded = 1;
  return 0;
}

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
  int outcome = libfuse.session_mount(session, path);
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
  reason[0] = 0;
  if (load_libfuse(reason, size) != 0) return NULL;
  struct clibfuse_mount *self = calloc(1, sizeof *self);
  log_buffer = reason;
  log_room = size;
  libfuse.set_log_func(keep_log);
  // Of the operations the first two, which every version has: a library that knows fewer than the header would say so,
  // and 3.18 makes no session of none.
  if (self && (self->session = libfuse.session_new(&args, &none, offsetof(struct fuse_lowlevel_ops, lookup), NULL)) &&
      mount_quietly(self->session, path) != 0) {
    libfuse.session_destroy(self->session);
    self->session = NULL;
  }
  libfuse.opt_free_args(&args);
  log_buffer = NULL;
  if (!self || !self->session) {
    free(self);
    return NULL;
  }
  return self;
}

int32_t clibfuse_fd(const struct clibfuse_mount *self) { return libfuse.session_fd(self->session); }

void clibfuse_destroy(struct clibfuse_mount *self) {
  // fuse_session_destroy closes the session's fd and keeps its copy of the mount point's path, which only
  // fuse_session_unmount frees. That unmounts, unless the fd says that the connection is gone (POLLERR): then it closes
  // the fd and frees the path (lib/fuse_lowlevel.c, lib/mount.c). A connection that lives on must not be unmounted.
  struct pollfd fd = {.fd = libfuse.session_fd(self->session)};
  if (poll(&fd, 1, 0) == 1 && (fd.revents & POLLERR)) libfuse.session_unmount(self->session);
  libfuse.session_destroy(self->session);
  free(self);
}
