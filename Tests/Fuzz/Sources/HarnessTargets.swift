// The harness's side: what people write, what fio prints, what is stored, and what a step shows.

import Foundation
import Glibc

@testable import Harness

/// Where files are put for readers that take a path: memory, so that a disk does not set the pace.
private let folder: String = {
  let path = "/dev/shm/fusebench-fuzz-\(getpid())"
  mkdir(path, 0o700)
  return path
}()

/// The path of a file that holds `input`.
private func file(_ name: String, _ input: UnsafeRawBufferPointer) -> String {
  let path = "\(folder)/\(name)"
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  precondition(descriptor >= 0 && write(descriptor, input.baseAddress, input.count) == input.count)
  close(descriptor)
  return path
}

@Sendable func scenario(_ input: UnsafeRawBufferPointer) { _ = try? Scenario(file: file("x.yaml", input)) }

@Sendable func suite(_ input: UnsafeRawBufferPointer) { _ = try? Suite.load(path: file("suite.yaml", input), cpus: 2) }

@Sendable func subject(_ input: UnsafeRawBufferPointer) { _ = try? Subject(file: file("subject.yaml", input)) }

/// A stored run through every report: what is read can be shown.
@Sendable func storedRun(_ input: UnsafeRawBufferPointer) {
  guard let run = try? RunFolder.read(file: file("run.json", input)) else { return }
  for format in ReportFormat.allCases { _ = format.text(of: [run]) }
}

@Sendable func fio(_ input: UnsafeRawBufferPointer) { _ = try? FioReport(json: Data(input)) }

/// A golden passes if and only if its bytes are the transcript's, and no filter tells equal texts apart.
@Sendable func judge(_ input: UnsafeRawBufferPointer) {
  guard let choice = input.first else { return }
  let rest = input.dropFirst()
  let middle = rest.startIndex + rest.count / 2
  let (golden, actual) = (ByteText(rest[..<middle]), ByteText(rest[middle...]))
  precondition((Difference(golden: golden, actual: actual) == nil) == (golden == actual))
  precondition(Difference(golden: golden, actual: golden) == nil)
  let filter = TranscriptFilter.allCases[Int(choice) % TranscriptFilter.allCases.count]
  let (left, right) = (filter.apply(golden), filter.apply(actual))
  precondition(golden != actual || left == right)
  precondition((Difference(golden: left, actual: right) == nil) == (left == right))
}
