// Writes that a direct node cannot take as they are: read-modify-write of whole blocks, under the node's
// region locks.

import Glibc
import Synchronization

/// One unaligned write. It holds its regions exclusively (see `NodeView`), so nobody writes these blocks meanwhile.
///
/// The request's buffer has room for a block more at its end, and the scratch holds the two blocks at the
/// range's ends. Blocks at the file's very end, where it holds less than a whole block, go through the page
/// cache byte by byte: a whole block would change the file's length.
struct UnalignedWrite {
  let node: NodeView

  private var leaf: UnsafeMutablePointer<Leaf> { node.leaf }
  private var loop: UnsafeMutablePointer<EventLoop> { node.loop }
  private var block: UInt64 { UInt64(leaf.pointee.alignment) }

  private func first(_ r: NodeRequest) -> UInt64 { r.leafOffset / block * block }
  private func end(_ r: NodeRequest) -> UInt64 { (r.leafOffset + r.length + block - 1) / block * block }
  private func head(_ r: NodeRequest) -> Int { Int(r.leafOffset - first(r)) }
  private func tail(_ r: NodeRequest) -> Int { Int(end(r) - (r.leafOffset + r.length)) }

  func begin(_ request: UnsafeMutablePointer<NodeRequest>) -> Progress {
    let r = request.pointee
    let wholeBlocks = leaf.pointee.length.load(ordering: .acquiring) / block * block
    if end(r) > wholeBlocks {
      request.pointee.phase = .writeBuffered
      writeBuffered(request)
    } else if head(r) > 0 {
      request.pointee.phase = .readHead
      loop.pointee.read(node.file, r.scratch, Int(block), at: first(r), r.tag)
    } else {
      request.pointee.phase = .readTail
      readTail(request)
    }
    return .pending
  }

  func resume(
    _ request: UnsafeMutablePointer<NodeRequest>, result: Int32
  ) -> Progress {
    let driver = FileDriver(node: node)
    switch request.pointee.phase {
    case .readHead:
      if driver.isTransient(result) {
        loop.pointee.read(
          node.file, request.pointee.scratch, Int(block), at: first(request.pointee), request.pointee.tag)
        return .pending
      }
      guard result == Int32(block) else { return .done(result < 0 ? result : -EIO) }
      let oneBlock = end(request.pointee) - first(request.pointee) == block
      if tail(request.pointee) == 0 || oneBlock {
        if oneBlock { memcpy(tailBlock(request.pointee), request.pointee.scratch, Int(block)) }
        widen(request)
      } else {
        request.pointee.phase = .readTail
        readTail(request)
      }
      return .pending
    case .readTail:
      if driver.isTransient(result) {
        readTail(request)
        return .pending
      }
      guard result == Int32(block) else { return .done(result < 0 ? result : -EIO) }
      widen(request)
      return .pending
    case .writeWidened:
      return resumeWidened(request, result)
    default:
      return resumeBuffered(request, result)
    }
  }

  private func tailBlock(_ r: NodeRequest) -> UnsafeMutableRawPointer { r.scratch + pageSize }

  private func readTail(_ request: UnsafeMutablePointer<NodeRequest>) {
    let r = request.pointee
    loop.pointee.read(node.file, tailBlock(r), Int(block), at: end(r) - block, r.tag)
  }

  /// Puts what was read around the data, and writes the whole blocks. The data moves inside its buffer.
  private func widen(_ request: UnsafeMutablePointer<NodeRequest>) {
    let r = request.pointee
    let (head, tail, length) = (head(r), tail(r), Int(r.length))
    if head > 0 {
      memmove(r.buffer + head, r.buffer, length)
      memcpy(r.buffer, r.scratch, head)
    }
    memcpy(r.buffer + head + length, tailBlock(r) + (Int(block) - tail), tail)
    request.pointee.phase = .writeWidened
    writeWidened(request)
  }

  private func writeWidened(_ request: UnsafeMutablePointer<NodeRequest>) {
    let r = request.pointee
    let size = Int(end(r) - first(r))
    loop.pointee.write(node.file, r.buffer + Int(r.done), size - Int(r.done), at: first(r) + r.done, r.tag)
  }

  private func resumeWidened(
    _ request: UnsafeMutablePointer<NodeRequest>, _ result: Int32
  ) -> Progress {
    if result > 0 { request.pointee.done += UInt64(result) }
    let r = request.pointee
    if r.done == end(r) - first(r) { return .done(Int32(r.length)) }
    guard (result > 0 && r.done % block == 0) || FileDriver(node: node).isTransient(result) else {
      return .done(result < 0 ? result : -EIO)
    }
    writeWidened(request)
    return .pending
  }

  private func writeBuffered(_ request: UnsafeMutablePointer<NodeRequest>) {
    let r = request.pointee
    loop.pointee.write(
      node.bufferedFile, r.buffer + Int(r.done), Int(r.length - r.done), at: r.leafOffset + r.done, r.tag)
  }

  private func resumeBuffered(
    _ request: UnsafeMutablePointer<NodeRequest>, _ result: Int32
  ) -> Progress {
    let driver = FileDriver(node: node)
    if result > 0 { request.pointee.done += UInt64(result) }
    if request.pointee.done < request.pointee.length && (result > 0 || driver.isTransient(result)) {
      writeBuffered(request)
      return .pending
    }
    return driver.written(request, result)
  }
}
