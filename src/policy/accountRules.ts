/** Which accounts a policy allows mail to be sent from. */
import { FreightError } from "../base/errors.ts";
import { sentences, t } from "../shared/l10n.ts";
import { machinePolicy } from "./policyFile.ts";
import type { Policy } from "./policySchema.ts";

/** What is known of an account, or of one that is being added. */
export interface AccountFacts {
  /** The key of its service, and its name for people. */
  readonly service: string;
  readonly serviceName: string;
  /** Origin of the service's API; empty for the practice mailbox. */
  readonly apiUri?: string | undefined;
  /** Its key reaches more than one mailbox. */
  readonly hasApiKey?: boolean;
  /** The app registration and directory of a sign-in, if there is one; null when one cannot be told. */
  readonly signIn?: { readonly clientId: string | null; readonly tenant: string | null };
}

/** What people are told when something cannot be changed. */
export const managed = () => t("Managed by your organization.");

/** Asks this machine's policy. @throws FreightError `policy-refused` or `policy-unusable` */
export function permit(facts: AccountFacts): void {
  assertAccount(machinePolicy.rules, facts);
}

/** @throws FreightError `policy-refused` when the policy allows no mail from such an account */
export function assertAccount(policy: Policy, facts: AccountFacts): void {
  const why = objection(policy, facts);
  if (why !== undefined) throw refusal(why);
}

export function refusal(why: string): FreightError {
  return new FreightError("policy-refused", sentences(why, managed()));
}

function objection(policy: Policy, facts: AccountFacts): string | undefined {
  const { services, addresses, apiKeys, clientIds, tenants, practiceMailbox } = policy;
  const { service, serviceName, apiUri = "", hasApiKey, signIn } = facts;
  if (services?.some((allowed) => allowed === service) === false)
    return t("{0} cannot be used here.", serviceName);
  if (service === "practice")
    return practiceMailbox === false ? t("{0} cannot be used here.", serviceName) : undefined;
  if (apiUri !== "" && addresses?.some((allowed) => originOf(allowed) === originOf(apiUri)) === false)
    return t("The address {0} cannot be used here.", apiUri);
  if (hasApiKey === true && apiKeys === false)
    return t("API keys cannot be used here: use an access token for one mailbox, or sign in.");
  if (signIn === undefined) return undefined;
  if (isOutOf(clientIds, signIn.clientId))
    return signIn.clientId === null
      ? t("The app registration of this sign-in cannot be used here.")
      : t("The app registration {0} cannot be used here.", signIn.clientId);
  if (isOutOf(tenants, signIn.tenant))
    return signIn.tenant === null
      ? t("The directory of this sign-in cannot be used here.")
      : t("The directory {0} cannot be used here.", signIn.tenant);
  return undefined;
}

/** Whether a list of allowed values lacks this one; without a list, all are allowed. */
export function isOutOf(allowed: readonly string[] | undefined, given: string | null): boolean {
  return allowed?.some((one) => one.toLowerCase() === given?.toLowerCase()) === false;
}

function originOf(address: string): string {
  return URL.parse(address)?.origin ?? address;
}
