// null-co: a node without storage, for measuring what everything else costs.

import CLinux
import Glibc

/// Answers at once, or after a latency; writes are dropped.
struct NullDriver {
  let node: NodeView
  let readZeroes: Bool
  /// Nanoseconds.
  let latency: UInt64

  @inline(__always)
  func begin(_ request: UnsafeMutablePointer<NodeRequest>) -> Progress {
    switch request.pointee.kind {
    case .truncate, .allocate, .zeroExtending: return .done(-ENOTSUP)
    case .read where readZeroes:
      memset(request.pointee.buffer, 0, Int(request.pointee.length))
    case .read:
      // A page that was never written is the kernel's zero page, which it takes hold of by the slow path,
      // page by page under a lock. What lies behind the first page is shared memory, which has no such page.
      clinux_make_real(request.pointee.buffer)
    default: break
    }
    guard latency > 0 else { return Self.resume(request) }
    node.wait(request, nanoseconds: latency)
    return .pending
  }

  @inline(__always)
  static func resume(_ request: UnsafeMutablePointer<NodeRequest>) -> Progress {
    switch request.pointee.kind {
    case .read, .write: .done(Int32(request.pointee.length))
    default: .done(0)
    }
  }
}
