/** Which certificates TLS trusts. */
import { constants } from "node:crypto";
import * as tls from "node:tls";
import { Worker } from "node:worker_threads";

/**
 * The rules of every TLS connection. They are spelled out because Node's defaults can be changed from
 * outside: by `NODE_TLS_REJECT_UNAUTHORIZED` and `NODE_OPTIONS` in the environment, and by every other
 * extension in this process, which can write to the same environment.
 */
export const TLS_RULES = {
  rejectUnauthorized: true,
  minVersion: "TLSv1.2",
  // Node's built-in list, whatever `--tls-cipher-list` or `tls.DEFAULT_CIPHERS` says: these can allow ciphers
  // that encrypt nothing.
  ciphers: constants.defaultCoreCipherList,
  checkServerIdentity: tls.checkServerIdentity,
} as const satisfies tls.ConnectionOptions;
/** A `SecureContext` must have these itself: TLS then ignores the connection's. */
const { minVersion, ciphers } = TLS_RULES;

let everybody: Promise<tls.SecureContext | undefined> | undefined;

/**
 * The certificates that a connection trusts. Undefined means Node's own list, which already includes
 * `NODE_EXTRA_CA_CERTS`; `http.systemCertificates` adds the system's to it. They are read once per process,
 * and on another thread: asking the keychain of macOS can take seconds.
 */
export function trust(systemCertificates: boolean): Promise<tls.SecureContext | undefined> {
  if (!systemCertificates) return Promise.resolve(undefined);
  everybody ??= withSystem();
  return everybody;
}

async function withSystem(): Promise<tls.SecureContext | undefined> {
  // Node has it since 22.15; the editors that we run in have newer versions, but a fork may not.
  if (typeof tls.getCACertificates !== "function") return undefined;
  const system = await readSystem().catch(() => tls.getCACertificates("system"));
  if (system.length === 0) return undefined;
  const ca = [...tls.getCACertificates("default"), ...system];
  try {
    return tls.createSecureContext({ ca, minVersion, ciphers });
  } catch {
    // One unreadable certificate, in a store that is not ours, must not take the others with it.
    return tls.createSecureContext({ ca: ca.filter(isReadable), minVersion, ciphers });
  }
}

function isReadable(ca: string): boolean {
  try {
    tls.createSecureContext({ ca });
    return true;
  } catch {
    return false;
  }
}

/** The certificates of the system, in PEM. */
function readSystem(): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const program =
      'require("node:worker_threads").parentPort.postMessage(require("node:tls").getCACertificates("system"))';
    new Worker(program, { eval: true, execArgv: [] })
      .once("message", resolve)
      .once("error", reject)
      .once("exit", () => reject(new Error("It said nothing.")));
  });
}
