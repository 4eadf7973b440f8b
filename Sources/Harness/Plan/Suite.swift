// A suite: the benchmark matrix as data, one YAML file in scenarios/suites each.

internal import Foundation

/// How much time a benchmark may take.
public enum Budget: String, Codable, CaseIterable, Sendable {
  /// A few seconds per cell, and only the rows that a suite marks as quick.
  case quick
  /// Every row, with samples long enough to be compared.
  case full
}

/// A benchmark matrix: which workloads run on which nodes.
public struct Suite: Equatable, Sendable {
  /// The suite's name: what `--suite` takes, and its file's name without `.yaml`.
  public var name: String
  /// What the suite measures, in one line.
  public var title: String
  /// The nodes it measures, in the order of the report.
  public var nodes: [NodeKind]
  /// Bytes of the image and of the null node under the full budget.
  public var fullSize: Int64
  /// The same under the quick budget.
  public var quickSize: Int64
  /// All rows, in the order of the report.
  public var workloads: [Workload]

  /// The rows that `budget` measures.
  public func workloads(for budget: Budget) -> [Workload] {
    budget == .full ? workloads : workloads.filter(\.quick)
  }

  /// Bytes of the image under `budget`.
  public func size(for budget: Budget) -> Int64 {
    budget == .full ? fullSize : quickSize
  }
}

extension Suite {
  /// The suite in the file `path`.
  /// - Throws: `FileFault` if it cannot be read or does not make sense.
  public static func load(path: String) throws -> Suite {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw FileFault(file: path, message: "cannot be read: \(error.localizedDescription)")
    }
    return try SuiteReader(file: path).read(text)
  }

  /// The suite called `name` in `directory`.
  /// - Throws: `FileFault`, which lists the suites there are when there is none of that name.
  public static func named(_ name: String, in directory: String) throws -> Suite {
    let known = names(in: directory)
    guard known.contains(name) else {
      throw FileFault(
        file: directory,
        message: "has no suite '\(name)'; it has: \(known.isEmpty ? "none" : known.joined(separator: ", "))")
    }
    return try load(path: "\(directory)/\(name).yaml")
  }

  /// The names of the suites in `directory`, sorted.
  public static func names(in directory: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }
}
