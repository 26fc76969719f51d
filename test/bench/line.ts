/**
 * A line with a bandwidth and a delay, as a TCP proxy in a process of its own. It ends the connection on its side, so
 * there is no slow start: a line that is warm already. Arguments: port to lead to, delay one way in ms, bytes a second.
 */
import { connect, createServer, type Socket } from "node:net";

const [port = 0, delayMs = 0, bytesPerSecond = 0] = process.argv.slice(2).map(Number);
/** What a router keeps waiting before senders are slowed down. */
const QUEUE_MS = 8;
/** When the wire up has sent all that it was given; one wire for all connections. */
let freeAt = 0;

interface Parcel {
  readonly dueAt: number;
  readonly chunk: Buffer | undefined;
}

/** @param isUp whether the bandwidth counts */
function lead(from: Socket, to: Socket, isUp: boolean): void {
  const parcels: Parcel[] = [];
  let timer: NodeJS.Timeout | undefined;
  const deliver = () => {
    timer = undefined;
    const now = performance.now();
    for (let next = parcels[0]; next !== undefined && next.dueAt <= now; next = parcels[0]) {
      parcels.shift();
      if (next.chunk === undefined) to.end();
      else to.write(next.chunk);
    }
    arrange();
  };
  const arrange = () => {
    const [next] = parcels;
    if (next !== undefined) timer ??= setTimeout(deliver, Math.max(0, next.dueAt - performance.now()));
  };
  const post = (chunk: Buffer | undefined) => {
    let sentAt = performance.now();
    if (isUp && bytesPerSecond > 0) {
      freeAt = Math.max(sentAt, freeAt) + ((chunk?.length ?? 0) / bytesPerSecond) * 1000;
      sentAt = freeAt;
      const aheadMs = freeAt - performance.now();
      if (aheadMs > QUEUE_MS) {
        from.pause();
        setTimeout(() => from.resume(), aheadMs - QUEUE_MS / 2);
      }
    }
    parcels.push({ dueAt: sentAt + delayMs, chunk });
    arrange();
  };
  from.on("data", post);
  from.on("end", () => post(undefined));
  from.on("error", () => to.destroy());
  from.on("close", () => clearTimeout(parcels.length === 0 ? timer : undefined));
}

const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
  const far = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  lead(near, far, true);
  lead(far, near, false);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.(typeof address === "object" && address !== null ? address.port : 0);
});
process.on("disconnect", () => process.exit());
