/** What programs may fill a new mail with: arguments of the command `freightMail.compose`. None sends. */
import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import { faults } from "../../net/json.ts";
import { BodyFormat } from "../../shared/contract/form.ts";
import { t } from "../../shared/l10n.ts";

/** As typed into a field of the form, or a list of such texts. */
const Recipients = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => (typeof given === "string" ? given : given.join(", ")))
  .pipe(z.string().max(100_000));

/** An unknown key is refused: a typing error in a keybinding must not go unnoticed. */
export const ComposeRequest = z.strictObject({
  /** Paths, absolute or relative to the first open folder, or `file:` URIs. */
  files: z.array(z.string().min(1)).max(1_000).default([]),
  to: Recipients.optional(),
  cc: Recipients.optional(),
  bcc: Recipients.optional(),
  subject: z.string().max(10_000).optional(),
  /** Replaces the template; the signature stays. */
  body: z.string().max(10_000_000).optional(),
  format: BodyFormat.optional(),
  /** Address or id of an account; unset: the default account. */
  account: z.string().min(1).optional(),
});
export type ComposeRequest = z.infer<typeof ComposeRequest>;

/** @throws FreightError `bad-arguments` that names the key */
export function readComposeRequest(value: unknown): ComposeRequest {
  const parsed = ComposeRequest.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FreightError(
    "bad-arguments",
    t(
      "The arguments of “Compose Mail” are not valid: {0}. Allowed are files, to, cc, bcc, subject, body, format and account.",
      faults(parsed.error),
    ),
    { cause: parsed.error },
  );
}
