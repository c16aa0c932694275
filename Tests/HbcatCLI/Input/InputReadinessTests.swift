import Glibc
import Testing

@testable import HbcatCLI

@Suite struct InputReadinessTests {
  @Test func `input, wake and both are told apart`() {
    let input = Pipe()
    let wake = Pipe()
    func wait() -> InputReadiness {
      waitForInput(input.reading, wakeDescriptor: wake.reading, timeoutMs: 0)
    }
    #expect(wait() == .timeout)
    input.write([1])
    #expect(wait() == .input)
    wake.write([1])
    #expect(wait() == .both)
    var byte: UInt8 = 0
    #expect(read(input.reading, &byte, 1) == 1)
    #expect(wait() == .wake)
  }

  @Test func `the end of input is input`() {
    let input = Pipe()
    input.closeWriting()
    #expect(waitForInput(input.reading, wakeDescriptor: -1, timeoutMs: -1) == .input)
  }

  @Test func `files can always be read, and what is left out is not waited for`() {
    let file = Capture()
    #expect(waitForInput(file.descriptor, wakeDescriptor: -1, timeoutMs: -1) == .input)
    let wake = Pipe()
    wake.write([1])
    #expect(waitForInput(-1, wakeDescriptor: wake.reading, timeoutMs: -1) == .wake)
  }

  @Test func `a short timeout ends without input`() {
    let input = Pipe()
    #expect(waitForInput(input.reading, wakeDescriptor: -1, timeoutMs: 5) == .timeout)
  }
}
