/**
 * Makes the names in a folder durable: after a power cut, a file that was synced and then renamed can be the old one
 * unless its folder was synced, too.
 */
import { open } from "node:fs/promises";
import { hasCode } from "../../../base/fsErrors.ts";

export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders, and some network disks cannot sync them: there we rely on the system.
  const cannot = (reason: unknown) => {
    if (!hasCode(reason, "EISDIR", "EPERM", "EACCES", "EINVAL", "ENOTSUP", "EBADF", "ENOENT")) throw reason;
  };
  const folder = await open(path, "r").catch(cannot);
  if (folder === undefined) return;
  try {
    await folder.sync().catch(cannot);
  } finally {
    await folder.close();
  }
}
