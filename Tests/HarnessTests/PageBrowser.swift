// A real browser for the tests of pages.

import Foundation

@testable import Harness

/// Chromium without a window.
enum PageBrowser {
  private static let program = Programs.find("chromium")

  /// Whether there is one.
  static var isInstalled: Bool { program != nil }

  /// What Chromium does with `page`; its words go to `errors` in `folder`.
  static func browse(_ page: String, in folder: String, _ arguments: [String]) async throws -> Finished {
    let file = "\(folder)/page.html"
    try page.write(toFile: file, atomically: true, encoding: .utf8)
    var command = Command(
      program ?? "chromium",
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--user-data-dir=\(folder)/profile",
        "--enable-logging=stderr", "--virtual-time-budget=5000",
      ] + arguments + ["file://\(file)"])
    command.errors = .file("\(folder)/errors")
    return try await command.run(within: .seconds(300))
  }

  /// The console's lines, errors and refusals of the page's own policy among them.
  static func complaints(in folder: String) throws -> [Substring] {
    try String(contentsOfFile: "\(folder)/errors", encoding: .utf8).split(separator: "\n")
      .filter { $0.contains("CONSOLE") }
  }

  /// A folder for `body`, removed afterwards.
  static func inFolder(_ body: (String) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "fusebench-page-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }
}
