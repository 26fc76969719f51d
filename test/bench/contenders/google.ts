/** Google's own client on a session that somebody else has opened. */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { Storage } from "@google-cloud/storage";
import { measure, readTask } from "../gauge.ts";

const { urls, file } = readTask();

await measure(
  async () => {},
  async () => {
    for (const url of urls) {
      const client = new Storage({ apiEndpoint: new URL(url).origin, projectId: "bench" });
      const target = client.bucket("bench").file("any");
      // Its checksums would be compared with an answer that has none.
      await pipeline(
        createReadStream(file),
        target.createWriteStream({ resumable: true, uri: url, validation: false }),
      );
    }
    return undefined;
  },
);
