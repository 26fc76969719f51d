/** Microsoft's own task on a session that somebody else has opened, with the ranges that Outlook takes. */
import { readFile } from "node:fs/promises";
import { Client, FileUpload, LargeFileUploadTask } from "@microsoft/microsoft-graph-client";
import { measure, readTask } from "../gauge.ts";

const { urls, file } = readTask();
const [first = ""] = urls;
const client = Client.init({ authProvider: (done) => done(null, "bench") });

await measure(
  () => fetch(first),
  async () => {
    for (const url of urls) {
      const content = await readFile(file);
      const expiry = new Date(Date.now() + 3_600_000);
      const object = new FileUpload(new Uint8Array(content).buffer, "bench.bin", content.length);
      const session = { url, expiry, isCancelled: false };
      await new LargeFileUploadTask(client, object, session, { rangeSize: 3_932_160 }).upload();
    }
    return undefined;
  },
);
