/** What a link may fill a new mail with: `vscode://freight-mail.freight-mail/compose?to=…&subject=…&body=…`. Pure. */
import { FreightError } from "../../base/errors.ts";
import { oneLine, withoutHidden } from "../../shared/foreignText.ts";
import { t } from "../../shared/l10n.ts";
import type { ComposeRequest } from "./composeRequest.ts";

/** The same as in `mailto:`. None is for files: only a person may choose what is attached. */
const FIELDS = ["to", "cc", "bcc", "subject", "body"] as const;
type Field = (typeof FIELDS)[number];

/** Browsers make no longer links; a longer one is not about a mail. */
const MAX_LENGTH = 64 * 1024;

/** VS Code passes on the query decoded, so that an `&` separates fields only before a known name. */
const DIVIDER = new RegExp(`(?:^|&)(${FIELDS.join("|")})=`, "i");

/**
 * Ignores everything else in a link. Invisible characters are removed, as from pasted text. The text is
 * plain, because Markdown could name images, which would be attached.
 * @param path of the link
 * @param query decoded
 * @throws FreightError `bad-arguments`
 */
export function readComposeLink(path: string, query: string): ComposeRequest {
  if (path !== "/compose" || query.length > MAX_LENGTH)
    throw new FreightError(
      "bad-arguments",
      t(
        "Freight Mail does not know what this link is for. It opens links that end in /compose?to=…&subject=…&body=…",
      ),
    );
  const [, ...parts] = query.split(DIVIDER);
  const found = new Map<Field, string[]>();
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const field = FIELDS.find((name) => name === parts[at]?.toLowerCase());
    if (field !== undefined) found.set(field, [...(found.get(field) ?? []), parts[at + 1] ?? ""]);
  }
  const people = (field: "to" | "cc" | "bcc") => clean(found.get(field)?.join(", "), oneLine);
  const lines = (text: string) =>
    text
      .replace(/\r\n?/g, "\n")
      .split(/([\n\t])/)
      .map((part, at) => (at % 2 === 0 ? withoutHidden(part) : part))
      .join("");
  const body = clean(found.get("body")?.join("\n"), lines);
  return {
    files: [],
    to: people("to"),
    cc: people("cc"),
    bcc: people("bcc"),
    subject: clean(found.get("subject")?.[0], oneLine),
    ...(body === undefined ? {} : { body, format: "text" as const }),
  };
}

function clean(text: string | undefined, shape: (text: string) => string): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : shape(text);
}
