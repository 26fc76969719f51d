/** Our engine as the carrier uses it. Bundled like the product before it is run: see `build.ts`. */
import { HttpLine } from "../../../src/net/http.ts";
import { sleep } from "../../../src/net/retry.ts";
import { FileSource } from "../../../src/transfer/fileSource.ts";
import { GcsResumable } from "../../../src/transfer/gcsResumable.ts";
import { GraphRanges } from "../../../src/transfer/graphRanges.ts";
import { upload } from "../../../src/transfer/upload.ts";
import { measure, readTask } from "../gauge.ts";

const { urls, file, protocol, atOnce, first } = readTask();
const signal = new AbortController().signal;
const monotonicNow = () => performance.now();
/** V8 compiles undici's parser (WebAssembly) a second time once it has read some. */
const ANSWERS_TO_BE_WARM = 40;
let sentBytes = 0;

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
          ? new GcsResumable(line, { url, headers: {}, total })
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
