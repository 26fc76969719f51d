/** Whom TLS believes. */
import { constants } from "node:crypto";
import * as tls from "node:tls";
import { Worker } from "node:worker_threads";

/**
 * What holds for every connection by TLS. It is said here because what Node takes unless it is told can be changed from
 * outside: by `NODE_TLS_REJECT_UNAUTHORIZED` and `NODE_OPTIONS` in the environment, and by every other extension in this
 * process, which writes to the same environment.
 */
export const TLS_RULES = {
  rejectUnauthorized: true,
  minVersion: "TLSv1.2",
  // Node's own list, whatever `--tls-cipher-list` or `tls.DEFAULT_CIPHERS` says: these can allow ciphers that hide nothing.
  ciphers: constants.defaultCoreCipherList,
  checkServerIdentity: tls.checkServerIdentity,
} as const satisfies tls.ConnectionOptions;
/** What a context of its own needs of it: it is asked for these in the connection's place. */
const { minVersion, ciphers } = TLS_RULES;

let everybody: Promise<tls.SecureContext | undefined> | undefined;

/**
 * Whom a connection believes: undefined means Node's own list, which holds `NODE_EXTRA_CA_CERTS` already; with the
 * system's certificates (`http.systemCertificates`) these are added to it. They are read once in the life of a process,
 * and on another thread: asking the keychain of macOS can take seconds.
 */
export function trust(systemCertificates: boolean): Promise<tls.SecureContext | undefined> {
  if (!systemCertificates) return Promise.resolve(undefined);
  everybody ??= withSystem();
  return everybody;
}

async function withSystem(): Promise<tls.SecureContext | undefined> {
  // Node has it since 22.15; the editors we run in have newer ones, a fork of theirs may not.
  if (typeof tls.getCACertificates !== "function") return undefined;
  const system = await readSystem().catch(() => tls.getCACertificates("system"));
  if (system.length === 0) return undefined;
  const ca = [...tls.getCACertificates("default"), ...system];
  try {
    return tls.createSecureContext({ ca, minVersion, ciphers });
  } catch {
    // One that cannot be read, in a store that we do not keep, must not take the others with it.
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
