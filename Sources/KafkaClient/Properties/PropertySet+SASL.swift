internal import HTTP
internal import Transport

extension PropertySet {
  /// Whose password is needed and not given, so that somebody may be asked for it; nil where all is there.
  public var passwordWanted: String? {
    guard speaksSASL, let username = text("sasl.username"), text("sasl.password") == nil,
      text("sasl.jaas.config") == nil, (try? mechanism)?.needsPassword == true
    else { return nil }
    return username
  }

  /// Whether `security.protocol` is one with SASL.
  var speaksSASL: Bool { text("security.protocol")?.hasPrefix("sasl_") == true }

  private var mechanism: SASLMechanism {
    get throws(PropertyError) {
      let name = text("sasl.mechanisms") ?? SASLMechanism.gssapi.rawValue
      if let mechanism = SASLMechanism(rawValue: name.uppercased()) { return mechanism }
      let all = SASLMechanism.allCases.map(\.rawValue).joined(separator: ", ")
      throw .invalid(name, "sasl.mechanisms", hint: "it takes one of \(all)")
    }
  }

  /// What `sasl.*` come to; nil where `security.protocol` is one without SASL.
  ///
  /// - Throws: `PropertyError` where something is missing or contradicts something else.
  var sasl: SASLConfiguration? {
    get throws(PropertyError) {
      guard speaksSASL else { return nil }
      var sasl = SASLConfiguration(try mechanism)
      sasl.isEncrypted = text("security.protocol") == "sasl_ssl"
      let jaas = try jaas(sasl.mechanism)
      switch sasl.mechanism {
      case .plain, .scramSHA256, .scramSHA512:
        guard let username = text("sasl.username") ?? jaas["username"], !username.isEmpty else {
          throw missing("sasl.username", sasl.mechanism, "or hbcat's option --user")
        }
        guard let password = text("sasl.password") ?? jaas["password"] else {
          throw missing(
            "sasl.password", sasl.mechanism,
            "or sasl.password.file, sasl.password.env or hbcat's option --password-file")
        }
        sasl.username = username
        sasl.password = Secret(password)
        sasl.isDelegationToken = jaas["tokenauth"]?.lowercased() == "true"
        if sasl.isDelegationToken, sasl.mechanism == .plain {
          throw .conflict("sasl.jaas.config", "delegation tokens (tokenauth) need SCRAM, not PLAIN")
        }
        // What the mechanism cannot carry is an error before anything is dialled (S29).
        do throws(SASLError) {
          _ = try PlainExchange(username: username, password: sasl.password)
        } catch { throw PropertyError(.invalidValue, "sasl.username", error.description) }
      case .oauthBearer: sasl.tokens = try tokens(jaas)
      case .gssapi:
        sasl.kerberos.serviceName =
          text("sasl.kerberos.service.name") ?? sasl.kerberos.serviceName
        sasl.kerberos.principal = text("sasl.kerberos.principal") ?? jaas["principal"]
        sasl.kerberos.keytab = text("sasl.kerberos.keytab") ?? jaas["keyTab"]
      }
      return sasl
    }
  }

  private func missing(_ name: String, _ mechanism: SASLMechanism, _ way: String) -> PropertyError {
    .conflict(name, "`\(name)` must be set for sasl.mechanism=\(mechanism.rawValue) (\(way))")
  }

  /// The options of the Java client's login module, which must be the mechanism's.
  private func jaas(_ mechanism: SASLMechanism) throws(PropertyError) -> [String: String] {
    let name = "sasl.jaas.config"
    guard let text = text(name) else { return [:] }
    let config: JaasConfig
    do throws(SASLError) { config = try JaasConfig(parsing: text) } catch {
      throw PropertyError(.invalidValue, name, "Invalid value for \"\(name)\": \(error)")
    }
    let wanted =
      switch mechanism {
      case .plain: "PlainLoginModule"
      case .scramSHA256, .scramSHA512: "ScramLoginModule"
      case .oauthBearer: "OAuthBearerLoginModule"
      case .gssapi: "Krb5LoginModule"
      }
    guard config.module == wanted else {
      throw .conflict(
        name,
        "`\(name)` names \(config.module), but sasl.mechanism=\(mechanism.rawValue) has "
          + wanted)
    }
    return config.options
  }

  // MARK: OAUTHBEARER

  private func tokens(_ jaas: [String: String]) throws(PropertyError) -> SASLConfiguration.Tokens {
    if text("sasl.oauthbearer.method") == "oidc" { return .endpoint(try endpoint(jaas)) }
    let name = "sasl.oauthbearer.config"
    guard bool("enable.sasl.oauthbearer.unsecure.jwt") == true else {
      throw .conflict(
        "sasl.oauthbearer.method",
        "OAUTHBEARER needs sasl.oauthbearer.method=oidc, or "
          + "enable.sasl.oauthbearer.unsecure.jwt=true with \(name) for a broker that takes tokens "
          + "that nobody has signed")
    }
    do throws(SASLError) {
      return .unsecured(try UnsecuredToken(parsing: text(name) ?? ""))
    } catch {
      throw PropertyError(.invalidValue, name, "Invalid \(name): \(error)")
    }
  }

  private func endpoint(_ jaas: [String: String]) throws(PropertyError) -> TokenEndpoint {
    for (name, only) in [
      ("sasl.oauthbearer.grant.type", "client_credentials"),
      ("sasl.oauthbearer.metadata.authentication.type", "none"),
    ] {
      guard let value = text(name), value != only else { continue }
      throw PropertyError(
        .notSupported, name, "\(name)=\(value) is not supported", hint: "use \(only)")
    }
    let urlName = "sasl.oauthbearer.token.endpoint.url"
    guard let url = text(urlName) else {
      throw .conflict(urlName, "`\(urlName)` must be set for sasl.oauthbearer.method=oidc")
    }
    var endpoint: TokenEndpoint
    do throws(SASLError) { endpoint = try TokenEndpoint(url: url) } catch {
      // The URL is not repeated: it may hold a password.
      throw PropertyError(.invalidValue, urlName, "Invalid \(urlName): \(error)")
    }
    guard let id = text("sasl.oauthbearer.client.id") ?? jaas["clientId"],
      let secret = text("sasl.oauthbearer.client.secret") ?? jaas["clientSecret"]
    else {
      throw .conflict(
        "sasl.oauthbearer.client.id",
        "`sasl.oauthbearer.client.id` and `sasl.oauthbearer.client.secret` must be set for "
          + "sasl.oauthbearer.method=oidc")
    }
    endpoint.clientId = id
    endpoint.clientSecret = Secret(secret)
    endpoint.scope = text("sasl.oauthbearer.scope") ?? jaas["scope"]
    endpoint.subClaimName = text("sasl.oauthbearer.sub.claim.name") ?? endpoint.subClaimName
    endpoint.extensions = try extensions
    endpoint.authorities = try authorities
    return endpoint
  }

  private var extensions: [(name: String, value: String)] {
    get throws(PropertyError) {
      var result: [(name: String, value: String)] = []
      for pair in text("sasl.oauthbearer.extensions")?.split(separator: ",") ?? [] {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
          throw .invalid(
            String(pair), "sasl.oauthbearer.extensions", hint: "it takes name=value,name=value")
        }
        result.append((name: String(parts[0]), value: String(parts[1])))
      }
      return result
    }
  }

  private var authorities: HTTPRequest.Authorities {
    get throws(PropertyError) {
      let path = text("https.ca.location")
      guard let pem = text("https.ca.pem") else {
        guard let path, path != "probe" else { return .system }
        return .path(path)
      }
      guard path == nil else {
        throw .conflict(
          "https.ca.location", "`https.ca.location` and `https.ca.pem` exclude one another")
      }
      return .pem(pem)
    }
  }
}
