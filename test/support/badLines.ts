/** Connections whose errors are chosen: what a system calls it when a cable is pulled cannot be had on loopback. */
import net from "node:net";

/** What goes wrong with connections to some ports. */
export interface LineTrouble {
  /** What connections that break are said to have died of, in turn; what the system says where there are none. */
  readonly broken: string[];
  /** What the next connections fail with while they are opened; null lets one through. */
  readonly unopened: (string | null)[];
}

const troubled = new Map<number, LineTrouble>();
let isPatched = false;

/** Has connections to ports of this machine meet trouble. @returns ends it */
export function troubleLines(ports: readonly number[], trouble: LineTrouble): () => void {
  patch();
  for (const port of ports) troubled.set(port, trouble);
  return () => {
    for (const port of ports) troubled.delete(port);
  };
}

function patch(): void {
  if (isPatched) return;
  isPatched = true;
  const connect = net.connect;
  // undici's way, and only that one.
  const patched = (options: net.NetConnectOpts) => {
    const trouble = "port" in options ? troubled.get(Number(options.port)) : undefined;
    if (trouble === undefined) return connect(options);
    const code = trouble.unopened.shift() ?? null;
    if (code !== null) {
      const socket = new net.Socket();
      process.nextTick(() => socket.destroy(failure("connect", code)));
      return socket;
    }
    return connect(options).prependListener("error", (reason: Error) => {
      const said = trouble.broken.shift();
      if (said === undefined) return;
      trouble.broken.push(said);
      Object.assign(reason, failure("read", said), { message: `read ${said}` });
    });
  };
  Object.assign(net, { connect: patched });
}

function failure(syscall: string, code: string): Error {
  return Object.assign(new Error(`${syscall} ${code}`), { syscall, code });
}
