// What passes between a check and the cells that run on another kernel: files, since a kernel may end at any moment.

import Foundation

/// A cell to be run, as the guest is told.
struct GuestCell: Codable, Sendable {
  /// Its place in the plan.
  var place: Int
  /// The scenario's name.
  var scenario: String
  /// The transport.
  var mode: Mode
}

/// One line of what the guest tells.
enum GuestMessage: Codable, Sendable {
  /// The kernel runs and the subject is known: its release.
  case ready(kernel: String)
  /// The cell at this place in the plan is begun.
  case began(place: Int)
  /// It has ended, and showed this.
  case ended(place: Int, run: CellRun)
  /// Nothing more can be run, for this reason.
  case failed(reason: String)
  /// All cells have been run.
  case finished
}

/// The files of one boot.
struct GuestFiles: Sendable {
  /// The folder that both sides see.
  let folder: String

  /// The cells to be run.
  var cells: String { "\(folder)/cells.json" }
  /// What the guest tells, a line of JSON each.
  var messages: String { "\(folder)/messages" }
  /// The kernel's first process.
  var first: String { "\(folder)/first" }
  /// The disk image.
  var disk: String { "\(folder)/disk.img" }
  /// Where the guest mounts it.
  var work: String { "\(folder)/work" }
  /// What the kernel said on its console.
  var console: String { "\(folder)/console" }

  /// What the console has so far, its first MiB; its lines end with CR LF.
  private var said: String {
    ByteText(SystemFile.bytes(console, limit: 1 << 20) ?? []).replacing("\r", with: "").shown
  }

  /// The last `count` lines of the console, without empty ones.
  func lastWords(_ count: Int) -> String {
    let lines = said.split(separator: "\n")
    return lines.suffix(count).joined(separator: "\n")
  }

  /// What the kernel said as it panicked; else its last lines.
  var account: String {
    let lines = said.split(separator: "\n")
    guard let panic = lines.firstIndex(where: { $0.contains("Kernel panic") || $0.contains("Oops") }) else {
      return lastWords(8)
    }
    return lines[panic...].prefix(12).joined(separator: "\n")
  }
}
