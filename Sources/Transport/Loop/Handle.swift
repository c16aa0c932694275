import CUV

/// libuv's casts from a handle's own type to the types that its functions take.
extension UnsafeMutablePointer {
  /// The pointer as `uv_handle_t *`; for the types of libuv that begin with one.
  var asHandle: UnsafeMutablePointer<uv_handle_t> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: uv_handle_t.self)
  }

  /// The pointer as `uv_stream_t *`; for `uv_tcp_t`.
  var asStream: UnsafeMutablePointer<uv_stream_t> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: uv_stream_t.self)
  }
}

/// An object that a libuv handle or request keeps alive and whose callbacks it receives.
///
/// The handle's `data` holds a reference, which `released` gives back when no callback can follow.
enum HandleOwner {
  /// Makes the pointer that goes into a handle's `data`; the object lives until it is released.
  static func retained(_ object: AnyObject) -> UnsafeMutableRawPointer {
    Unmanaged.passRetained(object).toOpaque()
  }

  /// The object behind a handle's `data`, which must be of type `T` or nil.
  static func object<T: AnyObject>(_ data: UnsafeMutableRawPointer?, as type: T.Type) -> T? {
    data.map { Unmanaged<T>.fromOpaque($0).takeUnretainedValue() }
  }

  /// The object behind a handle's `data`, with the reference that the handle held.
  static func released<T: AnyObject>(_ data: UnsafeMutableRawPointer?, as type: T.Type) -> T? {
    data.map { Unmanaged<T>.fromOpaque($0).takeRetainedValue() }
  }
}
