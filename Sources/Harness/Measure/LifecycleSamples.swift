// Samples of rows whose figure is not a load's own: the stop of an export under load, and its memory at rest.

extension SampleRunner {
  /// Seconds from the signal until the export has ended while a client reads.
  func stoppedUnderLoad(_ session: ExportSession) async throws -> SampleResult {
    let before = context.settings.loadBeforeStop
    // Longer than needed: a load that ends by itself would leave an idle export to be stopped.
    let command = loader.fioCommand(session.mountPoint, runtime: before + 300)
    let load = try await Child.start(command)
    let early = await load.status(within: .seconds(before))
    do {
      if let early { throw SampleError(reason: "fio ended before the signal (\(early))") }
      let taken = try await ended(session, value: nil, loadCommand: command.line)
      // Its reads fail now, and that is as it should be.
      _ = await load.finish(within: .seconds(5)) { session.abort() }
      return taken
    } catch {
      await load.terminate { session.abort() }
      throw error
    }
  }

  /// Bytes that are resident once the export has answered one read.
  func idleMemory(_ session: ExportSession) async throws -> Double {
    var command = Command(
      Subject.ownExecutable, ["probe", "--export", session.mountPoint, "--image", context.image])
    command.input = "open ro direct\npread 0 4096\n"
    let done = try await command.run(within: .seconds(10)) { session.abort() }
    if CleanupRegistry.shared.isClosing { throw Interrupted() }
    guard let answer = done.output.split(separator: "\n").last, answer.contains("= 4096 bytes") else {
      throw SampleError(reason: "one read was not answered: \(SampleError.firstLine(done.output) ?? "no answer")")
    }
    guard let bytes = ResidentMemory.bytes(ofGroup: session.pid) else {
      throw SampleError(reason: "the export's memory cannot be read in /proc/\(session.pid)")
    }
    return Double(bytes)
  }
}
