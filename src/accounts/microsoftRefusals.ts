/**
 * Why Microsoft refused a sign-in, by the AADSTS code in its message: a sentence, and what helps. Pure.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
import { t } from "../shared/l10n.ts";
import {
  publicClientCommand,
  redirectsCommand,
  redirectsOf,
  registrationCommand,
} from "./appRegistration.ts";

/** What helps: a text to copy, or a page of the wizard. */
export type Help =
  | { readonly label: string; readonly detail: string; readonly copy: string | "consentLink" | "details" }
  | { readonly label: string; readonly detail: string; readonly page: "client" | "directory" };

export interface MicrosoftRefusal {
  readonly sentence: string;
  /** The best one first; empty when all that helps is another try. */
  readonly help: readonly Help[];
}

interface Facts {
  /** "AADSTS50011" */
  readonly code: string;
  readonly clientId: string;
  readonly message: string;
}

type Kind = (facts: Facts) => MicrosoftRefusal;

const otherClient = (): Help => ({
  label: t("Enter Another Client ID…"),
  detail: t("The application (client) ID of your organization's app registration"),
  page: "client",
});
const otherDirectory = (): Help => ({
  label: t("Change Account Type…"),
  detail: t("Company or personal, and the directory to sign in to"),
  page: "directory",
});
const copyDetails = (): Help => ({
  label: t("Copy Details"),
  detail: t("Microsoft's message, for your administrator"),
  copy: "details",
});

/** Names the address if the message does. On this machine, Microsoft does not compare the port. */
const missingRedirect: Kind = ({ code, clientId, message }) => {
  const [, named] = /(?:redirect|reply) (?:URI|URL|address) '([^'\s]{1,200})'/i.exec(message) ?? [];
  const address = named?.replace(/^(http:\/\/localhost)[:/].*$/i, "$1");
  return {
    sentence: t("The app registration lacks a redirect address of VS Code ({0}).", code),
    help: [
      {
        label: address === undefined ? t("Copy All Addresses") : t("Copy {0}", address),
        detail: t("To add under Authentication, Mobile and desktop applications"),
        copy: address ?? redirectsOf(clientId).join("\n"),
      },
      {
        label: t("Copy Command"),
        detail: t("Sets all redirect addresses with the Azure CLI"),
        copy: redirectsCommand(clientId),
      },
    ],
  };
};

const publicClient: Kind = ({ code, clientId }) => ({
  sentence: t("The app registration does not allow public client flows ({0}).", code),
  help: [
    {
      label: t("Copy Command"),
      detail: t("Allows them with the Azure CLI; or by hand: Authentication, Allow public client flows, Yes"),
      copy: publicClientCommand(clientId),
    },
  ],
});

const noRegistration: Kind = ({ code }) => ({
  sentence: t("Microsoft does not let this application send mail; use one of your own ({0}).", code),
  help: [otherClient()],
});

const needsConsent: Kind = ({ code }) => ({
  sentence: t("An administrator has to approve Freight Mail for your organization ({0}).", code),
  help: [
    {
      label: t("Copy Administrator's Consent Link"),
      detail: t("An administrator opens it once, for everybody"),
      copy: "consentLink",
    },
  ],
});

const declined: Kind = ({ code }) => ({
  sentence: t("You did not allow what Freight Mail asked for ({0}).", code),
  help: [],
});

const wrongDirectory: Kind = ({ code }) => ({
  sentence: t("This account does not belong to the directory that you sign in to ({0}).", code),
  help: [otherDirectory()],
});

const unknownDirectory: Kind = ({ code }) => ({
  sentence: t("Microsoft does not know this directory ({0}).", code),
  help: [otherDirectory()],
});

const disabledApp: Kind = ({ code }) => ({
  sentence: t("An administrator has disabled this app registration ({0}).", code),
  help: [copyDetails(), otherClient()],
});

const lacksPermissions: Kind = ({ code }) => ({
  sentence: t("The app registration is missing Microsoft Graph permissions ({0}).", code),
  help: [copyDetails(), otherClient()],
});

const signInEnded: Kind = ({ code }) => ({
  sentence: t("Microsoft wants you to sign in again ({0}).", code),
  help: [],
});

const oneDirectory: Kind = ({ code }) => ({
  sentence: t("The app registration is for one organization, which has to be named ({0}).", code),
  help: [otherDirectory()],
});

const conditionalAccess: Kind = ({ code }) => ({
  sentence: t("Your organization's Conditional Access rules do not allow this sign-in ({0}).", code),
  help: [copyDetails()],
});

const unknownClient: Kind = ({ code }) => ({
  sentence: t("Microsoft does not know this client ID in this directory ({0}).", code),
  help: [otherClient(), otherDirectory()],
});

const notAssigned: Kind = ({ code }) => ({
  sentence: t("An administrator has to assign you to the app registration ({0}).", code),
  help: [copyDetails()],
});

const webApp: Kind = ({ code }) => ({
  sentence: t("The app registration has to be for mobile and desktop, not for the web ({0}).", code),
  help: [
    {
      label: t("Copy Registration Command"),
      detail: t("Makes a new registration of the right kind, in Azure's Cloud Shell (Bash)"),
      copy: registrationCommand(false),
    },
    otherClient(),
  ],
});

const unknownReason: Kind = ({ code }) => ({
  sentence: t("Microsoft refused the sign-in ({0}).", code),
  help: [copyDetails()],
});

/** By code. Those that mean the same to a person share a sentence. */
const KINDS: ReadonlyMap<number, Kind> = new Map([
  [50011, missingRedirect],
  [500113, missingRedirect],
  [900971, missingRedirect],
  [7000218, publicClient],
  [65002, noRegistration],
  [65001, needsConsent],
  [90093, needsConsent],
  [90094, needsConsent],
  [90095, needsConsent],
  [900941, needsConsent],
  [65004, declined],
  [50020, wrongDirectory],
  [90072, wrongDirectory],
  [50034, wrongDirectory],
  [500208, wrongDirectory],
  [90002, unknownDirectory],
  [900021, unknownDirectory],
  [900023, unknownDirectory],
  [50059, oneDirectory],
  [500014, disabledApp],
  [7000112, disabledApp],
  [650052, lacksPermissions],
  [650053, lacksPermissions],
  [650057, lacksPermissions],
  [65005, lacksPermissions],
  [500011, lacksPermissions],
  [50128, wrongDirectory],
  [50194, oneDirectory],
  [53000, conditionalAccess],
  [53001, conditionalAccess],
  [53002, conditionalAccess],
  [53003, conditionalAccess],
  [53004, conditionalAccess],
  [530003, conditionalAccess],
  [50005, conditionalAccess],
  [50097, conditionalAccess],
  [50131, conditionalAccess],
  [50158, conditionalAccess],
  [53009, conditionalAccess],
  [53011, conditionalAccess],
  [530001, conditionalAccess],
  [530002, conditionalAccess],
  [530031, conditionalAccess],
  [530032, conditionalAccess],
  [50058, signInEnded],
  [50074, signInEnded],
  [50076, signInEnded],
  [50078, signInEnded],
  [50079, signInEnded],
  [50132, signInEnded],
  [50133, signInEnded],
  [50173, signInEnded],
  [70008, signInEnded],
  [70043, signInEnded],
  [700082, signInEnded],
  [50105, notAssigned],
  [700016, unknownClient],
  [9002325, webApp],
  [9002326, webApp],
  [9002327, webApp],
  [7000215, webApp],
]);

/** The codes that have a sentence of their own. */
export const KNOWN_CODES: readonly number[] = [...KINDS.keys()];

/** What a message from Microsoft means, by the first known code in it; undefined when it has no code. */
export function readRefusal(message: string, clientId: string): MicrosoftRefusal | undefined {
  const codes = [...message.matchAll(/AADSTS(\d{4,9})(?!\d)/gi)].map(([, code]) => Number(code));
  const code = codes.find((one) => KINDS.has(one)) ?? codes[0];
  if (code === undefined) return undefined;
  const kind = KINDS.get(code) ?? unknownReason;
  return kind({ code: `AADSTS${code}`, clientId, message });
}
