/** The way of Nylas's guide: the whole file into memory, and one `fetch`. A connection that breaks means from the start. */
import { readFile } from "node:fs/promises";
import { measure, readTask } from "../gauge.ts";

const { urls, file, persistent } = readTask();
const [first = ""] = urls;

await measure(
  () => fetch(first),
  async () => {
    for (const url of urls) {
      const content = await readFile(file);
      for (;;) {
        try {
          const answer = await fetch(url, {
            method: "PUT",
            headers: { "Content-Type": "application/octet-stream" },
            body: content,
          });
          if (!answer.ok) throw new Error(`Status ${answer.status}`);
          await answer.arrayBuffer();
          break;
        } catch (reason) {
          if (!persistent) throw reason;
        }
      }
    }
    return undefined;
  },
);
