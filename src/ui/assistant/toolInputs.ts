/** The tools' inputs. The schemas in package.json say the same, but a model may write anything. */
import * as z from "zod";
import { faults } from "../../net/json.ts";

const Files = z.array(z.string().min(1)).max(100);
const Addresses = z
  .array(z.string().max(500))
  .max(500)
  .default([])
  .transform((given) => given.join(", "));

export const UploadInput = z.strictObject({ files: Files.min(1) });

/** No HTML: a person cannot approve what they cannot read as it is. */
export const ComposeInput = z.strictObject({
  files: Files.default([]),
  to: Addresses,
  cc: Addresses,
  bcc: Addresses,
  subject: z.string().max(10_000).optional(),
  body: z.string().max(1_000_000).optional(),
  format: z.enum(["markdown", "text"]).default("markdown"),
});
export type ComposeInput = z.infer<typeof ComposeInput>;

/** @throws Error that tells the model what is wrong with its input */
export function readInput<T extends z.ZodType>(schema: T, input: unknown): z.infer<T> {
  const parsed = schema.safeParse(input ?? {});
  if (!parsed.success) throw new Error(`The input is not valid: ${faults(parsed.error)}.`);
  return parsed.data;
}
