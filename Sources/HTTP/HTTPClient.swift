/// One request, one answer: by libcurl, which is opened at first use.
public enum HTTPClient {
  /// Sends a request on a connection of its own and waits for its answer; any thread but the loop's.
  ///
  /// Redirects are not followed.
  /// - Throws: `HTTPError` where no answer came, or one that is too large or too late.
  public static func perform(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
    try HTTPSession().perform(request)
  }
}
