// Preloaded into an export: counts what the steady state must not do. The counts lie in the file that
// FUSEBENCH_COUNTS names, so that a test can read them while the export serves.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// In the file, in this order.
enum { ALLOCATIONS, RETAINS, RELEASES, MUTEXES, KINDS };

static _Atomic uint64_t before_start[KINDS];
static _Atomic uint64_t *counts = before_start;

static void count(int kind) { atomic_fetch_add_explicit(&counts[kind], 1, memory_order_relaxed); }

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) { count(ALLOCATIONS); return __libc_malloc(size); }
void *calloc(size_t n, size_t size) { count(ALLOCATIONS); return __libc_calloc(n, size); }
void *realloc(void *old, size_t size) { count(ALLOCATIONS); return __libc_realloc(old, size); }
void *aligned_alloc(size_t alignment, size_t size) { count(ALLOCATIONS); return __libc_memalign(alignment, size); }
int posix_memalign(void **out, size_t alignment, size_t size) {
  count(ALLOCATIONS);
  *out = __libc_memalign(alignment, size);
  return *out ? 0 : 12;
}

#define FORWARD(kind, result, name, parameters, arguments)                \
  result name parameters {                                                \
    static result(*_Atomic real) parameters;                              \
    if (!real) real = (result(*) parameters)dlsym(RTLD_NEXT, #name);      \
    count(kind);                                                          \
    return real arguments;                                                \
  }

FORWARD(RETAINS, void *, swift_retain, (void *object), (object))
FORWARD(RETAINS, void *, swift_retain_n, (void *object, uint32_t n), (object, n))
FORWARD(RETAINS, void *, swift_bridgeObjectRetain, (void *object), (object))
FORWARD(RELEASES, void, swift_release, (void *object), (object))
FORWARD(RELEASES, void, swift_release_n, (void *object, uint32_t n), (object, n))
FORWARD(RELEASES, void, swift_bridgeObjectRelease, (void *object), (object))
FORWARD(MUTEXES, int, pthread_mutex_lock, (void *mutex), (mutex))

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FUSEBENCH_COUNTS");
  int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void *place = mmap(NULL, sizeof before_start, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (place != MAP_FAILED) counts = place;
}
