/** How a policy bounds a person's settings. */
import { isDeepStrictEqual } from "node:util";
import { formatBytes } from "../shared/format.ts";
import { listOf, plural, t } from "../shared/l10n.ts";
import { narrower, widestLinks } from "./mailRules.ts";
import type { PolicyState } from "./policyFile.ts";
import type { Policy } from "./policySchema.ts";

/** The settings that a policy can bound; all others are up to the person. */
export interface ManagedSettings {
  readonly undoSendSeconds: number;
  readonly "history.days": number;
  readonly terminalLinks: boolean;
  readonly lookUpMailServers: boolean;
  readonly ownDomains: readonly string[];
  readonly "ask.outside": boolean;
  readonly "ask.firstTime": boolean;
  readonly "ask.manyRecipients": number;
  readonly "links.audience": "recipients" | "organization" | "anyone";
  /** 0: any number. */
  readonly "links.days": number;
}

/** VS Code has no policies for extensions, so the description of each setting says that it may be managed. */
const BOUNDS: {
  [N in keyof ManagedSettings]: (own: ManagedSettings[N], policy: Policy) => ManagedSettings[N];
} = {
  undoSendSeconds: (own, { leastUndoSeconds = 0 }) => Math.max(own, leastUndoSeconds),
  "history.days": (own, { mostHistoryDays = own }) => Math.min(own, mostHistoryDays),
  terminalLinks: (own, { terminalLinks }) => own && terminalLinks !== false,
  lookUpMailServers: (own, { lookUpMailServers }) => own && lookUpMailServers !== false,
  ownDomains: (own, { ownDomains = own }) => ownDomains,
  "ask.outside": (own, { questions }) => own || questions?.outside === true,
  "ask.firstTime": (own, { questions }) => own || questions?.firstTime === true,
  "ask.manyRecipients": (own, { questions }) => {
    const wanted = questions?.manyRecipients ?? 0;
    // 0 means: never ask.
    return own === 0 || wanted === 0 ? Math.max(own, wanted) : Math.min(own, wanted);
  },
  "links.audience": (own, policy) => narrower(own, widestLinks(policy)),
  "links.days": (own, { mostLinkDays = own }) => (own === 0 ? mostLinkDays : Math.min(own, mostLinkDays)),
};

export const MANAGED_SETTINGS = Object.keys(BOUNDS);

/** The value that applies. If the policy cannot be used, nothing is sent anyway, and the setting stands. */
export function bounded<N extends keyof ManagedSettings>(
  name: N,
  own: ManagedSettings[N],
  state: PolicyState,
): ManagedSettings[N] {
  return state.type === "ruled" ? BOUNDS[name](own, state.policy) : own;
}

/** Whether the policy overrides the person's setting: they are told so where it is used. */
export function isManaged<N extends keyof ManagedSettings>(
  name: N,
  own: ManagedSettings[N],
  state: PolicyState,
): boolean {
  return !isDeepStrictEqual(bounded(name, own, state), own);
}

/** What a person is told about the policy beside their accounts; undefined without one. */
export function policyWords(state: PolicyState): string | undefined {
  if (state.type === "none") return undefined;
  if (state.type === "unusable") return state.error.message;
  const rules = ruleWords(state.policy).filter((rule) => typeof rule === "string");
  return rules.length === 0
    ? t("Managed by your organization")
    : t("Managed by your organization: {0}.", rules.join(" · "));
}

function ruleWords(policy: Policy) {
  const { recipients, questions, largestMailMB, mostLinkDays, leastUndoSeconds, mostHistoryDays } = policy;
  const asked = questions?.manyRecipients;
  return [
    policy.services && t("services: {0}", list(policy.services)),
    policy.addresses && t("addresses: {0}", list(policy.addresses)),
    policy.clientIds && t("app registrations: {0}", list(policy.clientIds)),
    policy.tenants && t("directories: {0}", list(policy.tenants)),
    policy.apiKeys === false && t("no API keys"),
    policy.practiceMailbox === false && t("no practice mailbox"),
    recipients?.allowed && t("recipients in {0}", list(recipients.allowed)),
    recipients?.asked && t("asks about recipients in {0}", list(recipients.asked)),
    recipients?.refused && t("no recipients in {0}", list(recipients.refused)),
    questions?.outside === true && t("asks about outside recipients"),
    questions?.firstTime === true && t("asks about new recipients"),
    asked && t("asks about {0} recipients or more", asked),
    largestMailMB && t("mails of up to {0}", formatBytes(largestMailMB * 1024 * 1024)),
    linkWords(policy),
    mostLinkDays && plural(mostLinkDays, "links for {0} day or less", "links for {0} days or less"),
    policy.assistants === false && t("no AI assistants"),
    policy.terminalLinks === false && t("no links in terminals"),
    policy.lookUpMailServers === false && t("no look-up of mail servers"),
    leastUndoSeconds && t("undo for {0} s or longer", leastUndoSeconds),
    mostHistoryDays && plural(mostHistoryDays, "history of {0} day or less", "history of {0} days or less"),
    policy.auditLog && t("mails are logged in {0}", policy.auditLog),
  ];
}

function linkWords({ linkAudience }: Policy): string | undefined {
  if (linkAudience === "recipients") return t("links for recipients only");
  if (linkAudience === "organization") return t("links for the organization at most");
  return linkAudience && t("links for anyone");
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "—" : listOf(names);
}
