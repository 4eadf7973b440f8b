// Slots in order of arrival, linked through themselves, so that queueing allocates nothing.

/// A queue of slots. A slot is in one queue at a time.
struct SlotQueue: BitwiseCopyable {
  private(set) var first: UnsafeMutablePointer<Slot>?
  private var last: UnsafeMutablePointer<Slot>?

  /// Adds `slot`, whose node operation has completed with `result`.
  @inline(__always)
  mutating func append(_ slot: UnsafeMutablePointer<Slot>, _ result: Int32 = 0) {
    slot.pointee.next = nil
    slot.pointee.result = result
    if let last { last.pointee.next = slot } else { first = slot }
    last = slot
  }

  @inline(__always)
  mutating func popFirst() -> UnsafeMutablePointer<Slot>? {
    guard let slot = first else { return nil }
    first = slot.pointee.next
    if first == nil { last = nil }
    return slot
  }
}
