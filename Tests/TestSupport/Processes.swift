// What runs on the machine, as tests ask for it when something should have ended.

import Foundation

/// The ids of processes whose command line names `path`: an export has it as its mount point, fio as its file.
package func processes(naming path: String) -> [String] {
  let ids = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
  return ids.filter { Int($0) != nil }.filter { id in
    let words = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") ?? Data()
    return String(decoding: words, as: UTF8.self).contains(path)
  }
}
