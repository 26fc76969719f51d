/** What an organization's policy file may say. `policy.schema.json` of the package is made from this. */
import { isAbsolute } from "node:path";
import * as z from "zod";

const Domain = z
  .string()
  .regex(/^([a-z0-9-]+\.)+[a-z0-9-]+$/i)
  .describe("A domain, with all below it: company.example. Others than ASCII as xn--…");
const DomainOrAll = z
  .union([Domain, z.literal("*")])
  .describe("A domain, with all below it; or * for all that the other lists do not name.");

const Recipients = z
  .strictObject({
    allowed: z
      .array(Domain)
      .optional()
      .describe("Mail goes to these. When set, to no others but those that are asked."),
    asked: z.array(DomainOrAll).optional().describe("The person is asked before mail goes to these."),
    refused: z.array(Domain).optional().describe("No mail goes to these, whatever the other lists say."),
  })
  .describe("Where mail may go, by the domain of each recipient.");

const Questions = z
  .strictObject({
    outside: z.boolean().optional().describe("Ask before a mail goes to somebody outside the organization."),
    firstTime: z
      .boolean()
      .optional()
      .describe("Ask before a mail goes to somebody who was never written to from here."),
    manyRecipients: z
      .int()
      .min(2)
      .optional()
      .describe("Ask before a mail goes to this many recipients or more."),
  })
  .describe("What is asked before a mail leaves, whatever the person has set.");

/** An unknown key is refused: a rule that was misspelt must not be taken for none. */
export const Policy = z
  .strictObject({
    $schema: z.string().optional(),
    services: z
      .array(z.enum(["graph", "nylas", "practice"]))
      .optional()
      .describe("The services that mail may go through; unset: all."),
    addresses: z
      .array(z.url({ protocol: /^https$/ }))
      .optional()
      .describe(
        "Addresses of services' APIs that may be used, such as https://graph.microsoft.com; unset: all.",
      ),
    clientIds: z
      .array(z.string().min(1))
      .optional()
      .describe("App registrations that may sign in to Microsoft 365; unset: all."),
    tenants: z
      .array(z.string().min(1))
      .optional()
      .describe("Directories that may be signed in to: IDs, or domains as the setting has them; unset: all."),
    apiKeys: z
      .boolean()
      .optional()
      .describe("false: no key that reaches every mailbox of a Nylas application."),
    ownDomains: z.array(Domain).optional().describe("The organization's domains; everybody else is outside."),
    recipients: Recipients.optional(),
    questions: Questions.optional(),
    largestMailMB: z
      .number()
      .positive()
      .optional()
      .describe("The largest mail, with its files as they travel, in MB."),
    assistants: z.boolean().optional().describe("false: AI assistants can do nothing with Freight Mail."),
    terminalLinks: z.boolean().optional().describe("false: files that a terminal names are no links."),
    practiceMailbox: z.boolean().optional().describe("false: no practice mailbox."),
    leastUndoSeconds: z
      .number()
      .min(0)
      .max(300)
      .optional()
      .describe("For at least so many seconds a mail can be taken back."),
    mostHistoryDays: z
      .int()
      .min(1)
      .optional()
      .describe("After so many days what was sent is forgotten, at the latest."),
    auditLog: z
      .string()
      .refine((path) => isAbsolute(path), "must be an absolute path")
      .optional()
      .describe(
        "A folder, by its absolute path: each departure becomes a line of JSON in a file of the user there.",
      ),
  })
  .describe("What Freight Mail may do on this machine.");
export type Policy = z.infer<typeof Policy>;

/** The schema for editors. */
export function policyJsonSchema(): unknown {
  return z.toJSONSchema(Policy, { io: "input", target: "draft-7" });
}
