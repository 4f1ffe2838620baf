/// A chat endpoint that behaves as the address tells it to, faults included. Sockets only: it shares no code with the
/// client.
///
///     StubLLM RECORDS
///
/// It listens on a free port of 127.0.0.1, which it prints, and ends when its standard input does. Each request is
/// appended to the file RECORDS as a line of JSON before it is answered.
///
/// What it does stands in the path before `/v1`, one word a component: `/status=503/times=2/v1/chat/completions` fails
/// twice and then answers. `Behaviour` lists the words.

import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

guard CommandLine.arguments.count == 2 else {
    print("usage: StubLLM RECORDS")
    exit(64)
}
let records = Records(path: CommandLine.arguments[1])
let listener = Listener()
print(listener.port)
fflush(nil)

Thread.detachNewThread {
    var count = 0
    while let connection = listener.accept(number: count + 1) {
        count += 1
        Thread.detachNewThread { Conversation(connection: connection, records: records).run() }
    }
}

// The parent holds the other end: it closes when the parent ends, however it ends.
var byte: UInt8 = 0
while read(STDIN_FILENO, &byte, 1) > 0 {}
exit(0)
