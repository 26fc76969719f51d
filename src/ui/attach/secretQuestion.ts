/** Asks before a file that looks like a secret leaves the machine. */
import type { NamedSecret, SecretAnswer } from "../../delivery/rules/secretDoor.ts";
import type { Dialogs } from "../notices/dialogs.ts";
import { plain } from "../notices/plain.ts";

const DONT_ATTACH = "Don't Attach";
const LEAVE_OUT = "Leave Out";
const ATTACH = "Attach Anyway";
/** More names than these nobody reads. */
const NAMED = 8;

/** @param hasOthers whether something is left when these stay out */
export async function askAboutSecrets(
  dialogs: Dialogs,
  found: readonly NamedSecret[],
  hasOthers: boolean,
): Promise<SecretAnswer> {
  const lines = found.map(({ name, what }) => plain(`${name}: ${what}`));
  // The first button has the focus: Enter must not send a key. One that closes the dialog would be put last.
  const answer = await dialogs.ask(
    "warning",
    found.length === 1
      ? plain(`“${found[0]?.name ?? ""}” looks like a secret.`)
      : `${found.length} files look like secrets.`,
    `${[...lines.slice(0, NAMED), ...(lines.length > NAMED ? ["…"] : [])].join("\n")}\n\nNothing has left this machine yet.`,
    hasOthers ? LEAVE_OUT : DONT_ATTACH,
    ATTACH,
  );
  if (answer === ATTACH) return "attach";
  return answer === LEAVE_OUT ? "leaveOut" : "nothing";
}
