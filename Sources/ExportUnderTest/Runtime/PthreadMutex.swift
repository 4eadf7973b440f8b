// The lock of builds under ThreadSanitizer, which cannot see into Synchronization.Mutex.

#if PTHREAD_MUTEX
  import Glibc

  /// Takes the place of `Synchronization.Mutex` by its name.
  ///
  /// That one's futex is inlined, so that ThreadSanitizer takes what it guards for unguarded; pthread's it knows.
  /// Unchecked: `value` is only reached by `withLock`, which holds the lock.
  struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    init(_ initial: consuming sending Value) {
      lock = .allocate(capacity: 1)
      pthread_mutex_init(lock, nil)
      value = .allocate(capacity: 1)
      value.initialize(to: initial)
    }

    deinit {
      value.deinitialize(count: 1)
      value.deallocate()
      pthread_mutex_destroy(lock)
      lock.deallocate()
    }

    /// Runs `body` while nobody else does.
    borrowing func withLock<Result: ~Copyable, Failure: Error>(
      _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
      pthread_mutex_lock(lock)
      defer { pthread_mutex_unlock(lock) }
      return try body(&value.pointee)
    }
  }
#endif
