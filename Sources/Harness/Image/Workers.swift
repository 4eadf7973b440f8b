// Several requests in flight: a thread for each, which waits in the system call.

internal import Foundation
internal import Synchronization

/// Runs numbered pieces of work, several at a time.
enum Workers {
  /// What the workers share.
  private final class Board: Sendable {
    struct State {
      var next = 0
      var fault: ImageError?
    }
    let state = Mutex(State())

    /// The next number below `count`, or nil if all are taken or one has failed.
    func take(below count: Int) -> Int? {
      state.withLock { state in
        guard state.fault == nil, state.next < count else { return nil }
        defer { state.next += 1 }
        return state.next
      }
    }
  }

  /// Calls `body` for 0 ..< `count`, in order of their start, at most `depth` at once. Each worker has a buffer of
  /// `size` bytes, which starts as `byte`. After a failure no further piece is begun.
  /// - Throws: the first failure, after all workers have ended.
  static func run(
    count: Int, depth: Int, buffer size: Int, filledWith byte: UInt8 = 0,
    _ body: @escaping @Sendable (Int, AlignedBuffer) throws(ImageError) -> Void
  ) throws(ImageError) {
    let board = Board()
    let group = DispatchGroup()
    for _ in 0..<max(1, min(depth, count)) {
      group.enter()
      let thread = Thread {
        let buffer = AlignedBuffer(size, filledWith: byte)
        while let number = board.take(below: count) {
          do throws(ImageError) {
            try body(number, buffer)
          } catch {
            board.state.withLock { $0.fault = $0.fault ?? error }
          }
        }
        buffer.free()
        group.leave()
      }
      thread.start()
    }
    group.wait()
    if let fault = board.state.withLock(\.fault) { throw fault }
  }
}
