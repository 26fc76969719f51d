/** Our engine as the carrier uses it. Bundled like the product before it is run: see `build.ts`. */
import { createReadStream } from "node:fs";
import { crc32c } from "../../../src/files/crc32c.ts";
import { FileSource } from "../../../src/files/fileSource.ts";
import { HttpLine } from "../../../src/net/http.ts";
import { sleep } from "../../../src/net/retry.ts";
import { GcsResumable } from "../../../src/transfer/gcsResumable.ts";
import { GraphRanges } from "../../../src/transfer/graphRanges.ts";
import { type Position, upload } from "../../../src/transfer/upload.ts";
import { measure, readTask } from "../gauge.ts";

/** Which hashes are computed, in a bundle that leaves some out. */
declare const HASHES: string | undefined;
const tellsSum = typeof HASHES === "undefined" || HASHES.includes("crc32c");

const { urls, file, protocol, atOnce, first } = readTask();
const signal = new AbortController().signal;
const monotonicNow = () => performance.now();
/** V8 compiles undici's parser (WebAssembly) a second time once it has read some. */
const ANSWERS_TO_BE_WARM = 40;
let sentBytes = 0;
/** What the storage would tell of the file: who takes the sum has to wait for it. */
let storedSum = "";

/** As Google's storage ends an upload; the sink keeps nothing that it could hash. */
class TellingGcs extends GcsResumable {
  override async put(...put: Parameters<GcsResumable["put"]>): Promise<Position> {
    const position = await super.put(...put);
    return position.done && tellsSum ? { ...position, crc32c: storedSum } : position;
  }
}

async function uploadTo(url: string): Promise<void> {
  const source = await FileSource.open(file, Number.MAX_SAFE_INTEGER);
  const line = new HttpLine({ connections: 1 });
  const total = source.version.size;
  let handedBefore = 0;
  try {
    await upload({
      source,
      protocol:
        protocol === "gcs"
          ? new TellingGcs(line, { url, headers: {}, total })
          : new GraphRanges(line, { url, total, monotonicNow, findStored: async () => undefined }),
      resume: false,
      signal,
      onProgress: ({ handed }) => {
        // It goes back to what the service has after a failure.
        sentBytes += Math.max(0, handed - handedBefore);
        handedBefore = handed;
      },
      onWait: () => {},
      sleep,
      random: Math.random,
      monotonicNow,
    });
  } finally {
    line.dispose();
    await source.close();
  }
}

await measure(
  async () => {
    const sum = crc32c();
    for await (const chunk of createReadStream(file)) sum.update(chunk);
    storedSum = sum.digest();
    // The session was opened through another line.
    const line = new HttpLine();
    const [url = ""] = urls;
    const answers = first === null ? 1 : ANSWERS_TO_BE_WARM;
    for (let asked = 0; asked < answers; asked++)
      await line.send({ method: "GET", url, timeoutMs: 10_000, signal });
    line.dispose();
    if (first !== null) await uploadTo(first);
    sentBytes = 0;
  },
  async () => {
    const waiting = [...urls];
    const work = async () => {
      for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) await uploadTo(url);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return sentBytes;
  },
);
