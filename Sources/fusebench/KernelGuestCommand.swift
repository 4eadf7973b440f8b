// `fusebench kernel-guest`: runs the cells of a check inside the kernel that the check has booted.

import ArgumentParser
import Harness

/// `fusebench kernel-guest`.
struct KernelGuestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernel-guest", abstract: "Run the cells of a check inside the kernel that it has booted.",
    shouldDisplay: false)

  @OptionGroup var options: HarnessOptions

  @Option(help: "The folder that the check and its kernel share.")
  var folder: String

  @Option(name: .customLong("module"), help: "A kernel module to load first (may be repeated).")
  var modules: [String] = []

  func run() async throws {
    try await orCouldNotRun {
      let worker = try GuestWorker(folder: folder)
      do {
        try GuestWorker.load(modules: modules)
        let subject = try options.loadSubject()
        let library = try options.library()
        if let fault = Machine.cannotMount { throw fault }
        try await options.prepared { await worker.run(subject, library: library) }
      } catch {
        worker.fail(error)
        throw error
      }
    }
  }
}
