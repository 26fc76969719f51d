/** What is wrong with a file, and what a person can do about it. */
import { basename } from "node:path";
import { FreightError } from "../base/errors.ts";
import { hasCode } from "../base/fsErrors.ts";
import { bytesInFull } from "../shared/format.ts";
import { t } from "../shared/l10n.ts";

export function fileTooLarge(path: string, size: number, maxBytes: number, limitOf?: string): FreightError {
  return new FreightError(
    "file-too-large",
    limitOf === undefined
      ? t("“{0}” is {1}; the limit is {2}.", basename(path), bytesInFull(size), bytesInFull(maxBytes))
      : t(
          "“{0}” is {1}; the limit for {2} is {3}.",
          basename(path),
          bytesInFull(size),
          limitOf,
          bytesInFull(maxBytes),
        ),
    { remedy: "compress", path },
  );
}

export function fileChanged(path: string): FreightError {
  return new FreightError(
    "file-changed",
    t("“{0}” changed while it was being uploaded. No mix of the two versions was sent.", basename(path)),
    { remedy: "uploadNewVersion", path },
  );
}

/** The same for a file that only leaves together with its mail. */
export function fileChangedUnsent(path: string): FreightError {
  return new FreightError(
    "file-changed",
    t("“{0}” has changed since it was added to the mail. Nothing was sent.", basename(path)),
    { remedy: "uploadNewVersion", path },
  );
}

/** The file has changed since it was uploaded as a whole. */
export function fileChangedSince(path: string): FreightError {
  return new FreightError(
    "file-changed",
    t(
      "“{0}” has changed since it was uploaded. Upload the new version, or send it as it was.",
      basename(path),
    ),
    { remedy: "uploadNewVersion" },
  );
}

/** The same for a part of a file when other parts may have left. */
export function fileChangedInParts(path: string): FreightError {
  return new FreightError(
    "file-changed",
    t(
      "“{0}” has changed since its parts were sent on their way. No mix of the two versions was sent. Put the old version back and retry, or discard this mail and send the new version in a mail of its own.",
      basename(path),
    ),
    { remedy: "retry", path },
  );
}

/**
 * The file is not what the person chose to send, and what was chosen is no longer available.
 * @param isLost whether it had been uploaded
 */
export function fileChangedForGood(path: string, isLost: boolean): FreightError {
  const name = basename(path);
  return new FreightError(
    "file-changed",
    isLost
      ? t(
          "“{0}” has changed, and the uploaded old version is gone. Upload the new version, or remove the file.",
          name,
        )
      : t("“{0}” has changed since you chose to send it. Upload the new version, or remove the file.", name),
    { remedy: "uploadNewVersion", path },
  );
}

/** @param isWindows whether the system reports a file that another program has locked as forbidden */
export function fileError(
  path: string,
  reason: unknown,
  isWindows = process.platform === "win32",
): FreightError {
  const because = (code: "file-missing" | "file-unreadable", words: string) =>
    new FreightError(code, words, { cause: reason, remedy: "retry", path });
  const name = basename(path);
  if (hasCode(reason, "ENOENT", "ENOTDIR"))
    return because("file-missing", t("“{0}” is no longer there.", name));
  // Windows reports a forbidden file and one that is about to be deleted alike.
  if (isWindows && hasCode(reason, "EPERM"))
    return because(
      "file-unreadable",
      t("“{0}” cannot be opened: another program is using it, or you may not read it.", name),
    );
  // Failures of cloud storage in the file system have no code of their own.
  if (isWindows && hasCode(reason, "UNKNOWN"))
    return because(
      "file-unreadable",
      t(
        "“{0}” cannot be read now. If it is kept online only, make it available offline, then try again.",
        name,
      ),
    );
  if (hasCode(reason, "EBUSY"))
    return because(
      "file-unreadable",
      t("“{0}” is open in another program. Close it there, then try again.", name),
    );
  if (hasCode(reason, "EACCES", "EPERM"))
    return because("file-unreadable", t("“{0}” cannot be read: permission denied.", name));
  if (hasCode(reason, "ERR_UNC_HOST_NOT_ALLOWED"))
    return because(
      "file-unreadable",
      t(
        "“{0}” is on a server that VS Code may not open. Add the server to the setting security.allowedUNCHosts.",
        name,
      ),
    );
  const code = reason instanceof Error && "code" in reason ? reason.code : undefined;
  return because("file-unreadable", t("“{0}” cannot be read ({1}).", name, String(code ?? reason)));
}
