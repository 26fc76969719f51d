/** Asks before a file that looks like a secret leaves the machine. */
import type { NamedSecret, SecretAnswer } from "../../../delivery/rules/secretDoor.ts";
import { labelled, moreFiles, someLines } from "../../../shared/format.ts";
import { t } from "../../../shared/l10n.ts";
import type { Dialogs } from "../../notices/dialogs.ts";
import { plain } from "../../notices/plain.ts";

/** @param hasOthers whether anything is left to send without these */
export async function askAboutSecrets(
  dialogs: Dialogs,
  found: readonly NamedSecret[],
  hasOthers: boolean,
): Promise<SecretAnswer> {
  const [attach, leaveOut] = [t("Attach Anyway"), t("Leave Out")];
  const lines = found.map(({ name, what }) => plain(labelled(name, what)));
  // The first button has the focus, and Enter must not send a key. A close button would be placed last.
  const answer = await dialogs.ask(
    "warning",
    found.length === 1
      ? plain(t("“{0}” looks like a secret.", found[0]?.name ?? ""))
      : t("{0} files look like secrets.", found.length),
    `${someLines(lines, moreFiles).join("\n")}\n\n${t("Nothing has left this machine yet.")}`,
    hasOthers ? leaveOut : t("Don't Attach"),
    attach,
  );
  if (answer === attach) return "attach";
  return answer === leaveOut ? "leaveOut" : "nothing";
}
