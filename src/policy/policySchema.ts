/** What an organization's policy file may contain. The package's `policy.schema.json` is made from this. */
import { isAbsolute } from "node:path";
import * as z from "zod";

const Domain = z
  .string()
  .regex(/^([a-z0-9-]+\.)+[a-z0-9-]+$/i)
  .describe("A domain and everything below it: company.example. Write non-ASCII domains as xn--…");
const DomainOrAll = z
  .union([Domain, z.literal("*")])
  .describe("A domain and everything below it, or * for every domain that is not in another list.");

const Recipients = z
  .strictObject({
    allowed: z
      .array(Domain)
      .optional()
      .describe("Mail may go to these. When set, it may go nowhere else, except to those in `asked`."),
    asked: z.array(DomainOrAll).optional().describe("The user is asked before mail goes to these."),
    refused: z.array(Domain).optional().describe("No mail goes to these, whatever the other lists say."),
  })
  .describe("Where mail may go, by the domain of each recipient.");

const Questions = z
  .strictObject({
    outside: z.boolean().optional().describe("Ask before a mail goes to somebody outside the organization."),
    firstTime: z
      .boolean()
      .optional()
      .describe("Ask before a mail goes to somebody who has not been written to before from here."),
    manyRecipients: z
      .int()
      .min(2)
      .optional()
      .describe("Ask before a mail goes to this many recipients or more."),
  })
  .describe("What is asked before a mail is sent, whatever the user has set.");

/** An unknown key is refused: a misspelt rule must not go unnoticed. */
export const Policy = z
  .strictObject({
    $schema: z.string().optional(),
    services: z
      .array(z.enum(["graph", "nylas", "practice"]))
      .optional()
      .describe("The services that may be used to send mail; unset: all."),
    addresses: z
      .array(z.url({ protocol: /^https$/ }).regex(/^https:\/\//))
      .optional()
      .describe("API addresses that may be used, such as https://graph.microsoft.com; unset: all."),
    clientIds: z
      .array(z.string().min(1))
      .optional()
      .describe("App registrations that may sign in to Microsoft 365; unset: all."),
    tenants: z
      .array(z.string().min(1))
      .optional()
      .describe("Directories (tenants) that users may sign in to, as IDs or domains; unset: all."),
    apiKeys: z
      .boolean()
      .optional()
      .describe("false: no API keys, which reach every mailbox of a Nylas application."),
    ownDomains: z.array(Domain).optional().describe("The organization's domains; everybody else is outside."),
    recipients: Recipients.optional(),
    questions: Questions.optional(),
    largestMailMB: z
      .number()
      .positive()
      .optional()
      .describe("The largest mail, with its files as they travel, in MB."),
    linkAudience: z
      .enum(["recipients", "organization", "anyone"])
      .optional()
      .describe(
        "Who may open files that are sent as links, at most; unset: anyone, but where `recipients` has `allowed` or `refused`, the organization.",
      ),
    mostLinkDays: z.int().min(1).optional().describe("The most days for which links can be opened."),
    assistants: z.boolean().optional().describe("false: AI assistants cannot use Freight Mail."),
    terminalLinks: z.boolean().optional().describe("false: file names in terminals are not links."),
    lookUpMailServers: z
      .boolean()
      .optional()
      .describe("false: DNS is never asked for the mail servers of recipients' domains."),
    practiceMailbox: z.boolean().optional().describe("false: no practice mailbox."),
    leastUndoSeconds: z
      .number()
      .min(0)
      .max(300)
      .optional()
      .describe("The least number of seconds for which Send can be undone."),
    mostHistoryDays: z.int().min(1).optional().describe("The most days for which sent mails are remembered."),
    auditLog: z
      .string()
      .refine((path) => isAbsolute(path), "must be an absolute path")
      .optional()
      .describe(
        "The absolute path of a folder. Each mail that is sent adds a line of JSON to the user's file there.",
      ),
  })
  .describe("What Freight Mail may do on this machine.");
export type Policy = z.infer<typeof Policy>;

/** The JSON schema, for editors. */
export function policyJsonSchema(): unknown {
  return z.toJSONSchema(Policy, { io: "input", target: "draft-7" });
}
