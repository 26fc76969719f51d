/** The choices offered while adding a Nylas account. */
import { PRACTICE_ID } from "../../../accounts/accountBook.ts";
import { NYLAS, PRACTICE } from "../../../accounts/accountFacts.ts";
import { capacity } from "../../../delivery/words/sendMethod.ts";
import type { AccountFacts } from "../../../policy/accountRules.ts";
import { NYLAS_REGIONS } from "../../../services/nylas/nylasApi.ts";
import { type ListedGrant, providerName } from "../../../services/nylas/nylasGrants.ts";
import { t } from "../../../shared/l10n.ts";
import { withoutIcons } from "../../notices/plain.ts";
import { marked } from "../pages/markedChoice.ts";

/** How the person signs in to Nylas. */
export type Kind = "signIn" | "broker" | "accessToken" | "apiKey";

export const title = () => t("Add Account");

/** The facts that an organization's rules examine. */
export function factsOf({
  apiUri,
  kind,
}: {
  apiUri?: string | undefined;
  kind?: Kind | undefined;
}): AccountFacts {
  return { ...NYLAS, apiUri, hasApiKey: kind === "apiKey" };
}

/** @param hasBroker whether a service of the person's company gives access */
export function kindChoices(hasBroker: boolean) {
  return [
    {
      label: t("Sign in"),
      detail: t("In your browser, to one mailbox. Needs the client ID of your Nylas application."),
      icon: "sign-in",
      value: "signIn" as const,
    },
    ...(!hasBroker
      ? []
      : [
          {
            label: t("Sign in through your company"),
            detail: t("Your company's sign-in service gives access to your mailbox"),
            icon: "organization",
            value: "broker" as const,
          },
        ]),
    {
      label: t("Access token"),
      detail: t("Paste one; it gives access to one mailbox, for about an hour"),
      icon: "person",
      value: "accessToken" as const,
    },
    marked(
      {
        label: t("API key"),
        detail: t("It reaches every mailbox of the Nylas application: keep it to yourself."),
        icon: "key",
        value: "apiKey" as const,
      },
      factsOf({ kind: "apiKey" }),
    ),
  ];
}

/** @param signsIn whether the person signs in, which can be tried with the practice mailbox */
export function regionChoices(signsIn: boolean) {
  return [
    ...Object.values(NYLAS_REGIONS).map(({ label, apiUri }) =>
      marked<string>({ label, description: apiUri, value: apiUri }, factsOf({ apiUri })),
    ),
    ...(signsIn
      ? [
          marked<string>(
            {
              label: t("Practice mailbox"),
              description: t("on this machine: see how signing in works, without an account"),
              value: PRACTICE_ID,
            },
            PRACTICE,
          ),
        ]
      : []),
    { label: t("Custom URL…"), description: t("a gateway or a sandbox"), value: "" },
  ];
}

export function grantChoice({ id, email, provider, obstacle }: ListedGrant) {
  return {
    label: withoutIcons(email ?? id),
    description: withoutIcons(providerName(provider)),
    ...(obstacle === null ? { detail: capacity({ provider }) } : { detail: `$(warning) ${obstacle}` }),
    value: id,
  };
}
