/** Failures of connections, in words. */
import { asFreightError, errorsOf, FreightError, isCancellation } from "../../base/errors.ts";
import { sentences, t } from "../../shared/l10n.ts";

/** Something on the way has reported that there is no route, or nothing has answered. */
const NOT_REACHED = new Set(["ECONNREFUSED", "EHOSTUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);
/** Not even the way to the host is known: this machine has no network, the host is not at fault. */
const OFFLINE = new Set(["ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "ENETDOWN"]);
const TIMEOUTS = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "ETIMEDOUT"]);
/** A request that cannot be sent as it is: not the network's fault, and another try would not help. */
const MISUSED = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH"]);
/**
 * OpenSSL's complaints about a certificate, as Node names them (`X509Pointer::ErrorCode`); UNSPECIFIED is any
 * that Node has no name for.
 */
const CERTIFICATE =
  /^(CERT_|CRL_|ERROR_IN_C|ERR_TLS_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_|INVALID_(CA|PURPOSE)$|(PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|UNSPECIFIED)$)/;

/** What to do about a certificate that is not trusted. */
function remark(code: string): string {
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID")
    return t("It has expired, or this machine's clock is wrong.");
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return t("It was issued for another name.");
  if (code === "UNSPECIFIED") return t("Its key or its signature may be too weak.");
  // Often issued by a company whose proxy inspects the connection.
  return t(
    "If it is your company's, its certificate authority must be installed on this system (with http.systemCertificates on) or named in NODE_EXTRA_CA_CERTS.",
  );
}

function isTlsFailure(code: string): boolean {
  return code === "EPROTO" || code.startsWith("ERR_SSL_");
}

function isNotHttp(reason: unknown): boolean {
  return codeOf(reason).startsWith("HPE_") || (reason instanceof Error && reason.name === "HTTPParserError");
}

/** An error of the network, a socket or its reader: whatever its name, the connection is gone. */
function isBroken(code: string): boolean {
  return /^(E(AI_)?[A-Z0-9]+|UND_ERR_\w+|ERR_(SSL|TLS|STREAM|SOCKET)_\w+)$/.test(code);
}

/**
 * What the failure of a connection means. The error's name never tells whether the service may have acted:
 * any of them can occur on an established connection (`read EHOSTUNREACH` when no route is left for the
 * answer).
 * @param opening true while there was no connection yet: nothing of a request can have reached the service
 */
export function transportError(reason: unknown, host: string, opening = false): unknown {
  if (isNoFailure(reason)) return reason;
  return opening ? diallingError(reason, host) : brokenError(reason, host);
}

/** Cancelled, already a FreightError, or a request that cannot be sent as it is. */
function isNoFailure(reason: unknown): boolean {
  if (reason instanceof FreightError || !(reason instanceof Error)) return true;
  return isCancellation(reason) || MISUSED.has(codeOf(reason));
}

function codeOf(reason: unknown): string {
  return reason instanceof Error && "code" in reason ? String(reason.code) : "";
}

/** No connection could be made. */
function diallingError(reason: unknown, host: string): FreightError {
  const code = codeOf(reason);
  const failure = errorsOf({ cause: reason });
  if (CERTIFICATE.test(code))
    return failure(
      "certificate",
      sentences(t("The certificate of {0} is not trusted ({1}).", host, code), remark(code)),
      "showLog",
    );
  if (isTlsFailure(code))
    return failure(
      "certificate",
      t(
        "A secure connection to {0} could not be made ({1}). A proxy or the network's sign-in page may be in the way.",
        host,
        code,
      ),
      "showLog",
    );
  if (OFFLINE.has(code))
    return failure("offline", t("{0} cannot be found. There seems to be no network connection.", host));
  if (NOT_REACHED.has(code))
    return failure("network", t("{0} cannot be reached. Check the network connection.", host));
  if (TIMEOUTS.has(code)) return failure("timeout", t("{0} did not answer in time.", host));
  if (isBroken(code)) return failure("network", t("The connection to {0} was closed immediately.", host));
  return unexpected(reason, false);
}

/** An established connection is gone. Nobody can tell how much of the request has reached the service. */
function brokenError(reason: unknown, host: string): FreightError {
  const code = codeOf(reason);
  const failure = errorsOf({ cause: reason, mayHaveActed: true });
  if (TIMEOUTS.has(code)) return failure("timeout", t("{0} did not answer in time.", host));
  if (code === "UND_ERR_HEADERS_OVERFLOW")
    return failure("bad-answer", t("The answer from {0} is too large to be genuine.", host), "showLog");
  if (isNotHttp(reason)) return failure("bad-answer", t("The answer from {0} is not HTTP.", host), "showLog");
  if (OFFLINE.has(code))
    return failure(
      "offline",
      t("The connection to {0} was lost. There seems to be no network connection.", host),
    );
  if (isBroken(code) || CERTIFICATE.test(code))
    return failure("network", t("The connection to {0} was lost.", host));
  return unexpected(reason, true);
}

/** Not a failure of the network, but a bug in our code or in what we depend on. */
function unexpected(reason: unknown, mayHaveActed: boolean): FreightError {
  const { code, message, remedy } = asFreightError(reason);
  return new FreightError(code, message, { cause: reason, remedy, mayHaveActed });
}

/**
 * As `transportError`, but on the way to a proxy: nothing has reached the service.
 * @param proxy its name for people
 */
export function proxyFailure(reason: unknown, proxy: string): unknown {
  const code = codeOf(reason);
  if (isNoFailure(reason) && !MISUSED.has(code)) return reason;
  const failure = errorsOf({ cause: reason });
  if (MISUSED.has(code))
    return failure(
      "proxy-unusable",
      t(
        "The proxy {0} cannot be used: its user name, its password or http.proxyAuthorization contains characters that cannot be sent.",
        proxy,
      ),
      "openProxySettings",
    );
  if (CERTIFICATE.test(code))
    return failure(
      "certificate",
      sentences(t("The certificate of the proxy {0} is not trusted ({1}).", proxy, code), remark(code)),
      "openProxySettings",
    );
  if (isTlsFailure(code))
    return failure(
      "certificate",
      t(
        "A secure connection to the proxy {0} could not be made ({1}). It may use http, not https.",
        proxy,
        code,
      ),
      "openProxySettings",
    );
  if (OFFLINE.has(code))
    return failure(
      "offline",
      t("The proxy {0} cannot be found. There is no connection to its network, or its name is wrong.", proxy),
    );
  if (NOT_REACHED.has(code))
    return failure(
      "network",
      t("The proxy {0} cannot be reached. Check its address and the network.", proxy),
    );
  if (TIMEOUTS.has(code)) return failure("timeout", t("The proxy {0} did not answer in time.", proxy));
  if (isNotHttp(reason))
    return failure(
      "proxy-unusable",
      t("The server at {0} is not an HTTP proxy.", proxy),
      "openProxySettings",
    );
  if (isBroken(code))
    return failure("network", t("The proxy {0} closed the connection instead of opening a tunnel.", proxy));
  return unexpected(reason, false);
}
