/** What a policy makes of a person's settings. */
import { isDeepStrictEqual } from "node:util";
import { counted, formatBytes } from "../shared/format.ts";
import { MANAGED } from "./accountRules.ts";
import { narrower, widestLinks } from "./mailRules.ts";
import type { PolicyState } from "./policyFile.ts";
import type { Policy } from "./policySchema.ts";

/** The settings that a policy can bound; the others are the person's. */
export interface ManagedSettings {
  readonly undoSendSeconds: number;
  readonly "history.days": number;
  readonly terminalLinks: boolean;
  readonly ownDomains: readonly string[];
  readonly "ask.outside": boolean;
  readonly "ask.firstTime": boolean;
  readonly "ask.manyRecipients": number;
  readonly "links.audience": "recipients" | "organization" | "anyone";
  /** 0: any number. */
  readonly "links.days": number;
}

/** VS Code knows no policies of extensions: the description of each of these says that somebody else may decide it. */
const BOUNDS: {
  [N in keyof ManagedSettings]: (own: ManagedSettings[N], policy: Policy) => ManagedSettings[N];
} = {
  undoSendSeconds: (own, { leastUndoSeconds = 0 }) => Math.max(own, leastUndoSeconds),
  "history.days": (own, { mostHistoryDays = own }) => Math.min(own, mostHistoryDays),
  terminalLinks: (own, { terminalLinks }) => own && terminalLinks !== false,
  ownDomains: (own, { ownDomains = own }) => ownDomains,
  "ask.outside": (own, { questions }) => own || questions?.outside === true,
  "ask.firstTime": (own, { questions }) => own || questions?.firstTime === true,
  "ask.manyRecipients": (own, { questions }) => {
    const wanted = questions?.manyRecipients ?? 0;
    // 0 asks never.
    return own === 0 || wanted === 0 ? Math.max(own, wanted) : Math.min(own, wanted);
  },
  "links.audience": (own, policy) => narrower(own, widestLinks(policy)),
  "links.days": (own, { mostLinkDays = own }) => (own === 0 ? mostLinkDays : Math.min(own, mostLinkDays)),
};

export const MANAGED_SETTINGS = Object.keys(BOUNDS);

/** The value that counts. Where the policy cannot be used nothing leaves anyway, and the setting stands. */
export function bounded<N extends keyof ManagedSettings>(
  name: N,
  own: ManagedSettings[N],
  state: PolicyState,
): ManagedSettings[N] {
  return state.type === "ruled" ? BOUNDS[name](own, state.policy) : own;
}

/** Whether the policy makes something else of it than the person has set: they are told so where it is used. */
export function isManaged<N extends keyof ManagedSettings>(
  name: N,
  own: ManagedSettings[N],
  state: PolicyState,
): boolean {
  return !isDeepStrictEqual(bounded(name, own, state), own);
}

const LINK_AUDIENCES = {
  recipients: "recipients only",
  organization: "the organization at most",
  anyone: "anyone",
} as const;

/** What a person is told of the policy where their accounts are; undefined without one. */
export function policyWords(state: PolicyState): string | undefined {
  if (state.type === "none") return undefined;
  if (state.type === "unusable") return state.error.message;
  const { policy } = state;
  const { recipients, questions, largestMailMB } = policy;
  const list = (names: readonly string[] | undefined) =>
    names === undefined || names.length === 0 ? "none" : names.join(", ");
  const rules = [
    policy.services && `services: ${list(policy.services)}`,
    policy.addresses && `addresses: ${list(policy.addresses)}`,
    policy.clientIds && `app registrations: ${list(policy.clientIds)}`,
    policy.tenants && `directories: ${list(policy.tenants)}`,
    policy.apiKeys === false && "no API keys",
    policy.practiceMailbox === false && "no practice mailbox",
    recipients?.allowed && `recipients in ${list(recipients.allowed)}`,
    recipients?.asked && `asks about recipients in ${list(recipients.asked)}`,
    recipients?.refused && `no recipients in ${list(recipients.refused)}`,
    questions?.outside === true && "asks about outside recipients",
    questions?.firstTime === true && "asks about new recipients",
    questions?.manyRecipients && `asks about ${questions.manyRecipients} recipients or more`,
    largestMailMB && `mails of up to ${formatBytes(largestMailMB * 1024 * 1024)}`,
    policy.linkAudience && `links for ${LINK_AUDIENCES[policy.linkAudience]}`,
    policy.mostLinkDays && `links for ${counted(policy.mostLinkDays, "day")} or less`,
    policy.assistants === false && "no AI assistants",
    policy.terminalLinks === false && "no links in terminals",
    policy.leastUndoSeconds && `undo for ${policy.leastUndoSeconds} s or longer`,
    policy.mostHistoryDays && `history of ${policy.mostHistoryDays} days or less`,
    policy.auditLog && `mails are logged in ${policy.auditLog}`,
  ].filter((rule) => typeof rule === "string");
  return rules.length === 0 ? MANAGED : `${MANAGED}: ${rules.join("; ")}.`;
}
