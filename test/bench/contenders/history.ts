/** Our store, as it starts with the records of the folder that the task names: when the newest mails can be shown. */
import { FileJournal } from "../../../src/delivery/store/disk/journal.ts";
import { DeliveryStore } from "../../../src/delivery/store/store.ts";
import { MemorySecrets } from "../../support/engine.ts";
import { MemoryLog } from "../../support/memory.ts";
import { measure, readTask } from "../gauge.ts";

const { file: folder } = readTask();
const store = new DeliveryStore({
  journal: new FileJournal(folder),
  secrets: new MemorySecrets(),
  log: new MemoryLog(),
});

await measure(
  async () => {},
  async () => {
    const startedAt = performance.now();
    let firstMs = 0;
    await store.load(() => {
      firstMs = performance.now() - startedAt;
    });
    // Of this one it is milliseconds.
    return firstMs;
  },
);
