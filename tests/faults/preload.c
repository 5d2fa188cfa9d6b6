/* LD_PRELOAD library of the fault suite: records what goes to the disk, slows fsync, moves the clock.

   POWER_ROOT, POWER_LOG  record every change of a file or folder under POWER_ROOT (a real, absolute path)
                          into POWER_LOG, in the order in which it happened; powercut.py reads it.
   FSYNC_DELAY_MS         every fsync and fdatasync takes so much longer.
   CLOCK_FILE             CLOCK_REALTIME is shifted by the signed nanoseconds in this file's 8 bytes;
                          CLOCK_MONOTONIC stays, as with a step of NTP or `date -s`.

   What is wrapped is what CPython and libsqlite3 call here (nm -D). SQLite's -shm lies in shared memory and is
   made anew after a cut, so it is not recorded. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ({ static __typeof__(&name) real; if (!real) real = dlsym(RTLD_NEXT, #name); real; })

struct header { char op; char pad[3]; uint32_t path; uint64_t inode, offset, data; };

static const char *root;
static int log_fd = -1;
static long delay_ms;
static int64_t no_shift;
static volatile int64_t *shift = &no_shift;
/* Held over a change and its record: the log's order is the disk's. */
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
  const char *log = getenv("POWER_LOG"), *slow = getenv("FSYNC_DELAY_MS"), *clock = getenv("CLOCK_FILE");
  root = getenv("POWER_ROOT");
  if (root && log) log_fd = REAL(open)(log, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (slow) delay_ms = atol(slow);
  if (clock) {
    int fd = REAL(open)(clock, O_RDONLY | O_CLOEXEC);
    void *seen = fd < 0 ? MAP_FAILED : mmap(NULL, 8, PROT_READ, MAP_SHARED, fd, 0);
    if (seen == MAP_FAILED) { perror("CLOCK_FILE"); abort(); }
    REAL(close)(fd);
    shift = seen;
  }
}

/* One record is one appending writev, so the records of several processes never mix. */
static void record(char op, const char *path, uint64_t inode, uint64_t offset, const void *data, uint64_t size) {
  struct header head = {op, {0}, strlen(path), inode, offset, size};
  struct iovec parts[] = {{&head, sizeof head}, {(void *)path, head.path}, {(void *)data, size}};
  int kept = errno;
  if (REAL(writev)(log_fd, parts, 3) != (ssize_t)(sizeof head + head.path + size)) { perror("POWER_LOG"); abort(); }
  errno = kept;
}

static int under_root(const char *path) {
  size_t size = strlen(root), length = strlen(path);
  if (strncmp(path, root, size) || (path[size] && path[size] != '/')) return 0;
  return length < 4 || strcmp(path + length - 4, "-shm");
}

static int path_of_fd(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = readlink(link, path, PATH_MAX - 1);
  path[size < 0 ? 0 : size] = 0;
  return size > 0;
}

/* Make a path absolute, and say whether it is recorded. */
static int recorded(int folder, const char *given, char *path) {
  char base[PATH_MAX];
  if (log_fd < 0) return 0;
  if (given[0] == '/') snprintf(path, PATH_MAX, "%s", given);
  else {
    if (folder == AT_FDCWD ? !getcwd(base, sizeof base) : !path_of_fd(folder, base)) return 0;
    if (snprintf(path, PATH_MAX, "%s/%s", base, given) >= PATH_MAX) return 0;
  }
  return under_root(path);
}

static int recorded_fd(int fd, char *path) { return log_fd >= 0 && path_of_fd(fd, path) && under_root(path); }

static uint64_t inode_of(int fd, int *folder) {
  struct stat found;
  if (fstat(fd, &found)) return 0;
  if (folder) *folder = S_ISDIR(found.st_mode);
  return found.st_ino;
}

/* --- opening --------------------------------------------------------------------------------------------- */

static int opened(int folder, const char *given, int flags, mode_t mode) {
  char path[PATH_MAX];
  if (!(flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE || !recorded(folder, given, path))
    return REAL(openat)(folder, given, flags, mode);
  pthread_mutex_lock(&order);
  struct stat before;
  int fresh = lstat(path, &before) != 0, fd = REAL(openat)(folder, given, flags, mode);
  if (fd >= 0 && fresh) record('C', path, inode_of(fd, NULL), 0, NULL, 0);
  else if (fd >= 0 && (flags & O_TRUNC)) record('T', path, inode_of(fd, NULL), 0, NULL, 0);
  pthread_mutex_unlock(&order);
  return fd;
}

#define MODE mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, int); va_end(more); }
int open(const char *path, int flags, ...) { MODE return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE return opened(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE return opened(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE return opened(folder, path, flags, mode); }

/* --- bytes ----------------------------------------------------------------------------------------------- */

/* The offset is where the position stands after the write, less what was written: true of O_APPEND as well. */
ssize_t write(int fd, const void *data, size_t size) {
  char path[PATH_MAX];
  if (!recorded_fd(fd, path)) return REAL(write)(fd, data, size);
  pthread_mutex_lock(&order);
  ssize_t done = REAL(write)(fd, data, size);
  if (done > 0) record('W', path, inode_of(fd, NULL), lseek(fd, 0, SEEK_CUR) - done, data, done);
  pthread_mutex_unlock(&order);
  return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  char path[PATH_MAX];
  if (!recorded_fd(fd, path)) return REAL(writev)(fd, parts, count);
  ssize_t all = 0;
  for (int i = 0; i < count; i++) {
    ssize_t done = write(fd, parts[i].iov_base, parts[i].iov_len);
    if (done < 0) return all ? all : done;
    all += done;
    if ((size_t)done < parts[i].iov_len) break;
  }
  return all;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
  char path[PATH_MAX];
  if (!recorded_fd(fd, path)) return REAL(pwrite64)(fd, data, size, offset);
  pthread_mutex_lock(&order);
  ssize_t done = REAL(pwrite64)(fd, data, size, offset);
  if (done > 0) record('W', path, inode_of(fd, NULL), offset, data, done);
  pthread_mutex_unlock(&order);
  return done;
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) { return pwrite64(fd, data, size, offset); }

int ftruncate64(int fd, off64_t size) {
  char path[PATH_MAX];
  if (!recorded_fd(fd, path)) return REAL(ftruncate64)(fd, size);
  pthread_mutex_lock(&order);
  int failed = REAL(ftruncate64)(fd, size);
  if (!failed) record('T', path, inode_of(fd, NULL), size, NULL, 0);
  pthread_mutex_unlock(&order);
  return failed;
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int truncate64(const char *given, off64_t size) {
  int fd = REAL(openat)(AT_FDCWD, given, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  int failed = ftruncate64(fd, size), kept = errno;
  REAL(close)(fd);
  errno = kept;
  return failed;
}
int truncate(const char *path, off_t size) { return truncate64(path, size); }

/* Copies inside the kernel show no bytes: a copier that is refused falls back to write. */
ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *there, size_t size, unsigned flags) {
  char path[PATH_MAX];
  if (recorded_fd(to, path)) { errno = EXDEV; return -1; }
  return REAL(copy_file_range)(from, at, to, there, size, flags);
}
ssize_t sendfile64(int to, int from, off64_t *at, size_t size) {
  static ssize_t (*real)(int, int, off64_t *, size_t);
  char path[PATH_MAX];
  if (recorded_fd(to, path)) { errno = EINVAL; return -1; }
  if (!real) real = dlsym(RTLD_NEXT, "sendfile64");
  return real(to, from, at, size);
}

/* --- what makes them last -------------------------------------------------------------------------------- */

static int synced(int (*real)(int), int fd) {
  char path[PATH_MAX];
  if (delay_ms > 0) {
    struct timespec pause = {delay_ms / 1000, delay_ms % 1000 * 1000000};
    while (nanosleep(&pause, &pause) && errno == EINTR);
  }
  if (!recorded_fd(fd, path)) return real(fd);
  int folder = 0;
  uint64_t inode = inode_of(fd, &folder);
  pthread_mutex_lock(&order);
  int failed = real(fd);
  if (!failed) record(folder ? 'F' : 'S', path, inode, 0, NULL, 0);
  pthread_mutex_unlock(&order);
  return failed;
}
int fsync(int fd) { return synced(REAL(fsync), fd); }
int fdatasync(int fd) { return synced(REAL(fdatasync), fd); }

/* --- names ----------------------------------------------------------------------------------------------- */

static int removed(int folder, const char *given, int flags) {
  char path[PATH_MAX];
  if (!recorded(folder, given, path)) return REAL(unlinkat)(folder, given, flags);
  pthread_mutex_lock(&order);
  int failed = REAL(unlinkat)(folder, given, flags);
  if (!failed) record('U', path, 0, 0, NULL, 0);
  pthread_mutex_unlock(&order);
  return failed;
}
int unlink(const char *path) { return removed(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return removed(AT_FDCWD, path, AT_REMOVEDIR); }
int unlinkat(int folder, const char *path, int flags) { return removed(folder, path, flags); }

/* Renaming into the root from outside would bring bytes nobody recorded: that is an error of the test. */
int renameat(int from, const char *given, int to, const char *wanted) {
  char old[PATH_MAX], new[PATH_MAX];
  int leaves = recorded(from, given, old), enters = recorded(to, wanted, new);
  if (!leaves && !enters) return REAL(renameat)(from, given, to, wanted);
  if (!leaves) { errno = EXDEV; return -1; }
  pthread_mutex_lock(&order);
  int failed = REAL(renameat)(from, given, to, wanted);
  if (!failed && enters) record('R', old, 0, 0, new, strlen(new));
  else if (!failed) record('U', old, 0, 0, NULL, 0);
  pthread_mutex_unlock(&order);
  return failed;
}
int rename(const char *old, const char *new) { return renameat(AT_FDCWD, old, AT_FDCWD, new); }

int mkdirat(int folder, const char *given, mode_t mode) {
  char path[PATH_MAX];
  if (!recorded(folder, given, path)) return REAL(mkdirat)(folder, given, mode);
  pthread_mutex_lock(&order);
  int failed = REAL(mkdirat)(folder, given, mode);
  if (!failed) record('D', path, 0, 0, NULL, 0);
  pthread_mutex_unlock(&order);
  return failed;
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

/* --- the clock ------------------------------------------------------------------------------------------- */

int clock_gettime(clockid_t clock, struct timespec *now) {
  int failed = REAL(clock_gettime)(clock, now);
  if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    int64_t moment = now->tv_sec * 1000000000LL + now->tv_nsec + *shift;
    now->tv_sec = moment / 1000000000LL;
    now->tv_nsec = moment % 1000000000LL;
  }
  return failed;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec precise;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &precise);
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *kept) {
  struct timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  if (kept) *kept = precise.tv_sec;
  return precise.tv_sec;
}
