/** Failures of connections, in words. */
import { FreightError } from "../errors.ts";

/** Nothing of the request has left this machine when one of these happens. */
const NOT_SENT = new Set(["ECONNREFUSED", "EHOSTUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);
/** Not even the way to the host is known: this machine has no network, not the host a fault. */
const OFFLINE = new Set(["ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "ENETDOWN"]);
const TIMEOUTS = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "ETIMEDOUT"]);
/** A request that cannot be sent as it is: no fault of the network, and none that another try would mend. */
const MISUSED = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH"]);
const CERTIFICATE = /^(CERT_|ERR_TLS_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_)/;

/** What a connection that broke, or never came about, means. A reason that is none of the network's comes back as it is. */
export function transportError(reason: unknown, host: string): unknown {
  if (reason instanceof FreightError || !(reason instanceof Error)) return reason;
  const code = "code" in reason ? String(reason.code) : "";
  if (MISUSED.has(code)) return reason;
  if (CERTIFICATE.test(code))
    return new FreightError(
      "certificate",
      `The certificate of ${host} is not trusted (${code}). A company proxy may need its certificate installed.`,
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
      mayHaveActed: true,
      remedy: "retry",
    });
  if (code.startsWith("HPE_") || reason.name === "HTTPParserError")
    return new FreightError("bad-answer", `The answer from ${host} is not HTTP.`, {
      cause: reason,
      mayHaveActed: true,
      remedy: "showLog",
    });
  if (code.startsWith("UND_ERR_") || /^E[A-Z]+$/.test(code))
    return new FreightError("network", `The connection to ${host} was lost.`, {
      cause: reason,
      mayHaveActed: true,
      remedy: "retry",
    });
  return reason;
}
