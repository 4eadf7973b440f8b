// What every file owes its reader, and what may stand in none.

import Foundation
import Testing

@Suite struct FileTests {
  /// Rules that find nothing because they look at nothing would hold for ever.
  @Test func theSourcesAreHere() {
    #expect(SourceTree.swift(below: "Sources/Harness").count > 10)
    #expect(SourceTree.swift(below: "Sources/ExportUnderTest").count > 10)
    #expect(SourceTree.files.contains { $0.path.hasSuffix(".h") })
  }

  /// A file has one reason to exist: who looks for something reads first lines.
  @Test func everyFileSaysWhatItIsFor() {
    for file in SourceTree.files {
      #expect(file.lines[0].hasPrefix("// "), "\(file.path) begins with: \(file.lines[0])")
    }
  }

  /// Beyond 400 lines there is a second reason.
  @Test func noFileIsTooLong() {
    for file in SourceTree.files {
      #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count - 1) lines; look for its second reason")
    }
  }

  /// What swift-format cannot break, a reader cannot read.
  @Test func noLineIsTooLong() {
    let long = SourceTree.files.flatMap { file in
      file.lines.enumerated().filter { $0.element.count > 120 }.map { "\(file.path):\($0.offset + 1)" }
    }
    #expect(long == [])
  }

  /// A function that does not fit a screen has parts with names of their own.
  @Test func noFunctionIsTooLong() {
    for file in SourceTree.files where file.isSwift && file.path.hasPrefix("Sources/") {
      for (name, length) in functions(of: file) {
        #expect(length <= 60, "\(file.path): \(name) has \(length) lines")
      }
    }
  }

  /// Functions and initializers with their lengths: from the keyword to the brace that closes at its indentation.
  private func functions(of file: SourceFile) -> [(String, Int)] {
    var found: [(String, Int)] = []
    for (start, line) in file.code.enumerated() {
      let text = line.drop { $0 == " " }
      let words = text.split(separator: " ")
      guard words.contains("func") || words.contains(where: { $0.hasPrefix("init(") }), !text.hasPrefix("guard")
      else { continue }
      let indent = line.prefix { $0 == " " }
      guard let end = file.code[start...].firstIndex(where: { $0 == indent + "}" }) else { continue }
      // A one-line body has no brace of its own: what closes is somebody else's.
      guard !line.hasSuffix("}") else { continue }
      found.append((String(text.prefix(60)), end - start + 1))
    }
    return found
  }

  /// What is begun is finished, or it is not here.
  @Test func nothingIsLeftUnfinished() {
    // Put together here, so that this file does not hold what it looks for.
    let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK:"]
    for file in SourceTree.files {
      let found = marks.filter { mark in file.lines.contains { $0.contains(mark) } }
      #expect(found.isEmpty, "\(file.path) holds \(found.joined(separator: ", "))")
    }
  }

  /// One word for one idea: what has a name of the field is not called otherwise again.
  static let bannedNames: [String: String] = [
    "Wording": "TextFormat", "Leftovers": "StaleResources", "Stranger": "ForeignProcess",
    "Evidence": "FailureArtifacts",
    "BudgetWish": "BudgetRequest", "AxisWish": "AxisOverride", "RowGlob": "RowFilter",
    "KeptFolders": "PreservedWorkspaces",
    "Wakefulness": "nothing: an export changes no setting of the machine", "Awakening": "nothing",
    "KeepAwake": "nothing", "ExportState": "ExportedFile", "ExportServer": "ExportLifecycle",
    "StartFailure": "StartError",
  ]

  /// Thrown although nothing went wrong: somebody has ended the program.
  static let endings: Set<String> = ["Interrupted", "StopRequested"]

  @Test func noNameOfOldComesBack() {
    for file in SourceTree.files where file.path.hasPrefix("Sources/") {
      for word in file.words {
        if let better = Self.bannedNames[word] { Issue.record("\(file.path) says \(word); it is \(better)") }
      }
    }
  }

  /// One suffix for one idea: who reads a `catch` need not look up what it catches.
  @Test func anErrorIsCalledError() {
    for file in SourceTree.files where file.path.hasPrefix("Sources/") && file.isSwift {
      for line in file.code {
        guard let name = line.firstMatch(of: #/(?:struct|enum|class) (\w+):.*\bError\b/#).map({ String($0.1) }) else {
          continue
        }
        #expect(
          name.hasSuffix("Error") || Self.endings.contains(name),
          "\(file.path) declares \(name): an error is called …Error")
      }
    }
  }

  /// The package has one client, itself: `public` would promise what nobody keeps.
  @Test func nothingIsPublic() {
    for file in SourceTree.files where file.isSwift && file.path.hasPrefix("Sources/") {
      #expect(!file.words.contains("public"), "\(file.path)")
    }
  }

  /// Both stop at the first read that brings less than was asked for: of a file of /proc or /sys they return a page.
  @Test func filesOfTheKernelAreReadToTheirEnd() {
    for file in SourceTree.files where file.isSwift && file.path.hasPrefix("Sources/") {
      let wrong = file.code.enumerated().filter {
        $0.element.contains("contentsOfFile:") || $0.element.contains(#/(Data|String)(\.init)?\(contentsOf:/#)
      }
      #expect(wrong.isEmpty, "\(file.path):\(wrong.map { "\($0.offset + 1)" }.joined(separator: ","))")
    }
  }

  /// Readers of JSON recurse: what others wrote is looked at for its depth first, in the one place that does it. What
  /// the harness itself has just encoded has no depth to fear.
  @Test func jsonOfOthersHasOneReader() {
    let own = ["Sources/Harness/Parsing/OutsideJSON.swift", "Sources/Harness/Store/ReadableRun.swift"]
    for file in SourceTree.swift(below: "Sources/Harness") where !own.contains(file.path) {
      for (number, line) in file.code.enumerated()
      where line.contains(".jsonObject(") || line.contains("oder().decode(") {
        Issue.record("\(file.path):\(number + 1) reads JSON: it is OutsideJSON's")
      }
    }
  }

  /// `Int(number)` ends the process where a number with a fraction is none, or too large: from outside any may come.
  /// `Int(clamping:)` (Support/ClampedNumbers) ends nothing.
  @Test func noFractionBecomesAnIntegerUnclamped() {
    // As far as a line shows it; a call with a label (clamping, exactly, bitPattern) is another one.
    let call = #/\bU?Int(8|16|32|64)?\((?!\w+:)/#
    let fraction = #/\.rounded\(|Double\(|(^|[^\w$])\d+(\.|[eE]-?)\d|[sS]econds \*|\.seconds\(1\)/#
    for file in SourceTree.files where file.isSwift && file.path.hasPrefix("Sources/") {
      for (number, line) in file.lines.enumerated() {
        guard line.contains("Int"), !line.drop(while: { $0 == " " }).hasPrefix("//") else { continue }
        for place in line.matches(of: call) {
          var depth = 1
          let argument = line[place.range.upperBound...].prefix {
            depth += $0 == "(" ? 1 : $0 == ")" ? -1 : 0
            return depth > 0
          }
          #expect(
            !argument.contains(fraction) || argument.contains("clamping:"),
            "\(file.path):\(number + 1) says \(place.0)\(argument)): clamp it")
        }
      }
    }
  }

  /// Rooms of the harness whose business is what other programs, the kernel and people wrote.
  static let roomsOfOutsideText = ["Judge", "Run", "Plan", "Parsing", "Subjects", "Probe", "Stream", "Image"]

  /// A String is equal to another by the rules of Unicode, and what is no UTF-8 is lost in it: in these rooms text from
  /// outside is a ByteText, and what is for people comes from its `shown`.
  @Test(arguments: roomsOfOutsideText) func textFromOutsideIsBytes(_ room: String) {
    for file in SourceTree.swift(below: "Sources/Harness/\(room)") {
      for (number, line) in file.code.enumerated() {
        let made = ["String(decoding:", "String(bytes:", "String(data:", ".replacingOccurrences("].filter(line.contains)
        #expect(made.isEmpty, "\(file.path):\(number + 1) makes a String of bytes: \(made)")
      }
    }
  }

  /// Methods of String that go by Characters, as they stand in code without its literals, and what goes by bytes.
  static let characterwise: [(method: String, better: String)] = [
    (".hasPrefix(", "begins(with:)"), (".hasSuffix(", "ends(with:)"), (".components(separatedBy", "fields"),
    (".split(separator: )", "fields"), (".split(separator: ,", "fields"), (".trimmingCharacters(", "trimmed"),
    (".firstIndex(of: )", "cut(at:)"), (".lastIndex(of: )", "utf8.lastIndex"),
    (".replacing(, with", "doubling"), (".range(of:", "cut(at:)"), (".lowercased(", "nothing"),
    (".uppercased(", "nothing"), (".caseInsensitiveCompare(", "nothing"), (".localizedCompare(", "nothing"),
  ]

  /// A `=` before a combining mark is a sign to the kernel, a shell and fio, and none to a String: what these rooms cut
  /// and compare is cut and compared by bytes (Support/ByteWise).
  @Test(arguments: roomsOfOutsideText) func textFromOutsideIsCutAtBytes(_ room: String) {
    for file in SourceTree.swift(below: "Sources/Harness/\(room)") {
      for (number, line) in file.code.enumerated() {
        for rule in Self.characterwise where line.contains(rule.method) {
          Issue.record("\(file.path):\(number + 1) says \(rule.method): it is \(rule.better)")
        }
      }
    }
  }

  /// A page is a template, which its engine escapes: markup in a string is escaped by whoever thinks of it.
  @Test func noPageIsWrittenInStrings() {
    for file in SourceTree.swift(below: "Sources/Harness/Reports/Page") {
      let tag = #/"</?[a-z!]|</[a-z]/#
      let wrong = file.lines.enumerated().filter { $0.element.contains(tag) }
      #expect(wrong.isEmpty, "\(file.path):\(wrong.map { "\($0.offset + 1)" }.joined(separator: ","))")
    }
  }

  /// What is declared and used by nobody is dead: a reader takes it for something that matters.
  @Test func noFileIsDead() {
    let sources = SourceTree.files.filter { $0.isSwift && $0.path.hasPrefix("Sources/") }
    for file in sources where !file.declared.isEmpty {
      // Whole lines: a literal's interpolation is a use too.
      let isUsed = sources.contains { other in
        other.path != file.path
          && (!other.words.isDisjoint(with: file.declared)
            || other.lines.contains { line in line.contains("\\(") && file.declared.contains { line.contains($0) } })
      }
      let isEntry = file.lines.contains { $0.contains("@main") }
      #expect(isUsed || isEntry, "nobody uses \(file.path)")
    }
  }

  /// What a target names and never imports costs every newcomer its download or its build, and says that the target
  /// leans on it.
  @Test func everyDependencyIsImported() throws {
    let manifest = try #require(SourceTree.text("Package.swift"))
    let targets = manifest.split(separator: #/\.(executableTarget|target|testTarget)\(/#).dropFirst()
    #expect(targets.count > 10)
    var named = Set<String>()
    for target in targets {
      let name = try #require(target.firstMatch(of: #/name: "(\w+)"/#)).1
      let folder =
        target.firstMatch(of: #/path: "([^"]+)"/#)?.1 ?? "\(name.hasSuffix("Tests") ? "Tests" : "Sources")/\(name)"
      guard let list = target.firstMatch(of: #/dependencies: \[(?s)(.*?)\]/#)?.1 else { continue }
      let imported = SourceTree.swift(below: String(folder)).reduce(into: Set<String>()) { $0.formUnion($1.imports) }
      for module in list.replacing(#/package: "[^"]+"/#, with: "").matches(of: #/"([^"]+)"/#).map({ String($0.1) }) {
        #expect(imported.contains(module), "target \(name) names \(module), and no source of it imports that")
      }
      named.formUnion(list.matches(of: #/"([^"]+)"/#).map { String($0.1) })
    }
    for package in manifest.matches(of: #/\.package\(url: "[^"]*\/([^"\/]+)"/#).map({ String($0.1) }) {
      #expect(named.contains(package), "Package.swift has the package \(package), and no target names it")
    }
  }

  /// Figures depend on the packages that made them: the manifest names exact versions.
  @Test func dependenciesAreExact() throws {
    let manifest = try #require(SourceTree.text("Package.swift"))
    let packages = manifest.split(separator: "\n").filter { $0.contains(".package(url:") }
    #expect(!packages.isEmpty)
    for line in packages { #expect(line.contains("exact:"), "\(line)") }
  }

  /// A scenario without a golden judges nothing; a golden without a scenario is judged by nobody.
  @Test func everyScenarioHasItsGoldenAndTheOtherWayRound() throws {
    let folder = SourceTree.root.appendingPathComponent("scenarios")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    func stems(_ suffix: String) -> Set<String> {
      Set(names.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) })
    }
    #expect(stems(".yaml").count > 50)
    #expect(stems(".yaml").subtracting(stems(".out")) == [], "scenarios without a golden")
    #expect(stems(".out").subtracting(stems(".yaml")) == [], "goldens without a scenario")
  }
}
