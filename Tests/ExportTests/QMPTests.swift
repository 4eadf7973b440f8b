// The control socket's parts, without a mount: cutting bytes into commands, replies, the commands themselves.

import Foundation
import Glibc
import Testing

@testable import ExportUnderTest

@Suite struct QMPFramerTests {
  private func pieces(_ texts: String...) -> [String] {
    var splitter = QMPFramer()
    return texts.flatMap { splitter.take(Array($0.utf8)) }.map {
      switch $0 {
      case .command(let bytes): String(decoding: bytes, as: UTF8.self)
      case .fault(let why): why
      }
    }
  }

  @Test func commandsEndWhereBracketsBalance() {
    #expect(pieces("{}{\"a\": [1]}\r\n {}\n") == ["{}", "{\"a\": [1]}", "{}"])
    #expect(pieces("{\"a\":\n1}") == ["{\"a\":\n1}"])
    #expect(pieces("{\"a", "\": \"}\\\"{\"", "}") == ["{\"a\": \"}\\\"{\"}"])
    #expect(pieces("", " \n\t\r\n") == [])
    #expect(pieces("[{}]") == ["[{}]"])
  }

  @Test func whatIsUnreadableIsDroppedToTheEndOfItsLine() {
    #expect(pieces("quit {} {}\n{}") == [QMPFramer.badSyntax, "{}"])
    #expect(pieces("}\n{}") == [QMPFramer.badSyntax, "{}"])
    #expect(pieces("{\"open\n{}") == [QMPFramer.badSyntax, "{}"])
  }

  @Test func aByteOfNoTextEndsHalfACommand() {
    var splitter = QMPFramer()
    #expect(splitter.take(Array("{\"a\": \"".utf8) + [0xff]) == [.fault(QMPFramer.badSyntax)])
    #expect(splitter.take(Array("{}".utf8)) == [.command(Array("{}".utf8))])
  }

  @Test func aCommandHasALimit() {
    let longest = "\"" + String(repeating: "x", count: QMPFramer.limit - 4) + "\""
    #expect(pieces("{" + longest + "}") == ["{" + longest + "}"])
    #expect(pieces("{ " + longest + "} {}\n{}") == [QMPFramer.tooLong, "{}"])
    let deep = String(repeating: "[", count: QMPFramer.limit + 1)
    #expect(pieces(deep, deep, "\n{}") == [QMPFramer.tooDeep, "{}"])
  }

  /// What nests too deep is refused at once, and what follows on the same line is heard.
  @Test func whatNestsTooDeepIsPassedOver() {
    let levels = JSONReader.maxDepth
    let deepest = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    #expect(pieces(deepest + "{}") == [deepest, "{}"])
    #expect(pieces("[" + deepest + "]{}") == [QMPFramer.tooDeep, "{}"])
    let half = String(repeating: "[", count: levels + 1) + "\"]]]\", "
    #expect(pieces(half, half, String(repeating: "]", count: 2 * levels + 2), "{}") == [QMPFramer.tooDeep, "{}"])
    #expect(pieces(half + "\"open\n{}") == [QMPFramer.tooDeep, "{}"])
  }
}

@Suite struct QMPSessionTests {
  private func answer(_ session: inout QMPSession, _ text: String) -> String {
    let reply = session.answer(.command(Array(text.utf8))) { name, arguments in
      switch name {
      case "echo": return .object(arguments)
      case "fail": throw UsageError("because")
      default: throw QMPError(kind: .commandNotFound, description: "no \(name)")
      }
    }
    return String(decoding: reply.json(), as: UTF8.self)
  }

  @Test func negotiationComesFirstAndOnce() {
    var session = QMPSession()
    #expect(
      answer(&session, #"{"execute": "echo", "id": 1}"#)
        == #"{"error":{"class":"CommandNotFound","desc":"#
        + #""Expecting capabilities negotiation with 'qmp_capabilities'"},"id":1}"#
    )
    #expect(!session.isNegotiated)
    #expect(
      answer(&session, #"{"execute": "qmp_capabilities", "arguments": {"enable": ["oob"]}}"#)
        == #"{"error":{"class":"GenericError","desc":"Capability 'oob' is not offered"}}"#)
    #expect(
      answer(&session, #"{"execute": "qmp_capabilities", "arguments": {"enable": []}}"#) == #"{"return":{}}"#)
    #expect(session.isNegotiated)
    #expect(answer(&session, #"{"execute": "qmp_capabilities"}"#).contains("already complete"))
  }

  @Test(arguments: ["1", "-1.5", "null", "true", #""text / é""#, #"[1,{"a":null}]"#, "9223372036854775807"])
  func idsComeBack(_ id: String) {
    var session = QMPSession()
    #expect(answer(&session, #"{"execute": "qmp_capabilities", "id": \#(id)}"#) == #"{"id":\#(id),"return":{}}"#)
    #expect(
      answer(&session, #"{"execute": "fail", "id": \#(id)}"#)
        == #"{"error":{"class":"GenericError","desc":"because"},"id":\#(id)}"#)
  }

  @Test func argumentsReachTheCommand() {
    var session = QMPSession()
    _ = answer(&session, #"{"execute": "qmp_capabilities"}"#)
    #expect(
      answer(&session, #"{"execute": "echo", "arguments": {"b": true, "a": [0.5, "x"]}}"#)
        == #"{"return":{"a":[0.5,"x"],"b":true}}"#)
    #expect(
      answer(&session, #"{"execute": "other"}"#) == #"{"error":{"class":"CommandNotFound","desc":"no other"}}"#)
  }

  @Test(arguments: [
    ("{bad}", QMPFramer.badSyntax), ("[]", "QMP input must be a JSON object"),
    ("{}", "QMP input lacks member 'execute'"), (#"{"execute": []}"#, "QMP input member 'execute' must be a string"),
    (#"{"execute": "echo", "arguments": 1}"#, "QMP input member 'arguments' must be an object"),
    (#"{"execute": "echo", "argument": {}}"#, "QMP input member 'argument' is unexpected"),
  ])
  func whatIsNoCommand(_ text: String, _ why: String) {
    var session = QMPSession()
    let reply = session.answer(.command(Array(text.utf8))) { _, _ in .null }
    #expect(reply == .object(["error": .object(["class": .string("GenericError"), "desc": .string(ByteText(why))])]))
  }

  @Test func theIDComesBackAsItWas() {
    var session = QMPSession()
    for id in ["0", "-9223372036854775808", "18446744073709551615", "0.5", "[{},null]", #""a\udce9""#] {
      #expect(answer(&session, #"{"execute": "x", "id": \#(id)}"#).hasSuffix(#""id":\#(id)}"#))
    }
  }

  @Test func nestingWithoutEndIsRefused() {
    var session = QMPSession()
    let deep = String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000)
    #expect(answer(&session, deep).contains("Invalid JSON syntax"))
  }
}

/// The commands that need no mount; the graph's own refusals are in `ObjectGraphTests`.
@Suite(.needsRing) final class ControlCommandTests {
  private let graph = ObjectGraph(waker: .none)
  private let commands: QMPCommands

  init() { commands = QMPCommands(graph, version: "1.2") }
  deinit { _ = graph.stop() }

  private func execute(_ name: String, _ json: String = "{}") -> String {
    do {
      let value = try commands.execute(ByteText(name), OptionValue.parse(ByteText(json), implied: nil))
      return String(decoding: value.json(), as: UTF8.self)
    } catch let error as QMPError {
      return "\(error.kind.rawValue): \(error.description)"
    } catch { return "\(error)" }
  }

  @Test func objectsComeAndGo() {
    #expect(execute("object-add", #"{"qom-type": "iothread", "id": "t0"}"#) == "{}")
    #expect(execute("object-del", #"{"id": "t0"}"#) == "{}")
    #expect(execute("object-del", #"{"id": "t0"}"#) == "object 't0' not found")
    #expect(execute("object-add", #"{"qom-type": "iothread", "id": "t0"}"#) == "{}")
  }

  @Test func nodesComeAndGo() {
    let raw = #"{"driver": "raw", "node-name": "top", "file": "n"}"#
    #expect(execute("blockdev-add", #"{"driver": "null-co", "node-name": "n", "size": 512}"#) == "{}")
    #expect(execute("blockdev-add", raw) == "{}")
    #expect(execute("blockdev-del", #"{"node-name": "n"}"#) == "Node 'n' is busy: node 'top' uses it")
    #expect(
      execute("query-named-block-nodes")
        == #"[{"drv":"null-co","image":{"format":"null-co","virtual-size":512},"node-name":"n","ro":false},"#
        + #"{"drv":"raw","image":{"format":"raw","virtual-size":512},"node-name":"top","ro":false}]"#)
    #expect(execute("blockdev-del", #"{"node-name": "top"}"#) == "{}")
    #expect(execute("blockdev-del", #"{"node-name": "n"}"#) == "{}")
    #expect(execute("query-named-block-nodes", #"{"flat": true}"#) == "[]")
  }

  /// A nameless part in between hides nothing from the check.
  @Test func aNodeIsInUseThroughNamelessParts() {
    #expect(execute("blockdev-add", #"{"driver": "null-co", "node-name": "n"}"#) == "{}")
    let top =
      #"{"driver": "raw", "node-name": "top", "file": {"driver": "blkdebug", "image": {"driver": "raw", "file": "n"}}}"#
    #expect(execute("blockdev-add", top) == "{}")
    #expect(execute("blockdev-del", #"{"node-name": "n"}"#) == "Node 'n' is busy: node 'top' uses it")
  }

  @Test func whatFailsLeavesNoPart() {
    let half =
      #"{"driver": "raw", "node-name": "top", "offset": 1024, "#
      + #""file": {"driver": "null-co", "node-name": "c", "size": 1}}"#
    #expect(execute("blockdev-add", half).contains("cannot be greater"))
    #expect(execute("query-named-block-nodes") == "[]")
  }

  @Test func questions() {
    #expect(execute("query-block-exports") == "[]")
    #expect(
      execute("query-version") == #"{"package":"fusebench 1.2","qemu":{"major":1,"micro":0,"minor":2}}"#)
    #expect(execute("migrate") == "CommandNotFound: The command migrate has not been found")
    #expect(execute("block-export-del", #"{"id": "e"}"#) == "Export 'e' is not found")
    #expect(execute("quit", #"{"now": true}"#) == "Parameter 'now' is unexpected" && !commands.isQuitting)
    #expect(execute("quit") == "{}" && commands.isQuitting)
  }

  @Test func eventsHaveANameDataAndTime() {
    guard case .object(let event) = QMPEvent.exportDeleted("e").value else {
      Issue.record("an event is an object")
      return
    }
    #expect(event["event"] == .string("BLOCK_EXPORT_DELETED"))
    #expect(event["data"] == .object(["id": .string("e")]))
    #expect(event.keys.sorted() == ["data", "event", "timestamp"])
  }

  /// Events pile up for a client that does not read, until it loses its connection; then the next one is served.
  @Test func aClientThatDoesNotReadIsDisconnected() throws {
    let path = NSTemporaryDirectory() + "/fusebench-\(UUID().uuidString.prefix(8)).sock"
    let chardev = try QMPChardev(
      OptionValue.parse("socket,id=c,path=\(path),server=on,wait=off", implied: "backend")
    ) { _ in }
    let monitor = QMPMonitor(chardev, greeting: commands.greeting, isPretty: false)
    let client = try QMPChardev(OptionValue.parse("socket,id=d,path=\(path)", implied: "backend")) { _ in }
    func step() {
      var requests = monitor.requests
      guard poll(&requests, 2, 1000) > 0 else { return }
      monitor.serve(requests[...], commands.execute) { true }
    }
    step()
    _ = Array(#"{"execute": "qmp_capabilities"}"#.utf8).withUnsafeBytes { client.write($0) }
    step()
    for _ in 0..<100_000 where chardev.input >= 0 { monitor.send(.exportDeleted("e")) }
    #expect(chardev.input < 0)
    #expect(monitor.isControllable)
    client.hangUp()
    #expect(access(path, F_OK) == 0)
  }
}
