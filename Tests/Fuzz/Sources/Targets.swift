// What is fuzzed: everything that takes bytes from outside.

/// Every fuzzer by its name.
let targets: [String: @Sendable (UnsafeRawBufferPointer) -> Void] = [
  "device-frame": deviceFrame, "ring-frame": ringFrame, "handler": handler, "options": options, "json": json,
  "control": control, "scenario": scenario, "suite": suite, "subject": subject, "run": storedRun, "fio": fio,
  "judge": judge, "statistics": statistics,
]
