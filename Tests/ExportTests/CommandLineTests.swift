// The command line and the objects that it makes: order, defaults, and every mistake in its own words.

import Testing

@testable import ExportUnderTest

@Suite struct CommandLineTests {
  private func failure(_ words: [ByteText]) -> String? {
    do {
      _ = try CommandLineOptions(words)
      return nil
    } catch { return error.description }
  }

  @Test func optionsKeepTheirOrder() throws {
    let words = try CommandLineOptions([
      "--object", "iothread,id=t0", "--blockdev=null-co,node-name=n", "--export", "fuse,id=e",
      "--object=iothread,id=t1",
      "--pidfile", "/run/p", "--daemonize",
    ])
    #expect(
      words.commands == [
        .object("iothread,id=t0"), .blockdev("null-co,node-name=n"), .export("fuse,id=e"),
        .object("iothread,id=t1"),
      ])
    #expect(words.pidFile == "/run/p" && words.daemonizes)
    #expect(!words.showsHelp && !words.showsVersion)
  }

  @Test func helpAndVersion() throws {
    for word: ByteText in ["-h", "--help"] { #expect(try CommandLineOptions([word]).showsHelp) }
    for word: ByteText in ["-V", "--version"] { #expect(try CommandLineOptions([word]).showsVersion) }
    for option in ["--object", "--blockdev", "--export", "--pidfile", "--daemonize", "queue-depth", "stats"] {
      #expect(CommandLineOptions.help.contains(option))
    }
  }

  @Test func mistakesAreNamed() {
    #expect(failure(["x"]) == "Unexpected argument: 'x'")
    #expect(failure(["--bogus"]) == "Unknown option '--bogus'")
    #expect(failure(["--object"]) == "Option '--object' needs an argument")
    #expect(failure(["--daemonize=yes"]) == "Option '--daemonize' takes no argument")
    #expect(failure(["--nbd-server", "addr.type=unix"]) == "Option '--nbd-server' is not offered by this export")
  }
}

/// What `--object`, `--blockdev` and `--export` refuse. Nothing here gets as far as a mount.
@Suite(.needsRing) final class ObjectGraphTests {
  private let graph = ObjectGraph(waker: .none)

  deinit { _ = graph.stop() }

  private func fault(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch { return "\(error)" }
  }

  private func object(_ words: ByteText) -> String? {
    fault { try graph.addObject(OptionValue.parse(words, implied: "qom-type")) }
  }

  private func blockdev(_ words: ByteText) -> String? {
    fault { try graph.addNode(OptionValue.parse(words, implied: "driver")) }
  }

  private func export(_ words: ByteText) -> String? {
    fault { try graph.addExport(OptionValue.parse(words, implied: "type")) }
  }

  @Test func iothreads() {
    #expect(object("iothread,id=t0") == nil)
    #expect(object("iothread,id=t1,poll-max-ns=0") == nil)
    #expect(graph.threads.keys.sorted() == ["t0", "t1"])
    #expect(object("iothread,id=t0") == "attempt to add duplicate iothread 't0'")
    #expect(object("iothread") == "Parameter 'id' is missing")
    #expect(object("iothread,id=0t") == "Parameter 'id' expects an identifier, not '0t'")
    #expect(object("iothread,id=t2,bogus=1") == "Parameter 'bogus' is unexpected")
    #expect(
      object("iothread,id=t2,poll-max-ns=x")
        == "Parameter 'poll-max-ns' expects a number from 0 to 9223372036854775807")
    #expect(object("iothread,id=t2,aio-max-batch=1025") == "Parameter 'aio-max-batch' expects a number from 0 to 1024")
    #expect(object("throttle-group,id=g") == "invalid object type: throttle-group")
    #expect(graph.threads.count == 2)
  }

  @Test func theMainLoop() {
    #expect(object("main-loop,id=main,poll-max-ns=0,aio-max-batch=0") == nil)
    #expect(object("main-loop,id=other") == "only one main-loop instance allowed")
    #expect(object("iothread,id=main") == "attempt to add duplicate iothread 'main'")
    #expect(
      fault { try graph.removeObject("main") } == "object 'main' is in use, can not be deleted: it is the main loop")
    #expect(graph.threads.isEmpty)
  }

  @Test func nodes() throws {
    let file = try TemporaryFile(length: 10_000)
    #expect(blockdev("null-co,node-name=null,size=1M,read-zeroes=on,latency-ns=5") == nil)
    #expect(blockdev("null-co,node-name=standard") == nil)
    #expect(graph.nodes["standard"]?.node.view.length == 1 << 30)
    #expect(blockdev("file,node-name=prot,filename=\(file.path),aio=native,discard=unmap,locking=off") == nil)
    #expect(blockdev("raw,node-name=fmt,file=prot,offset=1k,size=2k") == nil)
    #expect(graph.nodes["fmt"]?.node.view.length == 2048)
    #expect(
      blockdev(
        "raw,node-name=inline,file.driver=file,file.filename=\(file.path),file.cache.direct=off,read-only=on")
        == nil)
    #expect(graph.nodes["inline"]?.node.isReadOnly == true)
    #expect(
      blockdev(
        #"{"driver": "raw", "node-name": "json", "file": {"driver": "null-co", "size": 4096}, "size": 512}"#)
        == nil)
    #expect(graph.nodes["json"]?.node.view.length == 512)
    #expect(blockdev("raw,node-name=both,file.driver=null-co,file.node-name=child") == nil)
    #expect(graph.nodes["child"] != nil)
  }

  @Test func mistakesInNodes() throws {
    let file = try TemporaryFile(length: 1000)
    #expect(blockdev("null-co") == "'node-name' must be specified for the root node")
    #expect(blockdev("null-co,node-name=1n") == "Invalid node-name: '1n'")
    #expect(blockdev("node-name=n") == "Parameter 'driver' is missing")
    #expect(blockdev("qcow2,node-name=n") == "Unknown driver 'qcow2'")
    #expect(blockdev("null-co,node-name=n,bogus=1") == "Parameter 'bogus' is unexpected")
    #expect(blockdev("file,node-name=n") == "Parameter 'filename' is missing")
    #expect(
      blockdev("file,node-name=n,filename=/nonexistent")
        == "Could not open '/nonexistent': No such file or directory")
    #expect(
      blockdev("file,node-name=n,filename=\(file.path),aio=posix")
        == "Parameter 'aio' does not accept value 'posix'")
    #expect(
      blockdev("file,node-name=n,filename=\(file.path),discard=off")
        == "Parameter 'discard' does not accept value 'off'")
    #expect(
      blockdev("file,node-name=n,filename=\(file.path),cache.bogus=on")
        == "Parameter 'cache.bogus' is unexpected")
    #expect(
      blockdev("file,node-name=n,filename=\(file.path),cache=writeback")
        == "Invalid parameter type for 'cache', expected: object")
    #expect(blockdev("raw,node-name=n") == "A block device must be specified for \"file\"")
    #expect(blockdev("raw,node-name=n,file=none") == "Cannot find device='' nor node-name='none'")
    #expect(
      blockdev("raw,node-name=n,file.driver=null-co,file.bogus=1") == "Parameter 'file.bogus' is unexpected")
    #expect(
      blockdev("raw,node-name=n,file.driver=file,file.filename=\(file.path),offset=1001")
        == "Offset (1001) cannot be greater than size of the containing file (1000)")
    #expect(graph.nodes.isEmpty)
    #expect(blockdev("null-co,node-name=n") == nil)
    #expect(blockdev("null-co,node-name=n") == "Duplicate nodes with node-name='n'")
    #expect(
      blockdev("raw,node-name=m,file.driver=null-co,file.node-name=n") == "Duplicate nodes with node-name='n'")
    #expect(
      blockdev("raw,node-name=m,file.driver=null-co,file.node-name=m") == "Duplicate nodes with node-name='m'")
    #expect(blockdev("raw,node-name=o,file.driver=null-co,file.node-name=1") == "Invalid node-name: '1'")
  }

  @Test func mistakesInExports() {
    #expect(object("iothread,id=t0") == nil)
    #expect(blockdev("null-co,node-name=n") == nil)
    #expect(blockdev("null-co,node-name=ro,read-only=on") == nil)
    let good = "fuse,id=e,node-name=n,mountpoint=/nonexistent"
    #expect(export("nbd,id=e") == "Parameter 'type' does not accept value 'nbd'")
    #expect(export("id=e") == "Parameter 'type' is missing")
    #expect(export("fuse,node-name=n,mountpoint=/x") == "Parameter 'id' is missing")
    #expect(export("fuse,id=e,mountpoint=/x") == "Parameter 'node-name' is missing")
    #expect(export("fuse,id=e,node-name=n") == "Parameter 'mountpoint' is missing")
    #expect(export("fuse,id=1 e,node-name=n,mountpoint=/x") == "Invalid block export id")
    #expect(export("\(good),bogus=1") == "Parameter 'bogus' is unexpected")
    #expect(export("\(good),writable=maybe") == "Parameter 'writable' expects 'on' or 'off', not 'maybe'")
    #expect(export("\(good),allow-other=yes") == "Parameter 'allow-other' does not accept value 'yes'")
    #expect(export("\(good),keep-awake=on") == "Parameter 'keep-awake' is unexpected")
    #expect(export("\(good),queue-depth=0") == "Parameter 'queue-depth' expects a number from 1 to 1024")
    #expect(export("\(good),growable=on") == "growable=on needs writable=on")
    #expect(export("\(good),iothread=t9") == "iothread \"t9\" not found")
    #expect(export("\(good),iothread.0=t0,iothread.1=t9") == "iothread \"t9\" not found")
    #expect(
      export("\(good),iothread.0=t0,fixed-iothread=on")
        == "Cannot use fixed-iothread for a multi-threaded export")
    #expect(
      export(#"{"type": "fuse", "id": "e", "node-name": "n", "mountpoint": "/x", "iothread": []}"#)
        == "The set of I/O threads must not be empty")
    #expect(
      export("\(good),iothread.0=t0,iothread.2=t0")
        == "Invalid parameter type for 'iothread', expected: a name or a list of names")
    #expect(
      export("\(good),iothread.0.x=t0") == "Invalid parameter type for 'iothread', expected: a list of names")
    #expect(export("\(good),adopt=/x,adopt-fd=9") == "'adopt' and 'adopt-fd' exclude each other")
    #expect(export("\(good),adopt-fd=2") == "Parameter 'adopt-fd' expects a number from 3 to 2147483647")
    #expect(export("\(good),iothread=t0,adopt-fd=999") == "adopt-fd=999: descriptor 999 is no open /dev/fuse")
    #expect(
      export("\(good),iothread=t0,adopt=/nonexistent")
        == "Failed to connect to '/nonexistent': No such file or directory "
        + "(the process to take over from listens at its handover=PATH)")
    for word in ["handover=/x", "adopt=/x", "adopt-fd=9"] {
      let text = export("\(good),iothread.0=t0,io-uring=on,\(word)")
      #expect(text?.hasPrefix("io-uring=on cannot be handed over: ") == true)
    }
    #expect(
      export("fuse,id=e,node-name=none,mountpoint=/x,iothread=t0")
        == "Cannot find device='' nor node-name='none'")
    #expect(
      export("fuse,id=e,node-name=ro,mountpoint=/x,writable=on,iothread=t0") == "Block node is read-only")
  }

  @Test func mountPointsAreCheckedBeforeAnythingIsMounted() throws {
    let file = try TemporaryFile(length: 0)
    #expect(blockdev("null-co,node-name=n") == nil)
    #expect(
      export("fuse,id=e,node-name=n,mountpoint=/nonexistent")
        == "Failed to stat '/nonexistent': No such file or directory")
    #expect(
      export("fuse,id=e,node-name=n,mountpoint=\(file.path)/x")
        == "Failed to stat '\(file.path)/x': Not a directory")
    #expect(export("fuse,id=e,node-name=n,mountpoint=/") == "'/' is not a regular file")
    #expect(export("fuse,id=e,node-name=n,mountpoint=/dev/null") == "'/dev/null' is not a regular file")
    #expect(graph.exports.isEmpty)
  }
}
