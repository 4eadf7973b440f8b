// A suite: the benchmark matrix as data, one YAML file in scenarios/suites each.

internal import Foundation

/// A benchmark matrix: which workloads run on which nodes.
package struct Suite: Equatable, Sendable {
  /// The suite's name: what `--suite` takes, and its file's name without `.yaml`.
  package var name: String
  /// What the suite measures, in one line.
  package var title: String
  /// The nodes it measures, in the order of the report.
  package var nodes: [NodeKind]
  /// Bytes of the image and of the null node under the full budget.
  package var fullSize: Int64
  /// The same under the quick budget.
  package var quickSize: Int64
  /// All rows, in the order of the report.
  package var rows: [SuiteRow]
  /// What the rows were made from; empty for a suite that no file describes.
  var matrix = SuiteMatrix()

  /// The rows that `budget` measures on `node`.
  package func rows(for budget: Budget, on node: NodeKind) -> [SuiteRow] {
    budget == .full ? rows : rows.filter { $0.workload.quick && $0.quickNodes?.contains(node) != false }
  }

  /// Bytes of the image under `budget`.
  package func size(for budget: Budget) -> Int64 {
    budget == .full ? fullSize : quickSize
  }

  /// Why some row would not measure what it says, or nil.
  package var fault: String? {
    for (index, row) in rows.enumerated() {
      let name = row.workload.name
      if rows[..<index].contains(where: { $0.workload.name == name }) { return "two rows are called '\(name)'" }
      for size in [fullSize, quickSize] {
        if let fault = row.fault(size: size) { return "row '\(name)': \(fault)" }
      }
    }
    return nil
  }

  /// The suite with `axes` in the place of its own of their names, or added to them.
  /// - Throws: an error that names the row that cannot be so.
  package func with(axes: [AxisOverride]) throws -> Suite {
    var suite = self
    for (index, wish) in axes.enumerated() {
      guard !axes[..<index].contains(where: { $0.name == wish.name }) else {
        throw KnobError(description: "--axis \(wish.name) is given twice; give all its values in one")
      }
      switch wish.axis {
      case .knob(let axis): suite.matrix.put(axis)
      case .nodes(let nodes): suite.nodes = nodes
      }
    }
    suite.rows = try suite.matrix.rows()
    return suite
  }
}

extension Suite {
  /// The suite in the file `path`, on a machine with `cpus` CPUs.
  /// - Throws: `FileError` if it cannot be read or does not make sense.
  package static func load(path: String, cpus: Int = ownCPUs) throws -> Suite {
    let text = try InputFile.text(path)
    do {
      return try SuiteReader(file: path, cpus: cpus).read(text)
    } catch let fault as KnobError {
      throw FileError(file: path, message: fault.description)
    }
  }

  /// The suite called `name` in `directory`.
  /// - Throws: `FileError`, which lists the suites there are when there is none of that name.
  package static func named(_ name: String, in directory: String, cpus: Int = ownCPUs) throws -> Suite {
    let known = names(in: directory)
    guard known.contains(name) else {
      throw FileError(
        file: directory,
        message: "has no suite '\(name)'; it has: \(known.isEmpty ? "none" : known.joined(separator: ", "))")
    }
    return try load(path: "\(directory)/\(name).yaml", cpus: cpus)
  }

  /// The names of the suites in `directory`, sorted.
  package static func names(in directory: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return files.filter { $0.ends(with: ".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  /// The CPUs of this machine that are online.
  package static var ownCPUs: Int { ProcessInfo.processInfo.activeProcessorCount }
}
