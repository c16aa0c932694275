import HTTP
import Synchronization
import TestSupport

/// A session that a test hands from thread to thread.
final class SharedSession: Sendable {
  private let session = Mutex(HTTPSession())

  func perform(_ request: HTTPRequest, isStopping: @escaping @Sendable () -> Bool = { false }) async
    -> Result<HTTPResponse, HTTPError>
  {
    await onOwnThread { [self] in
      session.withLock { session in
        do throws(HTTPError) {
          return .success(try session.perform(request, isStopping: isStopping))
        } catch {
          return .failure(error)
        }
      }
    }
  }

  func send(_ mail: Mail) async -> HTTPError? {
    await onOwnThread { [self] in
      session.withLock { session in
        do throws(HTTPError) {
          try session.send(mail)
          return nil
        } catch {
          return error
        }
      }
    }
  }
}

extension Result {
  /// The error; nil for a success.
  var failure: Failure? {
    if case .failure(let error) = self { error } else { nil }
  }
}
