import KafkaProtocol
import Transport

/// ConsumerGroupDescribe 0–1 (KIP-848).
enum ConsumerGroupDescribeHandler: Handler {
  typealias Request = ConsumerGroupDescribeRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...1 }

  static func handle(
    _ request: ConsumerGroupDescribeRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = ConsumerGroupDescribeResponse()
    response.groups = request.groupIds.map { id in
      var group = ConsumerGroupDescribeResponse.DescribedGroup()
      do throws(GroupRefusal) {
        if let fault = call.coordinatorFault(id) { throw GroupRefusal(fault) }
        group = try call.broker.groups.describe(id)
      } catch {
        group.errorCode = error.code
        group.errorMessage = error.message
      }
      group.groupId = id
      return group
    }
    return try reply(response, call)
  }
}
