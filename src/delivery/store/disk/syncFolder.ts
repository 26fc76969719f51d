import { open } from "node:fs/promises";
import { hasCode } from "../../../base/fsErrors.ts";

/**
 * Makes durable which names a folder has: a file that was synced and then renamed can be the old one after a power cut
 * until its folder is synced, too.
 */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders, some network disks sync none: there the system has to see to it.
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
