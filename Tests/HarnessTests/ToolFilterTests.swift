// Filters of tools: one golden for every tool of a trade, and none that hides what an export did.

import Foundation
import Harness
import Testing

@Suite struct ToolFilterTests {
  private func filtered(_ filter: TranscriptFilter, _ text: String) -> String {
    String(decoding: filter.apply(ByteText(text)).bytes, as: UTF8.self)
  }

  // MARK: reasons

  /// What tools of several makers and versions print for the same failure.
  @Test(arguments: [
    ("dd: error writing 'mp': No space left on device", "dd: ENOSPC"),
    ("dd: error writing ‘mp’: No space left on device", "dd: ENOSPC"),
    ("dd: IO error: No space left on device (os error 28)", "dd: ENOSPC"),
    ("dd: IO error: No space left on device (os error)", "dd: ENOSPC"),
    ("dd: failed to write: no storage space", "dd: ENOSPC"),
    ("/usr/lib/cargo/bin/coreutils/dd: 'mp': ENOSPC", "dd: ENOSPC"),
    ("$WORK/two words/bin/dd: mp: No space left on device", "dd: ENOSPC"),
    ("cat: $EXPORT: Transport endpoint is not connected", "cat: ENOTCONN"),
    ("cat: $EXPORT: Socket not connected", "cat: ENOTCONN"),
    ("cat: 'a b': not connected (os error 107)", "cat: ENOTCONN"),
    ("/bin/sh: 1: cannot create $EXPORT: Read-only file system", "sh: EROFS"),
    ("sh: line 1: $EXPORT: Read-only file system", "sh: EROFS"),
    ("sh: can't create mp: Read-only file system", "sh: EROFS"),
    ("fallocate: fallocate failed: File too large", "fallocate: EFBIG"),
    ("truncate: failed to truncate 'mp' at 419430400 bytes: File too large", "truncate: EFBIG"),
    ("truncate: cannot open 'mp' for writing: file too large", "truncate: EFBIG"),
    ("stat: cannot statx 'Input/output error': Permission denied", "stat: EACCES"),
    ("fio: io_u error on file mp: Input/output error: read offset=0, buflen=4096", "fio: EIO"),
    ("qemu-img: Could not open 'x': Could not open 'x': No such file or directory", "qemu-img: ENOENT"),
    ("rm: cannot remove 'x': Resource busy", "rm: EBUSY"),
    ("cp: x: errno=122", "cp: EDQUOT"),
  ])
  func reasons(_ line: String, _ result: String) {
    #expect(filtered(.reasons, line) == result)
    #expect(filtered(.reasons, "before\n\(line)\nafter\n") == "before\n\(result)\nafter\n")
  }

  /// What is no reason, or none that can be trusted, stays word for word.
  @Test(arguments: [
    "same bytes", "1048576", "", "dd: unknown operand 'x'", "note: the device is busy: it is not supported here",
    "fusebench export: --blockdev node-name=n: Could not open 'x': No such file or directory",
    "No space left on device", "dd: No space left on device (os error 5)", "dd: error writing 'mp'",
    "tool: Permission deniedness", "reader done: fine", "start 0, length 4096: data true",
  ])
  func noReason(_ line: String) {
    #expect(filtered(.reasons, line) == line)
  }

  /// A failed write and the failed close after it are one failure; two programs, or two errors, are two.
  @Test func repeatedReasons() {
    let twice = "dd: error writing 'mp': Input/output error\ndd: closing output file 'mp': Input/output error\n"
    #expect(filtered(.reasons, twice) == "dd: EIO\n")
    let two = "dd: a: Input/output error\ncat: a: Input/output error\ndd: b: Permission denied\n"
    #expect(filtered(.reasons, two) == "dd: EIO\ncat: EIO\ndd: EACCES\n")
    let apart = "dd: a: Input/output error\nx\ndd: a: Input/output error\n"
    #expect(filtered(.reasons, apart) == "dd: EIO\nx\ndd: EIO\n")
  }

  @Test func reasonsSeeWhatIsWrong() {
    let golden = filtered(.reasons, "cat: $EXPORT: Transport endpoint is not connected\n[exit 1]\n")
    for wrong in [
      "cat: $EXPORT: Input/output error\n[exit 1]\n", "[exit 1]\n", "cat: $EXPORT: cannot be read\n[exit 1]\n",
      "cat: $EXPORT: Transport endpoint is not connected\n[exit 2]\n",
      "cat: $EXPORT: Transport endpoint is not connected\nbytes\n[exit 1]\n",
      "dd: $EXPORT: Transport endpoint is not connected\n[exit 1]\n",
    ] {
      #expect(filtered(.reasons, wrong) != golden, "\(wrong)")
    }
  }

  // MARK: dd

  @Test(arguments: [
    (
      "1+0 records in\n1+0 records out\n65536 bytes (66 kB, 64 KiB) copied, 0.0003 s, 239 MB/s\n",
      "1+0 records in\n1+0 records out\n65536 bytes copied\n"
    ),
    (
      "0+0 records in\n0+0 records out\n0 bytes copied, 0.000160759 s, 0.0 B/s\n",
      "0+0 records in\n0+0 records out\n0 bytes copied\n"
    ),
    // GNU's, uutils' 0.12, uutils' 0.0.30.
    ("dd: ENOSPC\n17+0 records in\n16+0 records out\n1048576 bytes (1.0 MB) copied, 1 s, 1 MB/s\n", "dd: ENOSPC\n"),
    ("16+0 records in\n16+0 records out\n1048576 bytes (1.0 MB) copied, 1 s, 1 MB/s\ndd: ENOSPC\n", "dd: ENOSPC\n"),
    ("dd: ENOSPC\n", "dd: ENOSPC\n"),
    (
      "a\n1+0 records in\n1+0 records out\n1 byte copied, 1 s, 1 B/s\nb\n",
      "a\n1+0 records in\n1+0 records out\n1 byte copied\nb\n"
    ),
  ])
  func dd(_ text: String, _ result: String) {
    #expect(filtered(.dd, text) == result)
  }

  @Test func ddSeesWhatIsWrong() {
    let golden = filtered(.dd, "1+0 records in\n1+0 records out\n65536 bytes copied, 1 s, 1 B/s\n")
    for wrong in [
      "1+0 records in\n1+0 records out\n65535 bytes copied, 1 s, 1 B/s\n",
      "1+0 records in\n0+1 records out\n65536 bytes copied, 1 s, 1 B/s\n",
      "1+0 records in\n1+0 records out\n", "1+0 records out\n65536 bytes copied, 1 s, 1 B/s\n",
      "dd: EIO\n1+0 records in\n1+0 records out\n65536 bytes copied, 1 s, 1 B/s\n", "",
    ] {
      #expect(filtered(.dd, wrong) != golden, "\(wrong)")
    }
  }

  // MARK: qemu-img

  private let extents = """
    [{ "start": 0, "length": 4096, "depth": 0, "present": true, "zero": true, "data": false, "offset": 0},
    { "start": 4096, "length": 8192, "depth": 0, "present": true, "zero": false, "data": true, "offset": 4096}]

    """
  private let reducedExtents = """
    start 0, length 4096, depth 0, present true, zero true, data false, offset 0
    start 4096, length 8192, depth 0, present true, zero false, data true, offset 4096

    """

  @Test func qemuImgMap() {
    #expect(filtered(.qemuImg, extents) == reducedExtents)
    let newer = extents.replacing("\"offset\"", with: "\"compressed\": false, \"offset\"")
    #expect(filtered(.qemuImg, newer) == reducedExtents)
    let other = """
      [
          {"data": false, "zero": true, "present": true, "depth": 0, "offset": 0, "length": 4096, "start": 0},
          {"offset": 4096, "start": 4096, "length": 8192, "depth": 0, "zero": false, "present": true, "data": true}
      ]

      """
    #expect(filtered(.qemuImg, "a\n\(other)b\n") == "a\n\(reducedExtents)b\n")
    let table = "Offset    Length    Mapped to  File\n0x20000   0x10000   0x20000    /a b\n"
    #expect(filtered(.qemuImg, table) == "Offset Length Mapped\n0x20000 0x10000 0x20000\n")
  }

  @Test func qemuImgInfo() {
    let old = "image: $EXPORT\nfile format: raw\nvirtual size: 4 MiB (4194304 bytes)\ndisk size: 4 KiB\n"
    let new = old + "Child node '/file':\n    filename: $EXPORT\n    file length: 4 MiB (4194304 bytes)\n"
    for text in [old, new] {
      #expect(filtered(.qemuImg, text) == "file format: raw\nvirtual size: 4194304 bytes\n")
    }
    let json = "{\n  \"children\": [{\"name\": \"file\"}],\n  \"virtual-size\": 4194304,\n  \"format\": \"raw\"\n}\n"
    #expect(filtered(.qemuImg, json) == "format raw, virtual-size 4194304\n")
    #expect(filtered(.qemuImg, "Images are identical.\n[exit 0]\n") == "Images are identical.\n[exit 0]\n")
  }

  @Test func qemuImgSeesWhatIsWrong() {
    for (right, wrong) in [
      ("4096,", "4095,"), ("\"data\": true", "\"data\": false"), ("\"depth\": 0, ", ""), ("\"zero\": true, ", ""),
      ("}]", "}"), ("\"start\": 4096", "\"start\": \"4096x\""),
    ] {
      #expect(filtered(.qemuImg, extents.replacing(right, with: wrong)) != reducedExtents, "\(wrong)")
    }
    let one = extents.split(separator: "\n")[0].dropLast() + "]\n"
    #expect(filtered(.qemuImg, String(one)) != reducedExtents)
    #expect(filtered(.qemuImg, "{\"format\": \"raw\"}") == "format raw, no virtual-size")
  }

  // MARK: fio

  private func fio(error: Int = 0, reads: Int = 1024, more: String = "") -> String {
    """
    fio: io_u error on file mp: Input/output error: read offset=0, buflen=4096
    {
      "fio version" : "fio-3.33",
      "jobs" : [ { "jobname" : "a", \(more) "error" : \(error),
        "read" : { "total_ios" : \(reads), "x" : "}" }, "write" : { "total_ios" : 0 } } ]
    }

    """
  }

  @Test func fioReports() {
    #expect(filtered(.fio, fio()) == "a: no error, 1024 reads, 0 writes\n")
    #expect(filtered(.fio, fio(error: 28, reads: 7)) == "a: ENOSPC\n")
    #expect(
      filtered(.fio, fio(more: "\"total_err\" : 1, \"first_error\" : 5,"))
        == "a: no error, 1024 reads, 0 writes, 1 errors, first EIO\n")
    let text = "fio: no such engine\n"
    #expect(filtered(.fio, text) == text)
  }

  @Test func fioSeesWhatIsWrong() {
    let golden = filtered(.fio, fio(error: 28))
    for wrong in [fio(error: 5), fio(), "", fio(error: 28).replacing("\"error\" : 28,", with: "")] {
      #expect(filtered(.fio, wrong) != golden, "\(wrong)")
    }
    #expect(filtered(.fio, fio(reads: 1023)) != filtered(.fio, fio()))
  }
}

/// What holds of every shipped scenario, so that it means the same on every machine.
@Suite struct ShippedScenarioTests {
  private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("scenarios")

  private func files(_ ending: String) throws -> [(name: String, text: String)] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(ending) }.sorted().map {
      ($0, try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8))
    }
  }

  /// A golden holds the name of an error, not a tool's words for it.
  @Test func goldensHoldNoToolsWords() throws {
    for (name, text) in try files(".out") {
      for line in text.split(separator: "\n") where !line.hasPrefix("$ ") && !line.hasPrefix("= ") {
        let reduced = TranscriptFilter.reasons.apply(ByteText(String(line))).text
        #expect(reduced == line, "\(name): \(line)")
      }
    }
  }

  /// A path with a blank is one word only inside quotes.
  @Test func pathsStandInQuotes() throws {
    let bare = #/(^|[^"])\$(EXPORT|IMAGE|SCRATCH|FUSEBENCH)\b/#
    for (name, text) in try files(".yaml") {
      for line in text.split(separator: "\n") where !line.drop(while: { $0 == " " }).hasPrefix("#") {
        #expect(!line.contains(bare), "\(name): \(line)")
      }
    }
  }
}
