// The harness's words as words of the command line.

import ArgumentParser
import Harness

extension Mode: ExpressibleByArgument {}
extension CheckFormat: ExpressibleByArgument {}
