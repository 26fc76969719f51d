/** Failures of connections, in words. */
import { type ErrorCode, FreightError } from "../errors.ts";
import type { Remedy } from "../shared/contract.ts";

/** Nothing of the request has left this machine when one of these happens. */
const NOT_SENT = new Set(["ECONNREFUSED", "EHOSTUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);
/** Not even the way to the host is known: this machine has no network, not the host a fault. */
const OFFLINE = new Set(["ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "ENETDOWN"]);
const TIMEOUTS = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "ETIMEDOUT"]);
/** A request that cannot be sent as it is: no fault of the network, and none that another try would mend. */
const MISUSED = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH"]);
const CERTIFICATE = /^(CERT_|ERR_TLS_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_)/;

/** What helps against a certificate that is not trusted. */
function remark(code: string): string {
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID")
    return "It is out of date, or this machine's clock is wrong.";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return "It was made for another name.";
  // Often a company's own, whose proxy looks into the connection.
  return "If it is your company's, its authority must be installed in this system (with http.systemCertificates on), or stand in NODE_EXTRA_CA_CERTS.";
}

/**
 * What a connection that broke, or never came about, means. A reason that is none of the network's comes back as it is.
 * @param opening true while there was no connection yet: nothing of a request can have reached the service
 */
export function transportError(reason: unknown, host: string, opening = false): unknown {
  if (reason instanceof FreightError || !(reason instanceof Error)) return reason;
  const code = "code" in reason ? String(reason.code) : "";
  if (MISUSED.has(code)) return reason;
  if (CERTIFICATE.test(code))
    return new FreightError(
      "certificate",
      `The certificate of ${host} is not trusted (${code}). ${remark(code)}`,
      { cause: reason, remedy: "showLog" },
    );
  if (code === "EPROTO" || code.startsWith("ERR_SSL_"))
    return new FreightError(
      "certificate",
      `No secure connection to ${host} is possible (${code}). A proxy or a sign-in page of the network may be in the way.`,
      { cause: reason, remedy: "showLog" },
    );
  if (OFFLINE.has(code))
    return new FreightError("offline", `${host} cannot be found. There seems to be no network connection.`, {
      cause: reason,
      remedy: "retry",
    });
  if (NOT_SENT.has(code))
    return new FreightError("network", `${host} cannot be reached. Check the network connection.`, {
      cause: reason,
      remedy: "retry",
    });
  if (TIMEOUTS.has(code))
    return new FreightError("timeout", `${host} did not answer in time.`, {
      cause: reason,
      mayHaveActed: !opening,
      remedy: "retry",
    });
  if (code === "UND_ERR_HEADERS_OVERFLOW")
    return new FreightError("bad-answer", `The answer from ${host} is too large to be true.`, {
      cause: reason,
      mayHaveActed: true,
      remedy: "showLog",
    });
  if (code.startsWith("HPE_") || reason.name === "HTTPParserError")
    return new FreightError("bad-answer", `The answer from ${host} is not HTTP.`, {
      cause: reason,
      mayHaveActed: true,
      remedy: "showLog",
    });
  if (code.startsWith("UND_ERR_") || /^E[A-Z]+$/.test(code))
    return new FreightError(
      "network",
      `The connection to ${host} ${opening ? "broke off at once" : "was lost"}.`,
      {
        cause: reason,
        mayHaveActed: !opening,
        remedy: "retry",
      },
    );
  return reason;
}

/** The same, on the way to a proxy: nothing has reached the service. @param proxy its name for people */
export function proxyFailure(reason: unknown, proxy: string): unknown {
  if (reason instanceof FreightError || !(reason instanceof Error)) return reason;
  const code = "code" in reason ? String(reason.code) : "";
  const failure = (...[kind, message, remedy]: [ErrorCode, string, Remedy]) =>
    new FreightError(kind, message, { cause: reason, remedy });
  if (MISUSED.has(code))
    return failure(
      "proxy-unusable",
      `The proxy ${proxy} cannot be asked: its name, its password or http.proxyAuthorization has characters that cannot be sent.`,
      "openProxySettings",
    );
  if (CERTIFICATE.test(code))
    return failure(
      "certificate",
      `The certificate of the proxy ${proxy} is not trusted (${code}). ${remark(code)}`,
      "openProxySettings",
    );
  if (code === "EPROTO" || code.startsWith("ERR_SSL_"))
    return failure(
      "certificate",
      `No secure connection to the proxy ${proxy} is possible (${code}). It may be one of http, not of https.`,
      "openProxySettings",
    );
  if (OFFLINE.has(code))
    return failure(
      "offline",
      `The proxy ${proxy} cannot be found. There is no connection to its network, or its name is wrong.`,
      "retry",
    );
  if (NOT_SENT.has(code))
    return failure(
      "network",
      `The proxy ${proxy} cannot be reached. Check its address and the network.`,
      "retry",
    );
  if (TIMEOUTS.has(code)) return failure("timeout", `The proxy ${proxy} did not answer in time.`, "retry");
  if (code.startsWith("HPE_") || reason.name === "HTTPParserError")
    return failure("proxy-unusable", `What answers at ${proxy} is no HTTP proxy.`, "openProxySettings");
  if (code.startsWith("UND_ERR_") || /^E[A-Z]+$/.test(code))
    return failure("network", `The proxy ${proxy} closed the connection instead of opening a way.`, "retry");
  return reason;
}
