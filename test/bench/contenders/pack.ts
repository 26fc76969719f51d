/** Our packer, bundled: a folder or a file into the archive that the task names as an address. */
import { rm, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { listFolder } from "../../../src/files/folder/folderWalk.ts";
import { type PackOptions, packFile, packFolder } from "../../../src/files/zip/packing.ts";
import { measure, readTask } from "../gauge.ts";

const {
  file,
  urls: [target = ""],
} = readTask();
const { signal } = new AbortController();
const options: PackOptions = {
  target,
  maxBytes: Number.MAX_SAFE_INTEGER,
  signal,
  onRead: () => {},
  threadProgram: fileURLToPath(import.meta.resolve("./packThread.mjs")),
};
const isFolder = (await stat(file)).isDirectory();

await measure(
  () => rm(target, { force: true }),
  async () => {
    if (!isFolder) return (await packFile(file, options)).bytes;
    const listing = await listFolder(file, { useIgnoreFiles: false, signal });
    return (await packFolder(listing, options)).bytes;
  },
);
