// The command line: which options there are, in the order in which they act.

/// One option with its value.
enum Command: Equatable {
  case object(ByteText)
  case blockdev(ByteText)
  case export(ByteText)
  case chardev(ByteText)
  case monitor(ByteText)
}

/// A parsed command line.
struct CommandLineOptions: Equatable {
  var commands: [Command] = []
  var pidFile: ByteText?
  var daemonizes = false
  var showsHelp = false
  var showsVersion = false

  /// Takes `--name value` and `--name=value`.
  init(_ words: [ByteText]) throws(UsageError) {
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("-") else { throw UsageError("Unexpected argument: '\(word)'") }
      let mark = word.bytes.firstIndex(of: UInt8(ascii: "="))
      let name = ByteText(word.bytes[..<(mark ?? word.bytes.endIndex)])
      var inline = mark.flatMap { word.hasPrefix("--") ? ByteText(word.bytes[($0 + 1)...]) : nil }
      func value() throws(UsageError) -> ByteText {
        if let found = inline {
          inline = nil
          return found
        }
        guard let found = rest.popFirst() else { throw UsageError("Option '\(name)' needs an argument") }
        return found
      }
      switch name {
      case "--object": commands.append(.object(try value()))
      case "--blockdev": commands.append(.blockdev(try value()))
      case "--export": commands.append(.export(try value()))
      case "--chardev": commands.append(.chardev(try value()))
      case "--monitor": commands.append(.monitor(try value()))
      case "--pidfile": pidFile = try value()
      case "--daemonize": daemonizes = true
      case "-h", "--help": showsHelp = true
      case "-V", "--version": showsVersion = true
      case "--nbd-server":
        throw UsageError("Option '\(name)' is not offered by this export")
      default: throw UsageError("Unknown option '\(name)'")
      }
      if inline != nil { throw UsageError("Option '\(name)' takes no argument") }
    }
  }

  static let help = """
    usage: fusebench export [OPTION]...
    Serves disk images as files, with qemu-storage-daemon's options:

      --object iothread,id=NAME[,poll-max-ns=N][,aio-max-batch=N][,event-loop=auto|io_uring|epoll]
          a thread that can serve exports. poll-max-ns: how long it looks for work before it sleeps
          (default 50000, given up when it finds nothing, or many requests wait anyway; 0: never).
          aio-max-batch: answers of nodes that it passes on before it looks for new requests
          (default, and 0: 1). event-loop: what it waits by and what carries its nodes' I/O: an
          io_uring, or epoll and a pool of threads (auto, the default: io_uring, and epoll where the
          system denies that, which statistics say, and standard error where it is a terminal)
      --object main-loop,id=NAME[,poll-max-ns=N][,aio-max-batch=N][,event-loop=auto|io_uring|epoll]
          the same for the thread that serves exports without an iothread
      --blockdev driver=file,node-name=NAME,filename=FILE[,cache.direct=on|off]
          [,aio=threads|native|io_uring][,discard=ignore|unmap][,read-only=on|off]
          [,locking=on|off|auto]
          all I/O of a node runs on the event loop of the thread that serves the request: threads
          and native are taken for the sake of qemu-storage-daemon's command lines and change
          nothing; io_uring is an error where that event loop is epoll
      --blockdev driver=null-co,node-name=NAME[,size=N][,read-zeroes=on|off][,latency-ns=N]
          [,read-only=on|off]
      --blockdev driver=raw,node-name=NAME,file=NODE[,offset=N][,size=N][,read-only=on|off]
      --blockdev driver=blkdebug,node-name=NAME,image=NODE[,inject-error.0.iotype=read|write|flush
          |discard|write-zeroes][,inject-error.0.errno=N][,inject-error.0.sector=N]
          [,inject-error.0.once=on|off][,inject-error.0.immediately=on|off][,inject-error.1...]
      --blockdev driver=latency,node-name=NAME,file=NODE[,latency-ns=N]
          nodes; a child may also be written inline (file.driver=file,file.filename=...)
      --export type=fuse,id=ID,node-name=NODE,mountpoint=FILE[,writable=on|off]
          [,growable=on|off][,allow-other=on|off|auto][,io-uring=on|off]
          [,fixed-iothread=on|off][,iothread=NAME | ,iothread.0=NAME,iothread.1=NAME...]
          [,queue-depth=N][,stats=FILE][,trace=FILE][,handover=FILE][,adopt=FILE | ,adopt-fd=N]
          a FUSE export; a list of iothreads serves it over cloned fds, io-uring=on over
          kernel rings; queue-depth (default 64) is requests per fd or entries per ring queue;
          stats gets its statistics when it stops and on SIGUSR1; trace gets a line for each request and
          each answer, in the words of the FUSE protocol; handover makes a socket where another
          process can take the export over while it is used; adopt takes it over from there, adopt-fd from an
          inherited /dev/fuse descriptor whose server is gone: it stays mounted on mountpoint, and
          clients see a pause (docs/handover.md; not with io-uring=on)
      --chardev socket,id=NAME,path=FILE[,server=on|off][,wait=on|off]
      --chardev stdio,id=NAME
          where commands come from: a unix socket that is made (server=on; wait=on, the default,
          waits for the first client) or connected to, or standard input and output
      --monitor chardev=NAME[,mode=control][,pretty=on|off]
          takes QMP commands there (docs/control-socket.md): object-add, object-del, blockdev-add,
          blockdev-del, block-export-add, block-export-del, query-block-exports,
          query-named-block-nodes, query-version, quit
      --pidfile FILE    written when everything is served
      --daemonize       return when everything is served
      -h, --help        this text
      -V, --version     the version

    A value may also be a JSON object. Names are bytes: any path that the kernel takes works. Files that the export
    writes (stats, pidfile, sockets) follow no link that another user has made, and devices and pipes are written to.
    SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGXCPU, SIGALRM and SIGUSR2 end the process in order; SIGHUP does nothing
    under nohup.

    """
}
